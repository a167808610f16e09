"""Import Keras without TensorFlow's log lines; import this before matplotlib.pyplot.

TensorFlow writes them from C++ to file descriptor 2, some before a log level applies.
While Keras and TensorFlow are imported, a second process takes what comes there. It
shows the lines only if the import fails, if TensorFlow aborts the process (on a
processor without AVX), or once a minute has passed. What Python itself writes, such as
a warning, is shown at once.
"""

import contextlib
import os
import subprocess
import sys

from digits import load_data

__all__ = ["keras", "load_data"]

WATCHER = """
import signal, sys, threading, time
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other process
lines = []
def show():
    while lines:
        sys.stderr.buffer.write(lines.pop(0))
    sys.stderr.flush()
def show_what_takes_long():
    time.sleep(60)
    while True:
        show()
        time.sleep(1)
threading.Thread(target=show_what_takes_long, daemon=True).start()
for line in sys.stdin.buffer:
    if line.endswith(b"imported\\n"):
        break
    lines.append(line)
else:
    show()
"""

# A script saves its plots and opens no window. So it needs none (Tk may be broken), nor
# what the kernel of a notebook hands down to `!python hello_mnist.py`.
backend = os.environ.get("MPLBACKEND", "module://")
if "IPython" not in sys.modules and backend.startswith("module://"):
    os.environ["MPLBACKEND"] = "agg"


def import_keras():
    """Return the module keras, its backend started."""
    import keras

    keras.ops.zeros(1)  # starts the backend, which looks for a GPU
    with contextlib.suppress(ImportError):
        import tensorflow  # noqa: F401  (under JAX and PyTorch Keras imports it later)
    return keras


def import_quietly():
    """Return the module keras, with nothing on the screen if all goes well."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        screen = os.dup(2)
        command = [sys.executable, "-ISc", WATCHER]
        watcher = subprocess.Popen(command, stdin=subprocess.PIPE)
    except OSError:  # there is no standard error, as in pythonw, or no second process
        return import_keras()
    python_writes_to = sys.stderr
    os.dup2(watcher.stdin.fileno(), 2)
    watcher.stdin.close()
    if python_writes_to is sys.__stderr__:  # in a notebook it is no descriptor
        sys.stderr = open(screen, "w", buffering=1, closefd=False)  # noqa: SIM115
    try:
        keras = import_keras()
        os.write(2, b"imported\n")
        return keras
    finally:
        sys.stderr = python_writes_to
        os.dup2(screen, 2)  # `screen` stays open: TensorFlow's logger writes to it
        watcher.wait()


keras = import_quietly()
