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
PIECES = re.findall(
    r"(?ms)^#+ ([^\n]+)\n(?:(?!^#).)*?```(?:python|js)\n(.*?)```", DOCUMENT
)
CODE = dict(PIECES)


def run(title, images):
    """Return the names that a piece of Python of the document leaves behind."""
    names = {"images": images}
    exec(CODE[title], names)
    return names


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


@pytest.fixture(scope="module")
def exported(place):
    """The same, with the three exports that the document's commands make."""
    command = r"(?m)^python examples/export_model.py (\S+) --format (\S+)$"
    for model, kind in re.findall(command, DOCUMENT):
        options = {"model": Path(model), "format": kind, "output": None}
        export_model.main(argparse.Namespace(**options))
    return place


def check(found, expected):
    assert found.shape == (10, 10)
    assert np.abs(found - expected).max() < 1e-5


def test_numpy_alone(place):
    images, expected = place
    check(run("NumPy alone", images)["probabilities"], expected)


def test_the_pieces_are_short_and_all_are_run():
    assert len(CODE) == len(PIECES) == 7
    assert all(code.count("\n") <= 13 for code in CODE.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("title", "package"),
    [
        ("ONNX Runtime in Python", "onnxruntime"),
        ("LiteRT in Python", "ai_edge_litert"),
        ("TensorFlow's SavedModel", "tensorflow"),
        ("SavedModel in Keras", "tensorflow"),
    ],
)
def test_exports(title, package, exported):
    pytest.importorskip(package, reason=f"needs {package}: requirements/all.txt")
    images, expected = exported
    check(run(title, images)["probabilities"], expected)


@pytest.mark.slow
def test_javascript(exported):
    images, expected = exported
    node = shutil.which("node") or pytest.skip("needs Node")
    images.tofile("images.bin")
    options = {"capture_output": True, "text": True}
    process = subprocess.run(
        [node, "-e", CODE["ONNX Runtime in JavaScript"]], **options
    )
    if "Cannot find module 'onnxruntime-node'" in process.stderr:
        pytest.skip("needs onnxruntime-node in NODE_PATH: npm install onnxruntime-node")
    assert process.returncode == 0, process.stderr
    check(np.reshape(json.loads(process.stdout), (10, 10)), expected)
