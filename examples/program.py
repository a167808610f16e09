"""What the larger examples share as programs: the model to use, how a run ends."""

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SAVED_MODELS = PROJECT / "saved_models"


def run(main, parse):
    """Call `main` with the options that `parse` reads, and exit with what it returns.

    What a user can cause is told in one line: unusable input (ValueError) and missing
    packages end with 2, failures such as a full disk with 1, Ctrl-C with 130.
    """
    try:
        sys.exit(main(parse()))
    except ValueError as error:
        complain(error)
        sys.exit(2)
    except ModuleNotFoundError as error:
        complain(
            f"the package {error.name} is not installed; python -m pip install"
            f" -r {PROJECT / 'requirements.txt'} installs what is needed"
        )
        sys.exit(2)
    except (OSError, RuntimeError) as error:
        complain(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def complain(problem):
    """Print an error, in the program's name."""
    print(f"{Path(sys.argv[0]).stem}: error: {problem}", file=sys.stderr)


def new_parser(name, description, epilog):
    """Return a parser that shows its texts as they are."""
    return argparse.ArgumentParser(
        prog=f"python -m examples.{name}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawTextHelpFormatter,
    )


def add_model(parser):
    """Add the option --model."""
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        default=SAVED_MODELS / "hello_mnist.keras",
        help="a model either lesson has saved (default: %(default)s)",
    )
