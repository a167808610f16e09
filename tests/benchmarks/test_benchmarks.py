"""The benchmarks run on tiny data and count correctly; no test asserts a time."""

import json
import math
import os
import re

import numpy as np
import pytest
from conftest import run_program, write_idx_folder

from benchmarks import lower_bound, processes, training
from from_scratch import hello_numpy


class Counting(np.ndarray):
    """An array that counts the operations of each matrix product it is the left of."""

    operations = 0

    def __matmul__(self, other):
        rows, inner = self.shape
        Counting.operations += 2 * rows * inner * other.shape[1]
        return super().__matmul__(other)


@pytest.mark.parametrize("hidden_units", [1, 7, 512])
def test_operations_are_those_of_a_real_step(hidden_units):
    p = hello_numpy.init(np.random.default_rng(0), hidden_units)
    Counting.operations = 0
    x = np.ones((3, 784), np.float32).view(Counting)
    hello_numpy.gradients(p, x, np.array([0, 1, 2]))
    assert Counting.operations == 3 * lower_bound.operations_per_image(hidden_units)


def test_measures_time_memory_and_output():
    measured = processes.measure("-c", "print(len(b'x' * 300_000_000))")
    assert measured.output.strip() == "300000000"
    assert measured.seconds > 0
    assert measured.megabytes > 280


def test_without_wait4_only_the_memory_is_missing(monkeypatch):
    monkeypatch.delattr(os, "wait4", raising=False)
    measured = processes.measure("-c", "print(1)")
    assert measured.output.strip() == "1"
    assert math.isnan(measured.megabytes)


def test_ratios_are_those_within_a_round():
    def runs(*seconds):
        return [training.Run(1.0, s, 100.0, 0.98, {}) for s in seconds]

    # A round on a busy machine is slow for both: the ratio hardly changes.
    text = training.table({training.PLAIN: runs(10, 30, 20), "other": runs(5, 18, 8)})
    assert (
        "| other | 1.0 (1.0 to 1.0) | 8.0 (5.0 to 18.0) | 0.50 (0.40 to 0.60)" in text
    )


def test_a_failing_lesson_ends_the_benchmark_with_its_error():
    process = run_program("-m", "benchmarks.seeds", "hello_mnist", "--epochs", "0")
    assert process.returncode == 2
    assert process.stderr.splitlines()[-1].startswith("hello_mnist.py: error: ")
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize(
    ("package", "module"),
    [
        ("numpy", "numpy_page"),
        ("torch", "pytorch"),
        ("jax", "jax_scan"),
        ("sklearn", "scikit_learn"),
    ],
)
def test_baselines_learn(package, module):
    pytest.importorskip(package, reason="needs requirements/bench.txt")
    command = ("-m", f"benchmarks.baselines.{module}", "--data", "optdigits")
    process = run_program(*command)
    assert process.returncode == 0, process.stderr
    result = json.loads(process.stdout)
    assert result["fit"] > 0
    assert result["accuracy"] > 0.8


@pytest.mark.slow
def test_training_runs_on_tiny_data(tiny, tmp_path):
    folder = write_idx_folder(tmp_path / "tiny", tiny)
    process = run_program(
        "-m", "benchmarks.training", "--data", folder, "--rounds", "1"
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("tiny, not MNIST: 40 images; ")
    for name in (*training.BASELINES, *training.LESSONS):
        assert f"| {name} | " in process.stdout or f"Left out: {name}" in process.stdout
    assert re.search(r"\| plain Keras script \| .* \| 1.00 \(", process.stdout)
    assert re.search(r"\| lower bound.* \| [\d.]+ \|", process.stdout)
    for phase in ("import", "first epoch", "drawing", "start and end of Python"):
        assert re.search(rf"\| {phase} \| [\d.]+ \| [\d.]+ \|", process.stdout)


@pytest.mark.slow
def test_scaling_runs_on_tiny_data(tiny, tmp_path):
    folder = write_idx_folder(tmp_path / "tiny", tiny)
    command = ("-m", "benchmarks.scaling", "--data", folder, "--rounds", "1")
    process = run_program(*command, "--output-dir", tmp_path)
    assert process.returncode == 0, process.stderr
    for size in ("| 4 | 512 |", "| 40 | 512 |", "| 40 | 128 |", "| 40 | 2,048 |"):
        assert process.stdout.count(size) == 1
    assert process.stdout.count("least squares: ") == 2
    assert [*tmp_path.glob("docs/*")] == [tmp_path / "docs" / "scaling.png"]


@pytest.mark.slow
def test_seeds_prints_each_seed_and_a_summary():
    settings = ("--data", "optdigits", "--epochs", "1", "--hidden-units", "8")
    command = ("-m", "benchmarks.seeds", "hello_mnist", "--seeds", "2", *settings)
    process = run_program(*command)
    assert process.returncode == 0, process.stderr
    assert process.stdout.count("optdigits") == 2
    assert re.search(r"mean 0\.\d{4}, standard deviation 0\.\d{4}", process.stdout)
