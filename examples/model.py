"""Load a model that one of the lessons has saved, and use it on raw images.

A .keras file may come from anywhere, and a small one can unpack to gigabytes. Its size
and its layers are therefore checked before Keras unpacks it.
"""

import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from digits import cli
from digits.errors import InputError

SAVED_MODELS = cli.PROJECT / "saved_models"
MOST_UNITS = 65_536  # of a layer, as in the lessons
MEGABYTE = 2**20
# The lessons' widest hidden layer, between 784 pixels and 10 outputs: four bytes for
# each weight, and the optimizer Adam keeps two more numbers for each.
MOST_BYTES = 12 * MOST_UNITS * (784 + 1 + 10) + 2 * MEGABYTE
BATCH = 500  # images predicted at once: changes the speed, not the result


class Model(NamedTuple):
    """A saved Keras model, and what its pixels are to be divided by: 1 or 255."""

    model: Any
    divisor: int

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probability of each digit, float32 (n, 10), or (n, 2): 0 and 1.

        Args:
            images: uint8 (n, 28, 28), white ink on black.
        """
        pixels = images.reshape(-1, 784).astype("float32") / self.divisor
        outputs = self.model.predict(pixels, BATCH, verbose=0)
        if outputs.shape[1] == 1:  # one logistic output: the probability of a 1
            outputs = np.concatenate([1 - outputs, outputs], axis=1)
        return outputs


def load(path: Path) -> Model:
    """Return the model that a lesson has saved, without its optimizer.

    Raises:
        InputError: there is no such file, or it is no such model.
    """
    if not path.is_file():
        there = ", ".join(map(str, sorted(SAVED_MODELS.glob("*.keras")))) or "none yet"
        raise InputError(f"{path}: no such file; models in {SAVED_MODELS}: {there}")
    layers = _layers(path)
    with cli.quiet_tensorflow():
        import keras

        try:
            model = keras.saving.load_model(path, compile=False)
        except Exception as error:  # Keras raises many kinds for a broken file
            reason = str(error).partition("\n")[0]
            raise InputError(f"{path}: Keras cannot load it ({reason})") from error
    return Model(model, 1 if "Normalization" in layers else 255)


def _layers(path: Path) -> list[str]:
    """Return the class names of the hidden layers, if the file is harmless.

    Raises:
        InputError: it is no .keras file, too large, or not a network like the lessons'.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if archive.getinfo("config.json").file_size > MEGABYTE:
                raise ValueError("a description that long is none")
            config = json.loads(archive.read("config.json"))
        parts = [config, *config["config"]["layers"]]
        parts = [(part["class_name"], part["config"]) for part in parts]
    except Exception as error:  # zipfile, its decoders and json raise many kinds
        raise InputError(f"{path}: not a .keras file, or a broken one") from error
    if size > MOST_BYTES:
        raise InputError(f"{path}: unpacks to more than the lessons' largest network")
    match parts:
        case [
            ("Sequential", _),
            ("InputLayer", {"batch_shape": [None, 784]}),
            *hidden,
            (
                "Dense",
                {"units": 10, "activation": "softmax"}
                | {"units": 1, "activation": "sigmoid"},
            ),
        ] if all(map(_is_allowed, hidden)):
            return [name for name, _ in hidden]
    raise InputError(
        f"{path}: not a network like the lessons', from 784 pixels to 10 probabilities,"
        f" or to 1, of Dense (at most {MOST_UNITS:,} units), Normalization and Dropout"
    )


def _is_allowed(layer: tuple) -> bool:
    match layer:
        case ("Dense", {"units": int(units)}):
            return 0 < units <= MOST_UNITS
        case ("Normalization" | "Dropout", _):
            return True
    return False


def check_new(path: Path, ending: str, option: str) -> None:
    """Raise InputError unless a file can be written that replaces nothing.

    Args:
        path: the file, or folder, to write.
        ending: what its name must end in.
        option: the one of the command line that names it.
    """
    if not path.name.endswith(ending):
        raise InputError(f"{path}: the name must end in {ending}")
    if not path.parent.is_dir():
        raise InputError(f"{path}: no such folder")
    if path.exists():
        raise InputError(
            f"{path}: exists already; remove it, or choose another name with {option}"
        )
