"""Load a model that one of the pages has saved, and use it on raw images."""

import sys
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

LAYERS = {"Dense", "Dropout", "Normalization"}
ENDS = {(10, "softmax"), (1, "sigmoid")}  # units and activation of the last layer


class Model(NamedTuple):
    """A loaded Keras model, and what its pixels are to be divided by: 1 or 255."""

    model: Any
    divisor: int

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probability of each digit, float32 (n, 10), or (n, 2): 0 and 1.

        Args:
            images: uint8 (n, 28, 28), white ink (255) on black (0).
        """
        pixels = images.reshape(-1, 784).astype("float32") / self.divisor
        outputs = self.model.predict(pixels, batch_size=1000, verbose=0)
        if outputs.shape[1] == 1:  # one logistic output: the probability of a 1
            outputs = np.concatenate([1 - outputs, outputs], axis=1)
        return outputs


def load(path: Path) -> Model:
    """Return the model in a .keras file, without its optimizer.

    Keras loads it in its safe mode: no code in the file is run.

    Raises:
        SystemExit: there is no such file, or it is no such model.
    """
    if not path.is_file():
        there = ", ".join(sorted(p.name for p in path.parent.glob("*.keras")))
        sys.exit(f"{path}: no such file; models in that folder: {there or 'none'}")
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        sys.exit(f"{path}: not a .keras file, or a broken one")
    from digits.start import keras  # takes seconds

    try:
        model = keras.saving.load_model(path, compile=False)
        shape = model.input_shape
    except Exception as error:  # Keras raises many kinds for a broken file
        reason = str(error).partition("\n")[0]
        sys.exit(f"{path}: Keras cannot load it: {reason}")
    last = model.layers[-1]
    names = [type(layer).__name__ for layer in model.layers]
    if (
        shape != (None, 784)
        or not LAYERS.issuperset(names)
        or names[-1] != "Dense"
        or (last.units, last.activation.__name__) not in ENDS
    ):
        sys.exit(
            f"{path}: not a network as the pages save it. Expected: input (None, 784), "
            'layers Dense, Dropout and Normalization, at the end Dense(10, "softmax") '
            f'or Dense(1, "sigmoid"). It has: input {shape}, layers {", ".join(names)}'
        )
    if not all(np.isfinite(weights).all() for weights in model.get_weights()):
        sys.exit(f"{path}: not all its weights are numbers: its training has diverged")
    return Model(model, 1 if "Normalization" in names else 255)


def check_new(path: Path, ending: str, option: str) -> None:
    """End the program unless `path` can be written without replacing anything.

    Args:
        path: the file, or folder, to write.
        ending: what its name must end in.
        option: the one of the command line that names it.
    """
    if not path.name.endswith(ending):
        sys.exit(f"{path}: the name must end in {ending}")
    if not path.parent.is_dir():
        sys.exit(f"{path}: no such folder")
    if path.exists() or path.is_symlink():  # a link may lead nowhere yet
        sys.exit(f"{path}: exists already; remove it, or choose another name: {option}")
