"""The four programs, run as a user runs them; the reproductions on real MNIST."""

import json
import subprocess
import sys

import pytest
from conftest import PROJECT, lesson_environment

from from_scratch import relu_dropout, simple_net, zero_one

PROGRAMS = {
    "relu_dropout": [],
    "simple_net": ["--steps", "700"],
    "zero_one": [],
    "hello_numpy": [],
}


def run(name, *arguments, folder, check=True, keep_json=True):
    """Run a program; return its process and the figures it wrote."""
    if keep_json:
        arguments = [*arguments, "--json", folder / "figures.json"]
    process = subprocess.run(
        [
            *(sys.executable, "-X", "importtime", "-m", f"from_scratch.{name}"),
            *map(str, arguments),
            *("--output-dir", str(folder)),
        ],
        cwd=PROJECT,
        env=lesson_environment(),
        capture_output=True,
        text=True,
        timeout=900,
    )
    if check:
        assert process.returncode == 0, process.stderr[-3000:]
        return process, json.loads((folder / "figures.json").read_text())
    return process, None


@pytest.mark.parametrize("name", PROGRAMS)
def test_runs_on_optdigits_without_keras(name, tmp_path):
    process, figures = run(
        name, "--data", "optdigits", *PROGRAMS[name], folder=tmp_path
    )
    assert figures["data"] == "optdigits"
    assert "optdigits, NOT the original MNIST" in process.stdout
    assert "published" not in process.stdout
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == [
        f"from_scratch_{name}-optdigits.png"
    ]
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0]
        for line in process.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "numpy" in imported
    assert imported.isdisjoint({"keras", "tensorflow", "torch", "jax"})


def test_relu_dropout_as_published(mnist, tmp_path):
    _, figures = run(
        *("relu_dropout", "--as-published", "--data", mnist), folder=tmp_path
    )
    assert figures["same_as_published"] == 80
    for epoch, published in zip(figures["epochs"], relu_dropout.PUBLISHED, strict=True):
        measured = relu_dropout.Figures(**epoch)
        assert relu_dropout.as_printed(measured) == relu_dropout.as_printed(published)
    assert (tmp_path / "plots" / "from_scratch_relu_dropout.png").is_file()


def test_relu_dropout_correct_is_better(mnist, tmp_path):
    _, figures = run("relu_dropout", "--data", mnist, folder=tmp_path)
    last = figures["epochs"][-1]
    assert last["test_accuracy"] > relu_dropout.PUBLISHED[-1].test_accuracy + 0.04
    assert last["test_accuracy"] == pytest.approx(0.837, abs=0.005)


def test_zero_one_as_published(mnist, tmp_path):
    process, figures = run(
        "zero_one", "--as-published", "--data", mnist, folder=tmp_path
    )
    costs = {row["step"]: row["cost"] for row in figures["costs"]}
    for step, published in zero_one.PUBLISHED_COSTS.items():
        assert f"{costs[step]:.6f}" == f"{published:.6f}"
    assert figures["misread"] == zero_one.PUBLISHED_MISREAD
    assert figures["error_rate"] == zero_one.PUBLISHED_ERROR_RATE
    assert figures["constant_pixels"] == 167
    assert figures["culprit"]["image"] == 1749
    assert figures["culprit"]["value"] == 64
    assert figures["culprit"]["standardised"] == pytest.approx(6.4e10)
    assert "Why image 1749?" in process.stdout


def test_zero_one_correct_misreads_only_2031(mnist, tmp_path):
    _, figures = run("zero_one", "--data", mnist, folder=tmp_path)
    assert figures["misread"] == [2031]
    assert figures["culprit"] is None


def test_simple_net_reaches_the_published_level(mnist, tmp_path):
    _, figures = run("simple_net", "--as-published", "--data", mnist, folder=tmp_path)
    rows = {row["step"]: row for row in figures["accuracies"]}
    assert [*rows] == [*range(0, 10_000, 600), 9_999]
    assert rows[0]["test_accuracy"] < 0.2
    for part, published in zip(
        ("train", "test"), simple_net.PUBLISHED[9_600], strict=True
    ):
        assert rows[9_600][f"{part}_accuracy"] == pytest.approx(published, abs=0.005)


def test_simple_net_by_finite_differences(tmp_path):
    arguments = ["--data", "optdigits", "--steps", "3"]
    _, by_backpropagation = run("simple_net", *arguments, folder=tmp_path)
    _, numerical = run(
        "simple_net", *arguments, "--gradient", "numerical", folder=tmp_path
    )
    assert numerical["gradient"] == "numerical"
    assert numerical["accuracies"] == by_backpropagation["accuracies"]


def test_hello_numpy_learns_mnist(mnist, tmp_path):
    _, figures = run("hello_numpy", "--data", mnist, folder=tmp_path)
    assert figures["epochs"][-1]["test_accuracy"] >= 0.975


def test_json_that_cannot_be_written_is_found_out_first(tmp_path):
    (tmp_path / "file").write_text("")
    for number, (json_file, complaint) in enumerate(
        [
            (tmp_path, "in the way"),
            (tmp_path / "no" / "x.json", "cannot be written"),
            (tmp_path / "file" / "x.json", "cannot be written"),
        ]
    ):
        folder = tmp_path / str(number)
        process, _ = run(
            *("zero_one", "--data", "optdigits", "--json", json_file),
            folder=folder,
            check=False,
            keep_json=False,
        )
        assert process.returncode == 2
        assert complaint in process.stderr
        assert "step       cost" not in process.stdout
