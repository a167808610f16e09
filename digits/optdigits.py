"""The digits that need no network: UCI's "optdigits", in optdigits.npz.

The file has the 1,797 test images of that data set: `images`, uint8 (1797, 8, 8), each
pixel the number (0 to 16) of ink pixels in a 4×4 block, and `labels`, uint8 (1797,).
Source and licence: optdigits.md, beside it.
"""

from pathlib import Path

import numpy as np


def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return (x_train, y_train), (x_test, y_test), in MNIST's form.

    Images are uint8 (1545, 28, 28) and (252, 28, 28), white on black, labels uint8.
    The digits of the file were cut from fourteen forms, one after the other. The last
    two forms are the test images: a random split would train and test on one form.
    """
    with np.load(Path(__file__).with_name("optdigits.npz")) as file:
        small, labels = file["images"], file["labels"]
    # Linear interpolation from 8×8 to 20×20, down and across: weights[i, k] is the part
    # that old row i has in new row k, whose middle lies at (k + 0.5) * 8 / 20 - 0.5.
    middles = (np.arange(20) + 0.5) * 8 / 20 - 0.5
    weights = np.stack([np.interp(middles, range(8), row) for row in np.eye(8)])
    enlarged = np.round(weights.T @ small @ weights * (255 / 16))
    images = np.pad(enlarged.astype(np.uint8), ((0, 0), (4, 4), (4, 4)))
    n = 1545  # the first twelve forms
    return (images[:n], labels[:n]), (images[n:], labels[n:])
