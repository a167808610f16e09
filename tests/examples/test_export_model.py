"""examples/export_model.py: what it writes computes the same, and replaces no file."""

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
    export(path, "html")
    assert "No record of" in capsys.readouterr().out
    file, record_file = tmp_path / "mine_html.html", tmp_path / "mine.json"
    text = saved_models["hello_mnist"].with_suffix(".json").read_text(encoding="utf-8")
    record_file.write_text(text, encoding="utf-8")
    export(path, "html")
    page, record = file.read_text(encoding="utf-8"), json.loads(text)
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
        export(path, "html")
        assert message in capsys.readouterr().out
        assert '"mistakes": []' in file.read_text(encoding="utf-8")


def test_what_is_no_earlier_export_is_not_replaced(tmp_path):
    (tmp_path / "saved_model.pb").touch()
    export_model.check_target(tmp_path, "saved_model")
    for kind, ending in export_model.ENDINGS.items():
        letter = tmp_path / f"letter{ending}"
        letter.write_text("Dear Ada,")
        target = tmp_path if kind == "saved_model" else letter
        with pytest.raises(InputError, match=f"no earlier export as {kind}"):
            export_model.check_target(target, kind)
    with pytest.raises(InputError, match="no earlier export as html"):
        export_model.check_target(export_model.TEMPLATE, "html")
    with pytest.raises(InputError, match=r"name must end in \.html"):
        export_model.check_target(tmp_path / "page.htm", "html")


def test_a_damaged_model_gets_one_line_and_no_file(saved_models, tmp_path):
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(saved_models["binary_zero_one"].read_bytes()[:-100])
    finished = run_program("-m", "examples.export_model", damaged, "--format", "html")
    assert finished.returncode == 2 and not finished.stdout
    message = f"export_model.py: error: {damaged}: not a .keras file, or a broken one\n"
    assert finished.stderr == message
    assert [*tmp_path.iterdir()] == [damaged]


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
    target = tmp_path / f"export{export_model.ENDINGS[kind]}"
    for lesson, path in saved_models.items():  # the second in the first one's place
        export(path, kind, target)
        assert [*tmp_path.iterdir()] == [target]
        outputs = run(target, images)
        expected = model.load(path).probabilities(images)
        if lesson == "binary_zero_one":
            expected = expected[:, 1:]
        assert outputs.dtype == np.float32 and outputs.shape == expected.shape
        assert np.abs(outputs - expected).max() < 1e-5


@needs["jax"]
@pytest.mark.slow
def test_under_another_backend(saved_models, tmp_path):
    path, target = saved_models["binary_zero_one"], tmp_path / "page.html"
    export(path, "html", target)
    page = target.read_bytes()
    command = ("-m", "examples.export_model", path, "--output", target)
    finished = run_program(*command, "--format", "html", KERAS_BACKEND="jax")
    assert finished.returncode == 0, finished.stderr
    assert target.read_bytes() == page
    command = ("-m", "examples.export_model", path, "--output", tmp_path / "other.onnx")
    refused = run_program(*command, "--format", "onnx", KERAS_BACKEND="jax")
    assert refused.returncode == 2
    assert refused.stderr.endswith("exported with KERAS_BACKEND=tensorflow only\n")
    assert [*tmp_path.iterdir()] == [target]
