"""examples/export_model.py: what it writes computes the same; no file is replaced."""

import argparse

import numpy as np
import pytest

from digits import load_data
from examples import export_model, saved


@pytest.fixture(autouse=True)
def data(monkeypatch, optdigits_file):
    monkeypatch.setenv("MNIST_DATA", str(optdigits_file))


def export(path, kind, output=None):
    export_model.main(argparse.Namespace(model=path, format=kind, output=output))


def test_no_file_is_replaced(tmp_path):
    """That is checked first: here not even the model exists."""
    model = tmp_path / "model.onnx"
    model.touch()
    with pytest.raises(SystemExit, match="exists already"):
        export(tmp_path / "none.keras", "onnx", model)


def run_saved_model(path, images):
    import tensorflow as tf

    run = tf.saved_model.load(path).signatures["serving_default"]
    (outputs,) = run(images=tf.constant(images)).values()
    return outputs.numpy()


def run_litert(path, images):
    from ai_edge_litert.interpreter import Interpreter

    (outputs,) = Interpreter(str(path)).get_signature_runner()(images=images).values()
    return outputs


def run_onnx(path, images):
    import onnxruntime

    (outputs,) = onnxruntime.InferenceSession(path).run(None, {"images": images})
    return outputs


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "package", "run"),
    [
        ("saved_model", "tensorflow", run_saved_model),
        ("litert", "ai_edge_litert", run_litert),
        ("onnx", "onnxruntime", run_onnx),
    ],
)
def test_exports_return_keras_probabilities(kind, package, run, saved_models, tmp_path):
    pytest.importorskip(
        package, reason=f"needs {package}: pip install -r requirements/all-tests.txt"
    )
    images = load_data()[1][0]
    for name, path in saved_models.items():
        folder = tmp_path / name
        folder.mkdir()
        target = folder / f"export{export_model.ENDINGS[kind]}"
        export(path, kind, target)
        assert [*folder.iterdir()] == [target]
        outputs = run(target, images)
        expected = saved.load(path).probabilities(images)
        if name == "binary_zero_one":
            expected = expected[:, 1:]
        assert outputs.dtype == np.float32 and outputs.shape == expected.shape
        assert np.abs(outputs - expected).max() < 1e-5
