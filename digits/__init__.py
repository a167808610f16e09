"""The images: MNIST wherever it can be had, else a small substitute, said loudly."""

import atexit
import contextlib
import gzip
import hashlib
import os
import sys
import tempfile
import zipfile
from pathlib import Path

if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit(f"Python 3.10 or later is needed, this is {sys.version.split()[0]}")

import numpy as np

from digits import optdigits

__all__ = ["is_mnist", "load_data"]

# What the encoding of the screen or of a file lacks, such as é, is printed as \xe9.
if hasattr(sys.stdout, "reconfigure"):  # not in a notebook, which lacks nothing
    sys.stdout.reconfigure(errors="backslashreplace")

Data = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
KEYS = ("x_train", "y_train", "x_test", "y_test")  # in an .npz file
SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist",
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://dataset.bj.bcebos.com/mnist",  # reachable where the others are not
)
TIME_OUT = (4, 10)  # seconds: to connect, and between two packets
NOTICE = """
************************************************************************
*  THIS IS NOT MNIST. It could not be downloaded (see above), so this  *
*  run uses 1,797 digits of 8×8 pixels, included in this project       *
*  ("optdigits"). Its accuracy cannot be compared with MNIST's.        *
*  Only 1,545 of them are training images: try epochs = 40.            *
*  If you have MNIST's files in a folder, set MNIST_DATA to its path.  *
************************************************************************
"""


def load_data() -> Data:
    """Return (x_train, y_train), (x_test, y_test), as keras.datasets.mnist does.

    Images are uint8 (n, 28, 28), 0 for background to 255 for ink; labels are uint8
    (n,), 0 to 9. They come from the folder or .npz file that the environment variable
    MNIST_DATA names; else from Keras's cache; else from a mirror; else they are not
    MNIST but optdigits, and a notice on standard error says so, now and at the end.

    Raises:
        SystemExit: what MNIST_DATA names is missing or broken: one line, exit code 1.
    """
    # cmd.exe's `set MNIST_DATA="C:\\mnist" ` keeps the quotes and the blank.
    named = os.environ.get("MNIST_DATA", "").strip(" \"'")
    try:
        if named:
            return read(Path(named).expanduser())
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())  # a path may contain a line break
        raise SystemExit(f"MNIST_DATA: {reason}") from None
    for name in ("mnist", "mnist.npz"):  # the second is Keras's own
        with contextlib.suppress(OSError, ValueError, RuntimeError):  # or no home
            data = read(_cache() / name)
            if is_mnist(data):
                return data
    data = _download()
    if data is None:
        print(NOTICE, file=sys.stderr)
        atexit.unregister(print)  # once, however often this is called
        atexit.register(print, NOTICE, file=sys.stderr)
        data = optdigits.load_data()
    return data


def is_mnist(data: Data) -> bool:
    """Whether `data`, as `load_data` returns it, is the original, to the last bit."""
    content = b"".join(array.tobytes() for pair in data for array in pair)
    return hashlib.sha256(content).hexdigest() == SHA256


def read(path: Path) -> Data:
    """Return the images and labels of a folder of IDX files, gzipped or not, or .npz.

    Raises:
        OSError: a file is missing or cannot be read.
        ValueError: it does not hold images of 28×28 bytes and as many labels 0 to 9.
    """
    if path.is_dir():
        return _checked(path, [_read_idx(path, name) for name in NAMES])
    if not (path.is_file() and zipfile.is_zipfile(path)):
        raise ValueError(f"{path} is no folder and no .npz file")
    try:
        with np.load(path, allow_pickle=False) as file:
            if not set(KEYS) <= set(file):
                raise ValueError(f"it has {[*file]}; expected are {[*KEYS]}")
            arrays = [np.asarray(file[key]) for key in KEYS]
    except Exception as error:  # NumPy and zipfile raise many kinds
        raise ValueError(f"{path} cannot be read: {error}") from error
    return _checked(path, arrays)


def _read_idx(folder: Path, name: str) -> np.ndarray:
    other = name.replace("-idx", ".idx")  # some tools unpack a file with this name,
    for place in (folder, folder / name, folder / other):  # or into a folder of its own
        for path in (place / f"{name}.gz", place / name, place / other):
            if path.is_file():
                return _from_idx(path.read_bytes(), path)
    below = [*folder.glob(f"*/{name}*"), *folder.glob(f"*/*/{name}*")]
    hint = f", but there is one in {below[0].parent}" if below else ""
    raise FileNotFoundError(f"{folder} has no file {name}.gz{hint}")


def _from_idx(content: bytes, source: Path | str) -> np.ndarray:
    # "File formats" in https://yann.lecun.com/exdb/mnist/: two zero bytes, 8 for bytes,
    # the number of dimensions, each as a big-endian 32-bit integer, then the numbers.
    try:
        if content[:2] == b"\x1f\x8b":  # what every .gz file begins with
            content = gzip.decompress(content)
        if content[:3] != b"\0\0\x08":
            raise ValueError(f"it starts with {content[:4].hex(' ') or 'nothing'}")
        shape = np.frombuffer(content, ">u4", count=content[3], offset=4)
        values = np.frombuffer(content, np.uint8, offset=4 + shape.nbytes)
        return values.reshape(shape)
    except Exception as error:  # gzip and NumPy raise many kinds
        raise ValueError(f"{source} is not a whole IDX file ({error})") from error


def _checked(source: Path | str, arrays: list[np.ndarray]) -> Data:
    """Return copies of the four arrays as uint8; ValueError if they are no digits."""
    pairs = []
    for images, labels in (arrays[:2], arrays[2:]):
        if images.shape[1:] == (784,):
            images = images.reshape(-1, 28, 28)
        n, shapes = labels.size, (images.shape, labels.shape)
        if n == 0 or shapes != ((n, 28, 28), (n,)):
            found = f"images {images.shape}, labels {labels.shape}"
            raise ValueError(f"{source}: {found}; expected are (n, 28, 28) and (n,)")
        for name, array, most in (("images", images, 255), ("labels", labels, 9)):
            if array.dtype.kind not in "ui":
                raise ValueError(f"{source}: {name} are {array.dtype}, not integers")
            if array.min() < 0 or array.max() > most:
                found = f"from {array.min()} to {array.max()}"
                raise ValueError(f"{source}: {name} are {found}, not 0 to {most}")
        pairs.append((images.astype(np.uint8), labels.astype(np.uint8)))
    return tuple(pairs)


def _cache() -> Path:
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras", "datasets")


def _download() -> Data | None:
    """Return MNIST from the first mirror that sends it, or None; print what fails."""
    try:
        import requests  # from_scratch/hello_numpy.py can do without
    except ModuleNotFoundError:
        print("To download MNIST: pip install requests", file=sys.stderr)
        return None
    own = os.environ.get("MNIST_MIRROR")
    for mirror in (own,) if own else MIRRORS:
        shown = mirror.rpartition("@")[2]  # without a password
        print(f"Downloading MNIST (12 MB) from {shown}", file=sys.stderr)
        files = []
        try:
            for name in NAMES:
                address = f"{mirror.rstrip('/')}/{name}.gz"
                response = requests.get(address, timeout=TIME_OUT)
                if response.status_code != 200:
                    raise ValueError(f"{name}.gz: HTTP {response.status_code}")
                files.append(response.content)
            data = _checked(shown, [*map(_from_idx, files, NAMES)])
            if not is_mnist(data):
                raise ValueError("it sent something other than the original MNIST")
            _keep(files)
            return data
        except OSError as error:  # requests' text is long, and may contain a password
            print(f"  failed: {type(error).__name__}", file=sys.stderr)
        except ValueError as error:
            print(f"  failed: {error}", file=sys.stderr)
    print("No mirror has sent MNIST.", file=sys.stderr)
    return None


def _keep(files: list[bytes]) -> None:
    """Write the four files to the cache, each whole or not at all."""
    try:
        folder = _cache() / "mnist"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as beside:
            for name, content in zip(NAMES, files):
                path = Path(beside, f"{name}.gz")
                path.write_bytes(content)
                path.replace(folder / path.name)
    except (OSError, RuntimeError) as error:
        print(f"  It is not kept for the next run: {error}", file=sys.stderr)
