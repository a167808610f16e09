"""What the larger examples share: a saved model that reads raw images."""

import zipfile
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from examples import program

AT_ONCE = 500


class Reader(NamedTuple):
    """A saved model, and what its pixels are to be divided by: 1 or 255."""

    model: keras.Model
    divisor: int

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probability of each digit, float32 (n, 10), or (n, 2): 0 and 1.

        Args:
            images: uint8 (n, 28, 28), white ink on black.
        """
        pixels = images.reshape(-1, 784).astype("float32") / self.divisor
        answers = self.model.predict(pixels, AT_ONCE, verbose=0)
        if answers.shape[1] == 1:  # one logistic output: the probability of a 1
            answers = np.concatenate([1 - answers, answers], axis=1)
        return answers


def load(path: Path) -> Reader:
    """Return a reader for a model that one of the two lessons has saved.

    Raises:
        ValueError: there is no such file, or it is no such model; the text says so.
    """
    if not path.is_file():
        there = sorted(str(found) for found in program.SAVED_MODELS.glob("*.keras"))
        way_out = f"there is --model {' or '.join(there)}" if there else "none is there"
        raise ValueError(
            f"{path}: no such file; python hello_mnist.py makes one ({way_out})"
        )
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: not a .keras file, or a broken one")
    try:
        model = keras.saving.load_model(path, compile=False)
    # A file that is a zip archive may break Keras's loading in many ways.
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{path}: Keras cannot load it ({reason})") from error
    if model.input_shape != (None, 784) or model.output_shape[1:] not in ((10,), (1,)):
        raise ValueError(
            f"{path}: takes {model.input_shape} and returns {model.output_shape};"
            " expected (None, 784), and (None, 10) or (None, 1)"
        )
    scales_itself = any(
        isinstance(layer, keras.layers.Normalization) for layer in model.layers
    )
    return Reader(model, 1 if scales_itself else 255)
