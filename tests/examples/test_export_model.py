import argparse
import base64
import json
import re
import shutil

import numpy as np
import pytest
from conftest import needs, run_program

from digits import cli, data
from digits.errors import InputError
from examples import export_model, model

LESSONS = ["hello_mnist", "binary_zero_one"]


def export(path, kind, output=None):
    export_model.main(argparse.Namespace(model=path, format=kind, output=output))


def page_content(page):
    """Return what the exporter put into the page."""
    start = '<script type="application/json" id="model">'
    return json.loads(re.search(f"{start}(.*)</script>", page)[1])


@pytest.fixture
def copied(saved_models, tmp_path):
    """A function that copies a lesson's model and its record; returns the model."""

    def copy(lesson):
        for ending in (".json", ".keras"):
            shutil.copy(saved_models[lesson].with_suffix(ending), tmp_path)
        return tmp_path / saved_models[lesson].name

    return copy


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_page_contains_all_it_needs(lesson, copied, tmp_path):
    path = copied(lesson)
    export(path, "html")
    file = tmp_path / f"{path.stem}_html.html"
    assert file.stat().st_size < 1.3e6
    page = file.read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="([^"]*)"|url\(|@import', page) == ["data:,"]
    assert str(tmp_path) not in page and str(cli.PROJECT) not in page

    content = page_content(page)
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["model"]["sha256"] in content["about"]["Model"]
    assert f"{record['test']['correct']:,} of " in content["about"]["Test accuracy"]
    images = data.load("optdigits").keep(tuple(content["classes"])).x_test
    for shown, mistake in zip(content["mistakes"], record["mistakes"], strict=False):
        assert shown["y_pred"] == mistake["y_pred"]
        pixels = base64.b64decode(shown["pixels"])
        assert pixels == images[mistake["index"]].tobytes()
    if lesson == "hello_mnist":
        assert len(content["mistakes"]) == export_model.MOST_MISTAKES

    loaded = model.load(path)
    expected = [w for x in loaded.model.layers[-2:] for w in x.get_weights()]
    for packed, weights in zip(content["weights"], expected, strict=True):
        multiples = np.frombuffer(base64.b64decode(packed["multiples"]), "<i2")
        error = multiples.reshape(weights.shape) * packed["step"] - weights
        assert np.abs(error).max() <= 0.51 * packed["step"]


def test_a_page_without_a_fitting_record_or_data(copied, tmp_path, capsys):
    path = copied("hello_mnist")
    record_file = path.with_suffix(".json")
    record = json.loads(record_file.read_text(encoding="utf-8"))
    elsewhere = {**record["data"], "source": str(tmp_path / "nowhere")}
    other = {**record["data"], "sha256": {}}
    for changes, message in (
        ({"data": elsewhere}, "No test images on the page: "),
        ({"data": other}, "tested on others"),
        ({"model": {"sha256": "0"}}, "No record of"),
    ):
        record_file.write_text(json.dumps(record | changes))
        export(path, "html", tmp_path / "page.html")
        assert message in capsys.readouterr().out
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert page_content(page)["mistakes"] == []


def test_what_is_no_earlier_export_is_not_replaced(tmp_path):
    folder = tmp_path / "Documents"
    folder.mkdir()
    (folder / "saved_model.pb").touch()
    export_model.check_target(folder, "saved_model")
    (folder / "letter.txt").touch()
    targets = [("saved_model", folder), ("html", export_model.TEMPLATE)]
    for kind, ending in export_model.ENDINGS.items():
        targets.append((kind, tmp_path / f"letter{ending}"))
        targets[-1][1].write_text("Dear Ada,")
    for kind, path in targets:
        with pytest.raises(InputError, match=f"no earlier export as {kind}"):
            export_model.check_target(path, kind)
    with pytest.raises(InputError, match=r"name must end in \.html"):
        export_model.check_target(tmp_path / "page.htm", "html")


def test_a_damaged_model_gets_one_line_and_no_file(saved_models, tmp_path):
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(saved_models["binary_zero_one"].read_bytes()[:-100])
    finished = run_program("-m", "examples.export_model", damaged, "--format", "html")
    assert finished.returncode == 2 and not finished.stdout
    assert re.fullmatch("export_model.py: error: .*damaged.*\n", finished.stderr)
    assert [*tmp_path.iterdir()] == [damaged]


def test_networks_that_the_page_cannot_compute(tmp_path):
    import keras

    def network(first, activation="relu", bias=0.0):
        hidden = keras.layers.Dense(3, activation, bias_initializer=constant(bias))
        last = keras.layers.Dense(10, "softmax")
        return keras.Sequential([keras.Input((784,)), *first, hidden, last])

    constant = keras.initializers.Constant
    per_pixel = keras.layers.Normalization()
    per_pixel.adapt(np.ones((2, 784)))
    path = tmp_path / "own.keras"
    for unusual, message in (
        (network([], "tanh"), "one hidden layer with relu"),
        (network([keras.layers.Dense(3, "relu")]), "one hidden layer with relu"),
        (network([], bias=np.inf), "not finite"),
        (network([per_pixel]), "axis=None"),
    ):
        unusual.save(path)
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

    run = Interpreter(str(path))
    (given,), (returned,) = run.get_input_details(), run.get_output_details()
    run.resize_tensor_input(given["index"], images.shape)
    run.allocate_tensors()
    run.set_tensor(given["index"], images)
    run.invoke()
    return run.get_tensor(returned["index"])


def run_onnx(path, images):
    import onnxruntime

    (outputs,) = onnxruntime.InferenceSession(path).run(None, {"images": images})
    return outputs


RUNTIMES = {
    "saved_model": ("tensorflow", run_saved_model),
    "litert": ("ai_edge_litert", run_litert),
    "onnx": ("onnxruntime", run_onnx),
}


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("kind", RUNTIMES)
def test_exports_return_keras_probabilities(kind, lesson, saved_models, tmp_path):
    package, run = RUNTIMES[kind]
    pytest.importorskip(
        package, reason=f"needs {package}: pip install -r requirements/all-tests.txt"
    )
    images = data.load("optdigits").x_test
    target = tmp_path / f"export{export_model.ENDINGS[kind]}"
    for _ in range(2):  # the second in the place of the first
        export(saved_models[lesson], kind, target)
    assert [*tmp_path.iterdir()] == [target]
    outputs = run(target, images)
    expected = model.load(saved_models[lesson]).probabilities(images)
    assert outputs.dtype == np.float32
    assert np.abs(outputs - expected[:, -outputs.shape[1] :]).max() < 1e-5


@needs["jax"]
@pytest.mark.slow
def test_under_another_backend(saved_models, tmp_path):
    path, target = saved_models["binary_zero_one"], tmp_path / "page.html"
    export(path, "html", target)
    page = target.read_bytes()
    options = ("--format", "html", "--output", target)
    command = ("-m", "examples.export_model", path, *options)
    finished = run_program(*command, KERAS_BACKEND="jax")
    assert finished.returncode == 0, finished.stderr
    assert target.read_bytes() == page


def test_other_formats_under_another_backend(saved_models, tmp_path, monkeypatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(InputError, match="KERAS_BACKEND=tensorflow only"):
        export(saved_models["binary_zero_one"], "onnx", tmp_path / "model.onnx")
    assert not [*tmp_path.iterdir()]
