"""Say which digit each picture shows: a photo, a scan, a drawing, of one digit.

Each picture is brought into MNIST's form first: white ink on black, 28×28 pixels, the
digit centred. --show FILE.png draws what that looks like, beside the picture itself.
"""

from pathlib import Path

from examples import program

UNSURE = 0.8  # a best probability below that gets a warning
MOST_SHOWN = 100


def main(options):
    from PIL import Image

    from digits import images
    from examples import reader

    model = reader.load(options.model)
    endings = set(Image.registered_extensions())
    paths, failed = [], 0
    for path in options.pictures:
        if not path.is_dir():
            paths.append(path)
            continue
        found = sorted(p for p in path.rglob("*") if p.suffix.lower() in endings)
        paths += found
        if not found:
            program.complain(f"{path}: no pictures in this folder")
            failed += 1

    shown = []
    for path in paths:
        try:
            prepared = images.read(path)
        except ValueError as error:
            program.complain(error)
            failed += 1
            continue
        probabilities = model.probabilities(prepared.image[None])[0]
        likeliest = probabilities.argsort()[::-1][:3]
        answers = [f"{digit} {probabilities[digit]:7.2%}" for digit in likeliest]
        doubts = list(prepared.doubts)
        if probabilities.max() < UNSURE:
            doubts.append("the network is not sure")
        warning = f"   warning: {'; '.join(doubts)}" if doubts else ""
        print(f"{path}: {'   '.join(answers)}{warning}", flush=True)
        if options.show and len(shown) < MOST_SHOWN:
            shown.append((path, prepared.image, probabilities, warning))
    if shown:
        draw(shown, options.show)
        few = f" the first {len(shown)} pictures" if len(shown) == MOST_SHOWN else ""
        print(f"Written: {options.show}{few}")
    return 1 if failed else 0


def draw(shown, target):
    """Draw each picture, what the network saw of it, and its probabilities as bars."""
    from matplotlib.figure import Figure

    from digits import images

    figure = Figure(figsize=(9, 2.3 * len(shown)), dpi=100, layout="constrained")
    rows = figure.subplots(len(shown), 3, squeeze=False)
    for (original, seen, bars), (path, image, probabilities, warning) in zip(
        rows, shown, strict=True
    ):
        original.imshow(images.open_picture(path, 400), "gray", vmin=0, vmax=255)
        original.set_title(path.name, size=9)
        seen.imshow(image, "gray", vmin=0, vmax=255)
        seen.set_title("what the network saw", size=9)
        for axis in (original, seen):
            axis.set_xticks([])
            axis.set_yticks([])
        digits = range(len(probabilities))
        best = probabilities.argmax()
        colours = ["#d55e00" if digit == best else "0.7" for digit in digits]
        bars.bar(digits, probabilities, color=colours)
        bars.set_xticks(digits)
        bars.set_ylim(0, 1)
        title = f"a {best}, {probabilities[best]:.1%}"
        bars.set_title(title + warning.replace("   warning", "\nwarning"), size=9)
    part = target.with_name(f".{target.stem}.part")
    try:
        figure.savefig(part, format="png")
        part.replace(target)  # whole, or not at all
    finally:
        part.unlink(missing_ok=True)


def parse():
    """Return the options of the command line."""
    parser = program.new_parser(
        "predict_image",
        __doc__,
        "Exit codes: 0 done; 1 a picture could not be read, the others were;"
        " 2 wrong usage or no usable model.",
    )
    add = parser.add_argument
    add(
        "pictures",
        type=Path,
        nargs="+",
        metavar="PICTURE",
        help="file, in any format Pillow reads, or folder of them",
    )
    program.add_model(parser)
    add(
        "--show",
        type=Path,
        metavar="FILE.png",
        help=f"draw the first {MOST_SHOWN} pictures beside what the network saw",
    )
    options = parser.parse_args()
    if options.show and (options.show.is_dir() or not options.show.parent.is_dir()):
        parser.error(f"--show {options.show}: cannot be written as a file")
    return options


if __name__ == "__main__":
    program.run(main, parse)
