"""Export a saved model, its preprocessing inside, for where there is no Keras.

  html         one .html file to draw a digit in: the weights and a page that computes
               with them; opens in any browser, offline, and can be sent by e-mail
  saved_model  a folder, for TensorFlow and TensorFlow Serving
  litert       one .tflite file, for phones and small devices
  onnx         one .onnx file, for ONNX Runtime and many others

The last three take "images", uint8 (n, 28, 28), white ink on black, and return
float32 probabilities: (n, 10) of each digit, or (n, 1) of a 1 from the zero-or-one
model. No file is replaced.
"""

from digits import cli

if __name__ == "__main__":
    cli.start()  # before whatever takes long to import


import base64
import hashlib
import json
import os
import warnings
from pathlib import Path

import numpy as np

from digits import data
from digits.errors import InputError
from digits.files import Staging
from examples import model

TEMPLATE = Path(__file__).with_name("draw.html")
MOST_MISTAKES = 8  # shown on the page
ENDINGS = {"html": ".html", "saved_model": "", "litert": ".tflite", "onnx": ".onnx"}
CREDITS = {
    "mnist": "MNIST by Y. LeCun, C. Cortes and C. J. C. Burges, CC BY-SA 3.0"
    " (creativecommons.org/licenses/by-sa/3.0)",
    "optdigits": "Optical Recognition of Handwritten Digits, E. Alpaydin, C. Kaynak"
    " (doi.org/10.24432/C50P49), CC BY 4.0",
}


def main(options):
    kind = options.format
    target = options.output or options.model.with_name(
        f"{options.model.stem}_{kind}{ENDINGS[kind]}"
    )
    model.check_new(target, ENDINGS[kind], "--output")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # LiteRT warns of its own doings
    loaded = model.load(options.model)
    with Staging(target.parent) as staging:
        place = staging.path(target)
        if kind == "html":
            page = html_page(loaded, options.model)
            place.write_text(page, encoding="utf-8", newline="\n")
        else:
            export(loaded, kind, place)
    print(f"Written: {target}")


def html_page(loaded: model.Model, path: Path) -> str:
    """Return the page to draw on, with the model of the file `path` in it.

    Raises:
        InputError: the network is not one hidden layer with relu, or has diverged.
    """
    mean, deviation, layers = split(loaded)
    weights = [array for layer in layers for array in layer.get_weights()]
    dense = [type(layer).__name__ for layer in layers] == ["Dense", "Dense"]
    if not dense or len(weights) != 4 or layers[0].activation.__name__ != "relu":
        raise InputError(f"{path}: html takes one hidden layer with relu and biases")

    classes = max(2, weights[-1].size)
    about = {"Model": f"{path.name}, which has no record"}
    images = []
    if record := read_record(path):
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
        images = mistakes(record, classes)
    content = {
        "classes": [*range(classes)],
        "mean": mean,
        "deviation": deviation,
        "weights": [packed(array) for array in weights],
        "mistakes": images,
        "about": about,
    }
    text = json.dumps(content).replace("<", "\\u003c")  # a file name may contain it
    page = TEMPLATE.read_text(encoding="utf-8")
    page = page.replace("Template for", "Written by", 1)
    return page.replace('"PLACE FOR THE MODEL"', text, 1)


def split(loaded: model.Model) -> tuple[float, float, list]:
    """Return what to subtract from a pixel, what to divide it by, and the layers."""
    import keras

    layers = [x for x in loaded.model.layers if not isinstance(x, keras.layers.Dropout)]
    first, *others = layers
    if not isinstance(first, keras.layers.Normalization):
        return 0, loaded.divisor, layers
    if first.axis:
        raise InputError("only Normalization(axis=None) can be exported")
    mean, variance = (float(keras.ops.squeeze(x)) for x in (first.mean, first.variance))
    return mean, variance**0.5, others


def packed(array: np.ndarray) -> dict:
    """Return an array as 16-bit integer multiples of a step.

    For these weights that is four times as exact as float16, whose steps grow with the
    number: on MNIST's test images the probabilities differ from those of float32 by at
    most 0.00015.
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


def mistakes(record: dict, classes: int) -> list[dict]:
    """Return some of the test images that the model misclassifies, for the page."""
    try:
        found = data.load(record["data"]["source"])
        if found.sha256 != record["data"]["sha256"]:
            raise InputError("the model was tested on others")
    except InputError as error:
        print(f"No test images on the page: {error}")
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
        InputError: this Keras cannot export it.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise InputError(f"{kind} is exported with KERAS_BACKEND=tensorflow only")
    if kind == "litert" and not hasattr(keras.src.export, "export_litert"):
        raise InputError("litert needs Keras 3.13, and that needs Python 3.11")
    if kind == "onnx":
        warnings.simplefilter("ignore", FutureWarning)  # inside Keras, about np.object
        import tf2onnx  # noqa: F401 (if it is missing, the error names it in one line)

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
    name = "tf_saved_model" if kind == "saved_model" else kind
    exported.export(place, format=name, verbose=False)


def parse():
    """Return the options of the command line."""
    parser = cli.new_parser(
        __doc__,
        "Exit codes: 0 done; 1 failure; 2 wrong usage, or no usable model; 130 Ctrl-C.",
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
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
