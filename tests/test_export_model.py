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


def test_no_file_is_replaced_nor_half_written(saved_models, tmp_path, monkeypatch):
    there = tmp_path / "there.onnx"
    there.touch()
    with pytest.raises(SystemExit, match="exists already"):
        export(saved_models["hello_mnist"], "onnx", there)

    def no_space(self, path, **_):
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(keras.Sequential, "export", no_space)
    with pytest.raises(SystemExit, match=r"a\.onnx: .* write it: No space left"):
        export(saved_models["hello_mnist"], "onnx", tmp_path / "a.onnx")
    assert [*tmp_path.iterdir()] == [there]


@pytest.mark.slow
def test_an_export_returns_keras_probabilities(tmp_path):
    """Of a network with one output that is no list of layers, and normalizes.

    ONNX is the format that needs help with that; see the document for the others.
    """
    onnxruntime = pytest.importorskip("onnxruntime", reason="see requirements/all.txt")
    path, target = tmp_path / "a.keras", tmp_path / "a.onnx"
    keras.utils.set_random_seed(0)
    x = image = keras.Input((28, 28, 1))
    x = keras.layers.Rescaling(1 / 255)(x)
    x = keras.layers.Conv2D(4, 5, 3, activation="relu")(x)
    x = keras.layers.Normalization(mean=[0.0, 0.1, 0.2, 0.3], variance=[1, 2, 3, 4])(x)
    x = keras.layers.Flatten()(keras.layers.concatenate([x, keras.ops.sin(x)]))
    keras.Model(image, keras.layers.Dense(1, "sigmoid")(x)).save(path)
    export(path, "onnx", target)
    assert {*tmp_path.iterdir()} == {path, target}
    _, (images, _) = optdigits.load_data()
    (outputs,) = onnxruntime.InferenceSession(target).run(None, {"images": images})
    expected = saved.load(path).probabilities(images)[:, 1:]
    assert outputs.dtype == np.float32 and outputs.shape == expected.shape
    assert np.abs(outputs - expected).max() < 1e-5
