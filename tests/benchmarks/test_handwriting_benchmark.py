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


@pytest.mark.slow
def test_prints_tables_and_draws(saved_models, tmp_path):
    rng = np.random.default_rng(0)
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255
    handwriting.photograph(image, rng).save(tmp_path / "one.jpg")
    (tmp_path / "labels.csv").write_text(
        "path,repo,label,kind\none.jpg,x/y,1,photo\nmissing.png,x/y,3,drawing\n"
    )
    options = ("--data", "optdigits", "--images", "12", "--pictures", tmp_path)
    process = run_program(
        *("-m", "benchmarks.handwriting", "--output-dir", tmp_path, *options),
        *("--model", saved_models["hello_mnist"]),
    )
    assert process.returncode == 0, process.stderr
    assert "12 test images of optdigits, not MNIST, seed 0" in process.stdout
    table = dict(re.findall(r"^\| ([^|]+) \| (\d.*) \|$", process.stdout, re.MULTILINE))
    for kind in ("arrays, not prepared", "PNG files", "photographs", "rows"):
        assert table[kind].startswith("12 | ")
    assert float(table["PNG files"].split(" | ")[3]) > 0.7
    assert table["all"].split(" | ")[3] == "0.5000"
    assert table["photo"].split(" | ")[3] == "1.0000"
    assert table["drawing"].split(" | ")[3] == "0.0000"
    assert Image.open(tmp_path / "docs" / "handwriting.png").width == 8 * 120
