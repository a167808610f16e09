"""What the test images show: the interval of the accuracy, and the mistakes."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np


class Mistake(NamedTuple):
    """A misclassified test image.

    `confidence` is the probability that the network gave its prediction, 0 to 1;
    `name` is the image's file name, where it has one.
    """

    index: int
    y_true: int
    y_pred: int
    confidence: float
    name: str | None = None


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


def find_mistakes(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    confidence: np.ndarray,
    names: tuple[str, ...] | None = None,
) -> list[Mistake]:
    """Return the misclassified images, the most confident mistakes first.

    Args:
        y_true, y_pred: digits, integers (n,).
        confidence: the probability of each predicted digit, floats (n,), 0 to 1.
        names: n file names, or None.
    """
    wrong = np.flatnonzero(y_true != y_pred)
    order = wrong[np.argsort(-confidence[wrong], kind="stable")]
    return [
        Mistake(
            int(i),
            int(y_true[i]),
            int(y_pred[i]),
            float(confidence[i]),
            names[i] if names else None,
        )
        for i in order
    ]


def mistakes_table(mistakes: list[Mistake], most: int = 10) -> str:
    """Return a line for each of the first `most` mistakes."""
    lines = [f"Misclassified test images: {len(mistakes)}, the most confident first"]
    for mistake in mistakes[:most]:
        name = f" ({mistake.name})" if mistake.name else ""
        lines.append(
            f"  image {mistake.index}{name}: a {mistake.y_true}, predicted"
            f" {mistake.y_pred} with confidence {mistake.confidence:.6f}"
        )
    if len(mistakes) > most:
        lines.append("  ... the record beside the saved model lists all of them")
    return "\n".join(lines)
