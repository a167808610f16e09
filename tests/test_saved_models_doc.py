"""docs/saved-models.md: its pieces of code run, and return equal probabilities."""

import argparse
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from conftest import PROJECT

from digits import optdigits
from examples import export_model

DOCUMENT = (PROJECT / "docs" / "saved-models.md").read_text(encoding="utf-8")
PIECES = re.findall(
    r"(?ms)^#+ ([^\n]+)\n(?:(?!^#).)*?```(python|js)\n(.*?)```", DOCUMENT
)
CODE = {title: code for title, _, code in PIECES}


@pytest.fixture(scope="module")
def place(saved_models, tmp_path_factory):
    """A folder with saved_models/ and ten images; what Keras makes of them."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "saved_models").mkdir()
    shutil.copy(saved_models["hello_mnist"], folder / "saved_models")
    images = optdigits.load_data()[1][0][:10]
    images.tofile(folder / "images.bin")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names = run("Keras", images)
        np.savez("weights.npz", *names["model"].get_weights())
    return folder, images, names["probabilities"]


def run(title, images):
    """Return the names that a piece of Python of the document leaves behind."""
    names = {"images": images}
    exec(CODE[title], names)
    return names


@pytest.fixture
def check(place, monkeypatch):
    folder, images, expected = place
    monkeypatch.chdir(folder)

    def check(title):
        found = run(title, images)["probabilities"]
        assert found.dtype == np.float32 and found.shape == (10, 10)
        assert np.abs(found - expected).max() < 1e-5

    return check


def test_the_pieces_are_short_and_all_are_run(check):
    assert len(CODE) == len(PIECES) == 7
    assert all(code.count("\n") <= 13 for code in CODE.values())
    check("NumPy alone")


@pytest.fixture(scope="module")
def exported(place):
    """The folder, with the three exports that the document's commands make."""
    folder, images, expected = place
    kinds = re.findall(
        r"(?m)^python examples/export_model.py .* --format (\S+)$", DOCUMENT
    )
    assert kinds == [*export_model.ENDINGS]
    for kind in kinds:
        model = folder / "saved_models" / "hello_mnist.keras"
        export_model.main(argparse.Namespace(model=model, format=kind, output=None))
    return folder, images, expected


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
def test_exports(title, package, exported, check):
    pytest.importorskip(package, reason=f"needs {package}: requirements/all.txt")
    check(title)


@pytest.mark.slow
def test_javascript(exported):
    folder, _, expected = exported
    node = shutil.which("node") or pytest.skip("needs Node")
    there = subprocess.run(
        [node, "-e", "require('onnxruntime-node')"], capture_output=True
    )
    if there.returncode:
        pytest.skip("needs onnxruntime-node in NODE_PATH: npm install onnxruntime-node")
    (folder / "run.js").write_text(CODE["ONNX Runtime in JavaScript"], encoding="utf-8")
    process = subprocess.run(
        [node, "run.js"], cwd=folder, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr
    found = np.reshape(json.loads(process.stdout), (10, 10))
    assert np.abs(found - expected).max() < 1e-5
