"""Intervals, gaps, verdicts and misread images, against numbers from elsewhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits import measures


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion",
        # Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_as_published(correct, total, low, high):
    assert measures.wilson_interval(correct, total) == pytest.approx(
        (low, high), abs=5e-5
    )


@given(
    st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
)
def test_wilson_interval_holds_the_proportion(counts):
    correct, total = counts
    low, high = measures.wilson_interval(correct, total)
    assert 0 <= low <= correct / total + 1e-12
    assert correct / total - 1e-12 <= high <= 1


def test_misread_images_surest_first():
    true, predicted = np.array([1, 2, 3, 4]), np.array([1, 7, 3, 9])
    probability = np.array([0.9, 0.5, 0.8, 0.6])
    names = ("a.png", "b.png", "c.png", "d.png")
    assert measures.find_misread(true, predicted, probability, names) == [
        measures.Misread(3, 4, 9, 0.6, "d.png"),
        measures.Misread(1, 2, 7, 0.5, "b.png"),
    ]


def test_misread_table_names_files_and_stops_at_most():
    misread = [measures.Misread(i, 4, 9, 0.75, f"test/4/{i}.png") for i in range(3)]
    table = measures.misread_table(misread, most=2)
    assert "Misread test images: 3" in table
    assert "image 1 (test/4/1.png): a 4, read as 9 with probability 0.750000" in table
    assert "image 2" not in table
    assert "image 2" in measures.misread_table(misread)


def test_epoch_table():
    epoch = measures.Epoch(0.1, 0.99, 0.2, 0.975)
    assert epoch.gap == pytest.approx(1.5)
    row = measures.epoch_table([epoch]).splitlines()[2]
    assert row.split() == ["1", "0.9900", "0.9750", "+1.50"]


@pytest.mark.parametrize(
    ("train_accuracy", "verdict"),
    [(0.99, "; overfitting: the gap exceeds"), (0.981, "; no sign of overfitting")],
)
def test_closing_line(train_accuracy, verdict):
    # 200 of 10,000 wrong: the interval's half-width is 0.27 points.
    last = measures.Epoch(0.1, train_accuracy, 0.2, 0.98)
    line = measures.closing_line("x on MNIST", last, wrong=200, total=10_000)
    assert line.startswith("x on MNIST: test accuracy 0.9800 (200 of 10,000 misread,")
    assert "95 % Wilson interval 0.9771 to 0.9826" in line
    assert verdict in line
    assert "(0.27 points)" in line
    assert "\n" not in line
