"""The handwritten digits that need no network: UCI's "optdigits", in optdigits.npz.

The file contains the 1,797 test images of the data set: `images`, uint8 (1797, 8, 8),
each pixel the count (0 to 16) of ink pixels in a 4×4 block, and `labels`, uint8
(1797,). Source and licence: optdigits.md, beside it.
"""

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from digits.errors import InputError

FILE = Path(__file__).with_name("optdigits.npz")
SHA256 = "b3b9c8cc11d765ce4264d8748bf3edbafa5038d91c93cf713ddbd6ae8652b410"
TEST_IMAGES = 360  # the last ones, in the file's order: hands not seen in training


def read() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x_train, y_train, x_test, y_test in MNIST's form.

    Images are uint8 (1437, 28, 28) and (360, 28, 28), white on black, labels uint8.
    Neighbours in the file come from the same hand, so that a random split would test
    on hands the network has already seen; the order is kept instead.

    Raises:
        InputError: the file has been changed.
    """
    content = FILE.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise InputError(f"{FILE}: damaged; get the project anew")
    with np.load(io.BytesIO(content)) as file:
        images = np.stack([_like_mnist(image) for image in file["images"]])
        labels = file["labels"]
    train, test = slice(-TEST_IMAGES), slice(-TEST_IMAGES, None)
    return images[train], labels[train], images[test], labels[test]


def _like_mnist(image: np.ndarray) -> np.ndarray:
    """Enlarge 8×8 values 0 to 16 into the 20×20 centre of uint8 (28, 28)."""
    grey = Image.fromarray(np.round(image * (255 / 16)).astype(np.uint8))
    enlarged = grey.resize((20, 20), Image.Resampling.BICUBIC)
    return np.pad(np.asarray(enlarged), 4)
