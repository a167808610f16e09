"""Mirrors that work, fail, lie, break off and are slow: a local server plays all."""

import gzip
import hashlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat

import pytest
import requests
from conftest import GZ_NAMES, PROJECT, as_idx, environment, write_idx_folder

from digits import data
from digits.data import download, idx
from digits.errors import InputError
from digits.files import PREFIX


class Handler(BaseHTTPRequestHandler):
    """Serve the server's `files` below /good/, and faults below the other paths."""

    def do_GET(self):
        _, kind, name = self.path.split("/")
        self.server.requested.append(self.path)
        content = self.server.files[name]
        if kind == "silent":
            self.server.over.wait()
        elif kind == "status-drips":
            self.drip(b"H")
        elif kind == "headers-drip":
            self.drip(b"HTTP/1.1 200 OK\r\n", b"Name: value\r\n")
        elif kind == "404":
            self.send_error(404)
        elif kind == "moved":
            self.send_response(302)
            self.send_header("Location", f"/good/{name}")
            self.end_headers()
            self.drip(b"")
        elif kind == "endless":
            self.start("Content-Encoding", "gzip")
            self.send(*repeat(gzip.compress(bytes(2**20)), 10**6))
        else:
            if kind == "page":
                content = b"<html>Please log in to the network"
            self.start("Content-Length", str(len(content)))
            if kind in ("truncated", "stalled", "body-drips"):
                content = content[: len(content) // 2]
            self.send(content)
            if kind == "stalled":
                self.server.over.wait()
            if kind == "body-drips":
                self.drip(b"")

    def start(self, key, value):
        self.send_response(200)
        self.send_header(key, value)
        self.end_headers()

    def drip(self, first, more=b"x"):
        self.send(first)
        while not self.server.over.wait(0.02):
            self.send(more)

    def send(self, *parts):
        try:
            for part in parts:
                self.wfile.write(part)
                self.server.sent += len(part)
        except OSError:
            self.server.over.wait(0.1)  # the other side has had enough

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tiny, monkeypatch):
    """Serve the tiny data in the place of MNIST; the only mirror is a good one."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.files = {
        name: gzip.compress(as_idx(array))
        for name, array in zip(GZ_NAMES, tiny.values(), strict=True)
    }
    http.requested, http.sent, http.over = [], 0, threading.Event()
    http.address = f"http://127.0.0.1:{http.server_port}"
    published = {
        name: (len(content), hashlib.md5(content).hexdigest())
        for name, content in http.files.items()
    }
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(download, "FILES", published)
    monkeypatch.setattr(download, "MIRRORS", (f"{http.address}/good/",))
    hashes = {key: idx.sha256(array) for key, array in tiny.items()}
    monkeypatch.setattr(data, "ORIGINAL_SHA256", hashes)
    yield http
    http.over.set()
    http.shutdown()
    http.server_close()


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_all_four_files_arrive(server, tmp_path, capsys):
    folder = tmp_path / "new" / "folder"
    (folder / f"{PREFIX}of-a-killed-run").mkdir(parents=True)
    (folder / f"{PREFIX}of-a-killed-run" / "lock").touch()
    download.fetch(folder)
    assert names_in(folder) == sorted(GZ_NAMES)
    assert f"Downloading MNIST from {server.address}/good/" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("404", "the server sent status 404 for http://127.0.0.1:"),
        ("page", "what it sent is not the original file"),
        ("endless", "what it sent is not the original file"),
        ("truncated", "the connection broke in the middle of a file"),
        ("silent", "slower than 1,000 bytes a second"),
        ("stalled", "slower than 1,000 bytes a second"),
        ("status-drips", "slower than 1,000 bytes a second"),
        ("headers-drip", "slower than 1,000 bytes a second"),
        ("body-drips", "slower than 1,000 bytes a second"),
    ],
)
def test_a_bad_mirror_is_named_and_the_next_one_used(
    server, tmp_path, monkeypatch, capsys, kind, reason
):
    monkeypatch.setattr(download, "LOWEST_SPEED", 1000)
    monkeypatch.setattr(download, "PERIOD_SECONDS", 0.5)
    own = server.address.replace("//", "//user:secret@")
    monkeypatch.setenv("MNIST_MIRROR", f"{own}/{kind}")
    download.fetch(tmp_path)
    errors = capsys.readouterr().err
    assert errors.count("failed: ") == 1
    assert f"failed: {reason}" in errors
    assert "secret" not in errors
    assert names_in(tmp_path) == sorted(GZ_NAMES)
    assert server.requested[0].startswith(f"/{kind}/")
    assert server.sent < 2**24  # through the buffers of two sockets


def test_a_mirror_that_moved_is_followed(server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "MIRRORS", (f"{server.address}/moved/",))
    download.fetch(tmp_path)
    assert names_in(tmp_path) == sorted(GZ_NAMES)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (requests.ConnectionError("refused"), "no connection"),
        (requests.exceptions.ProxyError("refused"), "no connection to the proxy"),
        (
            requests.exceptions.SSLError("certificate verify failed: self-signed (x)"),
            "its TLS certificate is not valid: self-signed",
        ),
        (OSError("no http://user:secret@proxy"), "OSError: no http://proxy"),
    ],
)
def test_failures_without_a_server(monkeypatch, tmp_path, capsys, error, reason):
    def get(*_, **__):
        raise error

    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(requests, "get", get)
    with pytest.raises(InputError, match="no mirror"):
        download.fetch(tmp_path)
    assert capsys.readouterr().err.count(f"failed: {reason}") == len(download.MIRRORS)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("spoil", [b"", None], ids=["empty", "cut"])
def test_only_what_is_missing_or_broken_is_fetched(
    server, tmp_path, monkeypatch, spoil
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert data.load("mnist").verified
    broken = tmp_path / "datasets" / "mnist" / GZ_NAMES[1]
    broken.write_bytes(broken.read_bytes()[:-9] if spoil is None else spoil)
    server.requested.clear()
    assert data.load("mnist").verified
    assert server.requested == [f"/good/{GZ_NAMES[1]}"]


def test_a_broken_cache_stays_when_no_mirror_works(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(download, "MIRRORS", ())
    cache = write_idx_folder(tmp_path / "datasets" / "mnist", tiny)
    (cache / GZ_NAMES[0]).write_bytes(b"partial")
    assert data.load("auto").name == "optdigits"
    assert (cache / GZ_NAMES[0]).read_bytes() == b"partial"
    assert names_in(cache) == sorted(GZ_NAMES)


@pytest.mark.parametrize("address", ["server", "ftp://u:secret@server", "http://u:s/@"])
def test_a_mirror_must_be_an_address(monkeypatch, tmp_path, address):
    monkeypatch.setenv("MNIST_MIRROR", address)
    with pytest.raises(InputError, match=r"^MNIST_MIRROR: not an address"):
        download.fetch(tmp_path)


TWO_AT_ONCE = """
import sys
from pathlib import Path
from digits.data import download
download.MIRRORS = (sys.argv[2],)
download.FILES = eval(sys.argv[3])
download.fetch(Path(sys.argv[1]))
"""


def test_two_processes_at_once_both_succeed(server, tmp_path):
    arguments = (tmp_path / "cache", f"{server.address}/good/", repr(download.FILES))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TWO_AT_ONCE, *arguments],
            cwd=PROJECT,
            env=environment(NO_PROXY="127.0.0.1"),
        )
        for _ in range(2)
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert names_in(tmp_path / "cache") == sorted(GZ_NAMES)
