"""Read a data set kept as one .npz file, like Keras's mnist.npz, never with pickles."""

import warnings
import zipfile
from pathlib import Path

import numpy as np

from digits.data.idx import MAX_BYTES
from digits.errors import InputError
from digits.files import regular_file

ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def read(path: Path) -> list[np.ndarray]:
    """Return the four arrays, in the order of `ARRAYS`, of whatever form.

    Raises:
        InputError: the file is not an .npz file with such arrays, or they take more
            than `idx.MAX_BYTES`.
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
            return [np.lib.format.read_array(archive.open(m)) for m in members]
    # zipfile and NumPy raise a dozen kinds for broken, encrypted or pickled content.
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"{path}: not an .npz file with arrays {', '.join(ARRAYS)} ({reason})"
        ) from error
