"""The benchmarks run on tiny data and count rightly; no test asserts a time."""

import json
import re
import subprocess
import sys
from argparse import Namespace

import numpy as np
import pytest
from conftest import PROJECT, lesson_environment, write_idx_folder
from test_backends import need

from benchmarks import floor, scale_out, steps
from from_scratch import network


class Counting(np.ndarray):
    """An array that counts the operations of every matrix product it takes part in."""

    operations = 0

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [np.asarray(value) for value in inputs]
        if ufunc is np.matmul:
            rows, inner = plain[0].shape
            Counting.operations += 2 * rows * inner * plain[1].shape[1]
        result = getattr(ufunc, method)(*plain, **kwargs)
        return result.view(Counting) if isinstance(result, np.ndarray) else result


@pytest.mark.parametrize("hidden_units", [1, 7, 512])
def test_operations_are_those_of_a_real_step(hidden_units):
    """Count the matrix products of one step of the NumPy network as they happen."""
    net = network.Network(
        {"w1": np.ones((784, hidden_units)), "w2": np.ones((hidden_units, 10))},
        hidden="relu",
        output="softmax",
    )
    Counting.operations = 0
    x = np.ones((3, 784)).view(Counting)
    network.gradients(net, x, np.eye(10)[:3])
    assert Counting.operations == 3 * floor.operations_per_image(hidden_units)


def run(module, *arguments, cwd=PROJECT):
    process = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)],
        cwd=cwd,
        env=lesson_environment(),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_training_runs_on_tiny_data(tiny, tmp_path):
    folder = write_idx_folder(tmp_path / "tiny", tiny)
    out = run(
        *("training", "--data", folder, "--rounds", 1, "--epochs", 1),
        *("--json", tmp_path / "all.json"),
    )
    assert "tiny: 40 images, 1 epochs" in out
    kept = json.loads((tmp_path / "all.json").read_text())
    for name in ("plain Keras script", "hello_mnist.py", "NumPy twin"):
        assert f"| {name} |" in out
        assert kept["contenders"][name]["fit_seconds"][0] > 0
        assert 0 <= kept["contenders"][name]["accuracy"] <= 1
    assert "| floor |" in out
    assert kept["floor"]["operations_per_image"] == floor.operations_per_image(512)
    named = [*kept["contenders"], *kept["skipped"]]
    assert len(named) == 7  # each contender ran or is named as skipped
    for name in kept["skipped"]:
        assert f"its package is missing: {name}" in out


def test_scaling_runs_on_tiny_data(tiny, tmp_path):
    folder = write_idx_folder(tmp_path / "tiny", tiny)
    out = run(
        *("scaling", "--data", folder, "--rounds", 1, "--epochs", 1),
        *("--output-dir", tmp_path),
    )
    for size in ("| 4 | 512 |", "| 40 | 512 |", "| 40 | 128 |", "| 40 | 2048 |"):
        assert size in out
    assert (tmp_path / "docs" / "scaling.png").is_file()


def test_start_runs_on_tiny_data(tiny, tmp_path):
    folder = write_idx_folder(tmp_path / "tiny", tiny)
    out = run("start", "--data", folder, "--rounds", 1, "--output-dir", tmp_path)
    for part in ("`--help`", "importing", "first epoch", "plotting"):
        assert f"| {part} |" in out
    assert (tmp_path / "docs" / "start.png").is_file()


def test_seeds_runs_and_summarises():
    out = run("seeds", *("hello_mnist", "--seeds", 2, "--data", "optdigits"), *FAST)
    assert out.count("optdigits") == 2
    assert "test accuracy: least 0." in out


FAST = ("--epochs", 1, "--hidden-units", 8)


def test_numerical_gradients_agree():
    out = run("numerical_gradients", "--data", "optdigits")
    rows = [line.split() for line in out.splitlines()[2:]]
    assert float(rows[1][-1]) < 1e-6
    assert float(rows[2][-1]) < 1e-6


def test_steps_runs_on_tiny_data(tiny, tmp_path):
    big_enough = {key: np.repeat(array, 8, axis=0) for key, array in tiny.items()}
    folder = write_idx_folder(tmp_path / "tiny", big_enough)
    out = run("steps", "--data", folder, "--rounds", 1, "--epochs", 2)
    lines = [line.split(" | ") for line in out.splitlines() if line.startswith("| ")]
    assert len(lines) == 1 + len(steps.STEPS) + 1  # the heading, and the floor
    assert all(float(cells[1]) > 0 for cells in lines[1:-1])


def test_scale_out_runs_on_tiny_data(tiny, tmp_path, monkeypatch, capsys):
    need("jax")
    monkeypatch.setattr(scale_out, "WIDTHS", (8,))  # else it takes a minute
    folder = write_idx_folder(tmp_path / "tiny", tiny)
    scale_out.main(Namespace(data=str(folder), rounds=1, epochs=1))
    out = capsys.readouterr().out
    assert "tiny: 40 images" in out
    assert re.search(r"\| 8 \| [\d,]+ \| [\d,]+ \| \d+\.\d\d \|", out)
    assert re.search(r"Two processes (pay with 8 hidden|do not pay with any)", out)


def test_own_handwriting_runs_on_a_few_images(saved_models, digits_data, tmp_path):
    model = saved_models["hello_mnist"]
    out = run(
        *(
            "own_handwriting",
            "--data",
            digits_data.source,
            "--model",
            model,
            "--images",
            60,
        ),
        *("--output-dir", tmp_path),
    )
    accuracies = dict(re.findall(r"\| (.+) \| ([\d.]+) \|", out))
    assert float(accuracies["photographed; digits/images.py"]) > 0.85
    assert float(accuracies["photographed; resized and inverted"]) < 0.5
    assert (tmp_path / "docs" / "own_handwriting.png").stat().st_size > 10_000


def test_own_handwriting_names_a_missing_model(tmp_path):
    command = ["-m", "benchmarks.own_handwriting", "--model", tmp_path / "none.keras"]
    process = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 2
    assert "none.keras: no such file" in process.stderr
