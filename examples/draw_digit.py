"""A page on this machine where one draws a digit, and sees how it is read.

Opens at http://127.0.0.1:7860; nothing leaves the machine, and nothing comes from
elsewhere. Draw with mouse or finger: after each stroke the page shows the ten
probabilities and the 28×28 pixels the network saw.
"""

import importlib.util
import os

from examples import program

REQUIREMENTS = program.PROJECT / "requirements" / "demo.txt"
CANVAS = 320  # pixels: fits a phone
STYLE = """
.gradio-container {width: 100%; max-width: 60rem !important; margin: auto}
.line {display: flex; align-items: center; gap: 0.6rem; font-size: 1rem}
.line span {flex: 1; height: 0.9rem; background: #8882; border-radius: 3px}
.line i {display: block; height: 100%; background: #888; border-radius: 3px}
.line.best i {background: #d55e00}
.line tt {width: 4em; text-align: right}
"""
# The sketchpad comes up with no tool in hand; this takes the brush.
TAKE_BRUSH = """() => {
  const take = () => {
    const brush = document.querySelector('button[aria-label="Brush"]');
    brush ? brush.click() : setTimeout(take, 100);
  };
  take();
}"""


def page(model):
    """Return the page, a gradio.Blocks, for an examples.reader.Reader."""
    import gradio
    import numpy as np
    from PIL import Image

    from digits import images

    def read(drawing):
        ink = Image.fromarray(drawing["composite"])
        try:
            seen = images.prepare(images.flatten(ink)).image
        except ValueError:  # nothing drawn yet, or all rubbed out
            return "", None
        blocks_of_8 = np.kron(seen, np.ones((8, 8), np.uint8))  # to be seen as pixels
        return bars(model.probabilities(seen[None])[0]), blocks_of_8

    with gradio.Blocks(title="Draw a digit", analytics_enabled=False) as blocks:
        gradio.Markdown(
            "# Draw a digit\nLarge, with mouse or finger: a network reads it."
        )
        with gradio.Row():
            drawing = gradio.Sketchpad(
                label="Drawing",
                type="numpy",
                image_mode="RGBA",
                canvas_size=(CANVAS, CANVAS),
                brush=gradio.Brush(
                    default_size=20, colors=["#000000"], color_mode="fixed"
                ),
                layers=False,
                height=CANVAS + 120,
                placeholder=" ",
                transforms=(),
            )
            with gradio.Column():
                answers = gradio.HTML()
                seen = gradio.Image(
                    label="What the network saw: 28×28 pixels",
                    image_mode="L",
                    height=240,
                    interactive=False,
                    buttons=[],
                )
        blocks.load(js=TAKE_BRUSH)
        drawing.change(read, drawing, [answers, seen], show_progress="hidden")
    return blocks


def bars(probabilities):
    """Return a line of HTML for each digit: its probability as a bar and in figures."""
    best = probabilities.argmax()
    lines = [
        f"<div class='line{' best' if digit == best else ''}'><b>{digit}</b>"
        f"<span><i style='width:{p:.1%}'></i></span><tt>{p:.1%}</tt></div>"
        for digit, p in enumerate(probabilities)
    ]
    return "\n".join(lines)


def main(options):
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    if importlib.util.find_spec("gradio") is None:
        raise ValueError(
            "the package gradio is not installed;"
            f" python -m pip install -r {REQUIREMENTS} installs it"
        )
    import gradio

    from examples import reader

    model = reader.load(options.model)
    plain = gradio.themes.Default(
        font=["system-ui", "sans-serif"], font_mono=["monospace"]
    )
    blocks = page(model)
    _, address, _ = blocks.launch(
        server_name=options.host,
        server_port=options.port,
        share=False,
        theme=plain,
        css=STYLE,
        footer_links=[],
        quiet=True,
        prevent_thread_lock=True,
    )
    print(f"Open {address} in a browser; Ctrl-C ends it.", flush=True)
    blocks.block_thread()


def parse():
    """Return the options of the command line."""
    parser = program.new_parser(
        "draw_digit",
        __doc__,
        "Ctrl-C ends it. Exit codes: 1 failure; 2 wrong usage, no usable model\n"
        "or a missing package.",
    )
    add = parser.add_argument
    program.add_model(parser)
    add(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="0.0.0.0 lets others in the same network in, phones say\n"
        "(default: %(default)s, this machine alone)",
    )
    add("--port", type=int, default=7860, metavar="N", help="(default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    program.run(main, parse)
