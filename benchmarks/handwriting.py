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


def main(options):
    models = {path.stem: model.load(path) for path in options.model}
    dataset = data.load(options.data)
    rng = np.random.default_rng(options.seed)
    chosen = rng.permutation(len(dataset.x_test))[: options.images]
    images, digits = dataset.x_test[chosen], dataset.y_test[chosen]
    photos = [photograph(image, rng) for image in images]
    parts = [rng.integers(len(images), size=rng.integers(2, 7)) for _ in images]
    rows = [photograph(row(images[part], rng), rng) for part in parts]
    with Staging(options.output_dir) as staging:
        path = staging.path(options.output_dir / "docs" / "handwriting.png")
        sheet(photos[:DRAWN]).save(path)
    labels = [[digit] for digit in digits]
    kinds = {
        "arrays, not prepared": ([as_it_is(image) for image in images], labels),
        "PNG files": (prepare(map(Image.fromarray, images)), labels),
        "photographs, shrunk": ([shrink(photo) for photo in photos], labels),
        "photographs": (prepare(photos), labels),
        "rows": (prepare(rows), [[*digits[part]] for part in parts]),
    }
    title = f"{len(images):,} test images of {dataset.title}, seed {options.seed}"
    print_table(title, kinds, models)
    if options.pictures:
        print_table(options.pictures, read_folder(options.pictures), models)


def print_table(title, kinds: dict, models: dict) -> None:
    """Print accuracy with and without warnings.

    Args:
        title: stands above the table.
        kinds: for each kind of picture what was prepared from them, and their digits.
        models: examples.model.Model by name.
    """
    print(f"\n{title}\n")
    print("| pictures | number | read as a row | model | right | no warning | right |")
    print("|---|---|---|---|---|---|---|")
    for kind, (prepared, labels) in kinds.items():
        rows = np.mean([len(picture.images) > 1 for picture in prepared])
        for name, network in models.items():
            right, sure = results(network, prepared, labels)
            among = f"{right[sure].mean():.4f}" if sure.any() else "–"
            print(
                f"| {kind} | {len(labels):,} | {rows:.4f} | {name} | {right.mean():.4f}"
                f" | {sure.mean():.3f} | {among} |"
            )


def results(network, prepared, labels) -> tuple[np.ndarray, np.ndarray]:
    """Return which pictures are read right, and which without a warning, boolean."""
    probabilities = network.probabilities(np.concatenate([p.images for p in prepared]))
    ends = np.cumsum([len(picture.images) for picture in prepared])
    right, sure = [], []
    for part, picture, digits in zip(
        np.split(probabilities, ends[:-1]), prepared, labels, strict=True
    ):
        readable = picture is not UNREADABLE
        right.append(readable and part.argmax(axis=1).tolist() == [*digits])
        sure.append(not picture.doubts and part.max(axis=1).min() >= SURE)
    return np.array(right), np.array(sure)


def read_folder(folder: Path) -> dict:
    """Return the pictures that labels.csv lists: first all, then kind by kind.

    Raises:
        InputError: the list lacks a column, or a label is no number.
    """
    path = folder / "labels.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            listed = [
                (folder / line["path"], int(line["label"]), line["kind"])
                for line in csv.DictReader(file)
            ]
    except (KeyError, ValueError) as error:
        raise InputError(f"{path}: needs path, label and kind ({error})") from error
    kinds = {}
    prepared = prepare([path for path, _, _ in listed])
    for (_, label, own), picture in zip(listed, prepared, strict=True):
        for kind in ("all", own):
            pictures, labels = kinds.setdefault(kind, ([], []))
            pictures.append(picture)
            labels.append([label])
    return kinds


def prepare(pictures) -> list[handwriting.Prepared]:
    """Return what handwriting.py makes of each picture, or of each file."""
    prepared = []
    for picture in tqdm([*pictures], unit=" pictures", disable=None):
        try:
            if isinstance(picture, Path):
                prepared.append(handwriting.read(picture))
            else:
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
    for photo, prepared in zip(photos, prepare(photos), strict=True):
        forms = [shrink(photo).images[0], prepared.images[0]]
        large = [np.kron(form, np.ones((4, 4), np.uint8)) for form in forms]
        column = np.concatenate([np.asarray(photo.resize((112, 149))), *large])
        columns.append(np.pad(column, ((0, 0), (0, 8)), constant_values=255))
    return Image.fromarray(np.concatenate(columns, axis=1))


def parse():
    parser = cli.new_parser(__doc__)
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
