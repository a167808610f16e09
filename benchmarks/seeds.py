"""Run a program with the seeds 0 to 4: what a setting reaches, and the seed's chance.

    python -m benchmarks.seeds hello_mnist
    python -m benchmarks.seeds hello_mnist epochs=20 learning_rate=0.0003
    python -m benchmarks.seeds hello_mnist --replace " / 255" ""

NAME=VALUE changes one of the program's settings; --replace changes its text wherever
OLD occurs. The program itself stays as it is: copies of it run in a temporary folder,
and what they save is not kept. The gap is in percentage points.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean, stdev

from benchmarks import PROJECT, project_environment

PROGRAMS = (
    "hello_mnist",
    "binary_zero_one",
    "examples/less_overfitting",
    "examples/convnet",
    "examples/image_folders",
    "from_scratch/hello_numpy",
)
# What a program prints at the end of each of its trainings
RESULT = re.compile(r"(?m)^Accuracy: train (\d\.\d+), test (\d\.\d+)")
MISTAKES = re.compile(r"(?m)^\d+ of [\d,]+ test images are misclassified")


def main(options: argparse.Namespace) -> None:
    text = (PROJECT / f"{options.program}.py").read_text(encoding="utf-8")
    for old, new in options.replace:
        if old not in text:
            sys.exit(f"{old!r} does not occur in {options.program}.py")
        text = text.replace(old, new)
    text = with_settings(text, options.settings)

    trainings = {}  # less_overfitting trains twice
    for seed in range(5):
        program = with_settings(text, [f"seed={seed}"])
        printed = run(program, Path(options.program).name)
        for number, values in enumerate(RESULT.findall(printed), 1):
            train, test = map(float, values)
            row = test, train, 100 * (train - test)
            print(f"Seed {seed}, training {number}: ", end="")
            print(f"test {test:.4f}, train {train:.4f}, gap {row[2]:.2f}", flush=True)
            trainings.setdefault(number, []).append(row)
        if not trainings:  # binary_zero_one
            print(f"Seed {seed}: {MISTAKES.search(printed)[0]}", flush=True)
    for number, rows in trainings.items():
        test, train, gap = ((mean(column), stdev(column)) for column in zip(*rows))
        print(f"Training {number}, mean ± standard deviation: ", end="")
        print(f"test {test[0]:.4f} ± {test[1]:.4f}, ", end="")
        print(f"train {train[0]:.4f} ± {train[1]:.4f}, ", end="")
        print(f"gap {gap[0]:.2f} ± {gap[1]:.2f}")


def with_settings(text: str, settings: list[str]) -> str:
    """Return a program's text with other constants: each setting is "NAME=VALUE".

    Ends this program (SystemExit) if that one does not set NAME, or more than once.
    """
    for setting in settings:
        name, _, value = setting.partition("=")
        start, *ends = re.split(rf"(?m)^{name} = .*$", text)
        if len(ends) != 1:
            sys.exit(f"The program does not set {name} once")
        text = f"{start}{name} = {value}{ends[0]}"
    return text


def run(text: str, name: str) -> str:
    """Run a program's text in a temporary folder; return what it prints.

    Ends this program (SystemExit) if that one fails, which says why on standard error.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"{name}.py").write_text(text, encoding="utf-8")
        process = subprocess.run(
            [sys.executable, f"{name}.py"],
            cwd=folder,
            env=project_environment(),
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
    if process.returncode:
        sys.exit(process.returncode)
    return process.stdout


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seeds")
    parser.add_argument("program", choices=PROGRAMS)
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE")
    parser.add_argument(
        "--replace", nargs=2, action="append", default=[], metavar=("OLD", "NEW")
    )
    sys.stdout.reconfigure(errors="backslashreplace")  # for ±
    main(parser.parse_args())
