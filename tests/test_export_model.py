"""examples/export_model.py: what it writes computes the same; no file is replaced."""

import argparse
import base64
import json
import re
import shutil
import sys
import zlib

import numpy as np
import pytest
from conftest import PROJECT

from digits import is_mnist, load_data
from examples import export_model, saved


@pytest.fixture(autouse=True)
def data(monkeypatch, optdigits_file):
    monkeypatch.setenv("MNIST_DATA", str(optdigits_file))


def export(path, kind, output=None):
    export_model.main(argparse.Namespace(model=path, format=kind, output=output))


def content(page):
    """Return what the page's model script holds."""
    return json.loads(re.search(r'id="model">(.*?)</script>', page)[1])


def test_the_page(saved_models, tmp_path, monkeypatch, capsys):
    path = shutil.copy(saved_models["hello_mnist"], tmp_path / "mine.keras")
    file = tmp_path / "mine_html.html"
    options = ["export_model", str(path), "--format", "html"]
    monkeypatch.setattr(sys, "argv", options)
    export_model.main(export_model.parse())
    assert capsys.readouterr() == (f"Written: {file}\n", "")
    page = file.read_text(encoding="utf-8")
    found = content(page)
    (x_train, y_train), (x_test, y_test) = load_data()
    predictions = saved.load(path).probabilities(x_test).argmax(axis=1)
    assert found["tested"] == len(y_test)
    assert found["correct"] == np.sum(predictions == y_test)
    for mistake in found["mistakes"]:
        pixels = np.frombuffer(base64.b64decode(mistake["pixels"]), np.uint8)
        (i,) = np.flatnonzero((x_test.reshape(-1, 784) == pixels).all(axis=1))
        assert mistake["label"] == y_test[i] != predictions[i] == mistake["prediction"]

    pairs = zlib.decompress(base64.b64decode(found["images"]), wbits=-15)
    pairs = np.frombuffer(pairs, np.uint8)
    pixels = 17 * np.stack([pairs >> 4, pairs & 15], axis=1).reshape(-1, 28, 28)
    images = np.concatenate([x_train, x_test]).astype(int)
    assert pixels.shape == images.shape and np.abs(pixels - images).max() <= 8
    assert found["trainLabels"] == y_train.tolist()
    assert found["testLabels"] == y_test.tolist()

    assert not is_mnist(load_data()) and found["source"].startswith("not MNIST")
    assert "unsafe-inline" not in page and page.count("'sha256-") == 2
    assert re.findall(r'(?:src|href)="([^"]*)"|url\(|@import', page) == ["data:,"]
    assert str(tmp_path) not in page and str(PROJECT) not in page


@pytest.mark.slow
def test_the_page_on_mnist(mnist, mnist_models, tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DATA", str(mnist))
    for name, model_file in mnist_models.items():
        export(model_file, "html", tmp_path / f"{name}.html")
    page = (tmp_path / "hello_mnist.html").read_text(encoding="utf-8")
    found = content(page)
    assert len(page.encode()) < 1.9e6
    assert "CC BY-SA 3.0" in found["source"] and "not MNIST" not in found["source"]
    assert [len(found[key]) for key in ("trainLabels", "testLabels")] == [4000, 1000]
    assert found["correct"] >= 9700 and found["tested"] == 10_000
    page = (tmp_path / "binary_zero_one.html").read_text(encoding="utf-8")
    assert content(page)["trainLabels"] == [] and content(page)["tested"] == 2115


def test_no_file_is_replaced(tmp_path):
    """That is checked first: here not even the model exists."""
    page = tmp_path / "page.html"
    page.touch()
    with pytest.raises(SystemExit, match="exists already"):
        export(tmp_path / "none.keras", "html", page)


def test_a_network_that_the_page_cannot_compute(tmp_path):
    import keras

    path = tmp_path / "own.keras"
    layers = [keras.layers.Dense(3, "tanh"), keras.layers.Dense(10, "softmax")]
    keras.Sequential([keras.Input((784,)), *layers]).save(path)
    with pytest.raises(SystemExit, match="one hidden layer with relu"):
        export(path, "html")
    assert [*tmp_path.iterdir()] == [path]


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
