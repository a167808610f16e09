"""Intervals and mistakes, against numbers from elsewhere."""

import numpy as np
import pytest

from digits import metrics


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion",
        # Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),  # as 0 of 29, from the other end
    ],
)
def test_wilson_interval_as_published(correct, total, low, high):
    found = metrics.wilson_interval(correct, total)
    assert found == pytest.approx((low, high), abs=5e-5)


def test_mistakes_most_confident_first():
    y_true, y_pred = np.array([1, 2, 3, 4]), np.array([1, 7, 3, 9])
    confidence = np.array([0.9, 0.5, 0.8, 0.625])
    names = ("a.png", "b.png", "c.png", "d.png")
    mistakes = metrics.find_mistakes(y_true, y_pred, confidence, names)
    assert mistakes == [
        metrics.Mistake(3, 4, 9, 0.625, "d.png"),
        metrics.Mistake(1, 2, 7, 0.5, "b.png"),
    ]
    table = metrics.mistakes_table(mistakes, most=1)
    assert "Misclassified test images: 2" in table
    assert "image 3 (d.png): a 4, predicted 9 with confidence 0.625000" in table
    assert "b.png" not in table
    assert "b.png" in metrics.mistakes_table(mistakes)
