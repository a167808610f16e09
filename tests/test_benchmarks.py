"""The benchmarks run on little data; no test asserts a time."""

import re
import sys

import numpy as np
import pytest
from conftest import PROJECT, run_program

from benchmarks import seeds, training


def test_a_program_is_changed_in_its_settings_alone():
    text = (PROJECT / "hello_mnist.py").read_text(encoding="utf-8")
    changed = seeds.with_settings(text, ["epochs=20", "learning_rate=0.1", "seed=3"])
    pairs = zip(text.splitlines(), changed.splitlines(), strict=True)
    different = [new for old, new in pairs if new != old]
    assert different == ["epochs = 20", "learning_rate = 0.1", "seed = 3"]
    with pytest.raises(SystemExit, match="has no setting epoch, only: epochs, batch_"):
        seeds.with_settings(text, ["epoch=20"])
    replace = ("--replace", "no such line", "")
    process = run_program("-m", "benchmarks.seeds", "hello_mnist", *replace)
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr == "'no such line' does not occur in hello_mnist.py\n"


def test_what_seeds_reads_is_what_the_programs_print(pages):
    printed = pages["hello_mnist"][1]
    assert len(seeds.RESULT.findall(printed)) == 1
    assert seeds.MISTAKES.search(pages["binary_zero_one"][1])
    for path in seeds.PROGRAMS:
        text = (PROJECT / f"{path}.py").read_text(encoding="utf-8")
        assert seeds.with_settings(text, ["seed=1"]) != text


@pytest.mark.slow
def test_seeds_runs_a_changed_program_with_each_seed(optdigits_file):
    data = {"MNIST_DATA": str(optdigits_file), "PYTHONIOENCODING": "ascii"}
    settings = ("epochs=1", "hidden_units=8")
    command = ("-m", "benchmarks.seeds", "from_scratch/hello_numpy", *settings)
    process = run_program(*command, **data)
    assert process.returncode == 0, process.stderr
    *rows, summary = process.stdout.splitlines()
    tests = [float(re.search(r"test (\S+),", row)[1]) for row in rows]
    assert [row[:6] for row in rows] == [f"Seed {i}" for i in range(5)]
    assert len(set(tests)) > 1  # each run has had a seed of its own
    mean, deviation = np.mean(tests), np.std(tests, ddof=1)
    assert re.search(rf"test {mean:.4f} \S+ {deviation:.4f}", summary)


def test_time_and_memory_of_a_process(tmp_path, monkeypatch):
    (tmp_path / "program.py").write_text("ink = b'x' * 50_000_000", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    seconds, megabytes = training.run("program")
    assert seconds > 0
    assert megabytes > 50 or sys.platform == "win32"  # Windows says nothing


def test_ratios_are_those_within_a_round():
    def runs(*seconds):
        return [training.Run(s, 100.0) for s in seconds]

    # A round on a busy machine is slow for both: the ratio hardly changes.
    table = training.table(
        {training.PLAINEST: runs(10, 30, 20), "hello_mnist": runs(5, 18, 8)}
    )
    assert "| hello_mnist | 8.0 (5.0 to 18.0) | 0.50 (0.40 to 0.60) | 100" in table


@pytest.mark.slow
def test_training_runs_every_program(optdigits_file):
    command = ("-m", "benchmarks.training", "--rounds", "1")
    process = run_program(*command, MNIST_DATA=str(optdigits_file))
    assert process.returncode == 0, process.stderr
    rows = re.findall(r"(?m)^\| (\S*?) \| \d", process.stdout)
    assert set(rows) <= training.PACKAGES.keys()
    assert {training.PLAINEST, "hello_mnist", "from_scratch.hello_numpy"} <= {*rows}
