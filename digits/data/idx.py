"""Read IDX, the format MNIST is published in, and reject every malformed file.

The format: https://yann.lecun.com/exdb/mnist/, "File formats". A file is four magic
bytes (two zeros, the code of the data type, the number of dimensions), one big-endian
32-bit integer per dimension, then the values, the last dimension varying fastest.
"""

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from digits.errors import InputError
from digits.files import regular_file

UBYTE = 0x08  # the type code of unsigned bytes, the only one MNIST uses
GZIP_MAGIC = b"\x1f\x8b"
# No header is believed beyond this: 1.3 million images, more than the largest data set
# in this format (EMNIST, 814,255) has.
MAX_BYTES = 2**30


def header(shape: tuple[int, ...]) -> bytes:
    """Return the IDX header of a uint8 array of this shape."""
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, UBYTE, len(shape), *shape)


def sha256(array: np.ndarray) -> str:
    """Return the SHA-256, in hexadecimal, of a uint8 array as an unpacked IDX file."""
    digest = hashlib.sha256(header(array.shape))
    digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def read(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Return the array of an IDX file, gzipped or not, as uint8 (n, *shape).

    Args:
        path: the file.
        shape: (28, 28) for images, () for labels.

    Raises:
        InputError: the file is anything but a whole array of that form.
    """
    try:
        with regular_file(path).open("rb") as file:
            # By content, not by name: some browsers unpack a .gz and keep its name.
            zipped = file.peek(2)[:2] == GZIP_MAGIC
            stream = gzip.GzipFile(fileobj=file) if zipped else file
            start = stream.read(len(header((0, *shape))))
            shape = (int.from_bytes(start[4:8], "big"), *shape)
            size = math.prod(shape)
            if start != header(shape) or size > MAX_BYTES:
                kind = "28×28 images" if len(shape) > 1 else "labels"
                found = start.hex(" ") or "nothing"
                raise InputError(f"{path}: not an IDX file of {kind}, starts {found}")
            # One byte more than promised shows whether something is left over,
            # without unpacking whatever else a hostile file may contain.
            content = stream.read(size + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: broken gzip data ({error})") from error
    if len(content) != size:
        raise InputError(f"{path}: not the {size:,} bytes that its header promises")
    return np.frombuffer(content, np.uint8).reshape(shape)
