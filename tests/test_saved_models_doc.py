"""docs/saved-models.md: its pieces of code run, and return equal probabilities."""

import argparse
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import PROJECT

from digits import optdigits
from examples import export_model

DOCUMENT = (PROJECT / "docs" / "saved-models.md").read_text(encoding="utf-8")
PIECE = r"(?ms)^#+ ([^\n]+)\n(?:(?!^#).)*?```(?:python|js)\n(.*?)```"
CODE = dict(re.findall(PIECE, DOCUMENT))  # by the heading above it


def run(title, images):
    """Return the names that a piece of Python of the document leaves behind."""
    names = {"images": images}
    exec(CODE[title], names)
    return names


def check(found, expected):
    assert found.shape == (10, 10)
    assert np.abs(found - expected).max() < 1e-5


@pytest.fixture(scope="module")
def place(saved_models, tmp_path_factory):
    """The current folder has saved_models/: ten images, what Keras makes of them."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "saved_models").mkdir()
    shutil.copy(saved_models["hello_mnist"], folder / "saved_models")
    images = optdigits.load_data()[1][0][:10]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names = run("Keras", images)
        np.savez("weights.npz", *names["model"].get_weights())
        yield images, names["probabilities"]


def test_numpy_alone(place):
    images, expected = place
    check(run("NumPy alone", images)["probabilities"], expected)


@pytest.fixture(scope="module")
def exported(place):
    """The same, with the three exports that the document's commands make."""
    command = r"(?m)^python examples/export_model.py (\S+) --format (\S+)$"
    for model, kind in re.findall(command, DOCUMENT):
        options = {"model": Path(model), "format": kind, "output": None}
        export_model.main(argparse.Namespace(**options))
    return place


@pytest.mark.slow
@pytest.mark.parametrize("title", [*CODE][2:])
def test_exports(title, exported):
    images, expected = exported
    if title != "ONNX Runtime in JavaScript":
        check(run(title, images)["probabilities"], expected)
        return
    node = shutil.which("node") or pytest.skip("needs Node")
    images.tofile("images.bin")
    command = [node, "-e", CODE[title]]
    process = subprocess.run(command, capture_output=True, text=True)
    if "Cannot find module 'onnxruntime-node'" in process.stderr:
        pytest.skip("needs onnxruntime-node in NODE_PATH: npm install onnxruntime-node")
    assert process.returncode == 0, process.stderr
    check(np.reshape(json.loads(process.stdout), (10, 10)), expected)
