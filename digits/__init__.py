"""The images: MNIST wherever it can be had, else a small substitute, said loudly."""

import atexit
import os
import sys
from pathlib import Path

from digits import mnist, optdigits
from digits.mnist import Data, is_mnist

__all__ = ["is_mnist", "load_data"]

NOTICE = """
************************************************************************
*  THIS IS NOT MNIST. It could not be downloaded (see above), so this  *
*  run uses 1,797 digits of 8×8 pixels, included in this project       *
*  ("optdigits"). Its accuracy cannot be compared with MNIST's.        *
*  Only 1,437 of them are training images: try epochs = 40.            *
*  If you have MNIST's files in a folder, set MNIST_DATA to its path.  *
************************************************************************
"""


def load_data() -> Data:
    """Return (x_train, y_train), (x_test, y_test), as keras.datasets.mnist does.

    Images are uint8 (n, 28, 28), 0 for background to 255 for ink; labels are uint8
    (n,), 0 to 9. They come from the folder or .npz file that the environment variable
    MNIST_DATA names; else from Keras's cache; else from a mirror; else they are not
    MNIST but optdigits, and a notice on standard error says so, now and at the end.

    Raises:
        SystemExit: what MNIST_DATA names is missing or broken. It ends a script with
            one line and exit code 1.
    """
    named = os.environ.get("MNIST_DATA")
    try:
        if named:
            return mnist.read(Path(named).expanduser())
        return mnist.from_cache() or mnist.from_mirror()
    except (OSError, ValueError) as error:
        if named:
            raise SystemExit(f"MNIST_DATA: {error}") from None
        print(f"{error}\n{NOTICE}", file=sys.stderr)
        atexit.register(print, NOTICE, file=sys.stderr)
        return optdigits.load_data()
