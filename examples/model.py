"""Load a model that one of the lessons has saved, and use it on raw images.

A .keras file may come from anywhere, and a small one can unpack to gigabytes or
describe a layer that does not fit into memory. It is therefore checked before Keras
unpacks it.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from digits import cli
from digits.errors import InputError

SAVED_MODELS = cli.PROJECT / "saved_models"
MOST_UNITS = 65_536  # of a layer
MEGABYTE = 2**20
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
        raise InputError(f"{path}: no such file; {_way_out()}")
    layers = _check(path)
    with cli.quiet_tensorflow():
        import keras
    try:
        model = keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras raises many kinds for a broken file
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path}: Keras cannot load it ({reason})") from error
    scales = any(layer["class_name"] == "Normalization" for layer in layers)
    return Model(model, 1 if scales else 255)


def _way_out() -> str:
    found = sorted(map(str, SAVED_MODELS.glob("*.keras")))
    if found:
        return f"there is --model {' or '.join(found)}"
    return "python hello_mnist.py makes a model"


def _check(path: Path) -> list[dict]:
    """Return the descriptions of the model's layers, if the file is harmless.

    Raises:
        InputError: it is no .keras file, not a network like the lessons', or unpacks
            to more than such a network needs.
    """
    import h5py

    broken = InputError(f"{path}: not a .keras file, or a broken one")
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
            is_small = sizes["config.json"] < MEGABYTE
            config = json.loads(archive.read("config.json")) if is_small else None
    except Exception as error:  # zipfile, its decoders and json raise many kinds
        raise broken from error
    try:
        layers = _layers(config)
        most = _most_bytes(layers)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    too_large = InputError(f"{path}: unpacks to more than its network needs")
    if sum(sizes.values()) > most:
        raise too_large
    arrays = []  # HDF5 compresses, too
    try:
        with zipfile.ZipFile(path) as archive:
            content = io.BytesIO(archive.read("model.weights.h5"))
        with h5py.File(content) as weights:
            weights.visititems(
                lambda _, found: arrays.append(getattr(found, "nbytes", 0))
            )
    except Exception as error:
        raise broken from error
    if sum(arrays) > most:
        raise too_large
    return layers


def _layers(config: object) -> list[dict]:
    """Return the descriptions of the layers between 784 pixels and the probabilities.

    Raises:
        InputError: the network takes or returns something else.
    """
    match config:
        case {
            "class_name": "Sequential",
            "config": {
                "layers": [
                    {
                        "class_name": "InputLayer",
                        "config": {"batch_shape": [None, 784]},
                    },
                    *layers,
                    {
                        "class_name": "Dense",
                        "config": {"units": 10, "activation": "softmax"}
                        | {"units": 1, "activation": "sigmoid"},
                    } as output,
                ]
            },
        }:
            return [*layers, output]
    raise InputError(
        "not a network like the lessons', from 784 pixels to 10 probabilities, or to 1"
    )


def _most_bytes(layers: list[object]) -> int:
    """Return a bound on the size of the unpacked network, training state included.

    Raises:
        InputError: there are other layers than the lessons', or larger ones.
    """
    width, parameters = 784, 0
    for layer in layers:
        match layer:
            case {"class_name": "Dense", "config": {"units": int(units)}} if (
                0 < units <= MOST_UNITS
            ):
                parameters += (width + 1) * units
                width = units
            case {"class_name": "Normalization" | "Dropout"}:
                pass
            case _:
                raise InputError("it has a layer that the lessons do not have")
    # Four bytes each, and the optimizer Adam keeps two more numbers for each.
    return 2 * MEGABYTE + 12 * parameters
