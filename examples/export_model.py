"""Export a saved model, its preprocessing inside, for where there is no Keras.

  onnx         one .onnx file, for ONNX Runtime and many others
  litert       one .tflite file, for phones and small devices
  saved_model  a folder, for TensorFlow and TensorFlow Serving

They take "images", uint8 (n, 28, 28), white ink on black, and return
float32 probabilities: (n, 10) of each digit, or (n, 1) of a 1 from the zero-or-one
model. They are made with KERAS_BACKEND=tensorflow only. No file is replaced.
"""

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np

from examples import saved

ENDINGS = {"onnx": ".onnx", "litert": ".tflite", "saved_model": ""}


def main(options: argparse.Namespace) -> None:
    kind, path = options.format, options.model
    target = options.output or path.with_name(f"{path.stem}_{kind}{ENDINGS[kind]}")
    saved.refuse_to_overwrite(target, ENDINGS[kind], "--output")
    export(saved.load(path), kind, target)
    print(f"Written: {target}")


def split(loaded: saved.Reader) -> tuple[float, float, list]:
    """Return what to subtract from a pixel, what to divide it by, and the layers.

    Raises:
        SystemExit: pixels are normalized one by one.
    """
    from digits.quiet_keras import keras

    layers = [
        x for x in loaded.network.layers if not isinstance(x, keras.layers.Dropout)
    ]
    first, *others = layers
    if not isinstance(first, keras.layers.Normalization):
        return 0, loaded.divide_by, layers
    if first.axis:
        sys.exit("only Normalization(axis=None) can be exported")
    mean, variance = (float(keras.ops.squeeze(x)) for x in (first.mean, first.variance))
    return mean, variance**0.5, others


def export(loaded: saved.Reader, kind: str, target: Path) -> None:
    """Write a model that takes uint8 images, in a format that Keras exports to.

    Raises:
        SystemExit: this Keras, or its backend, cannot export it.
    """
    from digits.quiet_keras import keras

    if keras.backend.backend() != "tensorflow":
        sys.exit(f"{kind} needs the environment variable KERAS_BACKEND=tensorflow")
    # Rescaling in the place of Normalization: ONNX's exporter would make the constants
    # of that inputs of the model.
    mean, deviation, layers = split(loaded)
    exported = keras.Sequential(
        [
            keras.Input((28, 28), dtype="uint8", name="images"),
            keras.layers.Flatten(),
            keras.layers.Rescaling(1 / deviation, offset=-mean / deviation),
            *layers,
        ]
    )
    exported(np.zeros((1, 28, 28), np.uint8))  # ONNX's exporter wants it called
    warnings.simplefilter("ignore", FutureWarning)  # inside Keras, about np.object
    name = "tf_saved_model" if kind == "saved_model" else kind
    try:
        exported.export(target, format=name, verbose=False)
    except (ImportError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        sys.exit(f"{kind}: Keras {keras.version()} cannot export it here: {reason}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m examples.export_model",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", type=Path, help="a .keras file a page has saved")
    parser.add_argument("--format", choices=ENDINGS, required=True, help="see above")
    default = "default: beside the model, named after it and the format"
    parser.add_argument("--output", type=Path, metavar="PATH", help=default)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
