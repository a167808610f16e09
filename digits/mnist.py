"""Read MNIST from a folder or an .npz file, find it in Keras's cache, or fetch it.

MNIST is four files in IDX format (https://yann.lecun.com/exdb/mnist/, "File formats"):
two zero bytes, a byte for the type of the numbers (8: unsigned bytes), a byte for the
number of dimensions, each dimension as a big-endian 32-bit integer, then the numbers.
"""

import gzip
import hashlib
import os
import sys
import zipfile
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

try:
    import requests
except ModuleNotFoundError:  # from_scratch/hello_numpy.py needs NumPy alone
    requests = None

Data = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
KEYS = ("x_train", "y_train", "x_test", "y_test")  # in an .npz file
# Of the bytes of the original's four arrays, one after the other.
SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist",
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://dataset.bj.bcebos.com/mnist",  # reachable where the others are not
)
TIME_OUT = (4, 10)  # seconds: to connect, and between two packets
GZIP = b"\x1f\x8b"  # what every .gz file begins with


def read(path: Path) -> Data:
    """Return the images and labels of a folder of IDX files, gzipped or not, or .npz.

    Raises:
        OSError: a file is missing or cannot be read.
        ValueError: it does not hold images of 28×28 bytes and as many labels 0 to 9.
    """
    if path.is_dir():
        return _pairs(path, [_read_idx(path, name) for name in NAMES])
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such folder or file")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is neither a folder nor an .npz file")
    try:
        with np.load(path, allow_pickle=False) as file:
            if not set(KEYS) <= set(file):
                raise ValueError(f"it has {[*file]}; expected are {[*KEYS]}")
            arrays = [np.asarray(file[key]) for key in KEYS]
    except Exception as error:  # NumPy and zipfile raise many kinds
        raise ValueError(f"{path} cannot be read: {error}") from error
    return _pairs(path, arrays)


def _read_idx(folder: Path, name: str) -> np.ndarray:
    other = name.replace("-idx", ".idx")  # some tools unpack a file with this name,
    for place in (folder, folder / name, folder / other):  # or into a folder of its own
        for path in (place / f"{name}.gz", place / name, place / other):
            if path.is_file():
                return _from_idx(path.read_bytes(), path)
    below = [*folder.glob(f"*/{name}*"), *folder.glob(f"*/*/{name}*")]
    hint = f", but there is one in {below[0].parent}" if below else ""
    raise FileNotFoundError(f"{folder} has no file {name}.gz{hint}")


def _from_idx(content: bytes, path: Path | str) -> np.ndarray:
    try:
        if content[:2] == GZIP:
            content = gzip.decompress(content)
        if content[:3] != b"\0\0\x08" or len(content) < 4:
            raise ValueError(f"it starts with {content[:4].hex(' ') or 'nothing'}")
        dimensions = content[3]
        shape = np.frombuffer(content, ">u4", dimensions, offset=4)
        values = np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions)
        return values.reshape(shape).copy()  # a copy can be written to
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise ValueError(f"{path} is not a whole IDX file ({error})") from error


def _pairs(source: Path | str, arrays: list[np.ndarray]) -> Data:
    x_train, y_train, x_test, y_test = arrays
    return _checked(source, x_train, y_train), _checked(source, x_test, y_test)


def _checked(source: Path | str, images: np.ndarray, labels: np.ndarray):
    """Return both as uint8, or raise ValueError if they are no digits."""
    if images.shape[1:] == (784,):
        images = images.reshape(-1, 28, 28)
    shapes = images.shape, labels.shape
    n = len(images) if images.ndim else 0
    if n == 0 or shapes != ((n, 28, 28), (n,)):
        expected = "expected are (n, 28, 28) and (n,)"
        raise ValueError(
            f"{source}: images {shapes[0]}, labels {shapes[1]}; {expected}"
        )
    for name, array, most in (("images", images, 255), ("labels", labels, 9)):
        if array.dtype.kind not in "ui":
            kind = f"{array.dtype}, not whole numbers"
            raise ValueError(f"{source}: the {name} are {kind} from 0 to {most}")
        if array.min() < 0 or array.max() > most:
            span = f"from {array.min()} to {array.max()}, not from 0 to {most}"
            raise ValueError(f"{source}: the {name} are {span}")
    return images.astype(np.uint8), labels.astype(np.uint8)


def is_mnist(data: Data) -> bool:
    """Whether these are the original MNIST's images and labels, to the last bit.

    Args:
        data: (x_train, y_train), (x_test, y_test), as `load_data` returns them.
    """
    found = hashlib.sha256()
    for images, labels in data:
        found.update(images.tobytes() + labels.tobytes())
    return found.hexdigest() == SHA256


def _cache() -> Path:
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home, "datasets")


def from_cache() -> Data | None:
    """Return MNIST from Keras's folder for data sets, if it is there and whole."""
    for name in ("mnist", "mnist.npz"):  # the second is Keras's own
        try:
            data = read(_cache() / name)
        except (OSError, ValueError, RuntimeError):  # the last: nobody knows the home
            continue
        if is_mnist(data):
            return data
    return None


def from_mirror() -> Data:
    """Download MNIST, keep it in Keras's folder for data sets, and return it.

    The mirrors are asked one after the other. MNIST_MIRROR, the address of a folder
    with the four .gz files, takes their place.

    Raises:
        OSError: no mirror has sent MNIST.
    """
    if requests is None:
        raise OSError("MNIST cannot be downloaded without: pip install requests")
    own = os.environ.get("MNIST_MIRROR")
    for mirror in (own,) if own else MIRRORS:
        host = urlsplit(mirror).netloc.rpartition("@")[2]  # without a password
        print(f"Downloading MNIST (12 MB) from {host}", flush=True, file=sys.stderr)
        try:
            files = [_fetch(f"{mirror.rstrip('/')}/{name}.gz") for name in NAMES]
            data = _pairs(host, [*map(_from_idx, files, NAMES)])
            if not is_mnist(data):
                raise ValueError("it sent something other than the original MNIST")
        except requests.RequestException as error:  # its text is long, and may contain
            print(f"  failed: {type(error).__name__}", file=sys.stderr)  # a password
        except ValueError as error:
            print(f"  failed: {error}", file=sys.stderr)
        else:
            try:
                _keep(files)
            except (OSError, RuntimeError) as error:
                print(f"  It is not kept for the next run: {error}", file=sys.stderr)
            return data
    raise OSError("No mirror has sent MNIST.")


def _fetch(address: str) -> bytes:
    # It is gzip data already.
    response = requests.get(
        address, headers={"Accept-Encoding": "identity"}, timeout=TIME_OUT
    )
    if response.status_code != 200:
        raise ValueError(f"{address.rpartition('/')[2]}: HTTP {response.status_code}")
    return response.content


def _keep(files: list[bytes]) -> None:
    """Write the four files, each whole or not at all: first beside its place."""
    folder = _cache() / "mnist"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in zip(NAMES, files):
        beside = folder / f"{name}.gz.{os.getpid()}"
        packed = content if content[:2] == GZIP else gzip.compress(content)
        try:
            beside.write_bytes(packed)
            beside.replace(folder / f"{name}.gz")
        finally:
            beside.unlink(missing_ok=True)
