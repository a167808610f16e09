"""Does it work on handwriting as a phone sees it? Accuracy with two recipes.

Makes harder versions of test images: dark ink on light paper, enlarged, off-centre,
rotated by up to 10 degrees, unevenly lit, noisy, JPEG-compressed. They are brought to
28×28 pixels by the recipe most tutorials give, resize and invert, and by
digits/images.py, and read by a saved model. Draws examples in docs/own_handwriting.png.
"""

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from digits import command_line, dataset, images
from digits.errors import UnusableInput

HEIGHT, WIDTH = 480, 360  # pixels of a picture
SHOWN = 8


def main(options) -> None:
    """Measure, print the table and draw the examples."""
    with command_line.quiet_startup():
        from examples import reader

    try:
        model = reader.load(options.model)
    except ValueError as error:
        raise UnusableInput(str(error)) from error
    data = dataset.load(options.data)
    rng = np.random.default_rng(options.seed)
    count = min(options.images, len(data.x_test))
    chosen = rng.permutation(len(data.x_test))[:count]
    clean, true = data.x_test[chosen], data.y_test[chosen]

    pictures, resized, prepared, blank = [], [], [], 0
    for image in tqdm(clean, unit=" pictures", disable=None):
        picture = photograph(image, rng)
        if len(pictures) < SHOWN:
            pictures.append(picture)
        resized.append(naive(picture))
        try:
            prepared.append(images.prepare(images.flatten(picture)).image)
        except UnusableInput:
            blank += 1
            prepared.append(np.zeros((28, 28), np.uint8))
    forms = {
        "as they are": clean,
        "photographed; resized and inverted": np.stack(resized),
        "photographed; digits/images.py": np.stack(prepared),
    }
    print(f"{count:,} test images of {data.title}, {options.model.name}")
    print("\n| test images | accuracy |\n|---|---|")
    for name, form in forms.items():
        accuracy = (model.probabilities(form).argmax(axis=1) == true).mean()
        print(f"| {name} | {accuracy:.4f} |")
    print(f"\nIn {blank} of them digits/images.py found no ink.")
    draw(pictures, resized, prepared, data.title, options.output_dir)


def photograph(image: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """Return a picture of the digit as a phone would see it, grey, JPEG-compressed.

    Args:
        image: uint8 (28, 28), white ink on black.
        rng: draws place, size, angle, light, noise and quality.
    """
    side = int(rng.integers(120, 260))
    digit = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
    digit = digit.rotate(rng.uniform(-10, 10), Image.Resampling.BICUBIC)
    ink = np.zeros((HEIGHT, WIDTH))
    top, left = rng.integers(0, (HEIGHT - side + 1, WIDTH - side + 1))
    ink[top : top + side, left : left + side] = np.asarray(digit) / 255
    paper, dark = rng.uniform(0.75, 0.95), rng.uniform(0.1, 0.3)
    seen = paper * (1 - ink) + dark * ink
    seen = seen * _light(rng) + rng.normal(0, 0.03, seen.shape)
    file = io.BytesIO()
    picture = Image.fromarray((255 * seen.clip(0, 1)).astype(np.uint8))
    picture.save(file, "JPEG", quality=int(rng.integers(35, 85)))
    return Image.open(file)


def _light(rng: np.random.Generator) -> np.ndarray:
    """Return brightness that falls off in one direction, to 0.4 of it or less far."""
    rows, columns = np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * columns + np.sin(angle) * rows
    slope = (slope - slope.min()) / np.ptp(slope)
    darkest = rng.uniform(0.4, 0.8)
    return darkest + (1 - darkest) * slope


def naive(picture: Image.Image) -> np.ndarray:
    """Return the picture in grey, resized to 28×28 and inverted, uint8."""
    return 255 - np.asarray(picture.convert("L").resize((28, 28)))


def draw(pictures, resized, prepared, data_title: str, folder: Path) -> None:
    """Draw the first pictures and what each recipe makes of them."""
    from matplotlib.figure import Figure

    from digits import drawing

    figure = Figure(figsize=(9, 4.2), dpi=drawing.DPI)
    rows = ("picture", "resized,\ninverted", "digits/\nimages.py")
    grid = figure.subplots(3, len(pictures), squeeze=False, height_ratios=(4 / 3, 1, 1))
    for axes, name, shown in zip(
        grid, rows, (pictures, resized, prepared), strict=True
    ):
        for axis, image in zip(axes, shown, strict=False):
            axis.imshow(image, "gray", vmin=0, vmax=255)
            axis.set_xticks([])
            axis.set_yticks([])
        axes[0].set_ylabel(name, rotation=0, ha="right", va="center")
    title = f"Test images of {data_title} as a phone might see them"
    drawing.save_in_docs(figure, title, folder, "own_handwriting.png")


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = command_line.new_parser(
        __doc__, prog="python -m benchmarks.own_handwriting"
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        default=command_line.PROJECT / "saved_models" / "hello_mnist.keras",
        help="a model hello_mnist.py has saved (default: %(default)s)",
    )
    parser.add_argument(
        "--images",
        type=command_line.whole_number(1, 10_000),
        metavar="N",
        default=2000,
        help="how many test images, drawn at random (default: %(default)s)",
    )
    command_line.add_seed(parser)
    command_line.add_common(parser)
    return parser.parse_args()


if __name__ == "__main__":
    command_line.run(main, parse)
