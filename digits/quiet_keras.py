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

from digits import load_data  # noqa: F401  (the programs import it from here)

WATCHER = """
import signal, sys, threading
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other process
screen = open(2, "wb", buffering=1_000_000)  # `flush` shows what was written
timer = threading.Timer(60, screen.flush)
timer.daemon = True  # it may still run when the rest has ended
timer.start()
for line in sys.stdin.buffer:
    screen.write(line)
    if not timer.is_alive():
        screen.flush()
screen.flush()
"""

# A script saves its plots and opens no window. So it needs none (Tk may be broken), nor
# what the kernel of a notebook hands down to `!python hello_mnist.py`.
backend = os.environ.get("MPLBACKEND", "module://")
if "IPython" not in sys.modules and backend.startswith("module://"):
    os.environ["MPLBACKEND"] = "agg"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@contextlib.contextmanager
def log_lines_kept_back():
    try:
        screen = os.dup(2)
        command = [sys.executable, "-ISc", WATCHER]
        watcher = subprocess.Popen(command, stdin=subprocess.PIPE)
    except OSError:  # there is no standard error, as in pythonw, or no second process
        yield
        return
    python_writes_to = sys.stderr
    os.dup2(watcher.stdin.fileno(), 2)
    watcher.stdin.close()
    if python_writes_to is sys.__stderr__:  # in a notebook it is no descriptor
        sys.stderr = open(screen, "w", buffering=1, closefd=False)  # noqa: SIM115
    try:
        yield
        watcher.kill()  # and the lines are gone
    finally:
        sys.stderr = python_writes_to
        os.dup2(screen, 2)  # `screen` stays open: TensorFlow's logger writes to it
        watcher.wait()


with log_lines_kept_back():
    import keras

    keras.ops.zeros(1)  # starts the backend, which looks for a GPU
    with contextlib.suppress(ImportError):
        import tensorflow  # noqa: F401  (under JAX and PyTorch Keras imports it later)
