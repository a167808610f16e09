"""How well saved models read pictures that examples/handwriting.py prepares.

Makes pictures from test images: PNG files of them as they are; photographs, which are
dark ink on light paper, off-centre, turned by up to 10 degrees, unevenly lit, noisy and
JPEG-compressed; and photographs of rows of two to six, uneven in spacing, height and
slant. --pictures adds a folder of real ones. A row is right if all its digits are.

Draws docs/handwriting.png.
"""

from digits import cli

if __name__ == "__main__":
    cli.start()  # before whatever takes long to import


import csv
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from tqdm import tqdm

from digits import data
from digits.errors import InputError
from digits.files import Staging
from examples import handwriting, model
from examples.predict_image import SURE

DRAWN = 8  # pictures
UNREADABLE = handwriting.Prepared(np.zeros((1, 28, 28), np.uint8), ("unreadable",))


class Pictures(NamedTuple):
    """Pictures of one kind: what was prepared from each, and its digits."""

    kind: str
    prepared: list[handwriting.Prepared]
    labels: list[list[int]]


def main(options):
    models = {path.stem: model.load(path) for path in options.model}
    dataset = data.load(options.data)
    rng = np.random.default_rng(options.seed)
    chosen = rng.permutation(len(dataset.x_test))[: options.images]
    images, digits = dataset.x_test[chosen], dataset.y_test[chosen]
    labels = [[digit] for digit in digits]
    photos = [photograph(image, rng) for image in images]
    parts = [rng.integers(len(images), size=rng.integers(2, 7)) for _ in images]
    rows = [photograph(row(images[part], rng), rng) for part in parts]
    with Staging(options.output_dir) as staging:
        path = staging.path(options.output_dir / "docs" / "handwriting.png")
        sheet(photos[:DRAWN]).save(path)
    kinds = [
        Pictures("arrays, not prepared", [as_it_is(image) for image in images], labels),
        Pictures("PNG files", prepare_all(map(Image.fromarray, images)), labels),
        Pictures("photographs, shrunk", [shrink(photo) for photo in photos], labels),
        Pictures("photographs", prepare_all(photos), labels),
        Pictures("rows", prepare_all(rows), [[*digits[part]] for part in parts]),
    ]
    print(f"\n{len(images):,} test images of {dataset.title}, seed {options.seed}\n")
    print_table(kinds, models)
    if options.pictures:
        kinds = read_folder(options.pictures)
        print(f"\n{options.pictures}\n")
        print_table(kinds, models)


def print_table(kinds: list[Pictures], models: dict) -> None:
    """Print accuracy with and without warnings; `rows`: what was read as a row."""
    print("| pictures | number | read as a row | model | right | no warning | right |")
    print("|---|---|---|---|---|---|---|")
    for kind, prepared, labels in kinds:
        total = len(labels)
        rows = sum(len(images) > 1 for images, _ in prepared) / total
        for name, network in models.items():
            right, sure = map(
                np.array, zip(*results(network, prepared, labels), strict=True)
            )
            among = f"{right[sure].mean():.4f}" if sure.any() else "–"
            print(
                f"| {kind} | {total:,} | {rows:.4f} | {name} | {right.mean():.4f}"
                f" | {sure.mean():.3f} | {among} |",
                flush=True,
            )


def results(network, prepared, labels):
    """Yield for each picture whether it is read right, and without a warning."""
    images = np.concatenate([images for images, _ in prepared])
    probabilities = network.probabilities(images)
    ends = np.cumsum([len(images) for images, _ in prepared])
    for part, picture, digits in zip(
        np.split(probabilities, ends[:-1]), prepared, labels, strict=True
    ):
        right = part.argmax(axis=1).tolist() == [*digits]
        sure = not picture.doubts and part.max(axis=1).min() >= SURE
        yield right and picture is not UNREADABLE, sure


def read_folder(folder: Path) -> list[Pictures]:
    """Return the pictures that labels.csv lists: first all, then kind by kind.

    Raises:
        InputError: there is no such list, or it has other columns.
    """
    try:
        with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
            listed = [
                (x["kind"], x["path"], int(x["label"])) for x in csv.DictReader(file)
            ]
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{folder / 'labels.csv'}: {error}") from error
    found = {"all": Pictures("all", [], [])}
    for kind, path, label in tqdm(listed, unit=" pictures", disable=None):
        try:
            prepared = handwriting.read(folder / path)
        except InputError:
            prepared = UNREADABLE
        for key in ("all", kind):
            pictures = found.setdefault(key, Pictures(key, [], []))
            pictures.prepared.append(prepared)
            pictures.labels.append([label])
    return [*found.values()]


def prepare_all(pictures) -> list[handwriting.Prepared]:
    prepared = []
    for picture in tqdm([*pictures], unit=" pictures", disable=None):
        try:
            prepared.append(handwriting.prepare(handwriting.flatten(picture)))
        except InputError:
            prepared.append(UNREADABLE)
    return prepared


def as_it_is(image: np.ndarray) -> handwriting.Prepared:
    return handwriting.Prepared(image[None], ())


def shrink(picture: Image.Image) -> handwriting.Prepared:
    """Return the picture resized to 28×28 and inverted, as most tutorials do it."""
    return as_it_is(255 - np.asarray(picture.resize((28, 28))))


def photograph(image: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """Return a picture of a digit, or a row, as a phone would see it, grey, JPEG.

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
    seen = seen * _light(page, rng) + rng.normal(0, 0.03, page)
    file = io.BytesIO()
    picture = Image.fromarray((255 * seen.clip(0, 1)).astype(np.uint8))
    picture.save(file, "JPEG", quality=int(rng.integers(35, 85)))
    return Image.open(file)


def _light(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return brightness that falls off in one direction, to 0.4 of it or less far."""
    rows, columns = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * columns + np.sin(angle) * rows
    slope = (slope - slope.min()) / np.ptp(slope)
    darkest = rng.uniform(0.4, 0.8)
    return darkest + (1 - darkest) * slope


def row(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the digits side by side, uint8, white on black.

    Their height is 80 to 110 % of the usual, their slant up to 0.15, and 3 to 14 of
    MNIST's pixels lie between two of them.

    Args:
        images: uint8 (n, 28, 28).
        rng: draws height, slant, place and spacing of each.
    """
    side, strip = 4 * 28, []
    for image in images:
        digit = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
        slant, shrink = rng.uniform(-0.15, 0.15), 1 / rng.uniform(0.8, 1.1)
        # Where in the old image a pixel of the new one is taken from; the middle stays.
        x_offset = side / 2 * (1 - shrink - slant)
        y_offset = side / 2 * (1 - shrink)
        digit = digit.transform(
            (side, side),
            Image.Transform.AFFINE,
            (shrink, slant, x_offset, 0, shrink, y_offset),
            Image.Resampling.BICUBIC,
        )
        digit = np.roll(np.asarray(digit), rng.integers(-8, 9), axis=0)
        used = np.flatnonzero((digit > 40).any(axis=0))
        strip += [digit[:, used[0] : used[-1] + 1]]
        strip += [np.zeros((side, rng.integers(12, 57)), np.uint8)]
    return np.pad(np.concatenate(strip, axis=1), 16)


def sheet(photos: list[Image.Image]) -> Image.Image:
    """Return the photographs; below each the shrunk and the prepared one, enlarged."""
    columns = []
    for photo, prepared in zip(photos, prepare_all(photos), strict=True):
        forms = [shrink(photo).images[0], prepared.images[0]]
        large = [np.kron(form, np.ones((4, 4), np.uint8)) for form in forms]
        column = np.concatenate([np.asarray(photo.resize((112, 149))), *large])
        columns.append(np.pad(column, ((0, 0), (0, 8)), constant_values=255))
    return Image.fromarray(np.concatenate(columns, axis=1))


def parse():
    parser = cli.new_parser(__doc__, prog="python -m benchmarks.handwriting")
    parser.add_argument(
        "--model",
        type=Path,
        nargs="+",
        metavar="FILE",
        default=[cli.PROJECT / "saved_models" / "hello_mnist.keras"],
        help="saved models (default: hello_mnist's)",
    )
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="with labels.csv: path in the folder, label, kind",
    )
    parser.add_argument(
        "--images",
        type=cli.whole_number(1, 10_000),
        metavar="N",
        default=1000,
        help="how many test images, and rows (default: %(default)s)",
    )
    cli.add_seed(parser)
    cli.add_data(parser)
    cli.add_output_dir(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
