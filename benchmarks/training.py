"""Time the programs beside the plainest script, and beside other libraries.

All but binary_zero_one train 784-512-10 for 5 epochs in batches of 128. Each round runs
every program once, in turn, as a process of its own. What is not installed is left out;
requirements/all.txt installs it. Let nothing else run meanwhile. docs/performance.md
says what the columns are. (Windows does not tell the memory: there it is 0.)
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from statistics import median

from benchmarks import project_environment

PLAINEST = "benchmarks.plain_keras"
PACKAGES = {  # what each program needs; `python -m` runs it
    PLAINEST: "tensorflow",
    "hello_mnist": "tensorflow",
    "binary_zero_one": "tensorflow",
    "from_scratch.hello_numpy": "numpy",
    "examples.hello_pytorch": "torch",
    "examples.hello_jax": "jax",
    "examples.hello_sklearn": "sklearn",
}
TABLE_HEAD = """| median (least to most) | seconds | ratio | memory, MB |
|---|---|---|---|"""


def main(number_of_rounds: int) -> None:
    print(f"{os.cpu_count()} processors, {platform.platform()}\n", flush=True)
    runs = {name: [] for name, package in PACKAGES.items() if find_spec(package)}
    for number in range(1, number_of_rounds + 1):
        for name, rounds in runs.items():
            print(f"Round {number}: {name}", file=sys.stderr)
            rounds.append(run(name))
    print(table(runs))


def run(name: str) -> tuple[float, float]:
    """Run a program in a folder of its own; return seconds and MB (0 if unknown).

    Ends this program (SystemExit) if that one fails, which says why on standard error.
    """
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", name],
            cwd=folder,
            env=project_environment(),
            stdout=subprocess.DEVNULL,
        )
        megabytes = 0.0
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024  # bytes, or KiB
            megabytes = usage.ru_maxrss / unit
        process.wait()  # where there is no wait4
        seconds = time.perf_counter() - start
    if process.returncode:
        sys.exit(process.returncode)
    return seconds, megabytes


def table(runs: dict[str, list[tuple[float, float]]]) -> str:
    """Return a Markdown table with a line for each program: what `run` returned."""
    text = TABLE_HEAD
    plain_seconds = [seconds for seconds, _ in runs[PLAINEST]]
    for name, rounds in runs.items():
        seconds, megabytes = zip(*rounds)
        ratios = [s / plain for s, plain in zip(seconds, plain_seconds)]
        cells = [name, spread(seconds, 1), spread(ratios, 2), spread(megabytes, 0)]
        text += f"\n| {' | '.join(cells)} |"
    return text


def spread(values: list[float], digits: int) -> str:
    """Return "median (least to most)"."""
    numbers = median(values), min(values), max(values)
    return "{} ({} to {})".format(*(f"{number:.{digits}f}" for number in numbers))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training")
    parser.add_argument("--rounds", type=int, default=5)
    main(parser.parse_args().rounds)
