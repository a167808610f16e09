"""Run a program in a process of its own and measure it from outside."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, TextIO

from digits import command_line
from digits.errors import UnusableInput


class Measured(NamedTuple):
    """A finished process: wall and processor seconds, peak memory in MB, its answer."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    answer: dict


def measure(*command, answers: bool = True) -> Measured:
    """Run `python COMMAND...` and return what it took.

    Args:
        command: the arguments of the Python interpreter.
        answers: whether the last line it prints is its answer, as JSON.

    Raises:
        UnusableInput: it ended with an error; its last words are in the text.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            cwd=command_line.PROJECT,
            stdout=out,
            stderr=errors,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        if answers and process.returncode:
            raise failure(" ".join(map(str, command[:2])), errors)
        answer = json.loads(out.read().splitlines()[-1]) if answers else {}
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kilobytes here
    cpu_seconds = used.ru_utime + used.ru_stime
    return Measured(seconds, cpu_seconds, used.ru_maxrss / unit, answer)


def failure(name: str, errors: TextIO) -> UnusableInput:
    """Return the error for a program that failed, with its last words."""
    errors.seek(0)
    last = (errors.read().strip().splitlines() or ["no message"])[-1]
    return UnusableInput(f"{name} failed: {last}")


def add_counts(parser: argparse.ArgumentParser, **defaults: int) -> None:
    """Add an option for each number given: `rounds`, and where it applies `epochs`."""
    what = {"rounds": "how often everything runs", "epochs": "epochs of training"}
    for name, default in defaults.items():
        parser.add_argument(
            f"--{name}",
            type=command_line.whole_number(1, 1000),
            default=default,
            metavar="N",
            help=f"{what[name]} (default: %(default)s)",
        )


def machine() -> dict:
    """Return what a measurement depends on: versions, processor, cores."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text().splitlines()
        names = [
            line.partition(":")[2].strip() for line in lines if "model name" in line
        ]
        name = names[0] if names else name
    return {
        "versions": command_line.versions(),
        "processor": name,
        "cores": os.cpu_count(),
    }


def describe(measured_on: dict) -> str:
    """Return in words what `machine` gives."""
    versions = ", ".join(f"{k} {v}" for k, v in measured_on["versions"].items())
    return f"{measured_on['processor']}, {measured_on['cores']} cores; {versions}"
