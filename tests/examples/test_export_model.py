"""examples/export_model.py: what it writes computes the same; no file is replaced."""

import argparse
import json
import re
import shutil

import numpy as np
import pytest
from conftest import needs, run_program

from digits import cli, data
from digits.errors import InputError
from examples import export_model, model


def export(path, kind, output=None):
    export_model.main(argparse.Namespace(model=path, format=kind, output=output))


def test_the_page_with_and_without_fitting_record_and_data(
    saved_models, tmp_path, capsys
):
    path = shutil.copy(saved_models["hello_mnist"], tmp_path / "mine.keras")
    file = tmp_path / "mine_html.html"
    finished = run_program("-m", "examples.export_model", path, "--format", "html")
    assert finished.returncode == 0 and finished.stderr == ""
    assert finished.stdout.startswith("No record of")
    assert finished.stdout.endswith(f"Written: {file}\n")
    text = saved_models["hello_mnist"].with_suffix(".json").read_text(encoding="utf-8")
    record_file, record = tmp_path / "mine.json", json.loads(text)
    record_file.write_text(text, encoding="utf-8")
    file.unlink()
    export(path, "html")
    page = file.read_text(encoding="utf-8")
    assert f"mine.keras, SHA-256 {record['model']['sha256']}" in page
    assert f"{record['test']['correct']:,} of {record['test']['images']:,}" in page
    assert '"mistakes": [{"index": ' in page
    assert len(page) < 1.3e6
    assert re.findall(r'(?:src|href)="([^"]*)"|url\(|@import', page) == ["data:,"]
    assert str(tmp_path) not in page and str(cli.PROJECT) not in page

    elsewhere = {**record["data"], "source": str(tmp_path / "nowhere")}
    other = {**record["data"], "sha256": {}}
    for changes, message in (
        ({"data": elsewhere}, "No test images on the page: "),
        ({"data": other}, "tested on others"),
        ({"model": {"sha256": "0"}}, "No record of"),
    ):
        record_file.write_text(json.dumps(record | changes))
        file.unlink()
        export(path, "html")
        assert message in capsys.readouterr().out
        assert '"mistakes": []' in file.read_text(encoding="utf-8")


def test_the_target_is_checked_before_any_work(tmp_path):
    page = tmp_path / "page.html"
    page.touch()
    for kind, message in (
        ("html", "exists already; remove it, or choose another name with --output"),
        ("litert", r"the name must end in \.tflite"),
    ):
        with pytest.raises(InputError, match=message):
            export(tmp_path / "none.keras", kind, page)


def test_networks_that_the_page_cannot_compute(tmp_path):
    import keras

    per_pixel = keras.layers.Normalization()
    per_pixel.adapt(np.ones((2, 784)))
    infinite = keras.initializers.Constant(np.inf)
    path = tmp_path / "own.keras"
    for layers, message in (
        ([keras.layers.Dense(3, "tanh")], "one hidden layer with relu"),
        ([keras.layers.Dense(3, "relu", bias_initializer=infinite)], "not finite"),
        ([per_pixel, keras.layers.Dense(3, "relu")], "axis=None"),
    ):
        last = keras.layers.Dense(10, "softmax")
        keras.Sequential([keras.Input((784,)), *layers, last]).save(path)
        with pytest.raises(InputError, match=message):
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
    images = data.load("optdigits").x_test
    for lesson, path in saved_models.items():
        folder = tmp_path / lesson
        folder.mkdir()
        target = folder / f"export{export_model.ENDINGS[kind]}"
        export(path, kind, target)
        assert [*folder.iterdir()] == [target]
        outputs = run(target, images)
        expected = model.load(path).probabilities(images)
        if lesson == "binary_zero_one":
            expected = expected[:, 1:]
        assert outputs.dtype == np.float32 and outputs.shape == expected.shape
        assert np.abs(outputs - expected).max() < 1e-5


@needs["jax"]
@pytest.mark.slow
def test_under_another_backend(saved_models, tmp_path):
    path = saved_models["binary_zero_one"]
    page, same = tmp_path / "page.html", tmp_path / "same.html"
    export(path, "html", page)
    command = ("-m", "examples.export_model", path, "--output", same)
    finished = run_program(*command, "--format", "html", KERAS_BACKEND="jax")
    assert finished.returncode == 0, finished.stderr
    assert same.read_bytes() == page.read_bytes()
    command = ("-m", "examples.export_model", path, "--output", tmp_path / "other.onnx")
    refused = run_program(*command, "--format", "onnx", KERAS_BACKEND="jax")
    assert refused.returncode == 2
    assert refused.stderr.endswith("exported with KERAS_BACKEND=tensorflow only\n")
    assert sorted(tmp_path.iterdir()) == [page, same]
