"""Export a saved model, its preprocessing inside, for where there is no Keras.

  onnx         one .onnx file, for ONNX Runtime and many others
  litert       one .tflite file, for phones and small devices
  saved_model  a folder, for TensorFlow and TensorFlow Serving

docs/saved-models.md says what they take and return. They are made with
KERAS_BACKEND=tensorflow only. No file is replaced.
"""

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the project's folder
from examples import saved

ENDINGS = {"onnx": ".onnx", "litert": ".tflite", "saved_model": ""}


def main(options: argparse.Namespace) -> None:
    kind, path = options.format, options.model
    target = options.output or path.with_name(f"{path.stem}_{kind}{ENDINGS[kind]}")
    saved.refuse_to_overwrite(target, ENDINGS[kind], "--output")
    export(saved.load(path), kind, target)
    print(f"Written: {target}")


def export(loaded: saved.Reader, kind: str, target: Path) -> None:
    """Write a model that takes uint8 images, in a format that Keras exports to.

    Raises:
        SystemExit: this Keras, or its backend, cannot export it, or it cannot be
            written. Then there is no file of that name.
    """
    from digits.quiet_keras import keras

    if keras.backend.backend() != "tensorflow":
        sys.exit(f"{kind} needs the environment variable KERAS_BACKEND=tensorflow")
    import tensorflow as tf

    # As arrays they become constants in the graph; tensors ONNX takes as inputs.
    for layer in loaded.network.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.mean, layer.variance = np.array(layer.mean), np.array(layer.variance)
    exported = keras.Sequential(
        [
            keras.Input((28, 28), dtype="uint8", name="images"),
            keras.layers.Rescaling(1 / loaded.divide_by),
            keras.layers.Reshape(loaded.network.input_shape[1:]),
            loaded.network,
        ]
    )
    exported(np.zeros((1, 28, 28), np.uint8))  # ONNX's exporter wants it called
    warnings.simplefilter("ignore", FutureWarning)  # inside Keras, about np.object
    name = "tf_saved_model" if kind == "saved_model" else kind
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as unfinished:
            whole = Path(unfinished) / target.name
            exported.export(whole, format=name, verbose=False)
            whole.rename(target)
    except (ImportError, OSError, ValueError, tf.errors.OpError) as error:
        reason = str(error).partition("\n")[0]
        sys.exit(f"{target}: Keras {keras.version()} cannot write it: {reason}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python examples/export_model.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", type=Path, help="a .keras file")
    parser.add_argument("--format", choices=ENDINGS, required=True, help="see above")
    default = "default: beside the model, named after it and the format"
    parser.add_argument("--output", type=Path, metavar="PATH", help=default)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
