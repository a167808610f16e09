"""Get the digits: MNIST, the substitute optdigits, a folder or an .npz file."""

import contextlib
import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from digits.data import idx, npz, optdigits, pictures
from digits.errors import InputError

IDX_STEMS = (
    "train-images-idx3",
    "train-labels-idx1",
    "t10k-images-idx3",
    "t10k-labels-idx1",
)
# SHA-256 of the four unpacked files of the original distribution.
ORIGINAL_SHA256 = {
    "x_train": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "y_train": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "x_test": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "y_test": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
IMAGE = (28, 28)
NOTICE = """
************************************************************************
*  THIS IS NOT MNIST. It could not be downloaded (see above), so this  *
*  run uses 1,797 digits of 8×8 pixels, included in this project       *
*  ("optdigits"). Its accuracy cannot be compared with MNIST's.        *
*  If you have MNIST's four files in a folder: --data FOLDER           *
************************************************************************
"""


@dataclass(frozen=True)
class Dataset:
    """Images uint8 (n, 28, 28), white ink on black, and labels uint8 (n,), 0 to 9.

    `name` is "mnist" for the verified original only, "optdigits", or made from the
    folder's or file's: a-z, 0-9 and "-", at most 60 characters.
    `sha256` is the hash of each array as an unpacked IDX file. `test_names` are the
    test images' file names, where they have any.
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

    @property
    def suffix(self) -> str:
        """What the names of a run's files end in: nothing for MNIST."""
        return "" if self.verified else f"-{self.name}"

    def describe(self) -> str:
        """Return the header's lines on the data: name, origin, shapes and dtypes."""
        what = f"{self.name}, NOT the original MNIST"
        if self.verified:
            what = "MNIST, the verified original (SHA-256 of all four arrays)"
        lines = [f"Data:  {what}, from {self.origin}"]
        train, test = (self.x_train, self.y_train), (self.x_test, self.y_test)
        for part, (x, y) in (("train:", train), ("test: ", test)):
            forms = f"images {x.dtype} {x.shape}, labels {y.dtype} {y.shape}"
            lines.append(f"       {part} {forms}")
        if self.name == "optdigits":
            lines.append(
                "       only 1,437 training images (MNIST: 60,000): try --epochs 40"
            )
        return "\n".join(lines)

    def keep(self, digits: tuple[int, ...]) -> "Dataset":
        """Return only the images labelled with one of `digits`, in the same order.

        `sha256` stays that of the complete data set.

        Raises:
            InputError: one of the digits is not among the training or test images.
        """
        for labels in (self.y_train, self.y_test):
            if not np.isin(digits, labels).all():
                raise InputError(f"{self.origin}: no images of one of {digits}")
        train, test = np.isin(self.y_train, digits), np.isin(self.y_test, digits)
        names = self.test_names
        return replace(
            self,
            x_train=self.x_train[train],
            y_train=self.y_train[train],
            x_test=self.x_test[test],
            y_test=self.y_test[test],
            test_names=names and tuple(np.array(names)[test].tolist()),
        )


def load(source: str) -> Dataset:
    """Return the digits that `--data` names: auto, mnist, optdigits or a path.

    `auto` is MNIST, or optdigits with a notice on standard error.

    Raises:
        InputError: what was named is missing, broken or not digits, or there is no
            way to get MNIST.
    """
    if source == "optdigits":
        return _load_optdigits()
    if source not in ("auto", "mnist"):
        try:
            return _load_path(Path(os.path.expanduser(source)))  # noqa: PTH111
        except OSError as error:
            raise InputError(f"{source}: cannot be read ({error.strerror})") from error
    try:
        return _load_mnist()
    except (InputError, OSError) as error:
        if source == "auto":
            print(f"{error}\n{NOTICE}", file=sys.stderr)
            return _load_optdigits()
        raise InputError(f"{error}; --data FOLDER reads a copy") from error


def _load_optdigits() -> Dataset:
    origin = "the UCI Machine Learning Repository"
    return _dataset(optdigits.read(), origin=origin, name="optdigits")


def _load_mnist() -> Dataset:
    """Return the original MNIST from Keras's folder for data sets, or a mirror."""
    cache = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras", "datasets")
    for path in (cache / "mnist", cache / "mnist.npz"):  # the second is Keras's own
        with contextlib.suppress(InputError, OSError):  # missing or broken
            dataset = _load_path(path)
            if dataset.verified:
                return dataset
    from digits.data import download  # the HTTP client takes time to import

    download.fetch(cache / "mnist")
    return _load_path(cache / "mnist")


def _load_path(path: Path) -> Dataset:
    if (path / "train").is_dir():
        x_train, y_train, _ = pictures.read(path, "train")
        x_test, y_test, names = pictures.read(path, "test")
        arrays = (x_train, y_train, x_test, y_test)
        return _dataset(arrays, origin=path, test_names=names)
    if path.is_dir():
        files = [_idx_file(path, stem) for stem in IDX_STEMS]
        shapes = [IMAGE, ()] * 2
        return _dataset(map(idx.read, files, shapes), origin=path)
    if path.suffix == ".npz":
        return _dataset(npz.read(path), origin=path)
    raise InputError(
        f"{path}: not auto, mnist, optdigits, a folder or an .npz file"
        " (--data or MNIST_DATA)"
    )


def _idx_file(folder: Path, stem: str) -> Path:
    # Some tools unpack train-images-idx3-ubyte.gz as train-images.idx3-ubyte.
    dotted = stem.replace("-idx", ".idx")
    for name in (f"{stem}-ubyte.gz", f"{stem}-ubyte", f"{dotted}-ubyte"):
        if (folder / name).exists():
            return folder / name
    raise InputError(f"{folder}: has neither {stem}-ubyte.gz nor a folder named train")


def _dataset(arrays, origin, name=None, test_names=None) -> Dataset:
    """Check the arrays, hash them and recognise the original."""
    arrays = {
        key: _checked(f"{origin}: {key}", array, IMAGE if key[0] == "x" else ())
        for key, array in zip(npz.ARRAYS, arrays, strict=True)
    }
    for images, labels in (npz.ARRAYS[:2], npz.ARRAYS[2:]):
        if len(arrays[images]) != len(arrays[labels]):
            raise InputError(f"{origin}: {images} and {labels} differ in length")
    hashes = {key: idx.sha256(array) for key, array in arrays.items()}
    if hashes == ORIGINAL_SHA256:
        name = "mnist"
    return Dataset(
        **arrays,
        origin=str(origin),
        name=name or _name(origin),
        sha256=hashes,
        test_names=test_names,
    )


def _checked(what: str, array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the images or labels as uint8, if no value is lost by that."""
    most = 255 if shape else 9
    right = array.ndim and array.shape[1:] == shape and array.dtype.kind in "ui"
    if not right or not array.size or array.min() < 0 or array.max() > most:
        raise InputError(
            f"{what} is {array.dtype} {array.shape}; expected integers 0 to {most},"
            f" {'(n, 28, 28)' if shape else '(n,)'}"
        )
    return array.astype(np.uint8, copy=False)


def _name(path: Path) -> str:
    """Return a name that is safe in a file name and that no built-in source has."""
    stem = re.sub(r"[^a-z0-9]+", "-", path.resolve().stem.lower())[:60].strip("-")
    return stem if stem not in ("", "mnist", "optdigits") else f"own-{stem}".strip("-")
