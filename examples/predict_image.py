"""Print which digit each picture shows: a photo, a scan or a drawing.

A row of separate digits is read as a number, from left to right. Each digit is first
brought into MNIST's form: white ink on black, 28×28 pixels, centred. --show FILE.png
draws what that looks like, beside the picture itself.

    python -m examples.predict_image seven.jpg --show seven.png
"""

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from examples import saved

SURE = 0.95  # a digit with a smaller probability gets a warning
MOST_SHOWN = 100  # pictures


def main():
    sys.stdout.reconfigure(errors="backslashreplace")  # for odd names of files
    options = parse()
    if options.show:
        saved.refuse_to_overwrite(options.show, ".png", "--show")
    try:
        from examples import handwriting  # takes a second, as Keras does
    except ModuleNotFoundError as error:
        sys.exit(f"{error}: python -m pip install -r requirements/examples.txt")
    paths = [path for named in options.pictures for path in pictures(named)]
    network = saved.load(options.model)

    results = []
    for path in paths:
        try:
            images, doubts = handwriting.read(path)
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            continue
        probabilities = network.probabilities(images)
        if not probabilities.max(axis=1).min() >= SURE:  # so written, nan is not sure
            doubts = (*doubts, "the network is not sure")
        warning = f"   warning: {'; '.join(doubts)}" if doubts else ""
        print(f"{path}: {describe(probabilities)}{warning}")
        results.append((path, images, probabilities, doubts))
    if options.show and results:
        draw(results[:MOST_SHOWN], options.show)
        print(f"Written: {options.show}")
    if len(results) < len(paths):
        sys.exit(1)


def pictures(path: Path) -> list[Path]:
    """Return the file itself, or the pictures in a folder.

    Raises:
        SystemExit: there are none in the folder.
    """
    if not path.is_dir():
        return [path]
    endings = Image.registered_extensions()
    found = sorted(p for p in path.rglob("*") if p.suffix.lower() in endings)
    if not found:
        sys.exit(f"{path}: no pictures in this folder")
    return found


def describe(probabilities: np.ndarray) -> str:
    """Return a number with its digits' probabilities, or the three likeliest digits.

    Args:
        probabilities: float32 (digits of the number, classes).
    """
    if len(probabilities) == 1:
        likeliest = probabilities[0].argsort()[::-1][:3]
        return "   ".join(
            f"{digit} {probabilities[0, digit]:7.2%}" for digit in likeliest
        )
    digits, highest = probabilities.argmax(axis=1), probabilities.max(axis=1)
    number = "".join(map(str, digits))
    each = "   ".join(f"{d} {p:7.2%}" for d, p in zip(digits, highest, strict=True))
    return f"{number}   lowest {highest.min():.2%}:   {each}"


def draw(results: list[tuple], target: Path) -> None:
    """Draw each picture, and what the network saw of it with the likeliest digits.

    Args:
        results: for each picture its path, images, probabilities and doubts.
        target: the PNG file to write.
    """
    from matplotlib.figure import Figure

    from examples import handwriting

    figure = Figure((9, 2.4 * len(results)), layout="constrained")
    rows = figure.subplots(len(results), 2, squeeze=False)
    for (original, seen), result in zip(rows, results, strict=True):
        path, images, probabilities, doubts = result
        name = path.name.encode(errors="replace").decode()
        original.set_title(name, size=9, parse_math=False)  # it may hold dollar signs
        original.imshow(handwriting.open_picture(path), "gray", vmin=0, vmax=255)
        original.set(xticks=[], yticks=[])
        seen.set_title("\n".join(["what the network saw", *doubts]), size=9)
        seen.imshow(np.hstack(images), "gray", vmin=0, vmax=255)
        digits = probabilities.argmax(axis=1)
        percents = 100 * probabilities.max(axis=1)
        labels = [f"{d}\n{p:.2f} %" for d, p in zip(digits, percents, strict=True)]
        seen.set_xticks(28 * np.arange(len(images)) + 14, labels, size=8)
        seen.set_yticks([])
    warnings.filterwarnings("ignore", "Glyph .* missing")  # in a file's name
    figure.savefig(target)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m examples.predict_image",
        description=__doc__,
        epilog="Exit code: 1 if a picture could not be read; the others were.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    files = "file, in any format that Pillow reads, HEIC too, or folder of them"
    parser.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE", help=files)
    saved = "what a page has saved (default: %(default)s)"
    default = Path("saved_models", "hello_mnist.keras")
    parser.add_argument("--model", type=Path, default=default, help=saved)
    drawn = f"PNG file: draw the first {MOST_SHOWN} pictures; no file is replaced"
    parser.add_argument("--show", type=Path, metavar="FILE.png", help=drawn)
    return parser.parse_args()


if __name__ == "__main__":
    main()
