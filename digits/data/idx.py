"""Read IDX, the format MNIST is published in, and accept nothing that is not exact.

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


def read_images(path: Path) -> np.ndarray:
    """Return the images of an IDX file, gzipped or not, as uint8 (n, 28, 28).

    Raises:
        InputError: the file is anything but complete 28×28 images, at least one.
    """
    images = _read(path, dimensions=3)
    if images.shape[1:] != (28, 28):
        raise InputError(
            f"{path}: contains images of {images.shape[1]}×{images.shape[2]} pixels,"
            " not 28×28"
        )
    return images


def read_labels(path: Path) -> np.ndarray:
    """Return the labels of an IDX file, gzipped or not, as uint8 (n,), each 0 to 9.

    Raises:
        InputError: the file is anything but complete labels 0 to 9, at least one.
    """
    labels = _read(path, dimensions=1)
    if labels.max() > 9:
        raise InputError(f"{path}: contains a label {labels.max()}, not 0 to 9")
    return labels


def _read(path: Path, dimensions: int) -> np.ndarray:
    try:
        with regular_file(path).open("rb") as file:
            # By content, not by name: some browsers unpack a .gz and keep its name.
            zipped = file.peek(2)[:2] == GZIP_MAGIC
            stream = gzip.GzipFile(fileobj=file) if zipped else file
            shape = _read_shape(path, stream, dimensions)
            size = math.prod(shape)
            # One byte more than promised shows whether something is left over,
            # without unpacking whatever else a hostile file may contain.
            content = stream.read(size + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: broken gzip data ({error})") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    if len(content) != size:
        found = "more" if len(content) > size else f"only {len(content):,}"
        raise InputError(
            f"{path}: its header promises {size:,} bytes of data, it contains {found}"
        )
    return np.frombuffer(content, np.uint8).reshape(shape)


def _read_shape(path: Path, stream, dimensions: int) -> tuple[int, ...]:
    magic = header((0,) * dimensions)[:4]
    start = stream.read(len(magic) + 4 * dimensions)
    if start[:4] != magic:
        raise InputError(
            f"{path}: not an IDX file of {'images' if dimensions == 3 else 'labels'}:"
            f" starts with {start[:4].hex(' ') or 'nothing'}, not {magic.hex(' ')}"
        )
    if len(start) < len(magic) + 4 * dimensions:
        raise InputError(f"{path}: ends within its header")
    shape = struct.unpack(f">{dimensions}I", start[4:])
    if not 0 < math.prod(shape) <= MAX_BYTES:
        raise InputError(
            f"{path}: its header promises {'×'.join(map(str, shape))} values,"
            f" which is not between 1 and {MAX_BYTES:,}"
        )
    return shape
