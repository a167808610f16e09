"""benchmarks/handwriting.py prints all its tables, and draws its picture."""

import re

import numpy as np
import pytest
from conftest import run_program
from PIL import Image

pytest.importorskip("skimage", reason="needs requirements/examples.txt")

from benchmarks import handwriting


def test_a_row_keeps_its_digits_apart():
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 5:23, 10:18] = 255
    for seed in range(20):
        drawn = handwriting.row(images, np.random.default_rng(seed))
        inked = (drawn > 40).any(axis=0).astype(int)
        assert (np.diff(inked) == 1).sum() == 3


def run(model, *options):
    """Run the benchmark; return its output, and the cells of its tables by kind."""
    process = run_program("-m", "benchmarks.handwriting", "--model", model, *options)
    assert process.returncode == 0, process.stderr
    rows = re.findall(r"^\| ([^|]+) \| (\d.*) \|$", process.stdout, re.MULTILINE)
    return process.stdout, {kind: cells.split(" | ") for kind, cells in rows}


@pytest.mark.slow
def test_prints_tables_and_draws(saved_models, tmp_path):
    stroke = np.pad(np.full((20, 4), 255, np.uint8), (4, 12))
    Image.fromarray(stroke).save(tmp_path / "one.png")
    (tmp_path / "labels.csv").write_text(
        "path,label,kind\none.png,1,photo\nmissing.png,3,drawing\n"
    )
    folders = ("--pictures", tmp_path, "--output-dir", tmp_path)
    options = ("--data", "optdigits", "--images", "100", *folders)
    output, kinds = run(saved_models["hello_mnist"], *options)
    assert "100 test images of optdigits, not MNIST, seed 0" in output
    for kind in ("arrays, not prepared", "PNG files", "photographs", "rows"):
        assert kinds[kind][0] == "100"
    assert float(kinds["PNG files"][3]) > 0.7
    right = [kinds[kind][3] for kind in ("all", "photo", "drawing")]
    assert right == ["0.5000", "1.0000", "0.0000"]
    assert Image.open(tmp_path / "docs" / "handwriting.png").width == 8 * 120


@pytest.mark.slow
def test_reads_photographs_of_mnist(mnist, mnist_models, tmp_path):
    options = ("--data", mnist, "--images", "100", "--output-dir", tmp_path)
    _, kinds = run(mnist_models["hello_mnist"], *options)
    right = {kind: float(cells[3]) for kind, cells in kinds.items()}
    assert right["PNG files"] >= right["arrays, not prepared"] - 0.02
    assert right["photographs"] >= 0.94
    assert right["rows"] >= 0.82
