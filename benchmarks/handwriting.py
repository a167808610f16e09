"""How well saved models read pictures that examples/handwriting.py prepares.

Makes pictures from 1,000 test images: PNG files of them as they are, and simulated
photographs. --pictures adds a folder of real ones, with a file labels.csv: path in the
folder, label, kind.

    python -m benchmarks.handwriting --model saved_models/*.keras
"""

import argparse
import contextlib
import csv
import io
from pathlib import Path

import numpy as np
from PIL import Image

from digits import load_data
from examples import handwriting, saved
from examples.predict_image import SURE

IMAGES = 1000  # test images
SEED = 0  # which ones, and how they are photographed
UNREADABLE = handwriting.Prepared(np.zeros((28, 28), np.uint8), ("unreadable",))
TABLE_HEAD = """| pictures | n | model | right | no warning | of these right |
|---|---|---|---|---|---|"""


def main(options: argparse.Namespace) -> None:
    models = {path.stem: saved.load(path) for path in options.model}
    rng = np.random.default_rng(SEED)
    _, (x_test, y_test) = load_data()
    chosen = rng.permutation(len(x_test))[:IMAGES]
    images, labels = x_test[chosen], y_test[chosen]
    photos = [photograph(image, rng) for image in images]

    print(f"{len(images):,} test images, seed {SEED}:\n\n{TABLE_HEAD}")
    for kind, prepared in (
        ("arrays, not prepared", [handwriting.Prepared(image, ()) for image in images]),
        ("PNG files", [prepare(Image.fromarray(image)) for image in images]),
        ("simulated photographs, the usual recipe", [usual(photo) for photo in photos]),
        ("simulated photographs", [prepare(photo) for photo in photos]),
    ):
        print_rows(kind, prepared, labels, models)
    if options.pictures:
        print(f"\nPictures in {options.pictures}:\n\n{TABLE_HEAD}")
        for kind, (prepared, labels) in read_folder(options.pictures).items():
            print_rows(kind, prepared, labels, models)


def print_rows(kind: str, prepared: list, labels, models: dict) -> None:
    """Print a line of the table for each model."""
    images = np.stack([picture.image for picture in prepared])
    readable = np.array([picture is not UNREADABLE for picture in prepared])
    doubtful = np.array([bool(picture.doubts) for picture in prepared])
    decimals = 3 if len(images) > 200 else 2  # more would be chance
    for name, network in models.items():
        probabilities = network.probabilities(images)
        right = readable & (probabilities.argmax(axis=1) == labels)
        sure = ~doubtful & (probabilities.max(axis=1) >= SURE)
        parts = [right.mean(), sure.mean(), right[sure].mean() if sure.any() else 0]
        numbers = " | ".join(f"{part:.{decimals}f}" for part in parts)
        print(f"| {kind} | {len(images):,} | {name} | {numbers} |", flush=True)


def read_folder(folder: Path) -> dict[str, tuple[list, list]]:
    """Return the pictures that labels.csv lists, and their labels: all, and by kind."""
    kinds = {}
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            path, label = folder / line["path"], int(line["label"])
            shrunk = prepared = UNREADABLE
            with contextlib.suppress(OSError, ValueError):
                shrunk = usual(Image.open(path))
                prepared = handwriting.read(path)
            for kind, picture in (
                ("all, the usual recipe", shrunk),
                ("all", prepared),
                (line["kind"], prepared),
            ):
                pictures, labels = kinds.setdefault(kind, ([], []))
                pictures.append(picture)
                labels.append(label)
    return kinds


def prepare(picture: Image.Image) -> handwriting.Prepared:
    """Return what handwriting.py makes of a picture."""
    try:
        return handwriting.prepare(handwriting.flatten(picture))
    except ValueError:
        return UNREADABLE


def usual(picture: Image.Image) -> handwriting.Prepared:
    """Return a picture as most tutorials prepare it: the usual recipe."""
    image = np.asarray(picture.convert("L").resize((28, 28)))
    return handwriting.Prepared(255 - image if image.mean() > 127 else image, ())


def photograph(image: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """Return a picture of a digit as a phone might see it, 360×480, grey, JPEG.

    Args:
        image: uint8 (28, 28), white ink on black.
        rng: draws place, size, angle, light, noise and quality.
    """
    width, height = 360, 480
    size = round(rng.uniform(0.35, 0.7) * width)
    digit = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
    digit = digit.rotate(rng.uniform(-10, 10), Image.Resampling.BICUBIC)
    ink = np.zeros((height, width))
    left, top = rng.integers(0, (width - size + 1, height - size + 1))
    ink[top : top + size, left : left + size] = np.asarray(digit) / 255
    paper, dark = rng.uniform(0.75, 0.95), rng.uniform(0.1, 0.3)
    seen = paper * (1 - ink) + dark * ink
    # Light from one side: brightness falls off to 0.4 of what it is there, at most.
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    light = np.cos(angle) * columns + np.sin(angle) * rows
    light = (light - light.min()) / np.ptp(light)
    darkest = rng.uniform(0.4, 0.8)
    seen *= darkest + (1 - darkest) * light
    seen += rng.normal(0, 0.03, seen.shape)
    file = io.BytesIO()
    picture = Image.fromarray((255 * seen.clip(0, 1)).astype(np.uint8))
    picture.save(file, "JPEG", quality=int(rng.integers(35, 85)))
    return Image.open(file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.handwriting")
    parser.add_argument("--model", type=Path, nargs="+", required=True)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    main(parser.parse_args())
