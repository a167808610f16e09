"""Run a page with the seeds 0 to 4: what a setting reaches, and how much is chance.

    python -m benchmarks.seeds hello_mnist
    python -m benchmarks.seeds hello_mnist epochs=20 optimizer=adam
    python -m benchmarks.seeds hello_mnist --replace " / 255" ""

NAME=VALUE changes one of the page's settings; --replace changes its text wherever OLD
occurs. The page itself stays as it is: copies of it run in a temporary folder, and what
they save is not kept. The gap, train minus test accuracy, is in percentage points.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean, stdev

from benchmarks import PROJECT, environment

PAGES = (
    "hello_mnist",
    "binary_zero_one",
    "examples/less_overfitting",
    "from_scratch/hello_numpy",
)
# What a page prints after the last epoch of each of its trainings: "Epoch 5 of 5 ..."
LAST = re.compile(
    r"(?s)Epoch (\d+) of \1\b.*?ccuracy:? train (\d\.\d+), test (\d\.\d+)"
)


def main(options: argparse.Namespace) -> None:
    text = (PROJECT / f"{options.page}.py").read_text(encoding="utf-8")
    for old, new in options.replace:
        if old not in text:
            sys.exit(f"{old!r} does not occur in {options.page}.py")
        text = text.replace(old, new)
    text = with_settings(text, options.settings)

    trainings = {}  # less_overfitting trains twice
    for seed in range(5):
        page = with_settings(text, [f"seed={seed}"])
        for number, row in enumerate(run(page, Path(options.page).name), 1):
            test, train, gap = row
            print(f"Seed {seed}, training {number}: ", end="")
            print(f"test {test:.4f}, train {train:.4f}, gap {gap:.2f}", flush=True)
            trainings.setdefault(number, []).append(row)
    for number, rows in trainings.items():
        test, train, gap = ((mean(column), stdev(column)) for column in zip(*rows))
        print(f"Training {number}, mean ± standard deviation: ", end="")
        print(f"test {test[0]:.4f} ± {test[1]:.4f}, ", end="")
        print(f"train {train[0]:.4f} ± {train[1]:.4f}, ", end="")
        print(f"gap {gap[0]:.2f} ± {gap[1]:.2f}")


def with_settings(text: str, settings: list[str]) -> str:
    """Return a page's text with other constants in its cell "Settings".

    Each setting is "NAME=VALUE"; a VALUE that is one word is taken as a string. Ends
    the program (SystemExit) if the page has no constant of that name.
    """
    cell = re.search(r"(?s)# %% Settings.*?\n# %%", text)[0]
    names = re.findall(r"(?m)^(\w+) = ", cell)
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in names:
            sys.exit(f"The page has no setting {name}, only: {', '.join(names)}")
        value = repr(value) if value.isidentifier() else value
        start, end = re.split(rf"(?m)^{name} = .*$", text, maxsplit=1)
        text = f"{start}{name} = {value}{end}"
    return text


def run(text: str, name: str) -> list[tuple[float, float, float]]:
    """Run a page's text; return test accuracy, train accuracy and gap of each training.

    Ends the program (SystemExit) if the page fails, which says why on standard error.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"{name}.py").write_text(text, encoding="utf-8")
        process = subprocess.run(
            [sys.executable, f"{name}.py"],
            cwd=folder,
            env={**environment(), "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
    if process.returncode:
        sys.exit(process.returncode)
    found = [(float(p), float(q)) for _, p, q in LAST.findall(process.stdout)]
    return [(test, train, 100 * (train - test)) for train, test in found]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("page", choices=PAGES)
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE")
    parser.add_argument(
        "--replace", nargs=2, action="append", default=[], metavar=("OLD", "NEW")
    )
    main(parser.parse_args())
