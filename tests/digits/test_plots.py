"""Every figure can be drawn, at the limits of what a run can produce too."""

import numpy as np
import pytest
from PIL import Image

from digits import plots
from digits.metrics import Mistake

IMAGES = np.zeros((50, 28, 28), np.uint8)
DIGITS = np.arange(10)


def curves(train, test, epochs):
    keys = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")
    return {
        key: [train, test][i // 2 : i // 2 + 1] * epochs for i, key in enumerate(keys)
    }


@pytest.mark.parametrize(
    "figure",
    [
        plots.digit_grid(IMAGES, range(50), "tiny, not $MNIST$"),
        plots.accuracy(curves(0.99, 0.98, 1), "one epoch"),
        plots.accuracy(curves(1.0, 1.0, 40), "no gap"),
        plots.accuracy(curves(float("nan"), 0.1, 3), "diverged"),
        plots.mistakes(IMAGES, [], "no mistakes"),
        plots.mistakes(IMAGES, [Mistake(0, 4, 9, 0.5)], "one mistake"),
        plots.mistakes(IMAGES, [Mistake(i, 4, 9, 0.5) for i in range(41)], "41"),
        plots.confusion(DIGITS, DIGITS, "all right"),
        plots.confusion(DIGITS, np.roll(DIGITS, 1), "all wrong"),
    ],
    ids=lambda figure: figure.get_suptitle().partition("\n")[0],
)
def test_figures_are_drawn(figure, tmp_path):
    figure.savefig(tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.format == "PNG"
        assert len(picture.convert("RGB").getcolors(2**20)) > 1


def test_confidence_is_not_rounded_up_to_certainty():
    assert plots.percent(0.9996) == ">99.9 %"
    assert plots.percent(0.999) == "99.9 %"
