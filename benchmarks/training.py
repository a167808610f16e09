"""Train the same network with different engines, side by side.

784-512-10, RMSprop, 5 epochs, batches of 128; each contender in its own fresh process,
in turn, several rounds; the median of the rounds, their least and most. Contenders
whose package is missing are named and skipped; requirements/bench.txt lists them.
"Fit" is training alone, "process" all from start to end; hello_mnist.py also measures
both sets after each epoch, saves its model and draws within its process.
"""

import argparse
import json
import statistics
import tempfile
from importlib.util import find_spec

from tqdm import tqdm

from benchmarks import floor, processes
from digits import command_line, dataset

EPOCHS = 5
HIDDEN_UNITS = 512
# What it is called, its program, the package it needs.
CONTENDERS = (
    ("plain Keras script", "plain_keras", "keras"),
    ("hello_mnist.py", "lesson", "keras"),
    ("NumPy twin", "numpy_twin", "numpy"),
    ("PyTorch, own loop", "torch_loop", "torch"),
    ("PyTorch, DataLoader", "torch_loader", "torch"),
    ("JAX, one scan an epoch", "jax_scan", "jax"),
    ("scikit-learn (Adam)", "scikit_learn", "sklearn"),
)


def main(options) -> None:
    """Run the rounds and print the table."""
    data = dataset.load(options.data)
    present = [c for c in CONTENDERS if find_spec(c[2])]
    rounds = {name: [] for name, _, _ in present}
    rates = []
    turns = [(number, c) for number in range(options.rounds) for c in present]
    for number, (name, program, _) in tqdm(turns, unit=" runs", disable=None):
        if len(rates) == number:
            rates.append(processes.measure("-m", "benchmarks.floor").answer["rate"])
        rounds[name].append(run(program, data.source, options.epochs))

    result = {
        **processes.machine(),
        "data": data.name,
        "images": len(data.x_train),
        "epochs": options.epochs,
        "floor": describe_floor(rates, len(data.x_train), options.epochs),
        "contenders": {name: summary(runs) for name, runs in rounds.items()},
        "skipped": [name for name, _, package in CONTENDERS if not find_spec(package)],
    }
    print("\n".join(table(result)))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


def run(program: str, source: str, epochs: int) -> processes.Measured:
    """Run one contender once."""
    command = ["-m", f"benchmarks.contenders.{program}", "--data", source]
    command += ["--epochs", epochs]
    with tempfile.TemporaryDirectory() as folder:
        if program == "lesson":
            command += ["--output-dir", folder]
        return processes.measure(*command)


def describe_floor(rates: list[float], images: int, epochs: int) -> dict:
    """Return the operations, the measured rate and the seconds that follow."""
    rate = statistics.median(rates)
    return {
        "operations_per_image": floor.operations_per_image(HIDDEN_UNITS),
        "rate": rate,
        "seconds": floor.seconds(images, epochs, HIDDEN_UNITS, rate),
    }


def summary(runs: list[processes.Measured]) -> dict:
    """Return [median, least, most] of each measure over the rounds."""

    def of(values) -> list[float]:
        return [statistics.median(values), min(values), max(values)]

    kept = {
        "fit_seconds": of([run.answer["fit_seconds"] for run in runs]),
        "process_seconds": of([run.seconds for run in runs]),
        "megabytes": of([run.megabytes for run in runs]),
        "accuracy": statistics.median(run.answer["accuracy"] for run in runs),
    }
    if "measuring_seconds" in runs[0].answer:
        kept["measuring_seconds"] = of([r.answer["measuring_seconds"] for r in runs])
    return kept


def table(result: dict) -> list[str]:
    """Return the lines to print: a Markdown table, the floor, what was skipped."""
    first = next(iter(result["contenders"].values()))
    lines = [
        f"{result['data']}: {result['images']:,} images, {result['epochs']} epochs;"
        f" {processes.describe(result)}",
        "",
        "| median (least to most) | fit, s | ratio | process, s | ratio | memory, MB"
        " | ratio | test accuracy |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, kept in result["contenders"].items():
        cells = [name]
        for key, digits in (
            ("fit_seconds", 1),
            ("process_seconds", 1),
            ("megabytes", 0),
        ):
            middle, least, most = (f"{value:.{digits}f}" for value in kept[key])
            cells.append(f"{middle} ({least} to {most})")
            cells.append(f"{kept[key][0] / first[key][0]:.2f}")
        lines.append(f"| {' | '.join(cells)} | {kept['accuracy']:.4f} |")
    at = result["floor"]
    ratio = at["seconds"] / first["fit_seconds"][0]
    lines.append(f"| floor | {at['seconds']:.1f} | {ratio:.2f} | | | | | |")
    lines += [
        "",
        f"Floor: {at['operations_per_image']:,} operations an image and epoch at"
        f" {at['rate'] / 1e9:.0f} billion a second, measured with NumPy at the same"
        " batch size.",
    ]
    lesson = result["contenders"].get("hello_mnist.py")
    if lesson:
        lines += [
            "hello_mnist.py besides: measuring both sets after each epoch takes"
            f" {lesson['measuring_seconds'][0]:.1f} s;",
            f"its fit runs at {at['seconds'] / lesson['fit_seconds'][0]:.2f} of the"
            " floor's rate.",
        ]
    lines += [f"Skipped, its package is missing: {name}" for name in result["skipped"]]
    return lines


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = command_line.new_parser(__doc__, prog="python -m benchmarks.training")
    processes.add_counts(parser, rounds=3, epochs=EPOCHS)
    parser.add_argument(
        "--json", type=command_line.new_file, metavar="FILE", help="write it all there"
    )
    command_line.add_data(parser)
    return parser.parse_args()


if __name__ == "__main__":
    command_line.run(main, parse)
