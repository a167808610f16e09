"""Options, one-line errors, Ctrl-C, TensorFlow's log noise: for every program here."""

import argparse
import contextlib
import gc
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from digits import files
from digits.errors import InputError

PROJECT = Path(__file__).resolve().parents[1]
BACKENDS = ("tensorflow", "jax", "torch")  # Keras's, as far as they can train
DATA_HELP = """\
where the images come from (default: the environment
variable MNIST_DATA, else auto)
  auto       Keras's cache, else a download, else
             optdigits with a notice
  mnist      the same, but MNIST or an error
  optdigits  1,797 digits of 8×8 pixels, included in
             this project; needs no network
  FOLDER     with MNIST's four IDX files, .gz or not,
             or others in that format; or with pictures
             in train/0 ... train/9, test/0 ... test/9
  FILE.npz   with x_train, y_train, x_test, y_test"""
EPILOG = """\
MNIST_MIRROR=URL names a server to download MNIST's four .gz files from first;
KERAS_HOME moves the cache (default: ~/.keras).
Exit codes: 0 done; 1 failure; 2 wrong usage or unusable input; 130 Ctrl-C."""
# What TensorFlow and JAX print at every start on a healthy machine without a GPU. The
# first lines come before TensorFlow's log level applies.
NOISE = (
    r"WARNING: All log messages before absl::InitializeLog"
    r"|I\d{4} |\S+ \S+: I "  # information, in the new and the old form
    r"|To enable the following instructions"
    r"|.*(failed call to cuInit|Unable to register cu|placer already registered)"
)
FILTER = f"""
import re, sys
for line in sys.stdin.buffer:
    if not re.match(b{NOISE!r}, line):
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
"""


def start() -> None:
    """Prepare a program: call it first, before whatever takes long to import.

    From then on what a user can cause ends the program with one line on standard
    error. Exit codes: 1 for a failure such as a full disk; 2 for unusable input; 130,
    143 and 129 for Ctrl-C, SIGTERM and SIGHUP. A bug shows its traceback.
    """
    for number in files.SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _stop)
    sys.excepthook = _report
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass  # a standard stream was closed; no file may take its number
    os.close(descriptor)
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):  # "?" for what a terminal cannot show
        stream.reconfigure(errors="replace", line_buffering=True)
    os.environ["MPLBACKEND"] = "agg"  # a notebook's may be missing here


def complain(message: object) -> None:
    """Print an error in the program's name, on standard error."""
    print(f"{Path(sys.argv[0]).name}: error: {message}", file=sys.stderr)


def new_parser(description: str, epilog: str = EPILOG) -> argparse.ArgumentParser:
    """Return a parser that shows its texts as they are."""
    module = sys.modules["__main__"].__spec__
    return argparse.ArgumentParser(
        prog=f"python -m {module.name}" if module else None,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawTextHelpFormatter,
        allow_abbrev=False,
    )


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Return a type for argparse: whole numbers from `low` to `high`."""

    def convert(text: str) -> int:
        if text.isdecimal() and low <= int(text) <= high:
            return int(text)
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {low:,} to {high:,}"
        )

    return convert


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the option --data."""
    default = os.environ.get("MNIST_DATA") or "auto"
    parser.add_argument("--data", metavar="SOURCE", default=default, help=DATA_HELP)


def add_seed(parser: argparse.ArgumentParser, default: int = 0) -> None:
    """Add the option --seed."""
    parser.add_argument(
        "--seed",
        type=whole_number(0, 2**32 - 1),
        metavar="N",
        default=default,
        help="for the initial weights and shuffling; the same seed on\n"
        "the same machine gives the same numbers (default: %(default)s)",
    )


def add_output_dir(parser: argparse.ArgumentParser) -> None:
    """Add the option --output-dir."""
    parser.add_argument(
        "--output-dir",
        type=Path,
        metavar="FOLDER",
        default=PROJECT,
        help="where the folders with the results are made\n"
        "(default: the folder of hello_mnist.py)",
    )


def machine() -> dict:
    """Return what a result depends on: processor, cores, system, and versions."""
    import platform
    from importlib import metadata

    processor = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):  # Linux has a better name
        cpuinfo = Path("/proc/cpuinfo").read_text()
        processor = re.search("model name\\s*: (.*)|$", cpuinfo)[1] or processor
    versions = {"Python": platform.python_version()}
    for package in ("TensorFlow", "Keras", "NumPy"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package.lower())
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "versions": versions,
    }


def machine_text() -> str:
    """Return what `machine` finds as one line."""
    found = machine()
    versions = ", ".join(f"{name} {v}" for name, v in found["versions"].items())
    return (
        f"{found['processor']}, {found['cores']} cores, {found['system']}; {versions}"
    )


@contextlib.contextmanager
def quiet_tensorflow() -> Iterator[None]:
    """Import Keras, and keep TensorFlow's start-up noise off the screen in the block.

    TensorFlow writes it from C++, so the filter sits on the file descriptor. It is a
    process of its own: the last line of a start that aborts is still printed.

    Raises:
        InputError: Keras is set to a backend that cannot train.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")  # no information later either
    screen = os.dup(2)
    child = subprocess.Popen(
        [sys.executable, "-IS", "-c", FILTER],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C must not end it first
    )
    os.dup2(child.stdin.fileno(), 2)
    # What is imported stays: not to look for garbage in all of it saves half a second.
    thresholds = gc.get_threshold()
    gc.set_threshold(*thresholds[:2], 1_000_000)
    try:
        _import_keras()
        yield
    finally:
        gc.set_threshold(*thresholds)
        os.dup2(screen, 2)
        os.close(screen)
        child.stdin.close()
        child.wait()


def _import_keras() -> None:
    fault = None
    try:
        import keras

        if keras.backend.backend() not in BACKENDS:
            fault = f"{keras.backend.backend()} cannot train"
    except ValueError as error:
        fault = str(error)
        if not fault.startswith(("Unable to import backend", "Invalid `floatx`")):
            raise  # not of Keras's settings: a broken installation, for example
    if fault:
        backends = ", ".join(BACKENDS)
        raise InputError(f"KERAS_BACKEND or keras.json: {fault}; use {backends}")
    keras.config.set_floatx("float32")  # keras.json may name another


def _stop(number: int, frame) -> None:
    """End at once, as Ctrl-C was pressed or the system asked for it.

    No exception is raised, so that no library can swallow it.
    """
    files.remove_all()
    with contextlib.suppress(OSError):
        os.write(2, b"\nInterrupted; no file is half-written.\n")
    os._exit(128 + number)


def _report(kind, error, traceback) -> None:
    """Print an uncaught error, in one line where a user can have caused it; exit."""
    files.remove_all()
    code = 1
    with contextlib.suppress(OSError):  # standard error may be closed or full
        if issubclass(kind, InputError):
            complain(error)
            code = 2
        elif issubclass(kind, ModuleNotFoundError) and not _is_ours(error.name):
            complain(f"{error}; requirements.txt or a file in requirements/ lists it")
            code = 2
        elif issubclass(kind, BrokenPipeError):
            pass  # whoever read our output has left
        elif issubclass(kind, (OSError, MemoryError)):
            complain(f"{kind.__name__}: {error}")
        else:
            sys.__excepthook__(kind, error, traceback)
    os._exit(code)


def _is_ours(module: str | None) -> bool:
    return (PROJECT / (module or "").partition(".")[0]).exists()
