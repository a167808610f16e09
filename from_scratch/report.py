"""Run all programs, as published and correct, and print the table of README.md.

Takes a few minutes; the plots are drawn as the programs alone draw them, and with
--output-dir elsewhere. The table is Markdown.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from digits import command_line
from digits.errors import UnusableInput
from from_scratch.relu_dropout import PUBLISHED as RELU_DROPOUT
from from_scratch.simple_net import PUBLISHED as SIMPLE_NET
from from_scratch.zero_one import (
    PUBLISHED_COSTS,
    PUBLISHED_ERROR_RATE,
    PUBLISHED_MISREAD,
)

RUNS = (
    ("relu_dropout", "--as-published"),
    ("relu_dropout",),
    ("simple_net", "--as-published"),
    ("zero_one",),
    ("zero_one", "--as-published"),
    ("hello_numpy",),
)


def main(options) -> None:
    """Run the programs one after the other and print the table."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, *flags in tqdm(RUNS, unit=" programs", disable=None):
            figures = Path(folder, "figures.json")
            command = [sys.executable, "-m", f"from_scratch.{name}", *flags]
            command += ["--data", options.data, "--json", figures]
            command += ["--output-dir", options.output_dir]
            finished = subprocess.run(
                command, cwd=command_line.PROJECT, stdout=subprocess.PIPE
            )
            if finished.returncode:
                raise UnusableInput(f"from_scratch.{name} ended with an error")
            kept = json.loads(figures.read_text())
            if kept["data"] != "mnist":
                raise UnusableInput("the table is about MNIST; this data is not")
            found[name, bool(flags)] = kept
    print("\n".join(table(found)))


def table(found: dict[tuple[str, bool], dict]) -> list[str]:
    """Return the lines of the table.

    Args:
        found: the figures of each program, by its name and whether as published.
    """
    tutorial, better = found["relu_dropout", True], found["relu_dropout", False]
    book = {row["step"]: row for row in found["simple_net", True]["accuracies"]}
    copied, mended = found["zero_one", True], found["zero_one", False]
    hello = found["hello_numpy", False]["epochs"][-1]

    def epoch(figures: dict, number: int) -> str:
        values = list(figures["epochs"][number].values())
        return ", ".join(f"{value:.9f}"[:5] for value in values)

    def cost(figures: dict, step: int) -> str:
        (value,) = [row["cost"] for row in figures["costs"] if row["step"] == step]
        return f"{value:.6f}"

    rows = [
        (
            f"`relu_dropout`, epoch {number}: training error and accuracy,"
            " test error and accuracy",
            ", ".join(f"{value:.3f}" for value in RELU_DROPOUT[number]),
            epoch(tutorial, number),
            epoch(better, number),
        )
        for number in (0, 19)
    ]
    rows.append(
        (
            "`relu_dropout`, figures that agree to the last digit",
            "80",
            f"{tutorial['same_as_published']} of 80",
            "",
        )
    )
    rows += [
        (
            f"`simple_net`, step {step}: training and test accuracy"
            " (no seed published)",
            "{:.4f}, {:.4f}".format(*SIMPLE_NET[step]),
            f"{book[step]['train_accuracy']:.4f}, {book[step]['test_accuracy']:.4f}",
            "nothing to correct",
        )
        for step in SIMPLE_NET
    ]
    rows += [
        (
            f"`zero_one`, cost at step {step}",
            f"{PUBLISHED_COSTS[step]:.6f}",
            cost(copied, step),
            cost(mended, step),
        )
        for step in PUBLISHED_COSTS
    ]
    rows += [
        (
            "`zero_one`, misread test images",
            *(
                str(m)
                for m in (PUBLISHED_MISREAD, copied["misread"], mended["misread"])
            ),
        ),
        (
            "`zero_one`, error rate",
            *(
                repr(rate)
                for rate in (
                    PUBLISHED_ERROR_RATE,
                    copied["error_rate"],
                    mended["error_rate"],
                )
            ),
        ),
        (
            "`hello_numpy`, training and test accuracy after 5 epochs",
            "not published",
            "",
            f"{hello['train_accuracy']:.4f}, {hello['test_accuracy']:.4f}",
        ),
    ]
    head = [
        "| program, figure | published | reproduced | corrected |",
        "|---|---|---|---|",
    ]
    return head + [f"| {' | '.join(row)} |" for row in rows]


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = command_line.new_parser(__doc__, prog="python -m from_scratch.report")
    command_line.add_common(parser)
    return parser.parse_args()


if __name__ == "__main__":
    command_line.run(main, parse)
