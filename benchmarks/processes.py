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

from digits import cli
from digits.files import Staging


def measure(*command) -> tuple[float, float, str]:
    """Run `python COMMAND...`; if it fails, end with its output and exit code.

    Returns its wall seconds, its peak memory in MB (nan on Windows; on Linux at least
    that of this program), and its output.
    """
    start, megabytes = time.perf_counter(), math.nan
    with subprocess.Popen(
        [sys.executable, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        output = process.stdout.read()
        if hasattr(os, "wait4"):
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes, kilobytes
            megabytes = used.ru_maxrss / unit
    seconds = time.perf_counter() - start
    if process.returncode:
        sys.stderr.write(output)
        sys.exit(process.returncode)
    return seconds, megabytes, output


def run_lesson(script: str, *options) -> tuple[float, float, dict]:
    """Run hello_mnist.py or binary_zero_one.py; return seconds, MB and its record."""
    # Nothing is published: Ctrl-C removes a Staging, but not a TemporaryDirectory.
    with Staging(Path(tempfile.gettempdir())) as temporary:
        command = (cli.PROJECT / script, *options, "--output-dir", temporary.folder)
        seconds, megabytes, _ = measure(*command)
        (path,) = temporary.folder.glob("saved_models/*.json")
        return seconds, megabytes, json.loads(path.read_text(encoding="utf-8"))


def add_rounds(parser: argparse.ArgumentParser) -> None:
    """Add the option --rounds."""
    parser.add_argument(
        "--rounds",
        type=cli.whole_number(1, 1000),
        metavar="N",
        default=3,
        help="how often each program runs (default: %(default)s)",
    )
