"""Import Keras without TensorFlow's log lines; import this before matplotlib.pyplot.

TensorFlow writes them from C++ to file descriptor 2, some before a log level applies.
Here they go to a temporary file, and are shown only if the import fails. What Python
itself writes, such as a warning, is shown as always. If the process is aborted (by a
processor without AVX), faulthandler still prints where.
"""

import faulthandler
import importlib.util
import os
import sys
import tempfile

from digits import load_data

__all__ = ["keras", "load_data"]

# A notebook's `!python hello_mnist.py` inherits a setting that only its kernel can use.
if "IPython" not in sys.modules:
    os.environ.pop("MPLBACKEND", None)


def import_keras():
    """Return the module keras, its backend started, with nothing on the screen.

    Raises:
        SystemExit: KERAS_BACKEND or keras.json names what these networks cannot use.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        screen = os.dup(2)
    except OSError:  # there is no standard error, as in pythonw
        return start_keras()
    python_writes_to = sys.stderr
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        faulthandler.enable(screen)
        if python_writes_to is sys.__stderr__:  # in a notebook it is no descriptor
            sys.stderr = open(screen, "w", buffering=1, closefd=False)  # noqa: SIM115
        try:
            return start_keras()
        except SystemExit:
            raise
        except BaseException:
            log.seek(0)
            os.write(screen, log.read())
            raise
        finally:
            sys.stderr = python_writes_to
            faulthandler.disable()
            os.dup2(screen, 2)  # `screen` stays open: TensorFlow's logger writes to it


def start_keras():
    try:
        import keras

        keras.ops.zeros(1)  # starts the backend, which looks for a GPU
    except ValueError as error:
        if "backend" in str(error) or "floatx" in str(error):
            raise SystemExit(f"KERAS_BACKEND or keras.json: {error}") from None
        raise
    if keras.config.floatx() != "float32":
        raise SystemExit(
            f'keras.json: floatx is {keras.config.floatx()}, not "float32"'
        )
    # Under JAX and PyTorch Keras imports TensorFlow later, which is as loud.
    if importlib.util.find_spec("tensorflow"):
        importlib.import_module("tensorflow")
    return keras


keras = import_keras()
