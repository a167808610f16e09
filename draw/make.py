"""Make the page to draw on: one HTML file with a trained network inside.

  python -m draw saved_models/hello_mnist.keras   a new page, beside the model
  python -m draw docs/draw.html                   the same page, from today's sources

It opens in any browser, offline, and can be sent by e-mail. From a .keras file it takes
the network and its accuracy, and from the data set images for the page to train on; the
network must have one hidden layer with relu. No file is replaced, but for a page that
is itself given: it keeps its network and its images.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent
PART = re.compile(
    r'<script src="(?P<script>\w+)\.js"></script>'
    r'|<link rel="stylesheet" href="(?P<style>\w+)\.css">'
)
MODEL = re.compile(r'(?<=id="model">).*?(?=</script>)', re.DOTALL)
MOST_TRAIN, MOST_TEST = 4000, 1000  # images in the page, to train and test on
MNIST = (
    "MNIST by Y. LeCun, C. Cortes and C. J. C. Burges, CC BY-SA 3.0"
    " (creativecommons.org/licenses/by-sa/3.0)"
)
OPTDIGITS = (
    "not MNIST, but Optical Recognition of Handwritten Digits by E. Alpaydin and"
    " C. Kaynak, CC BY 4.0 (doi.org/10.24432/C50P49)"
)


def main(options: argparse.Namespace) -> None:
    given = options.model
    target = options.output or given.with_suffix(".html")
    if target != given:
        from examples import saved

        saved.refuse_to_overwrite(target, ".html", "--output")
    is_page = given.suffix == ".html"
    content = content_of(given) if is_page else json.dumps(about(given))
    page = assembled(content)
    try:  # beside its place first: a page is written whole or not at all
        with tempfile.TemporaryDirectory(dir=target.parent) as unfinished:
            whole = Path(unfinished) / target.name
            whole.write_text(page, encoding="utf-8", newline="\n")
            whole.replace(target)
    except OSError as error:
        sys.exit(f"{target}: {error.strerror}")
    print(f"Written: {target}")


# ---- The page from its sources


def assembled(content: str) -> str:
    """Return page.html with what it names inside: style sheet, scripts and the model.

    The page's policy names a hash for each of them: a browser runs no other script.

    Args:
        content: JSON, as `json.dumps(about(...))` or `content_of` returns it.
    """
    hashes = {"script": [], "style": []}

    def part(found: re.Match) -> str:
        kind = found.lastgroup
        name = found[kind]
        ending = {"script": "js", "style": "css"}[kind]
        text = "\n" + (FOLDER / f"{name}.{ending}").read_text(encoding="utf-8")
        sha256 = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        hashes[kind].append(f"'sha256-{sha256}'")
        return f'<{kind} id="{name}-{kind}">{text}</{kind}>'

    page = PART.sub(part, (FOLDER / "page.html").read_text(encoding="utf-8"))
    for kind, all_of_them in hashes.items():
        page = page.replace(f"HASHES OF {kind}s", " ".join(all_of_them), 1)
    content = content.replace("<", "\\u003c")  # a file's name may contain it
    return MODEL.sub(lambda _: content, page, count=1)


def content_of(path: Path) -> str:
    """Return the JSON in a page that was made before: its network and its images.

    Raises:
        SystemExit: there is no such file, or no such JSON in it.
    """
    if not path.is_file():
        sys.exit(f"{path}: no such file")
    found = MODEL.search(path.read_text(encoding="utf-8", errors="replace"))
    if not found:
        sys.exit(f"{path}: not a page that python -m draw has made")
    return found[0]


# ---- What the page holds


def about(path: Path) -> dict:
    """Return the network of a .keras file, its accuracy, and images for the page.

    Raises:
        SystemExit: the network is not one hidden layer with relu.
    """
    from examples import saved

    loaded = saved.load(path)
    mean, deviation, layers = split(loaded)
    weights = [array for layer in layers for array in layer.get_weights()]
    dense = [type(layer).__name__ for layer in layers] == ["Dense", "Dense"]
    if not dense or len(weights) != 4 or layers[0].activation.__name__ != "relu":
        sys.exit(f"{path}: the page takes one hidden layer with relu, and biases")
    return {
        "mean": mean,
        "deviation": deviation,
        "weights": [packed(array) for array in weights],
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        **about_images(loaded, classes=max(2, weights[-1].size)),
    }


def split(loaded: Any) -> tuple[float, float, list]:
    """Return what to subtract from a pixel, what to divide it by, and the layers.

    Raises:
        SystemExit: pixels are normalized one by one.
    """
    layers = [x for x in loaded.network.layers if type(x).__name__ != "Dropout"]
    first, *others = layers
    if type(first).__name__ != "Normalization":
        return 0, loaded.divide_by, layers
    if first.axis or first.invert:
        sys.exit("the page takes Normalization(axis=None) only, not inverted")
    mean, variance = (np.array(x).item() for x in (first.mean, first.variance))
    return mean, max(variance**0.5, 1e-7), others  # as Keras divides


def packed(array: np.ndarray) -> dict:
    """Return an array as 16-bit integer multiples of a step.

    For these weights that is four times as exact as float16, whose steps grow with the
    number: on MNIST's test images the probabilities differ from those of float32 by at
    most 0.00015.
    """
    step = float(np.abs(array).max()) / 32767 or 1.0
    multiples = np.rint(array / step).astype("<i2")
    return {"step": step, "multiples": base64.b64encode(multiples.tobytes()).decode()}


def about_images(loaded, classes: int) -> dict:
    """Return images for the page, and the network's accuracy on all test images.

    Args:
        loaded: what examples/saved.py's `load` returns.
        classes: the number of digits that it tells apart, from 0 on.
    """
    from digits import is_mnist, load_data

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
    predictions = loaded.probabilities(x_test).argmax(axis=1)

    # The page does not train the zero-or-one model, so it needs no training images.
    train = MOST_TRAIN if classes > 2 else 0
    some = slice(0, None, max(1, len(x_test) // MOST_TEST))
    return {
        "classes": classes,
        "source": source,
        "tested": len(y_test),
        "correct": int((predictions == y_test).sum()),
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


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m draw",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", type=Path, help="a .keras file, or a page made before")
    parser.add_argument("--output", type=Path, metavar="FILE.html", help="another name")
    return parser.parse_args()
