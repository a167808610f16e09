"""examples/export_model.py: what it writes computes the same; no file is replaced.

tests/test_saved_models_doc.py exports hello_mnist's model as well.
"""

import argparse

import keras
import numpy as np
import pytest

from digits import optdigits
from examples import export_model, saved


def export(path, kind, output):
    export_model.main(argparse.Namespace(model=path, format=kind, output=output))


def test_no_file_is_replaced(tmp_path):
    """That is checked first: here not even the model exists."""
    model = tmp_path / "model.onnx"
    model.touch()
    with pytest.raises(SystemExit, match="exists already"):
        export(tmp_path / "none.keras", "onnx", model)


def test_an_export_that_fails_leaves_nothing(saved_models, tmp_path, monkeypatch):
    def no_space(self, path, **_):
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(keras.Sequential, "export", no_space)
    with pytest.raises(SystemExit, match=r"a\.onnx: .* write it: No space left"):
        export(saved_models["hello_mnist"], "onnx", tmp_path / "a.onnx")
    assert not [*tmp_path.iterdir()]


def run_saved_model(path, images):
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    return loaded.serve(images).numpy()


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
def test_exports_return_keras_probabilities(kind, package, run, tmp_path):
    """Of a network with one output that is no list of layers, and normalizes."""
    pytest.importorskip(package, reason=f"needs {package}: requirements/all.txt")
    path, target = tmp_path / "a.keras", tmp_path / f"a{export_model.ENDINGS[kind]}"
    keras.utils.set_random_seed(0)
    x = image = keras.Input((28, 28, 1))
    x = keras.layers.Rescaling(1 / 255)(x)
    x = keras.layers.Conv2D(4, 5, 3, activation="relu")(x)
    x = keras.layers.Normalization(mean=[0.0, 0.1, 0.2, 0.3], variance=[1, 2, 3, 4])(x)
    x = keras.layers.Flatten()(keras.layers.concatenate([x, keras.ops.sin(x)]))
    keras.Model(image, keras.layers.Dense(1, "sigmoid")(x)).save(path)
    export(path, kind, target)
    assert {*tmp_path.iterdir()} == {path, target}
    _, (images, _) = optdigits.load_data()
    outputs = run(target, images)
    expected = saved.load(path).probabilities(images)[:, 1:]
    assert outputs.dtype == np.float32 and outputs.shape == expected.shape
    assert np.abs(outputs - expected).max() < 1e-5
