"""Every picture can be drawn, at the edges of what a run can produce too."""

import numpy as np
import pytest
from PIL import Image

from digits import drawing
from digits.measures import Epoch, Misread

IMAGES = np.zeros((50, 28, 28), np.uint8)


def assert_is_picture(path):
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) >= 100
        assert len(picture.convert("RGB").getcolors(2**20)) > 1


@pytest.mark.parametrize("digits", [range(10), (0, 1), (3,)])
def test_digit_grid(tmp_path, digits):
    labels = np.resize(np.array(digits, np.uint8), 50)
    drawing.digit_grid(IMAGES, labels, "tiny, not MNIST", tmp_path / "x.png")
    assert_is_picture(tmp_path / "x.png")


@pytest.mark.parametrize(
    "epochs",
    [
        [Epoch(0.1, 0.99, 0.2, 0.98)],
        [Epoch(0.1, 1.0, 0.2, 1.0)] * 40,
        [Epoch(float("nan"), 0.1, float("inf"), 0.1)] * 3,
    ],
    ids=["one epoch", "no gap", "diverged"],
)
def test_accuracy_curves(tmp_path, epochs):
    drawing.accuracy_curves(epochs, "tiny, not MNIST", tmp_path / "x.png")
    assert_is_picture(tmp_path / "x.png")


@pytest.mark.parametrize("count", [0, 1, 9, 41])
def test_mistakes(tmp_path, count):
    misread = [Misread(i, 4, 9, 0.5 + i / 100) for i in range(count)]
    drawing.mistakes(IMAGES, misread, "tiny, not MNIST", tmp_path / "x.png")
    assert_is_picture(tmp_path / "x.png")


def test_confusion(tmp_path):
    true = np.arange(10)
    for predicted in (true, np.roll(true, 1)):
        drawing.confusion(true, predicted, "tiny, not MNIST", tmp_path / "x.png")
        assert_is_picture(tmp_path / "x.png")


def test_certainty_is_not_rounded_up_to():
    assert drawing._percent(0.9996) == ">99.9 %"
    assert drawing._percent(0.999) == "99.9 %"
