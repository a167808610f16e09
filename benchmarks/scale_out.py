"""Whether a second process pays: images per second, one process against two.

hello_mnist.py's network on Keras's JAX backend, trained by one process on one core, and
by two processes on one core each, that share every batch and talk over 127.0.0.1; with
512, 2,048 and 8,192 hidden units. Medians of several rounds, in turn. Needs Linux, two
cores, and JAX (requirements/backends.txt).
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec

from tqdm import tqdm

from benchmarks import processes
from benchmarks.floor import BATCH_SIZE
from digits import command_line, dataset, machines
from digits.errors import UnusableInput

WIDTHS = (512, 2048, 8192)
IMAGES = 100 * BATCH_SIZE  # of an epoch, as far as there are so many


def main(options) -> None:
    """Measure, and print the table and what it shows."""
    if not find_spec("jax"):
        raise ModuleNotFoundError("No module named 'jax'", name="jax")
    cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    if len(cores) < 2:
        raise UnusableInput("needs Linux, and two cores to give one to each process")
    data = dataset.load(options.data)
    images = min(IMAGES, len(data.x_train))
    rates = {(width, number): [] for width in WIDTHS for number in (1, 2)}
    turns = [turn for _ in range(options.rounds) for turn in rates]
    for width, number in tqdm(turns, unit=" runs", disable=None):
        fixed = ("--data", data.source, "--images", images, "--epochs", options.epochs)
        arguments = (*fixed, "--batch-size", BATCH_SIZE, "--hidden-units", width)
        rates[width, number].append(measure(arguments, cores[:number]))
    print(
        f"{data.name}: {images:,} images, batches of {BATCH_SIZE};"
        f" {processes.describe(processes.machine())}\n"
    )
    print("| hidden units | one process, images/s | two processes, images/s | ratio |")
    print("|---|---|---|---|")
    ratios = {}
    for width in WIDTHS:
        one, two = (statistics.median(rates[width, number]) for number in (1, 2))
        ratios[width] = two / one
        print(f"| {width:,} | {one:,.0f} | {two:,.0f} | {two / one:.2f} |")
    paying = [width for width in WIDTHS if ratios[width] > 1]
    print(
        f"\nTwo processes pay with {', '.join(f'{width:,}' for width in paying)}"
        " hidden units."
        if paying
        else "\nTwo processes do not pay with any of these."
    )


def measure(arguments: tuple, cores: list[int]) -> float:
    """Return the images per second of one process for each of the cores.

    Raises:
        UnusableInput: one ended with an error; the last words of all are in the text.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.contenders.one_of_several"]
                + [str(argument) for argument in arguments],
                cwd=command_line.PROJECT,
                env={**os.environ, **variables(address, len(cores), number)},
                stdout=out if number == 0 else subprocess.DEVNULL,
                stderr=errors,
                preexec_fn=lambda core=core: os.sched_setaffinity(0, {core}),
            )
            for number, core in enumerate(cores)
        ]
        codes = [process.wait() for process in running]
        if any(codes):
            raise processes.failure("benchmarks.contenders.one_of_several", errors)
        out.seek(0)
        return json.loads(out.read().splitlines()[-1])["images_per_second"]


def variables(address: str, number: int, process: int) -> dict[str, str]:
    """Return what to set for one process of so many."""
    values = (address, str(number), str(process))
    several = dict(zip(machines.VARIABLES, values, strict=True)) if number > 1 else {}
    return {"KERAS_BACKEND": "jax", **several}


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = command_line.new_parser(__doc__, prog="python -m benchmarks.scale_out")
    processes.add_counts(parser, rounds=3, epochs=2)
    command_line.add_data(parser)
    return parser.parse_args()


if __name__ == "__main__":
    command_line.run(main, parse)
