"""How the cost of hello_mnist.py grows with the images and with the hidden units.

Fit seconds and peak memory against 10, 25, 50 and 100 % of the training images, and
against 128, 512 and 2048 hidden units, each beside the floor: the arithmetic at this
machine's rate. Medians of several rounds, as a table and as docs/scaling.png.
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from benchmarks import floor, processes
from digits import command_line, dataset

SHARES = (0.10, 0.25, 0.50, 1.00)
WIDTHS = (128, 512, 2048)
HIDDEN_UNITS = 512


class Point(NamedTuple):
    """One run: its images and hidden units, what it took and what its floor is."""

    images: int
    hidden_units: int
    seconds: float
    megabytes: float
    floor_seconds: float


def main(options) -> None:
    """Measure, print the table and draw the picture."""
    data = dataset.load(options.data)
    sizes = [(share, HIDDEN_UNITS) for share in SHARES]
    sizes += [(1.0, width) for width in WIDTHS if width != HIDDEN_UNITS]
    turns = [size for _ in range(options.rounds) for size in sizes]
    runs = {size: [] for size in sizes}
    for share, width in tqdm(turns, unit=" runs", disable=None):
        runs[share, width].append(measure(data, share, width, options.epochs))
    points = [
        kept[0]._replace(
            **{
                field: statistics.median(getattr(point, field) for point in kept)
                for field in ("seconds", "megabytes", "floor_seconds")
            }
        )
        for kept in runs.values()
    ]
    by_images = [point for point in points if point.hidden_units == HIDDEN_UNITS]
    by_width = [point for point in points if point.images == len(data.x_train)]
    by_width.sort(key=lambda point: point.hidden_units)
    print(f"{data.name}, {options.epochs} epochs, batches of {floor.BATCH_SIZE}\n")
    print("| images | hidden units | fit, s | floor, s | floor / fit | memory, MB |")
    print("|---|---|---|---|---|---|")
    for point in (*by_images, *(p for p in by_width if p not in by_images)):
        print(
            f"| {point.images:,} | {point.hidden_units} | {point.seconds:.2f}"
            f" | {point.floor_seconds:.2f}"
            f" | {point.floor_seconds / point.seconds:.2f} | {point.megabytes:.0f} |"
        )
    draw(by_images, by_width, f"hello_mnist.py on {data.title}", options.output_dir)


def measure(data, share: float, hidden_units: int, epochs: int) -> Point:
    """Run the lesson once on the first share of the training images."""
    images = round(len(data.x_train) * share)
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "part.npz")
        np.savez(
            part,
            x_train=data.x_train[:images],
            y_train=data.y_train[:images],
            x_test=data.x_test,
            y_test=data.y_test,
        )
        run = processes.measure(
            *("-m", "benchmarks.contenders.lesson", "--data", part),
            *("--hidden-units", hidden_units, "--epochs", epochs),
            *("--output-dir", folder),
        )
    at_rate = floor.rate(hidden_units, seconds=1)
    return Point(
        images,
        hidden_units,
        run.answer["fit_seconds"],
        run.megabytes,
        floor.seconds(images, epochs, hidden_units, at_rate),
    )


def draw(by_images, by_width, title: str, folder: Path) -> None:
    """Draw seconds over images and over units to docs/scaling.png below the folder."""
    from digits import drawing

    figure, axes = drawing.two_panels()
    for axis, points, field, name in (
        (axes[0], by_images, "images", "training images"),
        (axes[1], by_width, "hidden_units", "hidden units"),
    ):
        x = [getattr(point, field) for point in points]
        seconds = [point.seconds for point in points]
        floors = [point.floor_seconds for point in points]
        axis.plot(x, seconds, "o-", color=drawing.TRAIN, label="fit, seconds")
        axis.plot(x, floors, "--", color="0.4", label="floor, seconds")
        for point, across in zip(points, x, strict=True):
            axis.annotate(
                f"{point.megabytes:.0f} MB",
                (across, point.seconds),
                xytext=(0, 7),
                textcoords="offset points",
                ha="center",
                size=9,
            )
        axis.margins(x=0.12, y=0.15)
        axis.set_ylim(bottom=0)
        drawing.finish_panel(axis, f"Fit and peak memory by {name}", name)
        axis.set_xticks(x)
    drawing.save_in_docs(figure, title, folder, "scaling.png")


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = command_line.new_parser(__doc__, prog="python -m benchmarks.scaling")
    processes.add_counts(parser, rounds=3, epochs=5)
    command_line.add_common(parser)
    return parser.parse_args()


if __name__ == "__main__":
    command_line.run(main, parse)
