"""Load a saved network that reads digits, whoever made it, and use it on raw images."""

import os
import sys
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

INPUTS = {(784,), (28, 28), (28, 28, 1)}  # the shape of one image
OUTPUTS = {10, 1}  # a probability for each digit, or that of a 1
SCALING = {"Normalization", "Rescaling"}  # layers that take pixels from 0 to 255


class Reader(NamedTuple):
    """A loaded Keras network, and what its pixels are divided by before it."""

    network: Any
    divide_by: float

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probability of each digit, float32 (n, 10), or (n, 2): 0 and 1.

        Args:
            images: uint8 (n, 28, 28), white ink (255) on black (0).

        Raises:
            SystemExit: what the network returns are no probabilities.
        """
        pixels = images.astype("float32") / self.divide_by
        pixels = pixels.reshape(-1, *self.network.input_shape[1:])
        outputs = self.network.predict(pixels, batch_size=1000, verbose=0)
        if outputs.shape[1] == 1:  # one output: the probability of a 1
            outputs = np.concatenate([1 - outputs, outputs], axis=1)
        if not np.isfinite(outputs).all():
            sys.exit("The network returns nan: its training has diverged.")
        if outputs.min() < 0 or np.abs(outputs.sum(axis=1) - 1).max() > 1e-3:
            sys.exit(
                "The network returns no probabilities, so perhaps logits: end it with"
                " the activation softmax, or with sigmoid if it has one output."
            )
        return outputs


def load(path: Path, divide_by: float | None = None) -> Reader:
    """Return the network in a .keras file, without its optimizer.

    Keras loads it in its safe mode, which is meant to run no code of the file.

    Args:
        path: the file.
        divide_by: what the pixels, 0 to 255, were divided by in the training. None: 1
            if the network scales them itself, with Normalization or Rescaling, else
            255.

    Raises:
        SystemExit: there is no such file, or it does not take 28×28 pixels, or does
            not return ten numbers or one.
    """
    if not path.is_file():
        there = ", ".join(sorted(p.name for p in path.parent.glob("*.keras")))
        sys.exit(f"{path}: no such file; models in that folder: {there or 'none'}")
    if path.suffix in (".h5", ".hdf5"):
        convert = f"load_model({path.name!r}, compile=False).save('{path.stem}.keras')"
        sys.exit(
            f"{path}: a file of an older format. If you trust it, convert it: python -c"
            f' "import keras; keras.saving.{convert}"'
        )
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        sys.exit(f"{path}: not a .keras file, or a broken one")
    from digits.quiet_keras import keras  # takes seconds

    numbers = tuple(map(int, keras.version().split(".")[:2]))
    if numbers < (3, 12) or keras.version() in ("3.12.0", "3.13.0", "3.13.1"):
        sys.exit(
            f"Keras {keras.version()} may run code of the file in its safe mode. Use"
            " 3.12.1, or 3.13.2 or later"
        )
    try:
        network = keras.saving.load_model(path, compile=False)
        takes, returns = network.input_shape, network.output_shape
    except Exception as error:  # Keras raises many kinds for a broken file
        # The cause stands in the last of the exceptions that its message quotes.
        reason = str(error).rpartition("Exception encountered: ")[2].partition("\n")[0]
        sys.exit(f"{path}: Keras {keras.version()} cannot load it: {reason}")
    if takes[1:] not in INPUTS or len(returns) != 2 or returns[1] not in OUTPUTS:
        sys.exit(
            f"{path}: not a network that reads digits. Expected: input (None, 784),"
            " (None, 28, 28) or (None, 28, 28, 1), output (None, 10) or (None, 1)."
            f" It has: input {takes}, output {returns}"
        )
    if divide_by is None:
        layers = {type(layer).__name__ for layer in network.layers}
        divide_by = 1 if layers & SCALING else 255
    return Reader(network, divide_by)


def refuse_to_overwrite(path: Path, ending: str, option: str) -> None:
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
    if os.path.lexists(path):  # also a link that leads nowhere yet
        sys.exit(f"{path}: exists already; remove it, or choose another name: {option}")
