"""Export a saved model, its preprocessing inside, for where there is no Keras.

  html         one .html file to draw a digit in: the weights and a page that computes
               with them; opens in any browser, offline, and can be sent by e-mail
  saved_model  a folder, for TensorFlow and TensorFlow Serving
  litert       one .tflite file, for phones and small devices
  onnx         one .onnx file, for ONNX Runtime and many others

The last three take "images", uint8 (n, 28, 28), white ink on black, and return
float32 probabilities: (n, 10) of each digit, or (n, 1) of a 1 from the zero-or-one
model. What an earlier export wrote is replaced, and nothing else.
"""

import base64
import hashlib
import importlib
import json
import os
import warnings
from pathlib import Path

import numpy as np

from digits import cli, data
from digits.errors import InputError
from digits.files import Staging
from examples import model

TEMPLATE = Path(__file__).with_name("draw.html")
PLACE = '"PLACE FOR THE MODEL"'  # in the template
MARK = "<!-- Written by python -m examples.export_model -->"  # in its place
MOST_MISTAKES = 8  # shown on the page
ENDINGS = {"html": ".html", "saved_model": "", "litert": ".tflite", "onnx": ".onnx"}
# How a file that this program wrote is known: these bytes, from this one on.
SIGNATURES = {
    "html": (16, MARK.encode()),
    "litert": (4, b"TFL3"),
    "onnx": (2, b"\x12\x07tf2onnx"),
}
SAVED_MODEL = {
    "assets",
    "fingerprint.pb",
    "saved_model.pb",
    "variables",
    "variables/variables.data-00000-of-00001",
    "variables/variables.index",
}
CREDITS = {
    "mnist": "MNIST by Y. LeCun, C. Cortes and C. J. C. Burges, CC BY-SA 3.0"
    " (creativecommons.org/licenses/by-sa/3.0)",
    "optdigits": "Optical Recognition of Handwritten Digits, E. Alpaydin, C. Kaynak"
    " (doi.org/10.24432/C50P49), CC BY 4.0",
}


def main(options):
    target = options.output or options.model.with_name(
        f"{options.model.stem}_{options.format}{ENDINGS[options.format]}"
    )
    check_target(target, options.format)
    if options.format == "litert":  # whose converter warns about its own options
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    loaded = model.load(options.model)
    with Staging(target.parent) as staging:
        place = staging.path(target)
        if options.format == "html":
            page = html_page(loaded, options.model, options.data)
            place.write_text(page, encoding="utf-8", newline="\n")
        else:
            export(loaded, options.format, place)
    print(f"Written: {target}")


def check_target(target: Path, kind: str) -> None:
    """Raise InputError unless `target` is free, or an earlier export of that format."""
    if target.suffix != ENDINGS[kind] and kind != "saved_model":
        raise InputError(f"{target}: the name must end in {ENDINGS[kind]}")
    if not target.exists() and not target.is_symlink():
        return
    is_export = False
    if kind == "saved_model":
        names = (path.relative_to(target).as_posix() for path in target.rglob("*"))
        is_export = (
            not target.is_symlink()
            and (target / "saved_model.pb").is_file()
            and all(name in SAVED_MODEL for name in names)
        )
    elif target.is_file():
        start, signature = SIGNATURES[kind]
        with target.open("rb") as file:
            is_export = file.read(100).startswith(signature, start)
    if not is_export:
        raise InputError(f"{target}: exists, and is no earlier export as {kind}")


def html_page(loaded: model.Model, path: Path, source: str | None) -> str:
    """Return the page to draw on, with the model of the file `path` in it.

    Args:
        source: where the test images are, as `digits.data.load` takes it; by default
            where the model's record says.

    Raises:
        InputError: the network is not one hidden layer with relu.
    """
    mean, deviation = 0, loaded.divisor
    layers = [x for x in loaded.model.layers if type(x).__name__ != "Dropout"]
    if type(layers[0]).__name__ == "Normalization":
        mean, deviation = mean_and_deviation(layers.pop(0))
    weights = [array for layer in layers for array in layer.get_weights()]
    dense = [type(layer).__name__ for layer in layers] == ["Dense", "Dense"]
    if not dense or len(weights) != 4 or layers[0].activation.__name__ != "relu":
        raise InputError(f"{path}: html takes one hidden layer with relu and biases")

    record = read_record(path)
    about = {"Model": f"{path.name}, which has no record"}
    images = []
    if record:
        test, data_name = record["test"], record["data"]["name"]
        low, high = test["wilson_interval_95"]
        about = {
            "Model": f"{path.name}, SHA-256 {record['model']['sha256']}",
            "Record": f"{path.stem}.json, {record['time_utc']}",
            "Test accuracy": f"{test['correct']:,} of {test['images']:,} images,"
            f" {test['accuracy']:.4f}; 95 % Wilson interval {low:.4f} to {high:.4f}",
            "Made with": ", ".join(" ".join(x) for x in record["versions"].items()),
            "Test images": CREDITS.get(data_name, data_name),
        }
        images = mistakes(record, 2 if weights[-1].size == 1 else 10, source)
    content = {
        "classes": [*range(max(2, weights[-1].size))],
        "mean": mean,
        "deviation": deviation,
        "weights": [packed(array) for array in weights],
        "mistakes": images,
        "about": about,
    }
    text = json.dumps(content).replace("<", "\\u003c")  # no </script> in a file name
    doctype, _, rest = TEMPLATE.read_text(encoding="utf-8").split("\n", 2)
    return "\n".join([doctype, MARK, rest.replace(PLACE, text)])


def mean_and_deviation(layer) -> tuple[float, float]:
    """Return what a Normalization subtracts, and what it then divides by.

    Raises:
        InputError: it has a mean for each pixel.
    """
    import keras

    if layer.axis:
        raise InputError("only Normalization(axis=None) can be exported")
    mean, variance = (float(keras.ops.squeeze(x)) for x in (layer.mean, layer.variance))
    return mean, max(variance**0.5, keras.config.epsilon())


def packed(array: np.ndarray) -> dict:
    """Return an array as 16-bit integer multiples of a step.

    For these weights that is four times as exact as float16, whose steps grow with the
    number: on MNIST's test images the probabilities differ from those of float32 by at
    most 0.00015.

    Raises:
        InputError: the array has infinite numbers, or what is no number.
    """
    step = float(np.abs(array).max()) / 32767 or 1.0
    if not np.isfinite(step):
        raise InputError("the model has weights that are not finite numbers")
    multiples = np.rint(array / step).astype("<i2")
    return {"step": step, "multiples": base64.b64encode(multiples.tobytes()).decode()}


def read_record(path: Path) -> dict | None:
    """Return the record beside a model; None if there is none, or of another model."""
    try:
        record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        record = None
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    match record:
        case {"schema_version": 2, "model": {"sha256": found}} if found == sha256:
            return record
    print(f"No record of {path} beside it: no accuracy and no test images on the page.")
    return None


def mistakes(record: dict, classes: int, source: str | None) -> list[dict]:
    """Return some of the test images that the model misclassifies, for the page."""
    try:
        found = data.load(source or record["data"]["source"])
    except InputError as error:
        print(f"No test images on the page: {error}")
        return []
    if found.sha256 != record["data"]["sha256"]:
        print("No test images on the page: the model was tested on other images.")
        return []
    images = (found.keep((0, 1)) if classes == 2 else found).x_test
    return [
        {key: mistake[key] for key in ("index", "y_true", "y_pred")}
        | {"pixels": base64.b64encode(images[mistake["index"]].tobytes()).decode()}
        for mistake in record["mistakes"][:MOST_MISTAKES]
    ]


def export(loaded: model.Model, kind: str, place: Path) -> None:
    """Write a model that takes uint8 images, in a format that Keras exports to.

    Raises:
        InputError: this Keras cannot export, or the model has a layer that cannot be.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise InputError(f"{kind} is exported with KERAS_BACKEND=tensorflow only")
    if kind == "litert" and not hasattr(keras.src.export, "export_litert"):
        raise InputError("litert needs Keras 3.13, and that needs Python 3.11")
    if kind == "onnx":
        importlib.import_module("tf2onnx")  # named in one line if it is missing
    exported = keras.Sequential(
        [
            keras.Input((28, 28), dtype="uint8", name="images"),
            keras.layers.Flatten(),
            keras.layers.Rescaling(1 / loaded.divisor),
            *map(exportable, loaded.model.layers),
        ]
    )
    exported(np.zeros((1, 28, 28), np.uint8))  # ONNX's exporter wants it called
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # inside Keras, about np.object
        name = "tf_saved_model" if kind == "saved_model" else kind
        exported.export(place, format=name, verbose=False)


def exportable(layer):
    """Return the layer, or for a Normalization the Rescaling that does the same.

    Its mean and deviation are constants outside the graph, and the ONNX exporter makes
    them inputs of the model.
    """
    import keras

    if type(layer).__name__ != "Normalization":
        return layer
    mean, deviation = mean_and_deviation(layer)
    return keras.layers.Rescaling(1 / deviation, offset=-mean / deviation)


def parse():
    """Return the options of the command line."""
    parser = cli.new_parser(
        __doc__,
        "Exit codes: 0 done; 1 failure; 2 wrong usage, or no usable model; 130 Ctrl-C.",
        prog="python -m examples.export_model",
    )
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="a .keras file a lesson has saved")
    add("--format", choices=ENDINGS, required=True, help="see above")
    add(
        "--output",
        type=Path,
        metavar="PATH",
        help="what to write (default: beside MODEL, named after\nit and the format)",
    )
    add(
        "--data",
        metavar="SOURCE",
        help="where the test images are of which html shows those\n"
        "that the model misclassifies, as for hello_mnist.py\n"
        "(default: where the model's record says)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    cli.start()
    main(parse())
