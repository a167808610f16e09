"""The images: MNIST wherever it can be had, else a small substitute, said loudly."""

import atexit
import os
import sys
from pathlib import Path

if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit(f"Python 3.10 or later is needed, this is {sys.version.split()[0]}")

from digits import mnist, optdigits
from digits.mnist import Data, is_mnist

__all__ = ["is_mnist", "load_data"]

# What the encoding of the screen or of a file lacks, such as é, is printed as \xe9.
if hasattr(sys.stdout, "reconfigure"):  # not in a notebook, which lacks nothing
    sys.stdout.reconfigure(errors="backslashreplace")

NOTICE = """
************************************************************************
*  THIS IS NOT MNIST. It could not be downloaded (see above), so this  *
*  run uses 1,797 digits of 8×8 pixels, included in this project       *
*  ("optdigits"). Its accuracy cannot be compared with MNIST's.        *
*  Only 1,545 of them are training images: try epochs = 40.            *
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
    # cmd.exe's `set MNIST_DATA="C:\\mnist" ` keeps the quotes and the blank.
    named = os.environ.get("MNIST_DATA", "").strip(" \"'")
    try:
        if named:
            return mnist.read(Path(named).expanduser())
        return mnist.from_cache() or mnist.from_mirror()
    except (OSError, ValueError, RuntimeError) as error:
        if named:
            reason = " ".join(str(error).split())  # a path may contain a line break
            raise SystemExit(f"MNIST_DATA: {reason}") from None
        print(f"{error}\n{NOTICE}", file=sys.stderr)
        atexit.unregister(print)  # once, however often this is called
        atexit.register(print, NOTICE, file=sys.stderr)
        return optdigits.load_data()
