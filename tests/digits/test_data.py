"""Where digits come from: every value of --data, and its one-line errors."""

import io
import json
import os
import re
import shutil
import tracemalloc
import zipfile

import numpy as np
import pytest
from conftest import GZ_NAMES, as_idx, write_idx_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from digits import data
from digits.data import download, idx, npz
from digits.errors import InputError


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """Keep every test off the network and out of the user's own cache."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(download, "MIRRORS", ())


@pytest.fixture
def tiny_is_mnist(tiny, monkeypatch):
    """Make the tiny data the "original MNIST", so that no real data is needed."""
    hashes = {key: idx.sha256(array) for key, array in tiny.items()}
    monkeypatch.setattr(data, "ORIGINAL_SHA256", hashes)
    return tiny


def assert_contains(dataset, arrays):
    for key, array in arrays.items():
        np.testing.assert_array_equal(getattr(dataset, key), array)
        assert getattr(dataset, key).dtype == np.uint8


def write_pictures(folder, arrays):
    for part, ending in (("train", "bmp"), ("test", "png")):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            path = folder / part / str(label) / f"{number:03}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path)
    return folder


def test_folder_of_idx_files(tmp_path, tiny):
    dataset = data.load(str(write_idx_folder(tmp_path / "Fashion MNIST", tiny)))
    assert_contains(dataset, tiny)
    assert dataset.name == "fashion-mnist"
    assert not dataset.verified
    assert dataset.suffix == "-fashion-mnist"
    assert "NOT the original MNIST" in dataset.describe()
    assert dataset.title == "fashion-mnist, not MNIST"


@pytest.mark.parametrize("separator", ["-", "."])
def test_folder_of_unpacked_idx_files(tmp_path, tiny, separator):
    for stem, array in zip(data.IDX_STEMS, tiny.values(), strict=True):
        name = stem.replace("-idx", f"{separator}idx") + "-ubyte"
        (tmp_path / name).write_bytes(as_idx(array))
    assert_contains(data.load(str(tmp_path)), tiny)


def test_the_original_is_recognised_by_content(tmp_path, tiny_is_mnist):
    wide = {key: array.astype(np.int64) for key, array in tiny_is_mnist.items()}
    np.savez(tmp_path / "whatever.npz", **wide)
    dataset = data.load(str(tmp_path / "whatever.npz"))
    assert_contains(dataset, tiny_is_mnist)
    assert dataset.verified
    assert dataset.suffix == ""
    assert dataset.title == "MNIST"
    assert "verified original" in dataset.describe()


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("MNIST", "own-mnist"),
        ("x" * 222, "x" * 60),
        ("caf\udce9\n", "caf"),  # as Python shows a name that is not valid UTF-8
    ],
)
def test_names_are_safe_and_no_known_ones(tmp_path, tiny, folder, name):
    try:
        write_idx_folder(tmp_path / folder, tiny)
    except OSError:
        pytest.skip("this file system has no such names")
    dataset = data.load(str(tmp_path / folder))
    assert dataset.name == name
    assert dataset.origin.isprintable()
    json.dumps(dataset.origin, ensure_ascii=False).encode()


def test_real_mnist_is_verified(mnist):
    dataset = data.load(str(mnist))
    assert dataset.verified
    assert dataset.x_train.shape == (60_000, 28, 28)
    assert dataset.y_test.shape == (10_000,)
    kept = dataset.keep((0, 1))
    assert (len(kept.x_train), len(kept.x_test)) == (12_665, 2_115)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("nowhere", "nowhere: not auto, mnist, optdigits, a folder or an .npz file"),
        ("nowhere.npz", "nowhere.npz: No such file"),
        ("~nosuchuser", "~nosuchuser: "),
    ],
)
def test_a_source_that_is_none(source, complaint):
    with pytest.raises(InputError, match=re.escape(complaint)):
        data.load(source)


def test_broken_folders_of_idx_files(tmp_path, tiny):
    write_idx_folder(tmp_path, {**tiny, "y_test": tiny["y_test"][:-1]})
    with pytest.raises(InputError, match="x_test and y_test differ in length"):
        data.load(str(tmp_path))
    (tmp_path / GZ_NAMES[2]).unlink()
    with pytest.raises(InputError, match=r"has neither t10k-images-idx3-ubyte\.gz"):
        data.load(str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_only_regular_files_are_read(tmp_path, tiny):
    write_idx_folder(tmp_path / "idx", tiny)
    write_pictures(tmp_path / "pictures", tiny)
    for source, path in (
        ("x.npz", tmp_path / "x.npz"),
        ("idx", tmp_path / "idx" / GZ_NAMES[3]),
        ("pictures", tmp_path / "pictures" / "test" / "7" / "007.png"),
    ):
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        with pytest.raises(InputError, match=re.escape(f"{path}: not a regular file")):
            data.load(str(tmp_path / source))


def test_pictures(tmp_path, tiny):
    folder = write_pictures(tmp_path / "pngs", tiny)
    (folder / "train" / "3" / ".DS_Store").write_bytes(b"not a picture")
    dataset = data.load(str(folder))
    order = np.argsort(tiny["y_test"], kind="stable")
    np.testing.assert_array_equal(dataset.x_test, tiny["x_test"][order])
    np.testing.assert_array_equal(dataset.y_test, np.sort(tiny["y_test"]))
    assert dataset.test_names[:2] == ("test/0/000.png", "test/0/010.png")
    assert dataset.keep((1,)).test_names == ("test/1/001.png", "test/1/011.png")


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda path: path.write_bytes(b"no picture"), "cannot identify"),
        (lambda path: path.write_bytes(path.read_bytes()[:60]), "truncated"),
        (lambda path: Image.new("L", (27, 28)).save(path), "size (27, 28)"),
        (lambda path: Image.new("I;16", (28, 28)).save(path), "mode I;16"),
        (lambda path: shutil.rmtree(path.parent), "no pictures"),
    ],
)
def test_a_bad_picture_is_named(tmp_path, tiny, spoil, complaint):
    folder = write_pictures(tmp_path / "pngs", tiny)
    spoil(folder / "test" / "7" / "007.png")
    with pytest.raises(InputError) as caught:
        data.load(str(folder))
    assert complaint in str(caught.value)
    assert str(folder / "test" / "7") in str(caught.value)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"x_test": None}, "no item named 'x_test.npy'"),
        ({"x_test": np.zeros((2, 28, 28))}, "x_test is float64"),
        ({"x_test": np.zeros((2, 784), np.uint8)}, "x_test is uint8 (2, 784)"),
        ({"x_test": np.zeros((0, 28, 28), np.uint8)}, "x_test is uint8 (0, 28, 28)"),
        ({"y_test": np.int64(1)}, "y_test is int64 ()"),
        ({"y_test": np.full(20, -1)}, "expected integers 0 to 9"),
        ({"y_test": np.array([{}] * 20)}, "Object arrays cannot be loaded"),
    ],
)
def test_a_bad_npz_is_explained(tmp_path, tiny, change, complaint):
    path = tmp_path / "d.npz"
    arrays = {**tiny, **change}
    np.savez(path, **{key: a for key, a in arrays.items() if a is not None})
    with pytest.raises(InputError) as caught:
        data.load(str(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert complaint in str(caught.value)


def npy(shape: str) -> bytes:
    """Return an .npy file of no values whose header has this text as its shape."""
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def npz_with(content: bytes, compression=zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for key in npz.ARRAYS:
            archive.writestr(f"{key}.npy", content)
    return file.getvalue()


shapes = st.sampled_from(["(", "(-1, 28, 28)", "(1L, 28, 28)", "{}[0]", "1" * 9999])


@settings(max_examples=60)
@given(st.binary() | (shapes | st.text()).map(npy).map(npz_with))
def test_any_bytes_called_npz_give_the_one_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"^[^\n]*any\.npz: [^\n]+$"):
        data.load(str(path))


def test_the_size_of_an_npz_is_checked_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(npz, "MAX_BYTES", 2**27)
    path = tmp_path / "bomb.npz"
    path.write_bytes(npz_with(bytes(2**26), zipfile.ZIP_DEFLATED))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="268,435,456 bytes, more than 134,217"):
            data.load(str(path))
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()


def test_optdigits_look_like_mnist():
    dataset = data.load("optdigits")
    assert dataset.x_train.shape == (1437, 28, 28)
    assert dataset.x_test.shape == (360, 28, 28)
    assert dataset.x_train.dtype == dataset.y_train.dtype == np.uint8
    assert not dataset.x_train[:, :4].any()
    assert dataset.x_train.max() == 255
    assert dataset.y_train[:10].tolist() == [*range(10)]  # the file's own order


def test_keep_names_a_digit_that_is_missing(tmp_path, tiny):
    tiny["y_test"] = np.maximum(tiny["y_test"], 1)
    dataset = data.load(str(write_idx_folder(tmp_path, tiny)))
    with pytest.raises(InputError, match="no images of one of"):
        dataset.keep((0, 1))


def test_auto_takes_the_file_of_keras_if_it_is_the_original(tmp_path, tiny_is_mnist):
    path = tmp_path / "keras" / "datasets" / "mnist.npz"
    path.parent.mkdir(parents=True)
    np.savez(path, **{**tiny_is_mnist, "x_test": tiny_is_mnist["x_test"][::-1]})
    assert data.load("auto").name == "optdigits"
    np.savez(path, **tiny_is_mnist)
    assert data.load("auto").origin == str(path)


@pytest.mark.parametrize("cache", ["~nosuchuser", __file__])
def test_auto_without_a_cache_falls_back_with_a_notice(cache, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_HOME", cache)
    assert data.load("auto").name == "optdigits"
    assert "THIS IS NOT MNIST" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"--data FOLDER"):
        data.load("mnist")
