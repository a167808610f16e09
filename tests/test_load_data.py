"""load_data: folders, .npz files, the cache, mirrors good and bad, the substitute."""

import gzip
import hashlib
import os
import re
import socket
import textwrap
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from conftest import PROJECT, as_idx, run_program, write_idx_folder

import digits

FILES = [f"{name}.gz" for name in digits.NAMES]


@pytest.fixture(autouse=True)
def newcomer(monkeypatch, tmp_path):
    """No MNIST_DATA, an empty cache, and mirrors that refuse."""
    for name in ("MNIST_DATA", "MNIST_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(digits, "MIRRORS", ("http://127.0.0.1:9/",))
    monkeypatch.setattr(digits.atexit, "register", lambda *_, **__: None)


@pytest.fixture
def tiny_is_mnist(tiny, monkeypatch):
    """The tiny data, taken for the original MNIST."""
    content = b"".join(array.tobytes() for array in tiny.values())
    monkeypatch.setattr(digits, "SHA256", hashlib.sha256(content).hexdigest())
    return tiny


def assert_equal(data, arrays):
    found = [array for pair in data for array in pair]
    for array, expected in zip(found, arrays.values(), strict=True):
        np.testing.assert_array_equal(array, expected)
        assert array.dtype == np.uint8 and array.flags.writeable


def test_folders_and_npz_files(tmp_path, tiny, monkeypatch):
    """As tools and Kaggle unpack them, as cmd.exe names them, flat, other integers."""
    folder = write_idx_folder(tmp_path / "Fashion MNIST", tiny)
    own = folder / "train-labels-idx1-ubyte"
    own.mkdir()
    (folder / FILES[1]).unlink()
    (own / own.name).write_bytes(as_idx(tiny["y_train"]))
    (folder / FILES[2]).unlink()
    (folder / "t10k-images.idx3-ubyte").write_bytes(as_idx(tiny["x_test"]))
    file, flat = tmp_path / "mine.npz", tiny.copy()
    for key in ("x_train", "x_test"):
        flat[key] = tiny[key].reshape(-1, 784).astype(np.int64)
    np.savez(file, **flat)
    for named in (folder, f'"{file}" '):
        monkeypatch.setenv("MNIST_DATA", str(named))
        data = digits.load_data()
        assert_equal(data, tiny)
        assert not digits.is_mnist(data)


def test_the_documents_lines_for_csv(tmp_path, tiny, monkeypatch):
    text = (PROJECT / "docs" / "data.md").read_text(encoding="utf-8")
    code = textwrap.dedent(re.search(r"(?s) *```python\n(.*?)```", text)[1])
    monkeypatch.chdir(tmp_path)
    for part in ("train", "test"):
        pixels = tiny[f"x_{part}"].reshape(-1, 784)
        rows = np.column_stack([tiny[f"y_{part}"], pixels])
        np.savetxt(f"mnist_{part}.csv", rows, "%d", ",", header="label,pixel0,...")
    exec(code)
    monkeypatch.setenv("MNIST_DATA", "mine.npz")
    assert_equal(digits.load_data(), tiny)


def complaint(path, monkeypatch):
    """Return what the program ends with: one line that names `path`."""
    monkeypatch.setenv("MNIST_DATA", str(path))
    with pytest.raises(SystemExit) as caught:
        digits.load_data()
    message = str(caught.value)
    assert message.startswith(f"MNIST_DATA: {path.parent}") and "\n" not in message
    return message


def test_a_broken_folder(tmp_path, tiny, monkeypatch):
    folder = write_idx_folder(tmp_path / "data", tiny)
    images, whole = folder / FILES[2], as_idx(tiny["x_test"])
    not_whole = f"{images.name} is not a whole IDX file"
    for content, reason in (
        (b"", f"{not_whole} (it starts with nothing)"),
        (b"\0\0\x08", not_whole),
        (gzip.compress(whole)[:-9], not_whole),
        (whole[:-1], not_whole),
        (as_idx(tiny["x_test"][1:]), "images (19, 28, 28), labels (20,); expected"),
    ):
        images.write_bytes(content)
        assert reason in complaint(folder, monkeypatch)
    images.unlink()
    assert complaint(folder, monkeypatch).endswith(f"data has no file {images.name}")
    above = write_idx_folder(tmp_path / "above" / "MNIST" / "raw", tiny).parents[1]
    hint = f"but there is one in {above / 'MNIST' / 'raw'}"
    assert complaint(above, monkeypatch).endswith(hint)


def test_a_broken_npz(tmp_path, tiny, monkeypatch):
    path = tmp_path / "mine.npz"
    for key, array, reason in (
        ("x_test", tiny["x_test"] / 255, "images are float64, not integers"),
        ("x_test", tiny["x_test"].astype(int) - 128, "images are from -128 to 127"),
        ("y_test", np.arange(20), "labels are from 0 to 19, not 0 to 9"),
        ("y_test", np.array(None), "Object arrays cannot be loaded"),
    ):
        np.savez(path, **{**tiny, key: array})
        assert reason in complaint(path, monkeypatch)
    np.savez(path, images=tiny["x_test"])
    assert "it has ['images']; expected are ['x_train'" in complaint(path, monkeypatch)
    with zipfile.ZipFile(path, "w") as file:
        for key in tiny:
            file.writestr(f"{key}.npy", "hello")  # NumPy returns it as bytes
    assert "images (), labels ()" in complaint(path, monkeypatch)
    path.write_bytes(b"junk")
    os.mkfifo(tmp_path / "pipe") if hasattr(os, "mkfifo") else None
    for wrong in (path, tmp_path / "pipe", tmp_path / "a\nb"):
        assert complaint(wrong, monkeypatch).endswith("is no folder and no .npz file")


@pytest.fixture
def mirror(tiny_is_mnist, tmp_path):
    """A server of the tiny data in the place of MNIST, and of others; its address."""
    served = tmp_path / "served"
    good = write_idx_folder(served / "good", tiny_is_mnist)
    (good / FILES[3]).write_bytes(as_idx(tiny_is_mnist["y_test"]))  # not packed
    write_idx_folder(served / "wrong", {k: a[::-1] for k, a in tiny_is_mnist.items()})
    handler = partial(SimpleHTTPRequestHandler, directory=served)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_mirrors(mirror, tiny, tmp_path, monkeypatch, capsys):
    """One good mirror after bad ones is enough; afterwards the cache is."""
    monkeypatch.setattr(digits, "TIME_OUT", (1, 1))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bad = [f"http://127.0.0.1:{silent.getsockname()[1]}", f"{mirror}/missing/"]
        bad += [f"{mirror}/wrong/", "http://me:secret@127.0.0.1:9"]
        monkeypatch.setattr(digits, "MIRRORS", bad)
        assert len(digits.load_data()[0][0]) == 1545
    error = capsys.readouterr().err
    for reason in ("ReadTimeout", "HTTP 404", "than the original", "ConnectionError"):
        assert re.search(f"  failed: .*{reason}", error)
    assert "THIS IS NOT MNIST" in error and "secret" not in error
    cache = tmp_path / "keras" / "datasets" / "mnist"
    assert not cache.exists()

    monkeypatch.setattr(digits, "MIRRORS", [bad[1], f"{mirror}/good", "not asked"])
    assert_equal(digits.load_data(), tiny)
    monkeypatch.setattr(digits, "MIRRORS", ())
    assert_equal(digits.load_data(), tiny)  # from the cache
    assert {path.name for path in cache.iterdir()} == {*FILES}

    (cache / FILES[0]).write_bytes(b"\0\0\x08")
    monkeypatch.setenv("MNIST_MIRROR", f"{mirror}/good/")
    assert_equal(digits.load_data(), tiny)


def test_a_download_that_cannot_be_kept(mirror, tiny, tmp_path, monkeypatch, capsys):
    """It is used all the same, and nothing of it stays; so without a home."""
    monkeypatch.setenv("MNIST_MIRROR", f"{mirror}/good")
    (tmp_path / "keras").touch()  # no folder can be made below it
    assert_equal(digits.load_data(), tiny)
    assert "It is not kept for the next run: [Errno" in capsys.readouterr().err

    def fail(path, *_):
        path.touch()
        raise OSError("No space left on device")

    (tmp_path / "keras").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fail)
        assert_equal(digits.load_data(), tiny)
    assert "No space left on device" in capsys.readouterr().err
    assert [*tmp_path.glob("keras/datasets/mnist/*")] == []

    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setattr(Path, "home", lambda: Path("~no-such-user").expanduser())
    assert_equal(digits.load_data(), tiny)


def test_the_file_of_keras_is_used_if_it_is_the_original(tmp_path, tiny_is_mnist):
    path = tmp_path / "keras" / "datasets" / "mnist.npz"
    path.parent.mkdir(parents=True)
    np.savez(path, **{**tiny_is_mnist, "x_test": tiny_is_mnist["x_test"][::-1]})
    assert len(digits.load_data()[0][0]) == 1545
    np.savez(path, **tiny_is_mnist)
    assert_equal(digits.load_data(), tiny_is_mnist)


def test_optdigits_look_like_mnist_and_need_no_keras():
    (x_train, y_train), (x_test, _) = digits.load_data()
    assert x_train.shape == (1545, 28, 28) and x_test.shape == (252, 28, 28)
    assert x_train.dtype == y_train.dtype == np.uint8
    assert not x_train[:, :4].any() and x_train.max() == 255
    code = "import sys, digits; digits.load_data(), digits.load_data();"
    process = run_program("-c", f"{code} print(*sys.modules)", MNIST_MIRROR="http://[")
    assert {"keras", "tensorflow", "matplotlib"}.isdisjoint(process.stdout.split())
    assert process.stderr.count("THIS IS NOT MNIST") == 3  # each time, and at the end


def test_the_original_is_recognised(mnist):
    assert digits.is_mnist(digits.read(mnist))
