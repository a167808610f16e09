"""The handwritten digits that need no network: UCI "optdigits", inside scikit-learn.

Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI Machine
Learning Repository, https://doi.org/10.24432/C50P49. scikit-learn ships its 1,797 test
images: 8×8 pixels, each the count (0 to 16) of ink pixels in a 4×4 block.
"""

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

TEST_IMAGES = 360  # the last ones, in the file's order: hands not seen in training


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x_train, y_train, x_test, y_test in MNIST's form.

    Images are uint8 (1437, 28, 28) and (360, 28, 28), white on black, labels uint8.
    Neighbours in the file come from the same hand, so that a random split would test
    on hands the network has already seen; the order is kept instead.
    """
    small, labels = load_digits(return_X_y=True)
    images = np.stack([_like_mnist(image) for image in small.reshape(-1, 8, 8)])
    labels = labels.astype(np.uint8)
    return (
        images[:-TEST_IMAGES],
        labels[:-TEST_IMAGES],
        images[-TEST_IMAGES:],
        labels[-TEST_IMAGES:],
    )


def _like_mnist(image: np.ndarray) -> np.ndarray:
    """Enlarge 8×8 values 0 to 16 into the 20×20 centre of uint8 (28, 28)."""
    grey = Image.fromarray(np.round(image * (255 / 16)).astype(np.uint8))
    enlarged = grey.resize((20, 20), Image.Resampling.BICUBIC)
    return np.pad(np.asarray(enlarged), 4)
