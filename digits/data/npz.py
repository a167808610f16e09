"""Read a data set kept as one .npz file, like Keras's mnist.npz, never with pickles."""

import warnings
import zipfile
from pathlib import Path

import numpy as np

from digits.data.idx import MAX_BYTES
from digits.errors import InputError
from digits.files import regular_file

ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def read(path: Path) -> dict[str, np.ndarray]:
    """Return the four arrays, in the order of `ARRAYS`.

    Images are uint8 (n, 28, 28), labels uint8 (n,), 0 to 9; wider integers in the file
    are narrowed where no value is lost.

    Raises:
        InputError: the file is not an .npz file with just such arrays, or they take
            more than `idx.MAX_BYTES`.
    """
    regular_file(path)
    try:
        with zipfile.ZipFile(path) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers written by Python 2
            members = [archive.getinfo(f"{key}.npy") for key in ARRAYS]
            # What the archive declares: zipfile unpacks no more of a member than that.
            size = sum(member.file_size for member in members)
            if size > MAX_BYTES:
                raise ValueError(f"they take {size:,} bytes, more than {MAX_BYTES:,}")
            arrays = [np.lib.format.read_array(archive.open(m)) for m in members]
    # zipfile and NumPy raise a dozen kinds for broken, encrypted or pickled content.
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"{path}: not an .npz file with arrays {', '.join(ARRAYS)} ({reason})"
        ) from error
    return {key: _checked(path, key, a) for key, a in zip(ARRAYS, arrays, strict=True)}


def _checked(path: Path, key: str, array: np.ndarray) -> np.ndarray:
    images = key.startswith("x")
    most = 255 if images else 9
    right = array.shape[1:] == (28, 28) if images else array.ndim == 1
    right = right and array.dtype.kind in "ui" and array.size > 0
    if not right or array.min() < 0 or array.max() > most:
        raise InputError(
            f"{path}: {key} is {array.dtype} {array.shape}; expected integers 0 to"
            f" {most}, {'(n, 28, 28)' if images else '(n,)'}"
        )
    return array.astype(np.uint8, copy=False)
