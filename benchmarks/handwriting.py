"""How well saved models read pictures that examples/handwriting.py prepares.

Makes pictures from 1,000 test images: PNG files of them as they are; simulated
photographs, which are dark ink on light paper, off-centre, turned by up to 10 degrees,
unevenly lit, noisy and JPEG-compressed; and the same of rows of two to six digits,
uneven in spacing, height and slant. --pictures adds a folder of real ones, with a file
labels.csv: path in the folder, label, kind. A row is right if all its digits are.

    python -m benchmarks.handwriting --model saved_models/*.keras

Draws docs/pictures/handwriting.png.
"""

import argparse
import csv
import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import PROJECT
from digits import is_mnist, load_data
from examples import handwriting, saved
from examples.predict_image import SURE

IMAGES = 1000  # test images, and rows of them
SEED = 0  # which ones, and how they are photographed
DRAWN = 8  # photographs in the picture
UNREADABLE = handwriting.Prepared(np.zeros((1, 28, 28), np.uint8), ("unreadable",))
HEAD = """| pictures | n | model | right | no warning | of these right |
|---|---|---|---|---|---|"""


def main(options: argparse.Namespace) -> None:
    models = {path.stem: saved.load(path) for path in options.model}
    data = load_data()
    rng = np.random.default_rng(SEED)
    _, (x_test, y_test) = data
    chosen = rng.permutation(len(x_test))[:IMAGES]
    images, digits = x_test[chosen], y_test[chosen]
    photos = [photograph(image, rng) for image in images]
    parts = [rng.integers(len(images), size=rng.integers(2, 7)) for _ in images]
    rows = [photograph(row(images[part], rng), rng) for part in parts]
    sheet(photos[:DRAWN]).save(PROJECT / "docs" / "pictures" / "handwriting.png")

    name = "MNIST" if is_mnist(data) else "images that are not MNIST"
    print(f"{len(images):,} test images of {name}, seed {SEED}:\n\n{HEAD}")
    labels = [[digit] for digit in digits]
    unprepared = [as_it_is(image) for image in images]
    print_rows("arrays, not prepared", unprepared, labels, models)
    print_rows("PNG files", prepare(map(Image.fromarray, images)), labels, models)
    shrunk = [shrink(photo) for photo in photos]
    print_rows("simulated photographs, shrunk", shrunk, labels, models)
    print_rows("simulated photographs", prepare(photos), labels, models)
    labels = [digits[part] for part in parts]
    print_rows("simulated photographs of rows", prepare(rows), labels, models)
    if options.pictures:
        print(f"\nPictures in {options.pictures}:\n\n{HEAD}")
        for kind, (pictures, labels) in read_folder(options.pictures).items():
            print_rows(kind, pictures, labels, models)


def print_rows(kind: str, prepared: list, labels: list, models: dict) -> None:
    """Print a line of the table for each model; labels: the digits of each picture."""
    n = len(prepared)
    decimals = 3 if n > 200 else 2  # more would be chance
    images = np.concatenate([picture.images for picture in prepared])
    ends = np.cumsum([len(picture.images) for picture in prepared])[:-1]
    for name, network in models.items():
        outputs = np.split(network.probabilities(images), ends)
        right, sure = np.zeros(n, bool), np.zeros(n, bool)
        for i, (picture, output) in enumerate(zip(prepared, outputs, strict=True)):
            is_right = output.argmax(axis=1).tolist() == [*labels[i]]
            right[i] = is_right and picture is not UNREADABLE
            sure[i] = not picture.doubts and output.max(axis=1).min() >= SURE
        parts = [right.mean(), sure.mean(), right[sure].mean() if sure.any() else 0]
        numbers = " | ".join(f"{part:.{decimals}f}" for part in parts)
        print(f"| {kind} | {n:,} | {name} | {numbers} |", flush=True)


def read_folder(folder: Path) -> dict[str, tuple[list, list]]:
    """Return the pictures that labels.csv lists, and their labels: all, and by kind."""
    kinds = {"all": ([], [])}
    try:
        with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                prepared = prepare([folder / line["path"]])
                for kind in ("all", line["kind"]):
                    pictures, labels = kinds.setdefault(kind, ([], []))
                    pictures += prepared
                    labels.append([int(line["label"])])
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"{folder}: needs labels.csv with path, label and kind ({error!r})")
    return kinds


def prepare(pictures) -> list[handwriting.Prepared]:
    """Return what handwriting.py makes of each picture, or of each file."""
    prepared = []
    for picture in pictures:
        try:
            if isinstance(picture, Path):
                prepared.append(handwriting.read(picture))
            else:
                prepared.append(handwriting.prepare(handwriting.flatten(picture)))
        except (OSError, ValueError):
            prepared.append(UNREADABLE)
    return prepared


def as_it_is(image: np.ndarray) -> handwriting.Prepared:
    return handwriting.Prepared(image[None], ())


def shrink(picture: Image.Image) -> handwriting.Prepared:
    """Return the picture resized to 28×28 and inverted, as most tutorials do it."""
    return as_it_is(255 - np.asarray(picture.resize((28, 28))))


def photograph(image: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """Return a picture of a digit, or a row, as a phone might see it, grey, JPEG.

    Args:
        image: uint8 (height, width), white ink on black.
        rng: draws place, size, angle, light, noise and quality.
    """
    height, width = image.shape
    if width == height:
        page, part, angle = (480, 360), (0.35, 0.7), 10
    else:
        page, part, angle = (480, 640), (0.6, 0.95), 3
    scale = min(rng.uniform(*part) * page[1] / width, page[0] / height)
    size = round(width * scale), round(height * scale)
    digit = Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)
    digit = digit.rotate(rng.uniform(-angle, angle), Image.Resampling.BICUBIC)
    ink = np.zeros(page)
    left, top = rng.integers(0, (page[1] - size[0] + 1, page[0] - size[1] + 1))
    ink[top : top + size[1], left : left + size[0]] = np.asarray(digit) / 255
    paper, dark = rng.uniform(0.75, 0.95), rng.uniform(0.1, 0.3)
    seen = paper * (1 - ink) + dark * ink
    # Light from one side: brightness falls off to 0.4 of what it is there, at most.
    rows, columns = np.mgrid[0 : 1 : page[0] * 1j, 0 : 1 : page[1] * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    light = np.cos(angle) * columns + np.sin(angle) * rows
    light = (light - light.min()) / np.ptp(light)
    darkest = rng.uniform(0.4, 0.8)
    seen *= darkest + (1 - darkest) * light
    seen += rng.normal(0, 0.03, page)
    file = io.BytesIO()
    picture = Image.fromarray((255 * seen.clip(0, 1)).astype(np.uint8))
    picture.save(file, "JPEG", quality=int(rng.integers(35, 85)))
    return Image.open(file)


def row(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the digits side by side, uint8, white on black.

    Their height is 80 to 110 % of the usual, their slant up to 0.2, and 3 to 14 of
    MNIST's pixels lie between two of them.

    Args:
        images: uint8 (n, 28, 28).
        rng: draws height, slant, place and spacing of each.
    """
    side, strip = 4 * 28, []
    for image in images:
        digit = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
        slant, shrink = rng.uniform(-0.2, 0.2), 1 / rng.uniform(0.8, 1.1)
        # Where in the old image a pixel of the new one is taken from; the middle stays.
        x_offset = side / 2 * (1 - shrink - slant)
        y_offset = side / 2 * (1 - shrink)
        matrix = (shrink, slant, x_offset, 0, shrink, y_offset)
        way = Image.Transform.AFFINE
        digit = digit.transform((side, side), way, matrix, Image.Resampling.BICUBIC)
        digit = np.roll(np.asarray(digit), rng.integers(-8, 9), axis=0)
        used = np.flatnonzero((digit > 40).any(axis=0))
        strip += [digit[:, used[0] : used[-1] + 1]]
        strip += [np.zeros((side, rng.integers(12, 57)), np.uint8)]
    return np.pad(np.concatenate(strip, axis=1), 16)


def sheet(photos: list[Image.Image]) -> Image.Image:
    """Return the photographs; below each the shrunk and the prepared one, enlarged."""
    columns = []
    for photo, prepared in zip(photos, prepare(photos), strict=True):
        forms = [shrink(photo).images[0], prepared.images[0]]
        large = [np.kron(form, np.ones((4, 4), np.uint8)) for form in forms]
        column = np.concatenate([np.asarray(photo.resize((112, 149))), *large])
        columns.append(np.pad(column, ((0, 0), (0, 8)), constant_values=255))
    return Image.fromarray(np.concatenate(columns, axis=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.handwriting",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = [Path("saved_models", "hello_mnist.keras")]
    parser.add_argument("--model", type=Path, nargs="+", default=default)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    main(parser.parse_args())
