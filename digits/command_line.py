"""The command line of both lessons, and how a run starts, fails and is interrupted."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from digits.errors import UnusableInput

Main = Callable[[argparse.Namespace], None]
PROJECT = Path(__file__).resolve().parents[1]
INTERRUPTED = 130  # what shells report for a program ended by Ctrl-C: 128 + SIGINT
DATA_HELP = """\
where the digits come from; default: the environment
variable MNIST_DATA, else auto
  auto       Keras's cache, else a download, else
             optdigits with a notice
  mnist      the same, but MNIST or nothing
  optdigits  1,797 small digits that ship inside
             scikit-learn; needs no network
  FOLDER     with MNIST's four IDX files, .gz or not,
             or others in that format; or with pictures
             in train/0 ... train/9, test/0 ... test/9
  FILE.npz   with x_train, y_train, x_test, y_test
(default: %(default)s)"""
EPILOG = """\
MNIST_MIRROR=URL names a server to download MNIST's four .gz files from first;
KERAS_HOME moves the cache (default: ~/.keras).
Exit codes: 0 done; 1 failure; 2 wrong usage or unusable input; 130 interrupted."""

# What TensorFlow says at every start on a healthy machine without a GPU. The first
# lines come before its log level can be set.
CHATTER = (
    r"WARNING: All log messages before absl::InitializeLog"
    r"|I\d{4} |\S+ \S+: I "  # information, in the new and the old form
    r"|To enable the following instructions"
    r"|.*(failed call to cuInit|Unable to register cu|placer already registered)"
    r"|.*(\[Gloo\] Rank| peer ranks)"  # of several processes, as are the next
    r"|[EW]\d{4} .* coordination_service|.*JAX detected proxy"
)
# When process 0 has died, JAX aborts the others, with words for its own developers.
LOST = r"F\d{4} .*JAX distributed service"
FILTER = f"""
import re, sys
lost = False
for line in sys.stdin.buffer:
    if re.match(b{LOST!r}, line):
        lost = True
        line = b"%s: error: lost process 0\\n" % sys.argv[1].encode()
    elif lost or re.match(b{CHATTER!r}, line):
        continue
    sys.stderr.buffer.write(line)
    sys.stderr.buffer.flush()
"""

# Imported here is only what is needed to listen for Ctrl-C, which run() does first;
# whatever takes longer to import comes later.
_interrupted = False


def run_lesson(main: Main, description: str, **defaults) -> NoReturn:
    """Run a lesson: `run` with the options of `parse`, whose arguments these are."""

    def lesson(options):
        from digits import machines

        main(options)
        machines.leave()

    run(lesson, lambda: parse(description, **defaults))


def run(main: Main, parse: Callable[[], argparse.Namespace]) -> NoReturn:
    """Call `main` with the options that `parse` reads, and exit.

    Exit codes: 0; 1 for a failure such as a disk that fills up; 2 for wrong usage or
    unusable input; 130 for Ctrl-C. What a user can cause is told in one line.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
        sys.unraisablehook = _unheard
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # IDLE's streams cannot
            stream.reconfigure(errors="replace")  # "?" for what a terminal lacks
    code = 1
    try:
        main(parse())
        sys.stdout.flush()
        code = 0
    except UnusableInput as error:
        _complain(str(error))
        code = 2
    except ModuleNotFoundError as error:
        backend = error.name in ("jax", "jaxlib", "torch")
        needed = "requirements/backends.txt" if backend else "requirements.txt"
        _complain(
            f"the package {error.name} is not installed; python -m pip install"
            f" -r {PROJECT / needed} installs what is needed"
        )
        code = 2
    except BrokenPipeError:  # whoever read our output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, MemoryError) as error:
        _complain(f"{type(error).__name__}: {error}")
    except BaseException:
        # An import cut short by Ctrl-C may end in an error of its own.
        if not _interrupted:
            raise
    if _interrupted:
        message = "\nInterrupted. Every file in plots/ and saved_models/ is whole."
        print(message, file=sys.stderr, flush=True)
        code = INTERRUPTED
    if sys.flags.interactive or "IPython" in sys.modules:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.exit(code)  # to the prompt
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # too late: all is done
    # At once: to take TensorFlow down in good order takes a second, and helps nobody.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # a full disk has been told of above
            stream.flush()
    os._exit(code)


def parse(
    description: str, *, epochs: int, batch_size: int, hidden_units: int, optimizer: str
) -> argparse.Namespace:
    """Return the options of the command line; exit with 2 if it is wrong.

    `options.epochs` is None where not given, as the default depends on the data.

    Args:
        description: the script's docstring, shown by --help.
        epochs, batch_size, hidden_units, optimizer: the defaults.
    """
    parser = new_parser(description)
    add = parser.add_argument
    add(
        "--epochs",
        type=whole_number(1, 100_000),
        metavar="N",
        help=f"rounds through the training images (default: {epochs};\noptdigits: 40)",
    )
    add(
        "--batch-size",
        type=whole_number(1, 1_000_000),
        metavar="N",
        default=batch_size,
        help="images for each step of the optimizer (default: %(default)s)",
    )
    add(
        "--hidden-units",
        type=whole_number(1, 65_536),
        metavar="N",
        default=hidden_units,
        help="width of the hidden layer (default: %(default)s)",
    )
    add(
        "--optimizer",
        choices=("rmsprop", "adam", "sgd"),
        default=optimizer,
        help="with Keras's default learning rate (default: %(default)s)",
    )
    add_seed(parser)
    add(
        "--devices",
        type=whole_number(1, 1024),
        metavar="N",
        help="how many of this machine's devices share the work\n"
        "(default: all its GPUs; without any, its processor)",
    )
    add_common(parser)
    add("--quiet", action="store_true", help="print the closing line only")
    return parser.parse_args()


def new_parser(description: str, **options) -> argparse.ArgumentParser:
    """Return a parser that shows its texts as they are; options as argparse's."""
    return argparse.ArgumentParser(
        description=description,
        epilog=EPILOG,
        formatter_class=argparse.RawTextHelpFormatter,
        **options,
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the option --data."""
    parser.add_argument(
        "--data",
        metavar="SOURCE",
        default=os.environ.get("MNIST_DATA") or "auto",
        help=DATA_HELP,
    )


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the options --data, --output-dir and --version."""
    add_data(parser)
    add = parser.add_argument
    add(
        "--output-dir",
        type=Path,
        metavar="FOLDER",
        default=PROJECT,
        help="where plots/ and saved_models/ are made\n"
        "(default: the folder of hello_mnist.py)",
    )
    add("--version", action="version", version=_versions_text())


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Add the option --seed."""
    parser.add_argument(
        "--seed",
        type=whole_number(0, 2**32 - 1),
        metavar="N",
        default=0,
        help="of first weights and shuffling; the same seed on the\n"
        "same machine gives the same numbers (default: %(default)s)",
    )


def describe(options: argparse.Namespace) -> str:
    """Return three lines of a run's header: hyper-parameters, versions, device."""
    from digits import devices

    used = devices.describe()
    place = used["device"]
    if used["devices"] > 1:
        place = f"{used['devices']} {place.partition(':')[0]} devices"
    if used["processes"] > 1:
        place += f" in {used['processes']} processes"
    return (
        f"Run:   {options.epochs} epochs, batches of {options.batch_size},"
        f" {options.hidden_units} hidden units, {options.optimizer},"
        f" seed {options.seed}\n"
        f"With:  {_versions_text()}\n"
        f"On:    {place}, backend {used['backend']}"
        f" {used['backend_version']}\n"
    )


def printer(quiet: bool) -> Callable[..., None]:
    """Return `print`, or with `quiet` a function that does nothing instead."""
    return (lambda *args, **options: None) if quiet else print


def versions() -> dict[str, str]:
    """Return the versions of Python and the packages a result depends on."""
    import platform
    from importlib import metadata

    found = {"Python": platform.python_version()}
    for package in ("TensorFlow", "Keras", "NumPy"):
        try:
            found[package] = metadata.version(package.lower())
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


@contextlib.contextmanager
def quiet_startup(options: argparse.Namespace | None = None) -> Iterator[None]:
    """Keep TensorFlow's start-up chatter from the screen; let everything else pass.

    For the block in which Keras is imported. TensorFlow writes from C++, so the
    filter sits on the file descriptor; it is a process of its own, so that the last
    words of a start that aborts (an old processor, say) still reach the screen.

    With a lesson's options, the devices they ask for are made ready at the end of the
    block, and of several processes all but the first become quiet.
    """
    import subprocess

    from digits import devices, machines

    devices.check_environment()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")  # no information later either
    screen = os.dup(2)
    child = subprocess.Popen(
        [sys.executable, "-IS", "-c", FILTER, Path(sys.argv[0]).name],
        stdin=subprocess.PIPE,
        start_new_session=True,  # not ended by Ctrl-C before it has passed on all
    )
    os.dup2(child.stdin.fileno(), 2)
    try:
        yield
        import keras

        with contextlib.suppress(ImportError):
            import tensorflow  # noqa: F401 - Keras does, later, with any backend
        if options:
            devices.start(options)
        keras.ops.zeros(1)  # the first operation looks for devices, and says so
    finally:
        if not machines.job():  # whose last words may come much later
            os.dup2(screen, 2)
            child.stdin.close()
            child.wait()
        os.close(screen)


def _versions_text() -> str:
    return ", ".join(f"{name} {number}" for name, number in versions().items())


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return a type for argparse: whole numbers from `least` to `most`."""

    def convert(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number from {least:,} to {most:,}"
            )
        return number

    return convert


def new_file(text: str) -> Path:
    """Convert the name of a file to be written, for argparse: its folder must exist."""
    path = Path(text)
    if not path.parent.is_dir() or path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written as a file")
    return path


def _interrupt(signal_number, frame) -> None:
    global _interrupted
    if _interrupted:  # a second Ctrl-C: the first was swallowed somewhere
        os._exit(INTERRUPTED)
    _interrupted = True
    raise KeyboardInterrupt


def _unheard(unraisable) -> None:
    """Interrupt again, a moment later, where Ctrl-C fell into a destructor.

    Python can raise nothing there, and would print the traceback and go on.
    """
    if unraisable.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(unraisable)
        return
    import _thread
    import threading

    global _interrupted
    _interrupted = False
    threading.Timer(0.01, _thread.interrupt_main).start()


def _complain(message: str) -> None:
    print(f"{Path(sys.argv[0]).name}: error: {message}", file=sys.stderr)
