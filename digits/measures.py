"""Honest numbers about a trained network: intervals, gaps, misread images."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

RUNNING_AVERAGE_NOTE = (
    "Train accuracy is measured after the epoch, with the weights the test accuracy\n"
    "has too; the progress bar's is an average over the epoch, while they changed."
)


class Epoch(NamedTuple):
    """Losses, and accuracies from 0 to 1, measured after one epoch."""

    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float

    @property
    def gap(self) -> float:
        """Train accuracy minus test accuracy, in percentage points."""
        return 100 * (self.train_accuracy - self.test_accuracy)


class Misread(NamedTuple):
    """One test image whose label the network missed.

    `probability` (0.5 to 1 with one logistic output) is what the network gave its
    answer; `name` is the image's file name, where it has one.
    """

    index: int
    true: int
    predicted: int
    probability: float
    name: str | None = None


def epoch_table(epochs: list[Epoch]) -> str:
    """Return the table of accuracies after each epoch, and the gap between them."""
    lines = ["epoch   train accuracy   test accuracy   gap (points)"]
    lines += [
        f"{number:5}   {epoch.train_accuracy:14.4f}   {epoch.test_accuracy:13.4f}"
        f"   {epoch.gap:+12.2f}"
        for number, epoch in enumerate(epochs, start=1)
    ]
    return f"\n{chr(10).join(lines)}\n{RUNNING_AVERAGE_NOTE}"


def wilson_interval(correct: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion, two numbers from 0 to 1.

    Wilson 1927, "Probable Inference, the Law of Succession, and Statistical
    Inference", Journal of the American Statistical Association 22, 209 to 212. Unlike
    the usual p ± 1.96 s it stays within 0 to 1 and is sound close to either end.
    """
    z = NormalDist().inv_cdf(0.975)
    centre = (correct + z**2 / 2) / (total + z**2)
    half = z / (total + z**2) * np.sqrt(correct * (total - correct) / total + z**2 / 4)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def find_misread(
    true: np.ndarray,
    predicted: np.ndarray,
    probability: np.ndarray,
    names: tuple[str, ...] | None = None,
) -> list[Misread]:
    """Return the misread images, those the network was surest of first.

    Args:
        true, predicted: digits, integers (n,).
        probability: what the network gave each predicted digit, floats (n,).
        names: n file names, or None.
    """
    wrong = np.flatnonzero(true != predicted)
    order = wrong[np.argsort(-probability[wrong], kind="stable")]
    return [
        Misread(
            int(i),
            int(true[i]),
            int(predicted[i]),
            float(probability[i]),
            names[i] if names else None,
        )
        for i in order
    ]


def misread_table(misread: list[Misread], most: int | None = None) -> str:
    """Return how many images were misread and a line for each, or the first `most`."""
    lines = [f"Misread test images: {len(misread)}"]
    for mistake in misread[:most]:
        image = f"image {mistake.index}" + (
            f" ({mistake.name})" if mistake.name else ""
        )
        lines.append(
            f"  {image}: a {mistake.true}, read as {mistake.predicted}"
            f" with probability {mistake.probability:.6f}"
        )
    if most and len(misread) > most:
        lines.append("  ... all of them are in the record (saved_models/*.json)")
    return "\n".join(lines)


def closing_line(what: str, last: Epoch, wrong: int, total: int) -> str:
    """Return the one line to quote: accuracy, its interval, the gap, the verdict.

    The rule: it is overfitting if the network does better on the images it was
    trained on by more than half the width of the test accuracy's interval, that is
    by more than chance in the choice of test images would explain.
    """
    low, high = wilson_interval(total - wrong, total)
    half = 50 * (high - low)
    verdict = (
        f"overfitting: the gap exceeds the interval's half-width ({half:.2f} points)"
        if last.gap > half
        else "no sign of overfitting: the gap is within the interval's half-width"
        f" ({half:.2f} points)"
    )
    return (
        f"{what}: test accuracy {1 - wrong / total:.4f}"
        f" ({wrong:,} of {total:,} misread,"
        f" 95 % Wilson interval {low:.4f} to {high:.4f}),"
        f" train accuracy {last.train_accuracy:.4f}, gap {last.gap:+.2f} points;"
        f" {verdict}."
    )
