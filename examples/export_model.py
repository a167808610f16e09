"""Export a saved model for another runtime, its preprocessing inside.

The exported model takes "images", uint8 (n, 28, 28), white ink on black, and returns
float32 probabilities: (n, 10) of each digit, or (n, 1) of a 1 from the zero-or-one
model. It needs neither Keras nor this project.

  saved_model  a folder, for TensorFlow and TensorFlow Serving
  litert       one .tflite file, for phones and small devices
  onnx         one .onnx file, for ONNX Runtime and many others
"""

import importlib.util
import secrets
import shutil
from pathlib import Path

from examples import program

FORMATS = {  # ending, Keras's name, the packages it needs
    "saved_model": ("", "tf_saved_model", ["tensorflow"]),
    "litert": (".tflite", "litert", ["tensorflow"]),
    "onnx": (".onnx", "onnx", ["tensorflow", "tf2onnx"]),
}
REQUIREMENTS = program.PROJECT / "requirements" / "export.txt"


def main(options):
    ending, keras_name, packages = FORMATS[options.format]
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise ValueError(
                f"the package {package} is not installed;"
                f" python -m pip install -r {REQUIREMENTS} installs it"
            )
    target = options.output or options.model.with_name(
        f"{options.model.stem}_{options.format}{ending}"
    )
    if target.is_dir() != (options.format == "saved_model") and target.exists():
        raise ValueError(f"{target}: in the way")

    import keras
    import numpy as np

    from examples import reader

    if keras.backend.backend() != "tensorflow":
        raise ValueError("exports are made with KERAS_BACKEND=tensorflow, its default")
    model, divisor = reader.load(options.model)
    exported = keras.Sequential(
        [
            keras.Input((28, 28), dtype="uint8", name="images"),
            keras.layers.Flatten(),
            keras.layers.Rescaling(1 / divisor),
            *(exportable(layer) for layer in model.layers),
        ]
    )
    mark = secrets.token_hex(4)
    unfinished = target.with_name(f".{mark}{ending}")
    try:
        exported(np.zeros((1, 28, 28), np.uint8))  # ONNX's exporter wants it called
        exported.export(unfinished, format=keras_name, verbose=False)
        replace(unfinished, target)
    except OSError:
        raise
    except Exception as error:  # the converters raise many kinds
        raise RuntimeError(
            f"the exporter of {options.format} failed: {error}"
        ) from error
    finally:
        remove(unfinished)
    print(f"Written: {target}")


def exportable(layer):
    """Return the layer, or for a Normalization the Rescaling that does the same.

    Its mean and deviation are constants outside the graph, and the ONNX exporter makes
    them inputs of the model.
    """
    import keras

    if not isinstance(layer, keras.layers.Normalization):
        return layer
    mean, variance = (float(keras.ops.squeeze(x)) for x in (layer.mean, layer.variance))
    deviation = max(variance**0.5, keras.config.epsilon())
    return keras.layers.Rescaling(1 / deviation, offset=-mean / deviation)


def replace(new, target):
    """Move a file or folder to its place; an older one there goes only then."""
    if not target.is_dir():
        new.replace(target)
        return
    old = target.with_name(f"{new.name}.old")
    target.replace(old)
    try:
        new.replace(target)
    except BaseException:
        old.replace(target)  # Ctrl-C too must not lose it
        raise
    remove(old)


def remove(path):
    """Remove a file or folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def parse():
    """Return the options of the command line."""
    parser = program.new_parser(
        "export_model",
        __doc__,
        "Exit codes: 0 done; 1 failure; 2 wrong usage, no usable model or a\n"
        "missing package.",
    )
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="a .keras file a lesson has saved")
    add("--format", choices=FORMATS, required=True, help="see above")
    add(
        "--output",
        type=Path,
        metavar="PATH",
        help="what to write (default: beside MODEL, named after it and the format)",
    )
    options = parser.parse_args()
    if options.output and not options.output.parent.is_dir():
        parser.error(f"--output {options.output}: its folder does not exist")
    return options


if __name__ == "__main__":
    program.run(main, parse)
