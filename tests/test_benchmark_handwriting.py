"""benchmarks/handwriting.py prints all its tables."""

import argparse
import re

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("skimage", reason="needs requirements/examples.txt")

from benchmarks import handwriting


@pytest.mark.slow
def test_photographs_and_a_folder_of_pictures(
    optdigits_file, saved_models, tmp_path, monkeypatch, capsys
):
    stroke = np.pad(np.full((20, 4), 255, np.uint8), (4, 12))
    Image.fromarray(stroke).save(tmp_path / "one.png")
    (tmp_path / "labels.csv").write_text(
        "path,label,kind\none.png,1,photo\nmissing.png,3,drawing\n"
    )
    monkeypatch.setattr(handwriting, "IMAGES", 100)
    monkeypatch.setenv("MNIST_DATA", str(optdigits_file))
    options = {"model": [saved_models["hello_mnist"]], "pictures": tmp_path}
    handwriting.main(argparse.Namespace(**options))
    output = capsys.readouterr().out
    assert output.startswith("100 test images, seed 0:")
    rows = re.findall(r"(?m)^\| ([^|]+) \| (\d+) \| \w+ \| ([\d.]+)", output)
    right = {kind: float(share) for kind, _, share in rows}
    assert right["simulated photographs"] > 0.6
    assert right["simulated photographs, the usual recipe"] < 0.5
    assert right["all"] == 0.5
    assert right["photo"] == 1
