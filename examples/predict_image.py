"""Print which digit each picture shows: a photo, a scan or a drawing.

A row of separate digits is read as a number, from left to right. Each digit is first
brought into MNIST's form: white ink on black, 28×28 pixels, centred. --show FILE.png
draws what that looks like, beside the picture itself.
"""

import sys
import warnings
from pathlib import Path

from digits import cli
from digits.errors import InputError
from digits.files import Staging, regular_file

SURE = 0.95  # a digit with a smaller probability gets a warning
MOST_SHOWN = 100
WRITER = "predict_image"  # the title inside a PNG shows which program wrote it


def main(options):
    from examples import handwriting, model

    paths, failed = find_pictures(options.pictures)
    if options.show:
        check_show(options.show, [*paths, options.model])
    network = model.load(options.model)

    shown = []
    for path in paths:
        try:
            images, doubts = handwriting.read(path)
        except InputError as error:
            cli.complain(error)
            failed = True
            continue
        probabilities = network.probabilities(images)
        if probabilities.max(axis=1).min() < SURE:
            doubts = (*doubts, "the network is not sure")
        warning = f"   warning: {'; '.join(doubts)}" if doubts else ""
        print(f"{path}: {describe(probabilities)}{warning}")
        if options.show and len(shown) < MOST_SHOWN:
            shown.append((path, images, probabilities, doubts))
    if shown:
        draw(shown, options.show)
        few = f", the first {MOST_SHOWN} pictures" if len(shown) == MOST_SHOWN else ""
        print(f"Written: {options.show}{few}")
    if failed:
        sys.exit(1)


def find_pictures(named):
    """Return the files named, or in folders named, and whether a folder had none."""
    from PIL import Image

    endings = set(Image.registered_extensions())
    paths, failed = [], False
    for path in named:
        found = [path]
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in endings)
        if not found:
            cli.complain(f"{path}: no pictures in this folder")
            failed = True
        paths += found
    return paths, failed


def check_show(target, read):
    """Raise InputError unless `target` is free, or an earlier --show, and not in use.

    Args:
        target: the file to write.
        read: the files that are read.
    """
    from PIL import Image

    if target.suffix.lower() != ".png":
        raise InputError(f"--show {target}: the name must end in .png")
    if not target.parent.is_dir():
        raise InputError(f"--show {target}: no such folder")
    if not target.exists():
        return
    if any(path.exists() and path.samefile(target) for path in read):
        raise InputError(f"--show {target}: is to be read, not written")
    try:
        with Image.open(regular_file(target)) as picture:
            writer = picture.info.get("Title")
    except OSError:  # no picture
        writer = None
    if writer != WRITER:
        raise InputError(f"--show {target}: exists, and is no earlier --show")


def describe(probabilities):
    """Return a number with its digits' probabilities, or the three likeliest digits."""
    best = probabilities.argmax(axis=1)
    if len(best) > 1:
        number = "".join(map(str, best))
        parts = [
            f"{digit} {p[digit]:7.2%}"
            for digit, p in zip(best, probabilities, strict=True)
        ]
        lowest = probabilities.max(axis=1).min()
        return f"{number}   lowest {lowest:.2%}:   {'   '.join(parts)}"
    likeliest = probabilities[0].argsort()[::-1][:3]
    return "   ".join(f"{digit} {probabilities[0, digit]:7.2%}" for digit in likeliest)


def draw(shown, target):
    """Draw each picture, what the network saw of it, and the probabilities as bars.

    Args:
        shown: for each picture its path, images, probabilities and doubts.
        target: the PNG file to write.
    """
    import numpy as np
    from matplotlib.figure import Figure

    from digits import plots
    from examples import handwriting

    figure = Figure(figsize=(9, 2.4 * len(shown)), dpi=plots.DPI, layout="constrained")
    rows = figure.subplots(len(shown), 3, squeeze=False)
    for (original, seen, bars), (path, images, probabilities, doubts) in zip(
        rows, shown, strict=True
    ):
        original.imshow(handwriting.open_picture(path, 400), "gray", vmin=0, vmax=255)
        name = "".join(c if c.isprintable() else "?" for c in path.name)
        original.set_title(name, size=9, parse_math=False)  # it may hold dollar signs
        seen.imshow(np.hstack(images), "gray", vmin=0, vmax=255)
        seen.set_title("what the network saw", size=9)
        for axis in (original, seen):
            axis.set_xticks([])
            axis.set_yticks([])
        best = probabilities.argmax(axis=1)
        number = "".join(map(str, best))
        if len(best) == 1:
            labels, heights = range(probabilities.shape[1]), probabilities[0]
        else:
            labels, heights = best, probabilities.max(axis=1)
        colours = [plots.TEST if label in best else "0.7" for label in labels]
        bars.bar(range(len(labels)), heights, color=colours)
        bars.set_xticks(range(len(labels)), labels)
        bars.set_ylim(0, 1)
        title = "\n".join([f"{number}, {probabilities.max(axis=1).min():.1%}", *doubts])
        bars.set_title(title, size=9)
    with Staging(target.parent) as staging, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # in a file's name
        place = staging.path(target)
        figure.savefig(place, format="png", metadata={"Title": WRITER})


def parse():
    """Return the options of the command line."""
    parser = cli.new_parser(
        __doc__,
        "Exit codes: 0 done; 1 a picture could not be read, the others were;\n"
        "2 wrong usage or unusable input; 130 Ctrl-C.",
        prog="python -m examples.predict_image",
    )
    parser.add_argument(
        "pictures",
        type=Path,
        nargs="+",
        metavar="PICTURE",
        help="file, in any format that Pillow reads, HEIC too, or folder of them",
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        default=cli.PROJECT / "saved_models" / "hello_mnist.keras",
        help="a model that a lesson or less_overfitting has saved\n"
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--show",
        type=Path,
        metavar="FILE.png",
        help=f"draw the first {MOST_SHOWN} pictures beside what the network saw",
    )
    return parser.parse_args()


if __name__ == "__main__":
    cli.start()
    main(parse())
