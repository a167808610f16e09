"""Run a program in a process of its own and measure it from outside."""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from digits import cli


class Measured(NamedTuple):
    """A finished process: wall seconds, peak memory in MB (nan on Windows), output.

    Linux counts the memory of whoever started the process as well, if it had more.
    """

    seconds: float
    megabytes: float
    output: str


def measure(*command) -> Measured:
    """Run `python COMMAND...` and return what it took.

    If it fails, this program prints its error and ends with its exit code.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start, megabytes = time.perf_counter(), math.nan
        process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            stdout=output,
            stderr=errors,
        )
        if hasattr(os, "wait4"):
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes, kilobytes
            megabytes = used.ru_maxrss / unit
        code = process.wait()
        seconds = time.perf_counter() - start
        for file in (output, errors):
            file.seek(0)
        if code:
            sys.stderr.write(errors.read().decode(errors="replace"))
            sys.exit(code)
        return Measured(seconds, megabytes, output.read().decode(errors="replace"))


def run_lesson(script: str, folder: Path, *options) -> tuple[Measured, dict]:
    """Run hello_mnist.py or binary_zero_one.py; return what it took, and its record.

    Its files are made in a temporary folder inside `folder`.
    """
    with tempfile.TemporaryDirectory(dir=folder) as results:
        command = (cli.PROJECT / script, *options, "--output-dir", results)
        measured = measure(*command)
        (path,) = Path(results).glob("saved_models/*.json")
        return measured, json.loads(path.read_text(encoding="utf-8"))


def add_rounds(parser: argparse.ArgumentParser) -> None:
    """Add the option --rounds."""
    parser.add_argument(
        "--rounds",
        type=cli.whole_number(1, 1000),
        metavar="N",
        default=3,
        help="how often each program runs (default: %(default)s)",
    )
