"""Where the seconds of a run go: a table, and a stacked bar in docs/start.png.

Times --help and a usage error, and one run of hello_mnist.py by its parts: importing
TensorFlow, loading the data, the first epoch and the rest, and so on. Medians of
several rounds.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from tqdm import tqdm

from benchmarks import processes
from digits import command_line, dataset

ORDER = (
    "importing",
    "loading",
    "first epoch",
    "other epochs",
    "measuring",
    "predicting",
    "saving",
    "plotting",
    "all else",
)


def main(options) -> None:
    """Measure, print the table and draw the bar."""
    data = dataset.load(options.data)
    runs, answers = [], {"--help": [], "--epochs 0": [], "import tensorflow": []}
    for _ in tqdm(range(options.rounds), unit=" rounds", disable=None):
        for words, kept in answers.items():
            command = (
                ["-c", words]
                if words.startswith("import")
                else ["hello_mnist.py", *words.split()]
            )
            kept.append(processes.measure(*command, answers=False))
        with tempfile.TemporaryDirectory() as folder:
            runs.append(
                processes.measure(
                    *("-m", "benchmarks.contenders.lesson"),
                    *("--data", data.source, "--output-dir", folder),
                )
            )
    print("| what | seconds | of CPU |\n|---|---|---|")
    for words, kept in answers.items():
        seconds = statistics.median(run.seconds for run in kept)
        cpu_seconds = statistics.median(run.cpu_seconds for run in kept)
        print(f"| `{words}` | {seconds:.2f} | {cpu_seconds:.2f} |")
    parts = median_parts(runs)
    for part, seconds in parts.items():
        print(f"| {part} | {seconds:.2f} | |")
    print(f"| **hello_mnist.py on {data.title}** | **{sum(parts.values()):.2f}** | |")
    draw(parts, f"hello_mnist.py on {data.title}", options.output_dir)


def median_parts(runs: list[processes.Measured]) -> dict[str, float]:
    """Return the median seconds of each part of the runs, in the order of `ORDER`."""
    table = []
    for run in runs:
        parts = dict(run.answer["parts"])
        parts["other epochs"] = parts.pop("training") - parts["first epoch"]
        parts["all else"] = run.seconds - sum(parts.values())
        table.append(parts)
    return {part: statistics.median(row[part] for row in table) for part in ORDER}


def draw(parts: dict[str, float], title: str, folder: Path) -> None:
    """Draw the parts as one stacked bar, to docs/start.png below the folder."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    from digits import drawing

    figure = Figure(figsize=(10, 2.8), dpi=drawing.DPI)
    axis = figure.subplots()
    start = 0.0
    for number, (part, seconds) in enumerate(parts.items()):
        colour = colormaps["tab10"](number)
        label = f"{part} {seconds:.1f} s"
        axis.barh(0, seconds, left=start, color=colour, label=label)
        start += seconds
    axis.set_yticks([])
    axis.set_xlabel("seconds")
    axis.set_xlim(0, start)
    figure.legend(ncols=5, loc="outside lower center", frameon=False)
    drawing.save_in_docs(figure, title, folder, "start.png")


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = command_line.new_parser(__doc__, prog="python -m benchmarks.start")
    processes.add_counts(parser, rounds=3)
    command_line.add_common(parser)
    return parser.parse_args()


if __name__ == "__main__":
    command_line.run(main, parse)
