"""Export a saved model, its preprocessing inside, for where there is no Keras.

  html         one .html file to draw a digit in, and to watch such a network learn; it
               opens in any browser, offline, and can be sent by e-mail
  onnx         one .onnx file, for ONNX Runtime and many others
  litert       one .tflite file, for phones and small devices
  saved_model  a folder, for TensorFlow and TensorFlow Serving

The last three take "images", uint8 (n, 28, 28), white ink on black, and return
float32 probabilities: (n, 10) of each digit, or (n, 1) of a 1 from the zero-or-one
model. They are made with KERAS_BACKEND=tensorflow only. No file is replaced.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np

from digits import is_mnist, load_data
from examples import saved

TEMPLATE = Path(__file__).with_name("draw.html")
MOST_MISTAKES = 8  # misclassified test images on the page
MOST_TRAIN, MOST_TEST = 4000, 1000  # images in the page, to train and test on
ENDINGS = {"html": ".html", "onnx": ".onnx", "litert": ".tflite", "saved_model": ""}
MNIST = (
    "MNIST by Y. LeCun, C. Cortes and C. J. C. Burges, CC BY-SA 3.0"
    " (creativecommons.org/licenses/by-sa/3.0)"
)
OPTDIGITS = (
    "not MNIST, but Optical Recognition of Handwritten Digits by E. Alpaydin and"
    " C. Kaynak, CC BY 4.0 (doi.org/10.24432/C50P49)"
)


def main(options: argparse.Namespace) -> None:
    kind, path = options.format, options.model
    target = options.output or path.with_name(f"{path.stem}_{kind}{ENDINGS[kind]}")
    saved.refuse_to_overwrite(target, ENDINGS[kind], "--output")
    loaded = saved.load(path)
    if kind == "html":
        page = html_page(loaded, path)
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(page)
    else:
        export(loaded, kind, target)
    print(f"Written: {target}")


def html_page(loaded: saved.Reader, path: Path) -> str:
    """Return the page to draw on, with the model of the file `path` in it.

    Raises:
        SystemExit: the network is not one hidden layer with relu.
    """
    mean, deviation, layers = split(loaded)
    weights = [array for layer in layers for array in layer.get_weights()]
    dense = [type(layer).__name__ for layer in layers] == ["Dense", "Dense"]
    if not dense or len(weights) != 4 or layers[0].activation.__name__ != "relu":
        sys.exit(f"{path}: html takes one hidden layer with relu and biases")
    content = {
        "mean": mean,
        "deviation": deviation,
        "weights": [packed(array) for array in weights],
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        **about_images(loaded, classes=max(2, weights[-1].size)),
    }
    text = json.dumps(content).replace("<", "\\u003c")  # a file's name may contain it
    page = TEMPLATE.read_text(encoding="utf-8")
    page = page.replace("Template for", "Written by", 1)
    for tag in ("script", "style"):  # the browser is to run no other than these two
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        sha256 = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        page = page.replace(f"SHA256 OF {tag}", f"sha256-{sha256}", 1)
    return page.replace('"PLACE FOR THE MODEL"', text, 1)


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


def packed(array: np.ndarray) -> dict:
    """Return an array as 16-bit integer multiples of a step.

    For these weights that is four times as exact as float16, whose steps grow with the
    number: on MNIST's test images the probabilities differ from those of float32 by at
    most 0.00015.
    """
    step = float(np.abs(array).max()) / 32767 or 1.0
    multiples = np.rint(array / step).astype("<i2")
    return {"step": step, "multiples": base64.b64encode(multiples.tobytes()).decode()}


def about_images(loaded: saved.Reader, classes: int) -> dict:
    """Return the images for the page, and the model's accuracy on all test images."""
    data = load_data()
    if is_mnist(data):
        source = MNIST
    elif os.environ.get("MNIST_DATA"):
        source = "not MNIST, but others that MNIST_DATA named when the page was made"
    else:
        source = OPTDIGITS
    (x_train, y_train), (x_test, y_test) = [
        (images[labels < classes], labels[labels < classes]) for images, labels in data
    ]
    probabilities = loaded.probabilities(x_test)
    predictions = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predictions != y_test)
    surest_first = wrong[probabilities[wrong].max(axis=1).argsort()[::-1]]

    # The page does not train the zero-or-one model, so it needs no training images.
    train = MOST_TRAIN if classes > 2 else 0
    some = slice(0, None, max(1, len(x_test) // MOST_TEST))
    return {
        "classes": classes,
        "source": source,
        "tested": len(y_test),
        "correct": len(y_test) - len(wrong),
        "mistakes": [
            {
                "label": int(y_test[i]),
                "prediction": int(predictions[i]),
                "pixels": base64.b64encode(x_test[i].tobytes()).decode(),
            }
            for i in surest_first[:MOST_MISTAKES]
        ],
        "trainLabels": y_train[:train].tolist(),
        "testLabels": y_test[some].tolist(),
        "images": compressed(np.concatenate([x_train[:train], x_test[some]])),
    }


def compressed(images: np.ndarray) -> str:
    """Return uint8 images in 16 grey levels, two pixels a byte, as base64 of deflate.

    The left pixel of two has the byte's high bits. Level 0 is grey 0,
    level 15 is 255.
    """
    levels = np.rint(images.reshape(-1, 2) / 17).astype(np.uint8)
    deflate = zlib.compressobj(9, wbits=-15)  # -15: without zlib's own frame
    content = deflate.compress((levels[:, 0] << 4 | levels[:, 1]).tobytes())
    return base64.b64encode(content + deflate.flush()).decode()


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
