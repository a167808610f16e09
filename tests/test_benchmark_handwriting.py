"""benchmarks/handwriting.py prints all its tables."""

import argparse
import re

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("skimage", reason="needs requirements/examples.txt")

from benchmarks import handwriting


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs it on 100 images, and returns cells by kind."""
    monkeypatch.setattr(handwriting, "IMAGES", 100)

    def run(data, model, pictures=None):
        monkeypatch.setenv("MNIST_DATA", str(data))
        handwriting.main(argparse.Namespace(model=[model], pictures=pictures))
        output = capsys.readouterr().out
        rows = re.findall(r"^\| ([^|]+) \| (\d.*) \|$", output, re.MULTILINE)
        return output, {kind: cells.split(" | ") for kind, cells in rows}

    return run


@pytest.mark.slow
def test_reads_a_folder_of_pictures(run, optdigits_file, saved_models, tmp_path):
    stroke = np.pad(np.full((20, 4), 255, np.uint8), (4, 12))
    Image.fromarray(stroke).save(tmp_path / "one.png")
    (tmp_path / "labels.csv").write_text(
        "path,label,kind\none.png,1,photo\nmissing.png,3,drawing\n"
    )
    output, kinds = run(optdigits_file, saved_models["hello_mnist"], tmp_path)
    assert output.startswith("100 test images, seed 0:")
    assert float(kinds["PNG files"][2]) > 0.7
    right = [(*kinds[kind][0], kinds[kind][2]) for kind in ("all", "photo", "drawing")]
    assert right == [("2", "0.50"), ("1", "1.00"), ("1", "0.00")]
    assert kinds["all, the usual recipe"][0] == "2"


@pytest.mark.slow
def test_reads_photographs_of_mnist(run, mnist, mnist_models):
    _, kinds = run(mnist, mnist_models["hello_mnist"])
    right = {kind: float(cells[2]) for kind, cells in kinds.items()}
    assert right["PNG files"] >= right["arrays, not prepared"] - 0.02
    assert right["simulated photographs"] >= 0.93
    assert right["simulated photographs, the usual recipe"] < 0.5
