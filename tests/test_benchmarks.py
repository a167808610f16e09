"""The benchmarks run on little data; no test asserts a time."""

import re
import sys

import numpy as np
import pytest
from conftest import PROJECT, run_program

from benchmarks import reliability, seeds, training


def test_a_page_is_changed_in_its_settings_alone():
    text = (PROJECT / "hello_mnist.py").read_text(encoding="utf-8")
    changed = seeds.with_settings(text, ["epochs=20", "optimizer=adam", "seed=3"])
    pairs = zip(text.splitlines(), changed.splitlines(), strict=True)
    different = [new for old, new in pairs if new != old]
    assert different == ["epochs = 20", "optimizer = 'adam'", "seed = 3"]
    with pytest.raises(SystemExit, match="has no setting epoch, only: epochs, batch_"):
        seeds.with_settings(text, ["epoch=20"])
    replace = ("--replace", "no such line", "")
    process = run_program("-m", "benchmarks.seeds", "hello_mnist", *replace)
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr == "'no such line' does not occur in hello_mnist.py\n"


def test_seeds_runs_a_changed_page_with_each_seed(optdigits_file):
    data = {"MNIST_DATA": str(optdigits_file)}
    settings = ("epochs=1", "hidden_units=8")
    command = ("-m", "benchmarks.seeds", "from_scratch/hello_numpy", *settings)
    process = run_program(*command, **data)
    assert process.returncode == 0, process.stderr
    *rows, summary = process.stdout.splitlines()
    tests = [float(re.search(r"test (\S+),", row)[1]) for row in rows]
    assert [row[:6] for row in rows] == [f"Seed {i}" for i in range(5)]
    assert len(set(tests)) > 1  # each run has had a seed of its own
    assert f"test {np.mean(tests):.4f} ± {np.std(tests, ddof=1):.4f}" in summary

    # The second epoch is the last one: the first does not count.
    shown = seeds.LAST.findall(
        "Epoch 1 of 2\nAccuracy: train 0.1000, test 0.2000\n"
        "Epoch 2 of 2\nAccuracy: train 0.3000, test 0.4000\n"
    )
    assert shown == [("2", "0.3000", "0.4000")]


def test_time_memory_and_accuracy_of_a_process(tmp_path, monkeypatch):
    text = "ink = b'x' * 500_000_000\nprint('test 0.5')\nprint('test 0.75')"
    (tmp_path / "program.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    seconds, megabytes, accuracy = training.run("program")
    assert seconds > 0
    assert accuracy == 0.75
    # A process's peak starts with that of pytest. Windows says nothing.
    assert megabytes > 500 or sys.platform == "win32"


def test_ratios_are_those_within_a_round():
    def runs(*seconds):
        return [training.Run(s, 100.0, 0.98) for s in seconds]

    # A round on a busy machine is slow for both: the ratio hardly changes.
    table = training.table(
        {training.PLAIN: runs(10, 30, 20), training.PAGE: runs(5, 18, 8)}
    )
    assert "| hello_mnist | 8.0 (5.0 to 18.0) | 0.50 (0.40 to 0.60) | 100" in table
    assert "time is 0.50 (target" in table
    assert "memory 1.00 (target" in table


def test_overconfidence():
    confidence, right = np.array([0.9, 0.9, 0.7, 0.7]), np.array([True, False] * 2)
    difference, margin = reliability.overconfidence(confidence, right)
    assert difference == pytest.approx(0.3)
    deviation = np.std([-0.1, 0.9, -0.3, 0.7])
    assert margin == pytest.approx(1.96 * deviation / 2)


@pytest.mark.slow
def test_reliability_of_each_page(saved_models, optdigits_file, tmp_path):
    command = ("-m", "benchmarks.reliability", *saved_models.values())
    process = run_program(*command, cwd=tmp_path, MNIST_DATA=str(optdigits_file))
    assert process.returncode == 0, process.stderr
    assert "hello_mnist: 360 images" in process.stdout
    zeros_and_ones = int(re.search(r"binary_zero_one: (\d+) images", process.stdout)[1])
    assert 50 < zeros_and_ones < 100
    assert (tmp_path / "reliability.png").stat().st_size > 10_000


@pytest.mark.slow
def test_training_runs_every_program_and_each_learns(optdigits_file):
    command = ("-m", "benchmarks.training", "--rounds", "1")
    process = run_program(*command, MNIST_DATA=str(optdigits_file))
    assert process.returncode == 0, process.stderr
    assert "1437 training images" in process.stdout
    rows = re.findall(r"^\| (\S*?) \| \d.*\) \| ([\d.]+) \|$", process.stdout, re.M)
    missing = process.stdout.count(": left out")
    assert len(rows) == len(training.PACKAGES) - missing
    assert {training.PLAIN, training.PAGE} <= dict(rows).keys()
    for name, accuracy in rows:
        assert float(accuracy) > 0.75, name
