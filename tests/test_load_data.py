"""load_data: folders, .npz files, the cache, mirrors good and bad, the substitute."""

import gzip
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import requests
from conftest import IDX_NAMES, as_idx, run_program, write_idx_folder

import digits
from digits import mnist


@pytest.fixture(autouse=True)
def newcomer(monkeypatch, tmp_path):
    """No MNIST_DATA, an empty cache, and mirrors that refuse."""
    for name in ("MNIST_DATA", "MNIST_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    monkeypatch.setattr(digits.atexit, "register", lambda *_, **__: None)


@pytest.fixture
def tiny_is_mnist(tiny, monkeypatch):
    """The tiny data, taken for the original MNIST."""
    arrays = (tiny[key] for key in ("y_test", "y_train", "x_test", "x_train"))
    hashes = {
        name: mnist._sha256(array)
        for name, array in zip(mnist.SHA256, arrays, strict=True)
    }
    monkeypatch.setattr(mnist, "SHA256", hashes)
    return tiny


def assert_equal(data, arrays):
    found = [array for pair in data for array in pair]
    for array, expected in zip(found, arrays.values(), strict=True):
        np.testing.assert_array_equal(array, expected)
        assert array.dtype == np.uint8 and array.flags.writeable


def test_folder_and_npz_file(tmp_path, tiny, monkeypatch):
    folder = write_idx_folder(tmp_path / "Fashion MNIST", tiny)
    # Two of the four unpacked, with both names that tools give them.
    (folder / IDX_NAMES[1]).unlink()
    (folder / "train-labels-idx1-ubyte").write_bytes(as_idx(tiny["y_train"]))
    (folder / IDX_NAMES[2]).unlink()
    (folder / "t10k-images.idx3-ubyte").write_bytes(as_idx(tiny["x_test"]))
    file = tmp_path / "mine.npz"
    np.savez(file, **{key: array.astype(np.int64) for key, array in tiny.items()})
    for path in (folder, file):
        monkeypatch.setenv("MNIST_DATA", str(path))
        data = digits.load_data()
        assert_equal(data, tiny)
        assert not digits.is_mnist(data)


IMAGES = np.zeros((20, 28, 28), np.uint8)
PACKED = gzip.compress(as_idx(IMAGES))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "t10k-images.* is not a whole IDX file .it starts with nothing"),
        (b"<html>", "t10k-images.* is not a whole IDX file .it starts with 3c 68"),
        (PACKED[:-9], "t10k-images.* is not a whole IDX file"),
        (as_idx(IMAGES)[:-1], "cannot reshape array of size 15679"),
        (as_idx(IMAGES[:, 1:]), r"images are uint8 \(20, 27, 28\); expected"),
        (as_idx(IMAGES[1:]), "19 images, but 20 labels"),
        (None, "has no file t10k-images-idx3-ubyte.gz"),
    ],
)
def test_a_broken_folder_ends_with_one_line(
    tmp_path, tiny, monkeypatch, content, complaint
):
    folder = write_idx_folder(tmp_path / "data", tiny)
    (folder / IDX_NAMES[2]).unlink()
    if content is not None:
        (folder / IDX_NAMES[2]).write_bytes(content)
    monkeypatch.setenv("MNIST_DATA", str(folder))
    with pytest.raises(SystemExit, match=complaint) as caught:
        digits.load_data()
    assert str(caught.value).startswith(f"MNIST_DATA: {folder}")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"x_test": np.zeros((20, 28, 28))}, "images are float64"),
        ({"y_test": np.full(20, 10)}, "labels are int64 .* from 0 to 9"),
        ({"y_test": np.array(None)}, "Object arrays cannot be loaded"),
        (None, "is not a whole .npz file"),
    ],
)
def test_a_broken_npz_ends_with_one_line(
    tmp_path, tiny, monkeypatch, change, complaint
):
    path = tmp_path / "mine.npz"
    path.write_bytes(b"PK\5\6" + bytes(18))  # a zip file of nothing
    if change:
        np.savez(path, **{**tiny, **change})
    monkeypatch.setenv("MNIST_DATA", str(path))
    with pytest.raises(SystemExit, match=rf"mine\.npz.*{complaint}"):
        digits.load_data()
    monkeypatch.setenv("MNIST_DATA", str(tmp_path / "nowhere.npz"))
    with pytest.raises(SystemExit, match="No such file"):
        digits.load_data()


class Mirror(SimpleHTTPRequestHandler):
    """Serve a folder; below /silent/ say nothing."""

    def do_GET(self):
        if self.path.startswith("/silent/"):
            self.server.over.wait()
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def mirror(tiny_is_mnist, tmp_path):
    """A server of the tiny data in the place of MNIST, and of others; its address."""
    served = tmp_path / "served"
    write_idx_folder(served / "good", tiny_is_mnist)
    write_idx_folder(served / "wrong", {k: a[::-1] for k, a in tiny_is_mnist.items()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Mirror, directory=served))
    server.daemon_threads, server.over = True, threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.over.set()
    server.shutdown()
    server.server_close()


def test_mirrors(mirror, tiny, tmp_path, monkeypatch, capsys):
    """One good mirror among bad ones is enough; afterwards the cache is."""
    monkeypatch.setattr(mnist, "FIRST_ANSWER", 1)
    kinds = ("silent", "missing", "wrong")
    bad = [f"{mirror}/{kind}/" for kind in kinds] + ["http://127.0.0.1:9/"]
    monkeypatch.setattr(mnist, "MIRRORS", bad)
    data = digits.load_data()
    assert len(data[0][0]) == 1437
    error = capsys.readouterr().err
    for reason in ("404 Client Error", "other than the original", "no connection (C"):
        assert reason in error
    assert "No other answer within 1 s." in error
    assert "THIS IS NOT MNIST" in error
    assert [*tmp_path.glob("keras/datasets/mnist/*")] == []

    monkeypatch.setattr(mnist, "MIRRORS", [*bad, f"{mirror}/good/"])
    for _ in range(2):
        data = digits.load_data()
        assert_equal(data, tiny)
        assert digits.is_mnist(data)
        monkeypatch.setattr(mnist, "MIRRORS", ())  # the second time from the cache
    cached = {path.name for path in tmp_path.glob("keras/datasets/mnist/*")}
    assert cached == {*IDX_NAMES}

    broken = tmp_path / "keras" / "datasets" / "mnist" / IDX_NAMES[0]
    broken.write_bytes(b"partial")
    monkeypatch.setenv("MNIST_MIRROR", f"{mirror}/good")  # without the last slash
    assert_equal(digits.load_data(), tiny)


def test_a_fault_of_the_certificate_is_called_so(monkeypatch, capsys):
    def get(*_, **__):
        raise requests.exceptions.SSLError("a long text")

    monkeypatch.setattr(requests, "get", get)
    digits.load_data()
    assert "failed: its certificate cannot be verified" in capsys.readouterr().err


def test_the_file_of_keras_is_used_if_it_is_the_original(tmp_path, tiny_is_mnist):
    path = tmp_path / "keras" / "datasets" / "mnist.npz"
    path.parent.mkdir(parents=True)
    np.savez(path, **{**tiny_is_mnist, "x_test": tiny_is_mnist["x_test"][::-1]})
    assert len(digits.load_data()[0][0]) == 1437
    np.savez(path, **tiny_is_mnist)
    assert_equal(digits.load_data(), tiny_is_mnist)


def test_optdigits_look_like_mnist_and_need_no_keras():
    (x_train, y_train), (x_test, _) = digits.load_data()
    assert x_train.shape == (1437, 28, 28) and x_test.shape == (360, 28, 28)
    assert x_train.dtype == y_train.dtype == np.uint8
    assert not x_train[:, :4].any() and x_train.max() == 255
    assert y_train[:10].tolist() == [*range(10)]  # the file's own order
    code = "import sys, digits; digits.load_data(); print(*sys.modules)"
    process = run_program("-c", code)
    assert process.returncode == 0, process.stderr
    assert {"keras", "tensorflow", "matplotlib"}.isdisjoint(process.stdout.split())
    assert process.stderr.count("THIS IS NOT MNIST") == 2  # at the start, at the end
