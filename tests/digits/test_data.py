"""Where digits come from: every value of --data, and its one-line errors."""

import os
import re
import shutil
import tracemalloc

import numpy as np
import pytest
from conftest import GZ_NAMES, as_idx, write_idx_folder
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from digits import data
from digits.data import download, npz
from digits.errors import InputError


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """Keep every test off the network and out of the user's own cache."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(download, "MIRRORS", ())


def write_pictures(folder, arrays):
    for part, ending in (("train", "bmp"), ("test", "png")):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            path = folder / part / str(label) / f"{number:03}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path)
    return folder


def test_folder_of_idx_files(tmp_path, tiny):
    folder = write_idx_folder(tmp_path / "Fashion MNIST", tiny)
    # Two of the four unpacked, with both names that tools give them.
    (folder / GZ_NAMES[1]).unlink()
    (folder / "train-labels-idx1-ubyte").write_bytes(as_idx(tiny["y_train"]))
    (folder / GZ_NAMES[2]).unlink()
    (folder / "t10k-images.idx3-ubyte").write_bytes(as_idx(tiny["x_test"]))
    dataset = data.load(str(folder))
    for key, array in tiny.items():
        np.testing.assert_array_equal(getattr(dataset, key), array)
    assert dataset.name == "fashion-mnist"
    assert not dataset.verified


def test_the_original_is_recognised_by_content(tmp_path, tiny_is_mnist):
    wide = {key: array.astype(np.int64) for key, array in tiny_is_mnist.items()}
    np.savez(tmp_path / "whatever.npz", **wide)
    dataset = data.load(str(tmp_path / "whatever.npz"))
    assert dataset.verified  # and so the narrowed arrays are tiny's
    assert dataset.suffix == ""
    assert dataset.title == "MNIST"
    assert "verified original" in dataset.describe()


@pytest.mark.parametrize(
    ("folder", "name"),
    # The last as Python shows a name that is not valid UTF-8.
    [("MNIST", "own-mnist"), ("x" * 222, "x" * 60), ("caf\udce9\n", "caf")],
)
def test_names_are_safe_and_no_known_ones(tmp_path, tiny, folder, name):
    try:
        write_idx_folder(tmp_path / folder, tiny)
    except OSError:
        pytest.skip("this file system has no such names")
    dataset = data.load(str(tmp_path / folder))
    assert dataset.name == name


def test_sources_that_are_none(tmp_path, tiny):
    for source, complaint in (
        ("nowhere", "nowhere: not auto, mnist, optdigits, a folder or an .npz file"),
        ("nowhere.npz", "nowhere.npz: No such file"),
        ("~nosuchuser", "~nosuchuser: not auto"),
    ):
        with pytest.raises(InputError, match=re.escape(complaint)):
            data.load(source)
    write_idx_folder(tmp_path, {**tiny, "y_test": tiny["y_test"][:-1]})
    with pytest.raises(InputError, match="x_test and y_test differ in length"):
        data.load(str(tmp_path))
    write_idx_folder(tmp_path, {**tiny, "y_test": tiny["y_test"] + 1})
    with pytest.raises(
        InputError, match=r"y_test is uint8 .* expected integers 0 to 9"
    ):
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
        complaint = re.escape(f"{path}: No such file, or not a regular file")
        with pytest.raises(InputError, match=complaint):
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


def test_a_bad_picture_is_named(tmp_path, tiny):
    path = write_pictures(tmp_path, tiny) / "test" / "7" / "007.png"
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(InputError, match=r"007\.png: .*truncated"):
        data.load(str(tmp_path))
    for mode, size in (("L", (27, 28)), ("I;16", (28, 28))):
        Image.new(mode, size).save(path)
        complaint = re.escape(f"size {size}, mode {mode}")
        with pytest.raises(InputError, match=rf"007\.png: .*{complaint}"):
            data.load(str(tmp_path))
    shutil.rmtree(path.parent)
    with pytest.raises(InputError, match=re.escape(f"{path.parent}: no pictures")):
        data.load(str(tmp_path))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"x_test": np.zeros((2, 28, 28))}, "d.npz: x_test is float64"),
        ({"x_test": np.zeros((2, 784), np.uint8)}, "x_test is uint8 (2, 784)"),
        ({"x_test": np.zeros((0, 28, 28), np.uint8)}, "x_test is uint8 (0, 28, 28)"),
        ({"y_test": np.full(20, -1)}, "expected integers 0 to 9"),
        ({"y_test": np.full(20, 10)}, "expected integers 0 to 9"),
        ({"y_test": None}, "Object arrays cannot be loaded"),
    ],
)
def test_a_bad_npz_is_explained(tmp_path, tiny, change, complaint):
    path = tmp_path / "d.npz"
    np.savez(path, **{**tiny, **change})
    with pytest.raises(InputError, match=r"d\.npz: ") as caught:
        data.load(str(path))
    assert complaint in str(caught.value)


@given(st.binary())
@example(b"PK\5\6" + bytes(18))  # a zip file of nothing
def test_any_bytes_called_npz_give_the_one_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"^[^\n]*any\.npz: [^\n]+$"):
        data.load(str(path))


def test_the_size_of_an_npz_is_checked_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(npz, "MAX_BYTES", 2**25)
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, **dict.fromkeys(npz.ARRAYS, np.zeros(2**24, np.uint8)))
    tracemalloc.start()
    with pytest.raises(InputError, match="67,109,376 bytes, more than 33,554,432"):
        data.load(str(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**22


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


def test_auto_without_a_cache_falls_back_with_a_notice(monkeypatch, capsys):
    monkeypatch.setenv("KERAS_HOME", __file__)  # no folder
    assert data.load("auto").name == "optdigits"
    assert "THIS IS NOT MNIST" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"--data FOLDER"):
        data.load("mnist")
