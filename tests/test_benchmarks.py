"""The benchmarks run on little data; no test asserts a time."""

import re

import numpy as np
import pytest
from conftest import PROJECT, run_program

from benchmarks import seeds, training


def test_seeds_changes_and_reads_the_programs(programs):
    for path in seeds.PROGRAMS:
        text = (PROJECT / f"{path}.py").read_text(encoding="utf-8")
        assert "\nepochs = 21\n" in seeds.with_settings(text, ["epochs=21", "seed=3"])
    with pytest.raises(SystemExit, match="does not set epoch once"):
        seeds.with_settings(text, ["epoch=20"])
    assert len(seeds.RESULT.findall(programs["hello_mnist"][1])) == 1
    assert seeds.MISTAKES.search(programs["binary_zero_one"][1])


@pytest.mark.slow
def test_seeds_runs_a_changed_program_with_each_seed(optdigits_file):
    data = {"MNIST_DATA": str(optdigits_file), "PYTHONIOENCODING": "ascii"}
    settings = ("epochs=1", "hidden_units=8")
    command = ("-m", "benchmarks.seeds", "from_scratch/hello_numpy", *settings)
    process = run_program(*command, **data)
    *rows, summary = process.stdout.splitlines()
    tests = [float(re.search(r"test (\S+),", row)[1]) for row in rows]
    assert len(tests) == 5
    assert len(set(tests)) > 1  # each run has had a seed of its own
    mean, deviation = np.mean(tests), np.std(tests, ddof=1)
    assert re.search(rf"test {mean:.4f} \S+ {deviation:.4f}", summary)


def test_ratios_are_those_within_a_round():
    """A round on a busy machine is slow for both: the ratio hardly changes."""
    plain, ours = [(10, 99), (30, 99), (20, 99)], [(5, 100), (18, 100), (8, 100)]
    table = training.table({training.PLAINEST: plain, "hello_mnist": ours})
    assert "| hello_mnist | 8.0 (5.0 to 18.0) | 0.50 (0.40 to 0.60) | 100" in table


@pytest.mark.slow
def test_training_runs_every_program(optdigits_file):
    command = ("-m", "benchmarks.training", "--rounds", "1")
    process = run_program(*command, MNIST_DATA=str(optdigits_file))
    rows = re.findall(r"(?m)^\| (\S*?) \| \d", process.stdout)
    assert set(rows) <= training.PACKAGES.keys()
    assert {training.PLAINEST, "hello_mnist", "from_scratch.hello_numpy"} <= {*rows}
