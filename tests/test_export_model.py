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


def test_an_export_that_fails_leaves_nothing(saved_models, tmp_path, monkeypatch):
    from digits.quiet_keras import keras

    def no_space(self, path, **_):
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(keras.Sequential, "export", no_space)
    with pytest.raises(SystemExit, match=r"a\.onnx: .* write it: No space left"):
        export(saved_models["hello_mnist"], "onnx", tmp_path / "a.onnx")
    assert not [*tmp_path.iterdir()]


@pytest.fixture(scope="module")
def branched(tmp_path_factory):
    """A network that is no list of layers, with a Normalization inside it."""
    from digits.quiet_keras import keras

    keras.utils.set_random_seed(0)
    x = image = keras.Input((28, 28, 1))
    x = keras.layers.Rescaling(1 / 255)(x)
    x = keras.layers.Conv2D(4, 5, 3, activation="relu")(x)
    x = keras.layers.Normalization(mean=[0.0, 0.1, 0.2, 0.3], variance=[1, 2, 3, 4])(x)
    x = keras.layers.Flatten()(keras.layers.concatenate([x, keras.ops.sin(x)]))
    path = tmp_path_factory.mktemp("branched") / "branched.keras"
    keras.Model(image, keras.layers.Dense(10, "softmax")(x)).save(path)
    return path


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
def test_exports_return_keras_probabilities(
    kind, package, run, saved_models, branched, tmp_path
):
    pytest.importorskip(
        package, reason=f"needs {package}: pip install -r requirements/all.txt"
    )
    images = load_data()[1][0]
    for name, path in {**saved_models, "branched": branched}.items():
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
