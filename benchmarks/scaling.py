"""How the seconds and the memory of hello_mnist.py grow with images and hidden units.

Trains on 10, 25, 50 and 100 % of the training images, and with 128, 512 and 2,048
hidden units. Each round runs all of them in turn; fit and memory are medians over the
rounds. Fit is the training of all five epochs without the measuring after each. Draws
docs/scaling.png.
"""

from digits import cli

if __name__ == "__main__":
    cli.start()  # before whatever takes long to import

import numpy as np
from tqdm import tqdm

from benchmarks import lower_bound, processes
from benchmarks.baselines import HIDDEN_UNITS
from digits import data, plots
from digits.files import Staging

PARTS = (0.10, 0.25, 0.50, 1.00)  # of the training images
WIDTHS = (128, 512, 2048)


def main(options):
    dataset = data.load(options.data)
    counts = [round(len(dataset.x_train) * part) for part in PARTS]
    by_images = [(images, HIDDEN_UNITS) for images in counts]
    by_width = [(counts[-1], width) for width in WIDTHS]
    runs = {size: [] for size in sorted({*by_images, *by_width})}
    with Staging(options.output_dir) as staging:
        picture = staging.path(options.output_dir / "docs" / "scaling.png")
        for size in tqdm([*runs] * options.rounds, unit=" runs", disable=None):
            runs[size].append(run(dataset, *size, staging.folder))

        title = f"hello_mnist.py on {dataset.title}"
        print(f"{title}; {cli.machine_text()}\n")
        print("| images | hidden units | fit, s | lower bound, s | MB |")
        print("|---|---|---|---|---|")
        points = {}
        for (images, width), values in runs.items():
            fit, mb = np.median(values, axis=0)
            bound = lower_bound.seconds(images, width)
            points[images, width] = fit, bound
            print(f"| {images:,} | {width:,} | {fit:.2f} | {bound:.2f} | {mb:.0f} |")
        print()
        figure, (left, right) = plots.panels(2, title)
        draw(left, "training images", counts, [points[size] for size in by_images])
        draw(right, "hidden units", WIDTHS, [points[size] for size in by_width])
        figure.savefig(picture)


def run(dataset, images: int, hidden_units: int, folder) -> tuple[float, float]:
    """Train once, on so many of the images; return the seconds of fit, and MB."""
    part = folder / "part.npz"
    np.savez(
        part,
        x_train=dataset.x_train[:images],
        y_train=dataset.y_train[:images],
        x_test=dataset.x_test,
        y_test=dataset.y_test,
    )
    options = ("--data", part, "--hidden-units", hidden_units)
    _, megabytes, record = processes.run_lesson("hello_mnist.py", *options)
    seconds = record["seconds"]
    return seconds["first epoch"] + seconds["other epochs"], megabytes


def draw(axis, name: str, x, points: list[tuple]) -> None:
    """Draw fit and lower bound; draw and print the line of least squares."""
    fits, bounds = np.array(points).T
    slope, intercept = np.polyfit(x, fits, 1)
    line = intercept + slope * np.array(x)
    off = np.abs(fits - line)
    print(
        f"By {name}, least squares: {intercept:.2f} s + {1000 * slope:.2f} s per"
        f" 1,000; largest deviation {off.max():.2f} s, at {x[off.argmax()]:,}."
    )
    axis.plot(x, fits, "o", color=plots.TRAIN, label="fit, seconds")
    axis.plot(x, line, "-", color=plots.TRAIN, alpha=0.5, label="least squares")
    axis.plot(x, bounds, "--", color="0.4", label="lower bound, seconds")
    axis.set_ylim(bottom=0)
    plots.finish_panel(axis, f"Fit by {name}", name)
    axis.set_xticks(x)


def parse():
    parser = cli.new_parser(__doc__)
    processes.add_rounds(parser)
    cli.add_data(parser)
    cli.add_output_dir(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
