"""Read a data set kept as one .npz file, like Keras's mnist.npz, never with pickles."""

import math
import warnings
import zipfile
from pathlib import Path

import numpy as np

from digits.data.idx import MAX_BYTES
from digits.errors import InputError
from digits.files import regular_file

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
# The two that NumPy writes. Python bounds what it unpacks from these, not from others.
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read(path: Path) -> dict[str, np.ndarray]:
    """Return the four arrays, in the order of `ARRAYS`.

    Images are uint8 (n, 28, 28), labels uint8 (n,), 0 to 9; wider integers in the file
    are narrowed where no value is lost. Sizes are checked before anything is unpacked.

    Raises:
        InputError: the file is not an .npz file with just such arrays, or they take
            more than `idx.MAX_BYTES`.
    """
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(regular_file(path)) as archive:
            warnings.simplefilter("ignore")
            members = _members(path, archive)
            return {
                key: _read_array(path, archive, key, member)
                for key, member in members.items()
            }
    except InputError:
        raise
    # zipfile and NumPy raise a dozen kinds for broken, encrypted or pickled content.
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path}: not a readable .npz file ({reason})") from error


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the four members of the archive if it can be unpacked without harm."""
    missing = [key for key in ARRAYS if f"{key}.npy" not in archive.namelist()]
    if missing:
        raise InputError(f"{path}: no array {missing[0]}; expected {', '.join(ARRAYS)}")
    members = {key: archive.getinfo(f"{key}.npy") for key in ARRAYS}
    if any(member.compress_type not in COMPRESSIONS for member in members.values()):
        raise InputError(f"{path}: compressed in a way that NumPy does not write")
    size = sum(member.file_size for member in members.values())
    if size > MAX_BYTES:
        raise InputError(
            f"{path}: its arrays take {size:,} bytes, more than {MAX_BYTES:,}"
        )
    return members


def _read_array(
    path: Path, archive: zipfile.ZipFile, key: str, member: zipfile.ZipInfo
) -> np.ndarray:
    images = key.startswith("x")
    with archive.open(member) as file:
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        shape_is_right = shape[1:] == (28, 28) if images else len(shape) == 1
        if dtype.kind not in "ui" or not shape_is_right or shape[0] < 1:
            raise InputError(
                f"{path}: {key} is {dtype} {shape}, expected integers"
                f" {'(n, 28, 28)' if images else '(n,)'}"
            )
        if math.prod(shape) * dtype.itemsize > member.file_size:
            raise InputError(f"{path}: {key} is shorter than its header promises")
        file.seek(0)
        array = np.lib.format.read_array(file, allow_pickle=False)
    most = 255 if images else 9
    if array.min() < 0 or array.max() > most:
        raise InputError(
            f"{path}: {key} contains values {array.min()} to {array.max()},"
            f" expected 0 to {most}"
        )
    return array.astype(np.uint8, copy=False)
