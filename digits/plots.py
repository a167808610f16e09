"""Figures of digits, accuracy, mistakes, the confusion matrix. No screen is needed."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from digits.metrics import Mistake

TRAIN, TEST = "#0072b2", "#d55e00"  # the colour-blind can distinguish them
DPI = 100
MOST_MISTAKES = 40

matplotlib.rcdefaults()  # a user's settings, LaTeX for example, may not work here


def digit_grid(images: np.ndarray, captions: Sequence, title: str) -> Figure:
    """Draw images in rows of eight, each with its caption, a label or a text.

    Images are (n, 784) or (n, 28, 28), in any scale from 0 on.
    """
    columns = min(8, max(1, len(images)))
    rows = -(-len(images) // columns)
    lines = max((str(caption).count("\n") + 1 for caption in captions), default=1)
    text_height = 2 + 6 * lines
    width, height = 36, text_height + 30
    mosaic = np.zeros((max(1, rows) * height, columns * width), images.dtype)
    figure = _figure((max(6.5, columns * 1.25), rows * height / 29 + 1), title)
    axis = figure.subplots()
    axis.set_axis_off()
    for i, (image, caption) in enumerate(zip(images, captions, strict=True)):
        top, left = i // columns * height + text_height, i % columns * width
        mosaic[top : top + 28, left + 4 : left + 32] = image.reshape(28, 28)
        axis.text(left + 18, top, caption, ha="center", va="bottom", size=9)
    axis.imshow(mosaic, cmap="gray_r", vmin=0)
    return figure


def accuracy(history: dict[str, list[float]], title: str) -> Figure:
    """Draw train and test accuracy with the gap between them, and both losses.

    The history has `train_accuracy`, `val_accuracy`, `train_loss` and `val_loss` after
    each epoch, as `fit` with `EvaluateTrain` returns it.
    """
    figure, (left, right) = panels(2, title)
    _accuracy_panel(left, history, "Accuracy")
    epochs = range(1, len(history["val_loss"]) + 1)
    right.plot(epochs, history["train_loss"], "o-", color=TRAIN, label="train")
    right.plot(epochs, history["val_loss"], "s-", color=TEST, label="test")
    right.set_ylim(bottom=0)
    finish_panel(right, "Loss", "epoch (measured after it)")
    return figure


def compare(histories: dict[str, dict[str, list[float]]], title: str) -> Figure:
    """Draw train and test accuracy of several runs side by side, on the same axes.

    The histories are what `accuracy` takes, by the name of the run.
    """
    figure, axes = panels(len(histories), title)
    for axis, (name, history) in zip(axes, histories.items(), strict=True):
        _accuracy_panel(axis, history, name)
        axis.sharex(axes[0])
        axis.sharey(axes[0])
    axes[0].autoscale()
    return figure


def mistakes(images: np.ndarray, mistakes: list[Mistake], title: str) -> Figure:
    """Draw misclassified images in the order given, the first 40 of them.

    Images are all test images, (n, 784) or (n, 28, 28), in any scale from 0 on.
    """
    shown = mistakes[:MOST_MISTAKES]
    first = ""
    if len(mistakes) > len(shown):
        first = f", the {len(shown)} most confident of them"
    key = " (true → predicted, confidence, number)" if shown else ""
    return digit_grid(
        images[[mistake.index for mistake in shown]],
        [
            f"{m.y_true} → {m.y_pred}  {percent(m.confidence)}\n#{m.index}"
            for m in shown
        ],
        f"{title}\nMisclassified test images: {len(mistakes)}{first}{key}",
    )


def confusion(y_true: np.ndarray, y_pred: np.ndarray, title: str) -> Figure:
    """Draw the confusion matrix: how often each digit was predicted as which.

    y_true and y_pred are digits 0 to 9, integers (n,).
    """
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (y_true, y_pred), 1)
    wrong = counts * ~np.eye(10, dtype=bool)
    figure = _figure((7, 6.6), f"{title}: confusion matrix")
    axis = figure.subplots()
    # Coloured by mistakes only: they would be invisible beside the diagonal.
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
    axis.set(xticks=range(10), yticks=range(10))
    axis.set(xlabel="predicted digit", ylabel="true digit")
    return figure


def panels(columns: int, title: str) -> tuple[Figure, np.ndarray]:
    """Return a figure with a heading, and its `columns` axes side by side."""
    figure = _figure((5 * columns, 4.4), title)
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def finish_panel(axis, title: str, xlabel: str) -> None:
    """Give the axes of a curve their headings, a legend and whole-number ticks."""
    axis.set(title=title, xlabel=xlabel)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axis.grid(alpha=0.3)
    axis.legend()


def percent(confidence: float) -> str:
    """Return a percentage that is not rounded up to certainty."""
    return ">99.9 %" if confidence > 0.999 else f"{100 * confidence:.1f} %"


def _accuracy_panel(axis, history: dict[str, list[float]], title: str) -> None:
    train, test = history["train_accuracy"], history["val_accuracy"]
    epochs = np.arange(1, len(train) + 1)
    axis.fill_between(epochs, train, test, color="0.85")
    axis.plot(epochs, train, "o-", color=TRAIN, label="train (first images)")
    axis.plot(epochs, test, "s-", color=TEST, label="test")
    axis.text(
        1.02,  # just right of the axes, at the height of the last gap
        (train[-1] + test[-1]) / 2,
        f"gap\n{100 * (train[-1] - test[-1]):+.2f}\npoints",
        transform=axis.get_yaxis_transform(),
        va="center",
    )
    axis.yaxis.set_major_formatter(PercentFormatter(xmax=1))
    finish_panel(axis, title, "epoch (measured after it)")
    axis.legend(loc="lower right")  # away from the curves


def _figure(size: tuple[float, float], title: str) -> Figure:
    figure = Figure(figsize=size, dpi=DPI, layout="constrained")
    figure.suptitle(title, parse_math=False)  # a file name may hold dollar signs
    return figure
