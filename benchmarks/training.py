"""The lessons beside the same network trained with other libraries.

All but binary_zero_one.py train 784-512-10 for 5 epochs in batches of 128, with RMSprop
where nothing else is said. Each round runs every program once, in turn, in a process of
its own. What is not installed is left out; requirements/bench.txt installs it.

  fit      seconds of training; where a program measures after each epoch (the
           lessons, `validation_data`), with the measuring
  process  seconds from start to end; the lessons also predict, save and draw
  ratio    of `process` to the plain script's in the same round
  memory   the process's peak
"""

import json
from importlib.util import find_spec
from statistics import median
from typing import NamedTuple

from tqdm import tqdm

from benchmarks import lower_bound, processes
from benchmarks.baselines import HIDDEN_UNITS, IMPORTED
from digits import cli, data

PLAIN = "plain Keras script"
LESSONS = ("hello_mnist.py", "binary_zero_one.py")
BASELINES = {  # each a function of benchmarks/baselines.py
    PLAIN: "plain_keras",
    "the same with `validation_data`": "keras_with_validation",
    "NumPy: from_scratch/hello_numpy.py": "numpy_page",
    "PyTorch, own loop": "pytorch",
    "PyTorch, DataLoader": "pytorch_loader",
    "JAX, one scan per epoch": "jax_scan",
    "scikit-learn, with Adam": "scikit_learn",
}


class Run(NamedTuple):
    """One run of a program: seconds, MB, test accuracy, a lesson's phases."""

    fit: float
    process: float
    megabytes: float
    accuracy: float
    phases: dict[str, float]


def main(options):
    dataset = data.load(options.data)
    runs = {name: [] for name in (*filter(is_installed, BASELINES), *LESSONS)}
    for name in tqdm([*runs] * options.rounds, unit=" runs", disable=None):
        runs[name].append(run(name, dataset.source))

    images = len(dataset.x_train)
    print(f"{dataset.title}: {images:,} images; {cli.machine_text()}\n")
    print(table(runs))
    bound = lower_bound.seconds(images, HIDDEN_UNITS)
    print(f"| lower bound of the arithmetic | {bound:.1f} | | | | |\n")
    print(phases_table(runs))


def is_installed(name: str) -> bool:
    """Whether a baseline's library is."""
    return find_spec(IMPORTED[BASELINES[name]].partition(".")[0]) is not None


def run(name: str, source: str) -> Run:
    """Run a baseline or a lesson once, on the data that `source` names."""
    if name in BASELINES:
        command = ("-m", "benchmarks.baselines", BASELINES[name], source)
        seconds, megabytes, output = processes.measure(*command)
        result = json.loads(output.splitlines()[-1])
        return Run(result["fit"], seconds, megabytes, result["accuracy"], {})
    seconds, megabytes, record = processes.run_lesson(name, "--data", source)
    phases = record["seconds"]
    fit = phases["first epoch"] + phases["other epochs"] + phases["measuring"]
    phases["start and end of Python"] = seconds - sum(phases.values())
    return Run(fit, seconds, megabytes, record["test"]["accuracy"], phases)


def table(runs: dict[str, list[Run]]) -> str:
    """Return a Markdown table with a line for each program."""
    lines = [
        "| median (least to most) | fit, s | process, s | ratio | memory, MB"
        " | test accuracy |",
        "|---|---|---|---|---|---|",
    ]
    for name, rounds in runs.items():
        pairs = zip(rounds, runs[PLAIN], strict=True)
        cells = [
            name,
            spread([run.fit for run in rounds], 1),
            spread([run.process for run in rounds], 1),
            spread([run.process / plain.process for run, plain in pairs], 2),
            spread([run.megabytes for run in rounds], 0),
            f"{median(run.accuracy for run in rounds):.4f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def spread(values: list[float], digits: int) -> str:
    """Return "median (least to most)"."""
    numbers = median(values), min(values), max(values)
    return "{} ({} to {})".format(*(f"{number:.{digits}f}" for number in numbers))


def phases_table(runs: dict[str, list[Run]]) -> str:
    """Return a Markdown table of the lessons' seconds by phase, medians."""
    lines = [f"| seconds, median | {' | '.join(LESSONS)} |", "|---|---|---|"]
    for phase in runs[LESSONS[0]][0].phases:
        medians = [median(r.phases[phase] for r in runs[name]) for name in LESSONS]
        lines.append(f"| {phase} | {medians[0]:.1f} | {medians[1]:.1f} |")
    return "\n".join(lines)


def parse():
    parser = cli.new_parser(__doc__)
    processes.add_rounds(parser)
    cli.add_data(parser)
    return parser.parse_args()


if __name__ == "__main__":
    cli.start()
    main(parse())
