"""Draw what people look at: digits, accuracy curves, mistakes, the confusion matrix.

Every function writes one PNG file. Nothing here needs a screen.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from digits.measures import Epoch, Misread

TRAIN, TEST = "#0072b2", "#d55e00"  # told apart by the colour-blind as well
DPI = 100
MOST_MISTAKES = 40


def digit_grid(images: np.ndarray, labels: np.ndarray, title: str, path: Path) -> None:
    """Draw the first training examples of each label, a row a digit.

    Args:
        images: uint8 (n, 28, 28).
        labels: uint8 (n,), of any of the digits 0 to 9.
        title: what to call the data.
        path: the PNG file to write.
    """
    present, columns, size = np.unique(labels), 12, 30  # 30: a pixel of air around 28
    mosaic = np.zeros((len(present) * size, columns * size), np.uint8)
    for row, digit in enumerate(present):
        examples = images[np.flatnonzero(labels == digit)[:columns]]
        for column, image in enumerate(examples):
            _place(mosaic, image, row * size, column * size)
    figure = Figure(figsize=(7.6, len(present) * 0.6 + 0.5), dpi=DPI)
    axis = _show(figure, mosaic)
    for row, digit in enumerate(present):
        axis.text(-8, (row + 0.5) * size, digit, va="center", ha="right", size=14)
    save(figure, f"Training examples from {title}", path)


def accuracy_curves(epochs: list[Epoch], title: str, path: Path) -> None:
    """Draw train and test accuracy, the gap between them, and both losses.

    Args:
        epochs: what was measured after each epoch.
        title: the heading.
        path: the PNG file to write.
    """
    train_loss, train_accuracy, test_loss, test_accuracy = np.array(epochs).T
    ticks = np.arange(1, len(epochs) + 1)
    figure, (left, right) = two_panels()
    left.fill_between(ticks, train_accuracy, test_accuracy, color="0.85")
    left.plot(ticks, train_accuracy, "o-", color=TRAIN, label="train")
    left.plot(ticks, test_accuracy, "s-", color=TEST, label="test")
    left.text(
        1.02,  # just right of the axes, at the height of the last gap
        (train_accuracy[-1] + test_accuracy[-1]) / 2,
        f"gap\n{epochs[-1].gap:+.2f}\npoints",
        transform=left.get_yaxis_transform(),
        va="center",
    )
    left.yaxis.set_major_formatter(PercentFormatter(xmax=1))

    right.plot(ticks, train_loss, "o-", color=TRAIN, label="train")
    right.plot(ticks, test_loss, "s-", color=TEST, label="test")
    right.set_ylim(bottom=0)

    for axis, what in ((left, "Accuracy"), (right, "Loss")):
        axis.set_xlim(0.5, len(epochs) + 0.5)
        finish_panel(axis, what, "epoch (measured after it)")
    save(figure, title, path)


def mistakes(
    images: np.ndarray, misread: list[Misread], title: str, path: Path
) -> None:
    """Draw misread images in the order given, as many as fit, with what was read.

    Args:
        images: the test images, uint8 (n, 28, 28).
        misread: which of them were misread, and as what.
        title: the heading.
        path: the PNG file to write.
    """
    shown = misread[:MOST_MISTAKES]
    columns = min(8, max(1, len(shown)))
    rows = -(-len(shown) // columns)
    width, height, text_height = 36, 44, 14
    mosaic = np.zeros((max(1, rows) * height, columns * width), np.uint8)
    corners = [(i // columns * height, i % columns * width) for i in range(len(shown))]
    for mistake, (top, left) in zip(shown, corners, strict=True):
        _place(mosaic, images[mistake.index], top + text_height, left + 4)
    figure = Figure(figsize=(max(6.5, columns * 1.25), rows * 1.5 + 1), dpi=DPI)
    axis = _show(figure, mosaic)
    for mistake, (top, left) in zip(shown, corners, strict=True):
        axis.text(
            left + width / 2,
            top + text_height,
            f"{mistake.true} → {mistake.predicted}  {_percent(mistake.probability)}\n"
            f"#{mistake.index}",
            ha="center",
            va="bottom",
            size=9,
        )
    few = f", the surest {len(shown)} of them" if len(misread) > len(shown) else ""
    key = " (true → predicted, probability, number)" if shown else ""
    save(figure, f"{title}\nTest images misread: {len(misread)}{few}{key}", path)


def confusion(true: np.ndarray, predicted: np.ndarray, title: str, path: Path) -> None:
    """Draw how often each digit was read as which: 10×10 counts.

    Args:
        true, predicted: digits 0 to 9, integers (n,).
        title: the heading.
        path: the PNG file to write.
    """
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (true, predicted), 1)
    wrong = counts * ~np.eye(10, dtype=bool)
    figure = Figure(figsize=(7, 6.6), dpi=DPI)
    axis = figure.subplots()
    # Coloured by mistakes only: the diagonal would drown them.
    axis.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(1, wrong.max()))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axis.text(
                column,
                row,
                f"{count}",
                ha="center",
                va="center",
                weight="bold" if row == column else "normal",
                color="white" if wrong[row, column] > 0.6 * wrong.max() else "black",
            )
    axis.set_xticks(range(10))
    axis.set_yticks(range(10))
    axis.set_xlabel("predicted digit")
    axis.set_ylabel("true digit")
    save(figure, f"{title}: what was read as what", path)


def _place(mosaic: np.ndarray, image: np.ndarray, top: int, left: int) -> None:
    mosaic[top : top + 28, left : left + 28] = image


def _show(figure: Figure, mosaic: np.ndarray):
    """Return axes that show the mosaic, dark ink on white."""
    axis = figure.subplots()
    axis.set_axis_off()
    axis.imshow(mosaic, cmap="gray_r", vmin=0, vmax=255)
    return axis


def _percent(probability: float) -> str:
    """Return a percentage that does not round up to certainty."""
    return ">99.9 %" if probability > 0.999 else f"{100 * probability:.1f} %"


def two_panels():
    """Return a figure and its two axes, side by side."""
    figure = Figure(figsize=(10, 4.4), dpi=DPI)
    return figure, figure.subplots(1, 2)


def one_panel():
    """Return a figure and its axes."""
    figure = Figure(figsize=(6, 4.4), dpi=DPI)
    return figure, figure.subplots()


def finish_panel(axis, title: str, what_is_counted: str) -> None:
    """Give the axes of a curve their headings, a legend and whole-number ticks."""
    axis.set_title(title)
    axis.set_xlabel(what_is_counted)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axis.grid(alpha=0.3)
    axis.legend()


def save(figure: Figure, title: str, path: Path) -> None:
    """Put the heading above a figure and write it to a PNG file."""
    figure.suptitle(title)
    figure.set_layout_engine("constrained")
    figure.savefig(path, format="png")


def save_in_docs(figure: Figure, title: str, folder: Path, name: str) -> None:
    """Save a figure to docs/ below the folder, for the README to show."""
    (folder / "docs").mkdir(parents=True, exist_ok=True)
    save(figure, title, folder / "docs" / name)
