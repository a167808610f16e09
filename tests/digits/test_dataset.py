"""Where digits come from: every value of --data, and what each says when it fails."""

import io
import re
import shutil
import zipfile

import numpy as np
import pytest
from conftest import GZ_NAMES, as_idx, write_idx_folder
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digits import dataset, download, npz
from digits.errors import UnusableInput


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """Keep every test off the network and out of the user's own cache."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(download, "MIRRORS", ())


def assert_holds(data, arrays):
    for key, array in arrays.items():
        np.testing.assert_array_equal(getattr(data, key), array)
        assert getattr(data, key).dtype == np.uint8


def write_pictures(folder, arrays, ending="png"):
    for part in ("train", "test"):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            path = folder / part / str(label) / f"{number:03}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path)
    return folder


def test_folder_of_idx_files(tmp_path, tiny):
    data = dataset.load(str(write_idx_folder(tmp_path / "Fashion MNIST", tiny)))
    assert_holds(data, tiny)
    assert data.name == "fashion-mnist"
    assert not data.verified
    assert data.run_name("hello_mnist") == "hello_mnist-fashion-mnist"
    assert "NOT the original MNIST" in data.describe()
    assert data.title == "fashion-mnist, not MNIST"


@pytest.mark.parametrize("ending", ["-ubyte", ".ubyte"])
def test_folder_of_unpacked_idx_files(tmp_path, tiny, ending):
    for stem, array in zip(dataset.IDX_STEMS, tiny.values(), strict=True):
        (tmp_path / (stem + ending)).write_bytes(as_idx(array))
    assert_holds(dataset.load(str(tmp_path)), tiny)


def test_the_original_is_recognised_by_content(tmp_path, tiny_is_mnist):
    np.savez(tmp_path / "whatever.npz", **tiny_is_mnist)
    data = dataset.load(str(tmp_path / "whatever.npz"))
    assert data.verified
    assert data.run_name("hello_mnist") == "hello_mnist"
    assert data.title == "MNIST"
    assert "verified original" in data.describe()


@pytest.mark.parametrize("name", ["mnist", "MNIST", "optdigits", "---"])
def test_a_substitute_never_bears_a_known_name(tmp_path, tiny, name):
    data = dataset.load(str(write_idx_folder(tmp_path / name, tiny)))
    assert data.name not in ("mnist", "optdigits", "")
    assert data.run_name("x").startswith("x-own")


def test_real_mnist_is_verified(mnist, tmp_path):
    data = dataset.load(str(mnist))
    assert data.verified
    assert data.x_train.shape == (60_000, 28, 28)
    assert data.y_test.shape == (10_000,)
    kept = dataset.keep(data, (0, 1))
    assert (len(kept.x_train), len(kept.x_test)) == (12_665, 2_115)
    path = tmp_path / "mnist.npz"
    np.savez(path, **{key: getattr(data, key) for key in npz.ARRAYS})
    assert dataset.load(str(path)).verified


def test_counts_must_agree(tmp_path, tiny):
    tiny["y_test"] = tiny["y_test"][:-1]
    with pytest.raises(UnusableInput, match="20 images in x_test but 19 labels"):
        dataset.load(str(write_idx_folder(tmp_path, tiny)))


def test_a_missing_file_is_named(tmp_path, tiny):
    write_idx_folder(tmp_path, tiny)
    (tmp_path / GZ_NAMES[2]).unlink()
    with pytest.raises(UnusableInput, match="has no t10k-images-idx3-ubyte"):
        dataset.load(str(tmp_path))


@pytest.mark.parametrize("name", ["nowhere", "nowhere.npz"])
def test_a_missing_path_is_named(tmp_path, name):
    with pytest.raises(UnusableInput, match=re.escape(f"{name}: does not exist")):
        dataset.load(str(tmp_path / name))


def test_a_file_the_user_named_is_never_touched(tmp_path, tiny):
    folder = write_idx_folder(tmp_path, tiny)
    broken = folder / GZ_NAMES[0]
    broken.write_bytes(broken.read_bytes()[:1000])
    before = broken.read_bytes()
    with pytest.raises(UnusableInput, match=re.escape(str(broken))):
        dataset.load(str(folder))
    assert broken.read_bytes() == before


def test_pictures(tmp_path, tiny):
    folder = write_pictures(tmp_path / "pngs", tiny)
    (folder / "train" / "3" / ".DS_Store").write_bytes(b"not a picture")
    data = dataset.load(str(folder))
    order = np.argsort(tiny["y_test"], kind="stable")
    np.testing.assert_array_equal(data.x_test, tiny["x_test"][order])
    np.testing.assert_array_equal(data.y_test, np.sort(tiny["y_test"]))
    assert data.test_names[:2] == ("test/0/000.png", "test/0/010.png")
    assert dataset.keep(data, (1,)).test_names == ("test/1/001.png", "test/1/011.png")


@pytest.mark.parametrize("ending", ["jpg", "bmp"])
def test_other_picture_formats(tmp_path, tiny, ending):
    data = dataset.load(str(write_pictures(tmp_path / "x", tiny, ending)))
    assert data.x_train.shape == (40, 28, 28)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda path: path.write_bytes(b"no picture"), "not a readable picture"),
        (lambda path: path.write_bytes(path.read_bytes()[:60]), "not a readable"),
        (lambda path: Image.new("L", (27, 28)).save(path), "27×28 pixels"),
        (lambda path: Image.new("I;16", (28, 28)).save(path), "mode I;16"),
        (lambda path: shutil.rmtree(path.parent), "no pictures"),
    ],
)
def test_a_bad_picture_is_named(tmp_path, tiny, spoil, complaint):
    folder = write_pictures(tmp_path / "pngs", tiny)
    spoil(folder / "test" / "7" / "007.png")
    with pytest.raises(UnusableInput) as caught:
        dataset.load(str(folder))
    assert complaint in str(caught.value)
    assert str(folder / "test" / "7") in str(caught.value)


def test_npz_of_wider_integers(tmp_path, tiny):
    np.savez(tmp_path / "d.npz", **{key: a.astype(np.int64) for key, a in tiny.items()})
    assert_holds(dataset.load(str(tmp_path / "d.npz")), tiny)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"x_test": None}, "x_test"),
        ({"x_test": np.zeros((2, 28, 28))}, "x_test is float64"),
        ({"x_test": np.zeros((2, 784), np.uint8)}, "x_test is uint8 (2, 784)"),
        ({"x_test": np.zeros((0, 28, 28), np.uint8)}, "x_test is uint8 (0, 28, 28)"),
        ({"y_test": np.full(20, 10)}, "10 to 10, expected 0 to 9"),
        ({"y_test": np.full(20, -1)}, "-1 to -1, expected 0 to 9"),
        ({"y_test": np.array([{}] * 20)}, "allow_pickle=False"),
    ],
)
def test_a_bad_npz_is_explained(tmp_path, tiny, change, complaint):
    path = tmp_path / "d.npz"
    arrays = {**tiny, **change}
    np.savez(path, **{key: a for key, a in arrays.items() if a is not None})
    with pytest.raises(UnusableInput) as caught:
        dataset.load(str(path))
    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)


def npz_with(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for key in npz.ARRAYS:
            archive.writestr(f"{key}.npy", content)
    return file.getvalue()


npy_starts = st.sampled_from(
    [b"", b"\x93NUMPY\x01\x00", b"\x93NUMPY\x01\x00v\x00{'descr'"]
)
npz_bytes = st.binary() | st.builds(bytes.__add__, npy_starts, st.binary()).map(
    npz_with
)


@given(npz_bytes | st.binary().map(lambda end: b"\x93NUMPY\x01\x00" + end))
def test_any_bytes_called_npz_give_the_one_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.npz"
    path.write_bytes(content)
    with pytest.raises(UnusableInput, match=r"any\.npz: "):
        dataset.load(str(path))


def test_npy_called_npz(tmp_path):
    with (tmp_path / "x.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(UnusableInput, match=r"x\.npz: not an .npz file"):
        dataset.load(str(tmp_path / "x.npz"))


@pytest.mark.parametrize("images", [2**40, 2**60])
def test_npz_that_promises_more_than_any_memory(tmp_path, images):
    header = io.BytesIO()
    form = {"descr": "|u1", "fortran_order": False, "shape": (images, 28, 28)}
    np.lib.format.write_array_header_1_0(header, form)
    path = tmp_path / "huge.npz"
    path.write_bytes(npz_with(header.getvalue()))
    with pytest.raises(UnusableInput, match=r"huge\.npz: "):
        dataset.load(str(path))


def test_optdigits_looks_like_mnist():
    data = dataset.load("optdigits")
    assert data.x_train.shape == (1437, 28, 28)
    assert data.x_test.shape == (360, 28, 28)
    assert data.x_train.dtype == data.y_train.dtype == np.uint8
    border = data.x_train.copy()
    border[:, 4:24, 4:24] = 0
    assert not border.any()
    assert data.x_train.max() == 255
    assert data.y_train[:10].tolist() == [*range(10)]  # the file's own order
    assert data.epochs(5) == 40
    assert "40 epochs" in data.describe()
    assert data.run_name("hello_mnist") == "hello_mnist-optdigits"


def test_keep_names_a_digit_that_is_missing(tmp_path, tiny):
    tiny["y_test"] = np.maximum(tiny["y_test"], 1)
    data = dataset.load(str(write_idx_folder(tmp_path, tiny)))
    with pytest.raises(UnusableInput, match="no test image is labelled 0"):
        dataset.keep(data, (0, 1))


def test_auto_takes_the_cache(tmp_path, tiny_is_mnist):
    write_idx_folder(tmp_path / "keras" / "datasets" / "mnist", tiny_is_mnist)
    for source in ("auto", "mnist"):
        data = dataset.load(source)
        assert data.verified
        assert_holds(data, tiny_is_mnist)


def test_auto_takes_keras_npz_only_with_its_hash(tmp_path, tiny_is_mnist, monkeypatch):
    path = tmp_path / "keras" / "datasets" / "mnist.npz"
    path.parent.mkdir(parents=True)
    np.savez(path, **tiny_is_mnist)
    assert dataset.load("auto").name == "optdigits"
    monkeypatch.setattr(dataset, "KERAS_NPZ_SHA256", dataset._file_sha256(path))
    assert dataset.load("auto").origin == str(path)


def test_auto_falls_back_with_a_notice(capsys):
    assert dataset.load("auto").name == "optdigits"
    assert "THIS IS NOT MNIST" in capsys.readouterr().err


def test_mnist_or_nothing():
    with pytest.raises(UnusableInput, match=r"no mirror of MNIST.*--data"):
        dataset.load("mnist")
