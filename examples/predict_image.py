"""Print which digit each picture shows: a photo, a scan or a drawing of one digit.

The digit is first brought into MNIST's form: white ink on black, small and centred.
--show FILE.png draws what that looks like, beside the picture itself.

    python examples/predict_image.py seven.jpg --show seven.png
"""

import argparse
import os
import sys
import warnings
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the project's folder
try:
    from examples import handwriting, saved
except ModuleNotFoundError as error:
    sys.exit(f"{error}: python -m pip install -r requirements/examples.txt")

SURE = 0.95  # a digit with a smaller probability gets a warning
MAX_SHOWN = 100  # pictures


def main():
    options = parse()
    if options.show:
        saved.refuse_to_overwrite(options.show, ".png", "--show")
    paths = [path for named in options.pictures for path in pictures(named)]
    network = saved.load(options.model, options.divide_by)

    results = []
    for path in paths:
        try:
            image, doubts = handwriting.read(path)
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            continue
        except MemoryError:
            print(f"{path}: too little memory for this picture", file=sys.stderr)
            continue
        (probabilities,) = network.probabilities(image[None])
        if probabilities.max() < SURE:
            doubts = (*doubts, "the network is not sure")
        warning = f"   warning: {'; '.join(doubts)}" if doubts else ""
        likeliest = probabilities.argsort()[::-1][:3]
        each = "   ".join(f"{digit} {probabilities[digit]:7.2%}" for digit in likeliest)
        print(f"{path}: {each}{warning}")
        results.append((path, image, likeliest[0], doubts))
    if options.show and results:
        draw(results[:MAX_SHOWN], options.show)
        print(f"Written: {options.show}")
    if len(results) < len(paths):
        sys.exit(1)


def pictures(path: Path) -> list[Path]:
    """Return the file itself, or the pictures in a folder.

    Files whose names begin with a dot are left out: macOS puts them beside pictures.

    Raises:
        SystemExit: there are none in the folder.
    """
    if not os.path.isdir(path):  # noqa: PTH112  (is_dir() raises for some names)
        return [path]
    endings = Image.registered_extensions()
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in endings and not file.name.startswith(".")
    )
    if not found:
        sys.exit(f"{path}: no pictures in this folder, or it cannot be read")
    return found


def draw(results: list[tuple], target: Path) -> None:
    """Draw each picture, and what the network saw of it.

    Args:
        results: for each picture its path, image, likeliest digit and doubts.
        target: the PNG file to write.
    """
    from matplotlib.figure import Figure

    warnings.filterwarnings("ignore", "Glyph .* missing")  # in a file's name
    figure = Figure((9, 2.4 * len(results)), layout="constrained")
    rows = figure.subplots(len(results), 2, squeeze=False)
    for (original, seen), (path, image, digit, doubts) in zip(
        rows, results, strict=True
    ):
        name = path.name.encode(errors="replace").decode()
        original.set_title(name, size=9, parse_math=False)  # it may hold dollar signs
        picture, _ = handwriting.open_picture(path)
        original.imshow(picture, "gray", vmin=0, vmax=255)
        seen.set_title("\n".join([f"read as {digit}", *doubts]), size=9)
        seen.imshow(image, "gray", vmin=0, vmax=255)
        for axis in (original, seen):
            axis.set(xticks=[], yticks=[])
    figure.savefig(target)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    files = "file, in any format that Pillow reads, HEIC too, or folder of them"
    parser.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE", help=files)
    model = "a saved network that reads digits (default: %(default)s)"
    default = Path("saved_models", "hello_mnist.keras")
    parser.add_argument("--model", type=Path, default=default, help=model)
    divisor = "what the pixels, 0 to 255, were divided by when the network was trained"
    divisor += " (default: 1 if it has a layer for that, else 255)"
    parser.add_argument("--divide-by", type=float, metavar="NUMBER", help=divisor)
    drawn = f"PNG file: draw the first {MAX_SHOWN} pictures; no file is replaced"
    parser.add_argument("--show", type=Path, metavar="FILE.png", help=drawn)
    return parser.parse_args()


if __name__ == "__main__":
    main()
