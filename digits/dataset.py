"""Get the digits: from the cache, a mirror, a folder, an .npz file or scikit-learn."""

import hashlib
import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from digits import idx, machines, npz
from digits.errors import UnusableInput

IDX_STEMS = (
    "train-images-idx3",
    "train-labels-idx1",
    "t10k-images-idx3",
    "t10k-labels-idx1",
)
# Some unpacking tools write a dot where the original names have a dash.
IDX_ENDINGS = ("-ubyte", "-ubyte.gz", ".ubyte", ".ubyte.gz")
# SHA-256 of the four decompressed files of the original distribution.
ORIGINAL_SHA256 = {
    "x_train": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "y_train": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "x_test": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "y_test": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
# The file that keras.datasets.mnist.load_data() leaves in the cache.
KERAS_NPZ_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
OPTDIGITS_EPOCHS = 40  # 42 times fewer images than MNIST need more rounds

NOTICE = """
************************************************************************
*  THIS IS NOT MNIST. It could not be downloaded (see above), so this  *
*  run uses the 1,797 small digits that ship inside scikit-learn       *
*  ("optdigits"). Its accuracy cannot be compared with MNIST's.        *
*  Where MNIST's four files lie in a folder:  --data FOLDER            *
************************************************************************
"""


@dataclass(frozen=True)
class Digits:
    """Images uint8 (n, 28, 28), white ink on black, and labels uint8 (n,), 0 to 9.

    `name` is "mnist" for the verified original only, "optdigits", or made from the
    name of the folder or file; `origin` says in words where the data came from;
    `sha256` holds the hash of each array in IDX form, header included; `test_names`
    are the test images' file names, where they have any.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    origin: str
    name: str
    sha256: dict[str, str]
    test_names: tuple[str, ...] | None = None

    @property
    def verified(self) -> bool:
        """Whether this is the original MNIST, to the last bit."""
        return self.sha256 == ORIGINAL_SHA256

    @property
    def title(self) -> str:
        """What to call the data in a heading: never "MNIST" unless verified."""
        return "MNIST" if self.verified else f"{self.name}, not MNIST"

    @property
    def source(self) -> str:
        """What --data must be given to read the same again, without a download."""
        return self.name if self.name == "optdigits" else self.origin

    def epochs(self, usual: int) -> int:
        """Return how many epochs this data needs where MNIST needs `usual`."""
        return OPTDIGITS_EPOCHS if self.name == "optdigits" else usual

    def run_name(self, script: str) -> str:
        """Return the stem of a run's files: `script`, marked unless on MNIST."""
        return script if self.verified else f"{script}-{self.name}"

    def describe(self) -> str:
        """Return the header's lines on the data: what, whence, shapes and dtypes."""
        what = (
            "MNIST, the verified original (SHA-256 of all four arrays)"
            if self.verified
            else f"{self.name}, NOT the original MNIST"
        )
        lines = [
            f"Data:  {what}, from {self.origin}",
            f"       train: images {_form(self.x_train)}, labels {_form(self.y_train)}",
            f"       test:  images {_form(self.x_test)}, labels {_form(self.y_test)}",
        ]
        if self.name == "optdigits":
            lines.append(
                f"       42 times fewer images than MNIST: {OPTDIGITS_EPOCHS} epochs"
                " unless --epochs says otherwise"
            )
        return "\n".join(lines)


def load(source: str) -> Digits:
    """Return the digits that `--data` names: auto, mnist, optdigits or a path.

    Raises:
        UnusableInput: what was named is missing, broken or not digits, or MNIST
            could not be had; the text says which file and what is wrong with it. Or
            another process of the same job has other digits.
    """
    digits = _load(source)
    machines.agree(**digits.sha256)
    return digits


def _load(source: str) -> Digits:
    if source == "optdigits":
        return _load_optdigits()
    if source not in ("auto", "mnist"):
        return _load_path(Path(source).expanduser())
    try:
        return _load_mnist()
    except UnusableInput as error:
        if source == "auto":
            print(f"{error}\n{NOTICE}", file=sys.stderr)
            return _load_optdigits()
        raise UnusableInput(
            f"{error}; get the four files some other way and name their folder with"
            " --data, or set MNIST_MIRROR to a server that has them"
        ) from error


def keep(data: Digits, digits: tuple[int, ...]) -> Digits:
    """Return only the images labelled with one of `digits`, in the same order.

    `sha256` stays that of the whole data set.

    Raises:
        UnusableInput: one of the digits is not among the training or test images.
    """
    for part, labels in (("training", data.y_train), ("test", data.y_test)):
        missing = sorted({*digits} - {*labels.tolist()})
        if missing:
            raise UnusableInput(
                f"{data.origin}: no {part} image is labelled {missing[0]}"
            )
    train, test = np.isin(data.y_train, digits), np.isin(data.y_test, digits)
    names = data.test_names
    return replace(
        data,
        x_train=data.x_train[train],
        y_train=data.y_train[train],
        x_test=data.x_test[test],
        y_test=data.y_test[test],
        test_names=names and tuple(np.array(names)[test].tolist()),
    )


def _load_optdigits() -> Digits:
    from digits import optdigits  # scikit-learn takes a second to import

    return _digits(*optdigits.load(), origin="scikit-learn", name="optdigits")


def _load_mnist() -> Digits:
    cache = _cache_folder()
    digits = _from_cache(cache)
    if digits is None:
        from digits import download  # the HTTP client takes time to import, too

        download.fetch(cache / "mnist")
        digits = _load_idx_folder(cache / "mnist", ("-ubyte.gz",))
    if not digits.verified:
        raise UnusableInput(f"{digits.origin}: not the original MNIST")
    return digits


def _from_cache(cache: Path) -> Digits | None:
    """Return the original MNIST if the cache has it whole; what is broken is None."""
    try:
        digits = _load_idx_folder(cache / "mnist", ("-ubyte.gz",))
        if digits.verified:
            return digits
    except UnusableInput:
        pass  # missing or broken: to be downloaded
    keras_file = cache / "mnist.npz"
    if keras_file.is_file() and _file_sha256(keras_file) == KERAS_NPZ_SHA256:
        return _load_npz(keras_file)
    return None


def _cache_folder() -> Path:
    """Return Keras's folder for data sets, which KERAS_HOME moves."""
    home = os.environ.get("KERAS_HOME") or "~/.keras"
    return Path(home).expanduser() / "datasets"


def _load_path(path: Path) -> Digits:
    if path.is_dir():
        if any((path / part).is_dir() for part in ("train", "test")):
            return _load_picture_folders(path)
        return _load_idx_folder(path)
    if path.suffix == ".npz" and path.is_file():
        return _load_npz(path)
    problem = "neither a folder nor an .npz file" if path.exists() else "does not exist"
    raise UnusableInput(
        f"{path}: {problem}; digits come from auto, mnist, optdigits, a folder"
        " or an .npz file (--data or MNIST_DATA)"
    )


def _load_idx_folder(folder: Path, endings: tuple[str, ...] = IDX_ENDINGS) -> Digits:
    paths = [_find(folder, stem, endings) for stem in IDX_STEMS]
    arrays = [
        (idx.read_images if "images" in path.name else idx.read_labels)(path)
        for path in paths
    ]
    return _digits(*arrays, origin=str(folder), name=_name(folder))


def _find(folder: Path, stem: str, endings: tuple[str, ...]) -> Path:
    for ending in endings:
        if (folder / (stem + ending)).is_file():
            return folder / (stem + ending)
    raise UnusableInput(
        f"{folder}: has no {stem}{endings[0]}; a folder of digits holds MNIST's four"
        " IDX files, or train/0 … train/9 and test/0 … test/9 with pictures"
    )


def _load_picture_folders(folder: Path) -> Digits:
    from digits import picture_folders

    x_train, y_train, _ = picture_folders.load(folder, "train")
    x_test, y_test, names = picture_folders.load(folder, "test")
    return _digits(
        x_train,
        y_train,
        x_test,
        y_test,
        origin=str(folder),
        name=_name(folder),
        test_names=names,
    )


def _load_npz(path: Path) -> Digits:
    return _digits(**npz.read(path), origin=str(path), name=_name(path))


def _digits(x_train, y_train, x_test, y_test, origin, name, test_names=None) -> Digits:
    """Check that the counts agree, hash the arrays and recognise the original."""
    arrays = dict(zip(npz.ARRAYS, (x_train, y_train, x_test, y_test), strict=True))
    for images, labels in (npz.ARRAYS[:2], npz.ARRAYS[2:]):
        if len(arrays[images]) != len(arrays[labels]):
            raise UnusableInput(
                f"{origin}: {len(arrays[images]):,} images in {images}"
                f" but {len(arrays[labels]):,} labels in {labels}"
            )
    hashes = {key: _sha256(array) for key, array in arrays.items()}
    if hashes == ORIGINAL_SHA256:
        name = "mnist"
    return Digits(
        **arrays, origin=origin, name=name, sha256=hashes, test_names=test_names
    )


def _name(path: Path) -> str:
    """Return a file-name-safe name, one no built-in source has."""
    stem = re.sub(r"[^a-z0-9]+", "-", path.resolve().stem.lower()).strip("-")
    return stem if stem not in ("", "mnist", "optdigits") else f"own-{stem}".strip("-")


def _form(array: np.ndarray) -> str:
    return f"{array.dtype} {array.shape}"


def _sha256(array: np.ndarray) -> str:
    digest = hashlib.sha256(idx.header(array.shape))
    digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def _file_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
