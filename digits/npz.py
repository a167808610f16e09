"""Read a data set kept as one .npz file, like Keras's mnist.npz, never with pickles."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from digits.errors import UnusableInput

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
# What NumPy and zipfile raise for broken, encrypted or pickled content.
ERRORS = (
    ValueError,
    OSError,
    EOFError,
    MemoryError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


def read(path: Path) -> dict[str, np.ndarray]:
    """Return the four arrays, in the order of `ARRAYS`.

    Images are uint8 (n, 28, 28), labels uint8 (n,), 0 to 9; wider integers in the file
    are narrowed where no value is lost.

    Raises:
        UnusableInput: the file is not an .npz file with just such arrays.
    """
    if not zipfile.is_zipfile(path):
        raise UnusableInput(f"{path}: not an .npz file")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: np.asarray(file[key]) for key in ARRAYS}
    except KeyError as error:
        raise UnusableInput(
            f"{path}: {error.args[0]}; expected the arrays {', '.join(ARRAYS)}"
        ) from error
    except ERRORS as error:
        raise UnusableInput(f"{path}: not a readable .npz file ({error})") from error
    return {key: _as_uint8(path, key, array) for key, array in arrays.items()}


def _as_uint8(path: Path, key: str, array: np.ndarray) -> np.ndarray:
    images = key.startswith("x")
    most = 255 if images else 9
    shape_is_right = array.shape[1:] == (28, 28) if images else array.ndim == 1
    if array.dtype.kind not in "ui" or not shape_is_right or not array.size:
        raise UnusableInput(
            f"{path}: {key} is {array.dtype} {array.shape}, expected integers"
            f" {'(n, 28, 28)' if images else '(n,)'}"
        )
    if array.min() < 0 or array.max() > most:
        raise UnusableInput(
            f"{path}: {key} holds values {array.min()} to {array.max()},"
            f" expected 0 to {most}"
        )
    return array.astype(np.uint8)
