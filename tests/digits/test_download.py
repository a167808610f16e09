"""Mirrors that work, fail, lie, break off and fall silent: a local server plays all."""

import gzip
import hashlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import GZ_NAMES, PROJECT, as_idx, lesson_environment, write_idx_folder

from digits import dataset, download
from digits.errors import UnusableInput


@pytest.fixture
def server(tiny, monkeypatch):
    """Serve the tiny data below /good/, and faults below the other paths."""
    files = {
        name: gzip.compress(as_idx(array))
        for name, array in zip(GZ_NAMES, tiny.values(), strict=True)
    }
    sums = {name: hashlib.md5(content).hexdigest() for name, content in files.items()}
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        asked: list[str]

        def do_GET(self):
            _, kind, name = self.path.split("/")
            self.server.asked.append(self.path)
            content = files[name]
            if kind == "silent":
                over.wait()
                return
            if kind in ("404", "500"):
                self.send_error(int(kind))
                return
            if kind == "page":
                content = b"<html>Please log in to the network"
            if kind == "wrong":
                content = files[GZ_NAMES[0]][::-1]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if kind in ("truncated", "stalled"):
                content = content[: len(content) // 2]
            self.wfile.write(content)
            if kind == "stalled":
                self.wfile.flush()
                over.wait()

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.asked, http.sums = [], sums
    http.address = f"http://127.0.0.1:{http.server_port}"
    threading.Thread(target=http.serve_forever, daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(download, "MD5", sums)
    monkeypatch.setattr(download, "MIRRORS", (f"{http.address}/good/",))
    monkeypatch.setattr(download, "SILENCE_SECONDS", 0.5)
    yield http
    over.set()
    http.shutdown()
    http.server_close()


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_all_four_files_arrive(server, tmp_path, capsys):
    download.fetch(tmp_path / "new" / "folder")
    assert names_in(tmp_path / "new" / "folder") == sorted(GZ_NAMES)
    assert f"Downloading MNIST from {server.address}/good/" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("404", "the server answers 404"),
        ("500", "the server answers 500"),
        ("page", "what it sent is not the original file"),
        ("wrong", "what it sent is not the original file"),
        ("truncated", "the connection broke in the middle of a file"),
        ("stalled", "the server was silent for 0.5 seconds"),
        ("silent", "the server was silent for 0.5 seconds"),
    ],
)
def test_a_bad_mirror_is_named_and_the_next_one_used(
    server, tmp_path, monkeypatch, capsys, kind, reason
):
    monkeypatch.setenv("MNIST_MIRROR", f"{server.address}/{kind}")
    download.fetch(tmp_path)
    errors = capsys.readouterr().err
    assert errors.count("failed: ") == 1
    assert f"failed: {reason}" in errors
    assert names_in(tmp_path) == sorted(GZ_NAMES)
    assert server.asked[0].startswith(f"/{kind}/")


@pytest.mark.parametrize("kind", ["404", "wrong", "truncated", "stalled"])
def test_nothing_partial_stays_behind(server, tmp_path, monkeypatch, kind):
    monkeypatch.setattr(download, "MIRRORS", (f"{server.address}/{kind}/",))
    with pytest.raises(UnusableInput, match="no mirror"):
        download.fetch(tmp_path)
    assert names_in(tmp_path) == []


def test_nobody_listens(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(download, "MIRRORS", ("http://127.0.0.1:9/",))
    with pytest.raises(UnusableInput, match="no mirror"):
        download.fetch(tmp_path)
    assert "failed: no connection" in capsys.readouterr().err


def test_only_what_is_missing_or_broken_is_fetched(server, tmp_path):
    download.fetch(tmp_path)
    (tmp_path / GZ_NAMES[1]).write_bytes(b"partial")
    server.asked.clear()
    download.fetch(tmp_path)
    assert server.asked == [f"/good/{GZ_NAMES[1]}"]


@pytest.mark.parametrize("spoil", [b"", b"<html>", None], ids=["empty", "page", "cut"])
def test_a_broken_cache_is_replaced(
    server, tmp_path, monkeypatch, tiny_is_mnist, spoil
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    cache = write_idx_folder(tmp_path / "datasets" / "mnist", tiny_is_mnist)
    broken = cache / GZ_NAMES[0]
    broken.write_bytes(broken.read_bytes()[:-100] if spoil is None else spoil)
    data = dataset.load("mnist")
    assert data.verified
    assert hashlib.md5(broken.read_bytes()).hexdigest() == server.sums[GZ_NAMES[0]]


def test_a_broken_cache_stays_when_no_mirror_answers(
    server, tmp_path, monkeypatch, tiny_is_mnist
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(download, "MIRRORS", ())
    cache = write_idx_folder(tmp_path / "datasets" / "mnist", tiny_is_mnist)
    (cache / GZ_NAMES[0]).write_bytes(b"partial")
    assert dataset.load("auto").name == "optdigits"
    assert (cache / GZ_NAMES[0]).read_bytes() == b"partial"


def test_a_mirror_must_be_an_address(monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_MIRROR", "my-server/mnist")
    with pytest.raises(UnusableInput, match="MNIST_MIRROR=my-server/mnist: not an"):
        download.fetch(tmp_path)


def test_a_cache_that_cannot_be_written_is_named(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnusableInput, match=r"cannot keep MNIST there.*KERAS_HOME"):
        download.fetch(tmp_path / "file" / "mnist")


TWO_AT_ONCE = """
import sys
from pathlib import Path
from digits import download
download.MIRRORS = (sys.argv[2],)
download.MD5 = dict(zip(sys.argv[3::2], sys.argv[4::2]))
download.fetch(Path(sys.argv[1]))
"""


def test_two_processes_at_once_both_succeed(server, tmp_path):
    sums = [word for pair in server.sums.items() for word in pair]
    command = [sys.executable, "-c", TWO_AT_ONCE, tmp_path / "cache"]
    processes = [
        subprocess.Popen(
            [*command, f"{server.address}/good/", *sums],
            cwd=PROJECT,
            env=lesson_environment(NO_PROXY="127.0.0.1"),
        )
        for _ in range(2)
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert names_in(tmp_path / "cache") == sorted(GZ_NAMES)


def test_the_published_sums_are_those_of_the_original(mnist):
    """Three of the four files at hand may be the original downloads; none may clash."""
    for name, md5 in download.MD5.items():
        path = mnist / name
        if path.is_file() and hashlib.md5(path.read_bytes()).hexdigest() == md5:
            break
    else:
        pytest.skip("the files in MNIST_DATA were packed again")
