"""How the seconds and the memory of hello_mnist.py grow with images and hidden units.

Trains on 10, 25, 50 and 100 % of the training images, and with 128, 512 and 2,048
hidden units. Each round runs all of them in turn; the figures are medians over the
rounds. Fit is the training of all five epochs without the measuring after each; the
fixed part of it is what the first epoch takes longer than the mean of the others:
compiling. Draws docs/scaling.png.
"""

from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from benchmarks import lower_bound, processes
from benchmarks.baselines.common import EPOCHS, HIDDEN_UNITS
from digits import cli, data, plots
from digits.files import Staging

PARTS = (0.10, 0.25, 0.50, 1.00)  # of the training images
WIDTHS = (128, 512, 2048)


class Point(NamedTuple):
    """What one size takes: seconds, MB, and seconds of the lower bound."""

    fit: float
    fixed: float
    megabytes: float
    bound: float


def main(options):
    dataset = data.load(options.data)
    counts = [round(len(dataset.x_train) * part) for part in PARTS]
    by_images = [(images, HIDDEN_UNITS) for images in counts]
    by_width = [(counts[-1], width) for width in WIDTHS]
    sizes = sorted({*by_images, *by_width})
    runs, rates = {size: [] for size in sizes}, {width: [] for width in WIDTHS}
    with Staging(options.output_dir) as staging:
        picture = staging.path(options.output_dir / "docs" / "scaling.png")
        for size in tqdm(sizes * options.rounds, unit=" runs", disable=None):
            runs[size].append(run(dataset, *size, staging.folder))
            rates[size[1]].append(lower_bound.measure_rate(size[1]))
        points = {}
        for (images, width), values in runs.items():
            medians = [median(column) for column in zip(*values, strict=True)]
            bound = lower_bound.seconds(images, EPOCHS, width, max(rates[width]))
            points[images, width] = Point(*medians, bound)

        print(f"hello_mnist.py on {dataset.title}; {cli.machine_text()}\n")
        print("| images | hidden units | fit, s | fixed, s | lower bound, s | MB |")
        print("|---|---|---|---|---|---|")
        for (images, width), point in points.items():
            seconds = f"{point.fit:.2f} | {point.fixed:.2f} | {point.bound:.2f}"
            print(f"| {images:,} | {width:,} | {seconds} | {point.megabytes:.0f} |")
        print()
        figure, axes = plots.panels(2, f"hello_mnist.py on {dataset.title}")
        for axis, kept, x, name in (
            (axes[0], by_images, counts, "training images"),
            (axes[1], by_width, WIDTHS, "hidden units"),
        ):
            draw(axis, name, np.array(x), [points[size] for size in kept])
        plots.save(figure, picture)


def run(dataset, images: int, hidden_units: int, folder: Path) -> tuple:
    """Train once on the first images; return seconds of fit, of its fixed part, MB."""
    part = folder / "part.npz"
    np.savez(
        part,
        x_train=dataset.x_train[:images],
        y_train=dataset.y_train[:images],
        x_test=dataset.x_test,
        y_test=dataset.y_test,
    )
    options = ("--data", part, "--hidden-units", hidden_units)
    measured, record = processes.run_lesson("hello_mnist.py", folder, *options)
    seconds = record["seconds"]
    first, others = seconds["first epoch"], seconds["other epochs"]
    return first + others, first - others / (EPOCHS - 1), measured.megabytes


def draw(axis, name: str, x: np.ndarray, points: list[Point]) -> None:
    """Draw and print one line of least squares, and how far off it a point is."""
    fits = np.array([point.fit for point in points])
    slope, intercept = np.polyfit(x, fits, 1)
    line = intercept + slope * x
    off = np.abs(fits - line)
    print(
        f"By {name}, least squares: {intercept:.2f} s + {1000 * slope:.2f} s per"
        f" 1,000; largest deviation {off.max():.2f} s, at {x[off.argmax()]:,}."
    )
    axis.plot(x, fits, "o", color=plots.TRAIN, label="fit, seconds")
    axis.plot(x, line, "-", color=plots.TRAIN, alpha=0.5, label="least squares")
    bounds = [point.bound for point in points]
    axis.plot(x, bounds, "--", color="0.4", label="lower bound, seconds")
    for i, point in enumerate(points):
        above = {"xytext": (0, 8), "textcoords": "offset points", "ha": "center"}
        axis.annotate(f"{point.megabytes:.0f} MB", (x[i], fits[i]), size=9, **above)
    axis.margins(x=0.12, y=0.15)
    axis.set_ylim(bottom=0)
    plots.finish_panel(axis, f"Fit and peak memory by {name}", name)
    axis.set_xticks(x)


def parse():
    parser = cli.new_parser(__doc__, prog="python -m benchmarks.scaling")
    processes.add_rounds(parser)
    cli.add_data(parser)
    cli.add_output_dir(parser)
    return parser.parse_args()


if __name__ == "__main__":
    cli.start()
    main(parse())
