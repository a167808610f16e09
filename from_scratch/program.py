"""What the four programs share: their command line, figures as JSON, one plot."""

import argparse
import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from digits import command_line, results
from digits.errors import UnusableInput

AddOptions = Callable[[argparse.ArgumentParser], None]


def run(main: command_line.Main, name: str, description: str, add: AddOptions) -> None:
    """Run one program as `python -m from_scratch.NAME`, and exit as the lessons do.

    Args:
        main: the program, called with its options.
        name: its NAME.
        description: its docstring, for --help.
        add: adds its own options to those all have.
    """

    def parse() -> argparse.Namespace:
        parser = command_line.new_parser(
            description, prog=f"python -m from_scratch.{name}"
        )
        add(parser)
        parser.add_argument(
            "--json",
            type=Path,
            metavar="FILE",
            help="write all printed figures there as well",
        )
        command_line.add_common(parser)
        return parser.parse_args()

    command_line.run(main, parse)


def add_as_published(parser: argparse.ArgumentParser) -> None:
    """Add the option --as-published."""
    parser.add_argument(
        "--as-published",
        action="store_true",
        help="reproduce the publication, faults included, and\n"
        "print its figures beside the measured ones",
    )


@contextlib.contextmanager
def outputs(options: argparse.Namespace, name: str) -> Iterator[tuple[Path, dict]]:
    """Give the path of the plot to draw and a dict for the figures to keep.

    Both are written to temporary files that take their places when the block ends, and
    do not if it fails; that they can be written is found out at once.

    Args:
        options: of the command line; `json` and `output_dir` are used.
        name: the plot's, without ending, such as "from_scratch_zero_one".

    Raises:
        UnusableInput: one of the files cannot be written.
    """
    plot = options.output_dir / "plots" / f"{name}.png"
    targets = [plot, *([options.json] if options.json else [])]
    results.check_places(targets)
    with results.whole(targets) as unfinished:
        try:
            plot.parent.mkdir(parents=True, exist_ok=True)
            for path in unfinished:
                path.touch()
        except OSError as error:
            raise UnusableInput(
                f"{error.filename}: cannot be written ({error.strerror})"
            ) from error
        figures = {}
        yield unfinished[0], figures
        if options.json:
            unfinished[1].write_text(json.dumps(figures, indent=2) + "\n")
