"""Mirrors that work, fail, lie, break off and are slow: a local server plays all."""

import contextlib
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from conftest import GZ_NAMES, write_idx_folder

from digits import data
from digits.data import download
from digits.errors import InputError


class Handler(BaseHTTPRequestHandler):
    """Serve the server's folder below /good/, and faults below the other paths."""

    def do_GET(self):
        _, kind, name = self.path.split("/")
        with contextlib.suppress(OSError):  # when the other side has had enough
            self.answer(kind, (self.server.folder / name).read_bytes())

    def answer(self, kind, content):
        if kind == "silent":
            self.server.over.wait()
        elif kind == "status-drips":
            self.drip()
        elif kind == "404":
            self.send_error(404)
        elif kind == "endless":
            self.start(10**12)
            while True:
                self.server.sent += self.wfile.write(bytes(2**14))
        else:
            self.start(len(content))
            if kind in ("truncated", "body-drips"):
                content = content[: len(content) // 2]
            self.wfile.write(content)
            if kind == "body-drips":
                self.drip()

    def start(self, length):
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")  # as some servers call .gz files
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def drip(self):
        while not self.server.over.wait(0.02):
            self.wfile.write(b"H")

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tiny_is_mnist, tmp_path, monkeypatch):
    """Serve the tiny data in the place of MNIST; the only mirror is a good one."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.sent, http.over = 0, threading.Event()
    http.address = f"http://127.0.0.1:{http.server_port}"
    http.folder = write_idx_folder(tmp_path / "served", tiny_is_mnist)
    published = {}
    for name in GZ_NAMES:
        content = (http.folder / name).read_bytes()
        published[name] = (len(content), hashlib.md5(content).hexdigest())
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(download, "FILES", published)
    monkeypatch.setattr(download, "MIRRORS", (f"{http.address}/good/",))
    yield http
    http.over.set()
    http.shutdown()
    http.server_close()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("404", "HTTPError: 404 Client Error"),
        ("endless", "what it sent is not the original file"),
        ("truncated", "ProtocolError: ('Connection broken"),
        ("silent", "ReadTimeout: "),
        ("status-drips", "slower than 100,000 bytes a second"),
        ("body-drips", "slower than 100,000 bytes a second"),
    ],
)
def test_a_bad_mirror_is_named_and_the_next_one_used(
    server, tmp_path, monkeypatch, capsys, kind, reason
):
    monkeypatch.setattr(download, "LOWEST_SPEED", 100_000)
    monkeypatch.setattr(download, "TIME_OUT", (0.2, 0.3))
    own = server.address.replace("//", "//user:secret@")
    monkeypatch.setenv("MNIST_MIRROR", f"{own}/{kind}")
    download.fetch(tmp_path / "cache")
    errors = capsys.readouterr().err
    assert errors.count("failed: ") == 1
    assert f"failed: {reason}" in errors
    assert "secret" not in errors
    assert {path.name for path in tmp_path.glob("cache/*")} == {*GZ_NAMES}
    assert server.sent < 2**24  # through the buffers of two sockets


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (requests.ConnectionError("refused"), "no connection (ConnectionError)"),
        (requests.exceptions.SSLError("certificate"), "SSLError: certificate"),
        (OSError("no http://user:secret@proxy"), "OSError: no proxy"),
    ],
)
def test_failures_without_a_server(monkeypatch, tmp_path, capsys, error, reason):
    def get(*_, **__):
        raise error

    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(requests, "get", get)
    with pytest.raises(InputError, match="could not be downloaded"):
        download.fetch(tmp_path)
    assert capsys.readouterr().err.count(f"failed: {reason}") == len(download.MIRRORS)
    assert [*tmp_path.iterdir()] == []


def test_a_broken_cache_stays_until_a_mirror_works(server, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert data.load("mnist").verified
    broken = tmp_path / "datasets" / "mnist" / GZ_NAMES[0]
    with monkeypatch.context() as patch:
        patch.setattr(download, "MIRRORS", ())
        assert data.load("mnist").verified
        broken.write_bytes(b"partial")
        assert data.load("auto").name == "optdigits"
    assert broken.read_bytes() == b"partial"
    assert data.load("mnist").verified
