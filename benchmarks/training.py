"""Time the pages beside the plain script of most tutorials and beside other libraries.

All but binary_zero_one train 784-512-10 for 5 epochs in batches of 128. Each round runs
every program once, in turn, as a process of its own. What is not installed is left out;
requirements/bench.txt installs it. Let nothing else run meanwhile.

  seconds  of the whole process; the pages also measure after each epoch, predict, draw
           and save
  ratio    of these seconds to the plain script's in the same round
  memory   the most that the process has had at one time; Windows does not say
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from statistics import median
from typing import NamedTuple

from benchmarks import environment

PLAIN, PAGE = "benchmarks.plain_keras", "hello_mnist"
PACKAGES = {  # what each program needs; `python -m` runs it
    PLAIN: "tensorflow",
    PAGE: "tensorflow",
    "binary_zero_one": "tensorflow",
    "from_scratch.hello_numpy": "numpy",
    "benchmarks.pytorch": "torch",
    "benchmarks.jax": "jax",
    "benchmarks.sklearn": "scikit-learn",
}
COUNT = "from digits import load_data; print(len(load_data()[0][0]), 'training images')"


class Run(NamedTuple):
    """One run of a program: seconds, megabytes (0 if unknown), test accuracy."""

    seconds: float
    megabytes: float
    accuracy: float


def main(number_of_rounds: int) -> None:
    # Not loaded here: on Linux a process's peak memory starts with its parent's.
    counted = subprocess.run([sys.executable, "-c", COUNT], env=environment())
    if counted.returncode:
        sys.exit(counted.returncode)
    print(f"{os.cpu_count()} processors, {platform.platform()}")
    print("python", platform.python_version(), end="")
    installed = set()
    for package in dict.fromkeys([*PACKAGES.values(), "keras"]):
        try:
            print(f", {package} {metadata.version(package)}", end="")
            installed.add(package)
        except metadata.PackageNotFoundError:
            print(f", no {package}: left out", end="")
    print("\n", flush=True)

    runs = {name: [] for name, package in PACKAGES.items() if package in installed}
    for number in range(1, number_of_rounds + 1):
        for name, rounds in runs.items():
            print(f"Round {number}: {name}", file=sys.stderr)
            rounds.append(run(name))
    print(table(runs))


def run(name: str) -> Run:
    """Run a program in a folder of its own; its last "test ..." is the accuracy.

    Ends this program (SystemExit) if that one has failed.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", name],
            cwd=folder,
            env={**environment(), "PYTHONIOENCODING": "utf-8"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        megabytes = 0.0
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024  # bytes, or KiB
            megabytes = usage.ru_maxrss / unit
        process.wait()  # where there is no wait4
        seconds = time.perf_counter() - start
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode:
        sys.exit(f"{text}\n{name} has failed.")
    return Run(seconds, megabytes, float(re.findall(r"test (\d\.\d+)", text)[-1]))


def table(runs: dict[str, list[Run]]) -> str:
    """Return a Markdown table with a line for each program, and the page's targets."""
    text = "| median (least to most) | seconds | ratio | memory, MB | test accuracy |\n"
    text += "|---|---|---|---|---|\n"
    ratios, memory = {}, {}
    for name, rounds in runs.items():
        seconds, megabytes, accuracies = zip(*rounds)
        ratios[name] = [s / plain.seconds for s, plain in zip(seconds, runs[PLAIN])]
        memory[name] = median(megabytes)
        cells = [name, spread(seconds, 1), spread(ratios[name], 2)]
        cells += [spread(megabytes, 0) if memory[name] else ""]
        text += f"| {' | '.join(cells)} | {median(accuracies):.4f} |\n"
    less = f"{memory[PAGE] / memory[PLAIN]:.2f}" if memory[PLAIN] else "unknown"
    return (
        f"{text}\nOf the plain script's, {PAGE}'s time is {median(ratios[PAGE]):.2f}"
        f" (target: at most 0.90), its memory {less} (target: at most 1.05)."
    )


def spread(values: list[float], digits: int) -> str:
    """Return "median (least to most)"."""
    numbers = median(values), min(values), max(values)
    return "{} ({} to {})".format(*(f"{number:.{digits}f}" for number in numbers))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    main(parser.parse_args().rounds)
