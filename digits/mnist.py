"""Read MNIST from a folder or an .npz file, find it in Keras's cache, or fetch it.

MNIST is four files in IDX format (https://yann.lecun.com/exdb/mnist/, "File formats"):
two zero bytes, a byte for the type of the numbers (8: unsigned bytes), a byte for the
number of dimensions, each dimension as a big-endian 32-bit integer, then the numbers.
"""

import gzip
import hashlib
import os
import queue
import sys
import threading
import time
import zlib
from pathlib import Path

import numpy as np

try:
    import requests
except ModuleNotFoundError:  # from_scratch/hello_numpy.py needs NumPy alone
    requests = None

Data = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

# The four files, and the SHA-256 of each when unpacked: those of the original. The
# smallest is the first, so that a bad mirror is soon found out.
SHA256 = {
    "t10k-labels-idx1-ubyte": (
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
    "train-labels-idx1-ubyte": (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "t10k-images-idx3-ubyte": (
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    "train-images-idx3-ubyte": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
}
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://dataset.bj.bcebos.com/mnist/",  # reachable where the others are not
)
TIME_OUT = (5, 10)  # seconds: to connect, and between two packets
FIRST_ANSWER = 20  # seconds for the first file, all mirrors together
WHOLE_FILE = 600  # seconds


def read(path: Path) -> Data:
    """Return the images and labels of a folder of IDX files, gzipped or not, or .npz.

    Raises:
        OSError: a file is missing or cannot be read.
        ValueError: it does not hold images of 28×28 bytes and as many labels 0 to 9.
    """
    if path.suffix == ".npz":
        try:
            with np.load(path, allow_pickle=False) as file:
                train = file["x_train"], file["y_train"]
                test = file["x_test"], file["y_test"]
        except FileNotFoundError:
            raise
        except Exception as error:  # NumPy and zipfile raise many kinds
            raise ValueError(f"{path} is not a whole .npz file ({error})") from error
    else:
        kinds = "images-idx3-ubyte", "labels-idx1-ubyte"
        train = [_read_idx(path, f"train-{kind}") for kind in kinds]
        test = [_read_idx(path, f"t10k-{kind}") for kind in kinds]
    return _checked(path, *train), _checked(path, *test)


def _read_idx(folder: Path, name: str) -> np.ndarray:
    # Some tools unpack train-images-idx3-ubyte.gz as train-images.idx3-ubyte.
    names = (f"{name}.gz", name, name.replace("-idx", ".idx"))
    for path in [folder / each for each in names]:
        if path.exists():
            return _from_idx(path.read_bytes(), path)
    raise FileNotFoundError(f"{folder} has no file {name}.gz")


def _from_idx(content: bytes, path: Path | str) -> np.ndarray:
    try:
        content = _unpacked(content)
        if content[:3] != b"\0\0\x08":
            raise ValueError(f"it starts with {content[:4].hex(' ') or 'nothing'}")
        dimensions = content[3]
        shape = np.frombuffer(content, ">i4", dimensions, offset=4)
        values = np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions)
        return values.reshape(shape).copy()  # a copy can be written to
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise ValueError(f"{path} is not a whole IDX file ({error})") from error


def _unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def _checked(path: Path, images: np.ndarray, labels: np.ndarray):
    """Return both as uint8, or raise ValueError if they are no digits."""
    expected = ("images", images, (28, 28), 255), ("labels", labels, (), 9)
    for name, array, shape, most in expected:
        integers = array.dtype.kind in "ui" and array.ndim > 0 and array.size > 0
        if not integers or array.shape[1:] != shape or not 0 <= array.max() <= most:
            raise ValueError(
                f"{path}: the {name} are {array.dtype} {array.shape}; expected are"
                f" whole numbers from 0 to {most} of shape {('n', *shape)}"
            )
    if len(images) != len(labels):
        raise ValueError(f"{path}: {len(images)} images, but {len(labels)} labels")
    return images.astype(np.uint8), labels.astype(np.uint8)


def is_mnist(data: Data) -> bool:
    """Whether these are the original MNIST's images and labels, to the last bit.

    Args:
        data: (x_train, y_train), (x_test, y_test), as `load_data` returns them.
    """
    (x_train, y_train), (x_test, y_test) = data
    arrays = (y_test, y_train, x_test, x_train)
    return [_sha256(array) for array in arrays] == list(SHA256.values())


def _sha256(array: np.ndarray) -> str:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    return hashlib.sha256(header + array.tobytes()).hexdigest()


def _cache() -> Path:
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home, "datasets")


def from_cache() -> Data | None:
    """Return MNIST from Keras's folder for data sets, if it is there and whole."""
    for path in (_cache() / "mnist", _cache() / "mnist.npz"):  # the second is Keras's
        try:
            data = read(path)
        except (OSError, ValueError):
            continue
        if is_mnist(data):
            return data
    return None


def from_mirror() -> Data:
    """Download MNIST into Keras's folder for data sets, and return it.

    All mirrors are asked for the smallest file at once; the first that sends it right
    is asked for the others. MNIST_MIRROR, the address of a folder with the four .gz
    files, takes the mirrors' place.

    Raises:
        OSError: no mirror has sent MNIST, or the folder cannot be written.
    """
    if requests is None:
        raise OSError("MNIST cannot be downloaded without: pip install requests")
    own = os.environ.get("MNIST_MIRROR")
    mirrors = (own,) if own else MIRRORS
    folder = _cache() / "mnist"
    folder.mkdir(parents=True, exist_ok=True)
    smallest, *others = SHA256
    answers = queue.Queue()

    def ask(mirror):
        try:
            answers.put((mirror, _fetch(mirror, smallest)))
        except (OSError, ValueError) as error:
            answers.put((mirror, error))

    for mirror in mirrors:  # as a daemon, one that waits cannot keep the program alive
        print(f"Looking for MNIST on {mirror}", file=sys.stderr)
        threading.Thread(target=ask, args=[mirror], daemon=True).start()
    end = time.monotonic() + FIRST_ANSWER
    for _ in mirrors:
        try:
            mirror, answer = answers.get(timeout=max(0, end - time.monotonic()))
        except queue.Empty:
            raise OSError(f"No other answer within {FIRST_ANSWER} s.") from None
        try:
            if isinstance(answer, Exception):
                raise answer
            _write(folder / f"{smallest}.gz", answer)
            for name in others:
                _write(folder / f"{name}.gz", _fetch(mirror, name, show=True))
            return read(folder)
        except (OSError, ValueError) as error:
            print(f"{mirror} failed: {_reason(error)}", file=sys.stderr)
    raise OSError("No mirror has sent MNIST.")


def _fetch(mirror: str, name: str, show: bool = False) -> bytes:
    """Return a file of a mirror; `show` prints its name, and a dot for each 500 kB."""
    if show:
        print(f"Downloading {name}.gz ", end="", flush=True, file=sys.stderr)
    end = time.monotonic() + WHOLE_FILE
    content = b""
    try:
        with requests.get(
            f"{mirror.rstrip('/')}/{name}.gz",
            headers={"Accept-Encoding": "identity"},  # it is gzip data already
            stream=True,
            timeout=TIME_OUT,
        ) as response:
            response.raise_for_status()
            for part in response.iter_content(500_000):
                content += part
                if show:
                    print(".", end="", flush=True, file=sys.stderr)
                if time.monotonic() > end:
                    raise OSError(f"{name}.gz took longer than {WHOLE_FILE} s")
    finally:
        if show:
            print(file=sys.stderr)
    if _sha256(_from_idx(content, name)) != SHA256[name]:
        raise ValueError(f"it sent something other than the original {name}.gz")
    return content


def _reason(error: Exception) -> str:
    """Say in a few words what went wrong: messages of requests fill three lines."""
    kind = type(error).__name__
    if isinstance(error, requests.exceptions.SSLError):
        return f"its certificate cannot be verified ({kind})"
    if isinstance(error, requests.ConnectionError | requests.Timeout):
        return f"no connection ({kind})"
    return str(error)


def _write(path: Path, content: bytes) -> None:
    """Write a file that is whole or not there: first beside its place."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)
