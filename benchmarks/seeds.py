"""Run a lesson with several seeds and print what each run reached.

The lessons' accuracies in README.md come from here:

    python -m benchmarks.seeds hello_mnist
    python -m benchmarks.seeds binary_zero_one
    python -m benchmarks.seeds hello_mnist --hidden-units 256 --optimizer adam \\
        --batch-size 64 --epochs 10

Further options go to the lesson. Its files are made in a temporary folder.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run the lesson once a seed; return the first exit code that is not 0."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lesson", choices=("hello_mnist", "binary_zero_one"))
    parser.add_argument(
        "--seeds", type=int, default=5, metavar="N", help="0 to N - 1 (default: 5)"
    )
    options, lesson_options = parser.parse_known_args()
    if options.seeds < 1:
        parser.error("--seeds takes a number from 1 up")

    print("seed  test accuracy  misread  train accuracy  seconds  data")
    records = []
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, PROJECT / f"{options.lesson}.py", "--quiet"]
            command += ["--seed", str(seed), "--output-dir", folder, *lesson_options]
            finished = subprocess.run(command, stdout=subprocess.DEVNULL)
            if finished.returncode:
                return finished.returncode
            (path,) = Path(folder, "saved_models").glob("*.json")
            records.append(json.loads(path.read_text(encoding="utf-8")))
        test, last = records[-1]["test"], records[-1]["epochs"][-1]
        print(
            f"{seed:4}  {test['accuracy']:13.4f}  {len(records[-1]['misread']):7}"
            f"  {last['train_accuracy']:14.4f}  {records[-1]['seconds']['run']:7.1f}"
            f"  {records[-1]['data']['name']}",
            flush=True,
        )
    accuracies = [record["test"]["accuracy"] for record in records]
    misread = [len(record["misread"]) for record in records]
    print(
        f"test accuracy: least {min(accuracies):.4f}, mean"
        f" {statistics.mean(accuracies):.4f}; misread: median"
        f" {statistics.median(misread):g}, most {max(misread)}"
    )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
