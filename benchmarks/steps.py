"""How far each step from the plain script brings the training, and what is left.

Each row adds one setting to the one before; the last rows leave Keras's `fit` for a
training loop of one's own, and time two parts of it alone. Each in a fresh process, in
turn, several rounds; medians.
"""

import argparse
import statistics

from tqdm import tqdm

from benchmarks import floor, processes
from digits import command_line, dataset

# What contenders/keras_steps.py does, by --taken 0, 1, 2 ...
STEPS = (
    "plain Keras script",
    "+ `steps_per_execution=94`",
    "+ images as tensors",
    "+ `jit_compile=True`",
    "a training loop of one's own, an epoch in one compiled call",
    "of that: the five matrix products",
    "of that: RMSprop's update of the weights",
)


def main(options) -> None:
    """Run the rounds and print the table."""
    data = dataset.load(options.data)
    epochs, rates = [[] for _ in STEPS], []
    for _ in tqdm(range(options.rounds), unit=" rounds", disable=None):
        rates.append(processes.measure("-m", "benchmarks.floor").answer["rate"])
        for taken, kept in enumerate(epochs):
            run = processes.measure(
                *("-m", "benchmarks.contenders.keras_steps", "--data", data.source),
                *("--epochs", options.epochs, "--taken", taken),
            )
            kept.append(run.answer["epoch_seconds"])
    print(f"{data.name}: {len(data.x_train):,} images, {options.epochs} epochs\n")
    print("| seconds | first epoch | each later one | all | ratio |")
    print("|---|---|---|---|---|")
    plain = statistics.median(map(sum, epochs[0]))
    for name, rounds in zip(STEPS, epochs, strict=True):
        first = statistics.median(seconds[0] for seconds in rounds)
        later = statistics.median(
            s for seconds in rounds for s in seconds[1:] or seconds
        )
        print(row(name, first, later, statistics.median(map(sum, rounds)), plain))
    least = floor.seconds(len(data.x_train), 1, 512, statistics.median(rates))
    print(row("floor", least, least, least * options.epochs, plain))


def row(name: str, first: float, later: float, whole: float, plain: float) -> str:
    """Return a line of the table."""
    return f"| {name} | {first:.2f} | {later:.2f} | {whole:.1f} | {whole / plain:.2f} |"


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = command_line.new_parser(__doc__, prog="python -m benchmarks.steps")
    processes.add_counts(parser, rounds=3, epochs=5)
    command_line.add_data(parser)
    return parser.parse_args()


if __name__ == "__main__":
    command_line.run(main, parse)
