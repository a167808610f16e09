import argparse
import base64
import hashlib
import json
import re

import numpy as np
import pytest
from conftest import run_program, write_idx_folder

from digits import cli, data
from digits.errors import InputError
from examples import export_model, model

LIMIT = 1.3e6  # bytes of the page
# Each runs in a process of its own, without this project.
RUNTIMES = {
    "saved_model": """
import tensorflow as tf
run = tf.saved_model.load(path).signatures["serving_default"]
(outputs,) = (x.numpy() for x in run(images=tf.constant(images)).values())
""",
    "litert": """
from ai_edge_litert.interpreter import Interpreter
run = Interpreter(path)
(given,), (returned,) = run.get_input_details(), run.get_output_details()
run.resize_tensor_input(given["index"], images.shape)
run.allocate_tensors()
run.set_tensor(given["index"], images)
run.invoke()
outputs = run.get_tensor(returned["index"])
""",
    "onnx": """
import onnxruntime
(outputs,) = onnxruntime.InferenceSession(path).run(None, {"images": images})
""",
}
PACKAGES = {
    "saved_model": ["tensorflow"],
    "litert": ["tensorflow", "ai_edge_litert"],
    "onnx": ["tf2onnx", "onnxruntime"],
}
RUN = """
import sys, numpy
_, path, images, outputs_file = sys.argv
images = numpy.load(images)
{}
assert "digits" not in sys.modules and "examples" not in sys.modules
numpy.save(outputs_file, outputs)
"""


def export(path, kind, output=None, source=None):
    export_model.main(
        argparse.Namespace(model=path, format=kind, output=output, data=source)
    )


def page_content(page):
    """Return what the exporter put into the page."""
    (text,) = re.findall(
        '<script type="application/json" id="model">(.*)</script>', page
    )
    return json.loads(text)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Models of both lessons' form, with first weights, by their number of outputs."""
    import keras

    folder = tmp_path_factory.mktemp("models")
    keras.utils.set_random_seed(0)
    normalization = keras.layers.Normalization(axis=None)
    normalization.adapt(np.arange(200.0).reshape(1, 200))
    forms = {
        10: [keras.layers.Dense(512, "relu"), keras.layers.Dense(10, "softmax")],
        1: [
            normalization,
            keras.layers.Dense(4, "relu"),
            keras.layers.Dense(1, "sigmoid"),
        ],
    }
    paths = {}
    for outputs, layers in forms.items():
        # A name that would end the page's script if it were put there as it is.
        paths[outputs] = folder / f"<!--<script>{outputs}.keras"
        keras.Sequential([keras.Input((784,)), *layers]).save(paths[outputs])
    return paths


@pytest.fixture
def recorded(models, tiny, tmp_path):
    """A function that copies a model and writes its record; returns the copy."""
    tmp_path /= "recorded"
    source = write_idx_folder(tmp_path / "data", tiny)
    dataset = data.load(str(source))

    def write(outputs):
        path = tmp_path / models[outputs].name
        path.write_bytes(models[outputs].read_bytes())
        wrong = {"index": 1, "y_true": 1, "y_pred": 0, "confidence": 0.9, "name": None}
        record = {
            "schema_version": 2,
            "model": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
            "data": {
                "name": dataset.name,
                "source": dataset.source,
                "sha256": dataset.sha256,
            },
            "test": {
                "accuracy": 0.95,
                "wilson_interval_95": [0.76, 0.99],
                "correct": 19,
                "images": 20,
            },
            "mistakes": [wrong] * 20,
            "versions": {"Keras": "3.14"},
            "time_utc": "2025-01-01T00:00:00+00:00",
        }
        path.with_suffix(".json").write_text(json.dumps(record))
        return path

    return write


@pytest.mark.parametrize("outputs", [10, 1])
def test_the_page_contains_all_it_needs(outputs, recorded, tiny, tmp_path):
    path = recorded(outputs)
    export(path, "html")
    (file,) = path.parent.glob("*.html")
    assert file.stat().st_size < LIMIT
    page = file.read_text(encoding="utf-8")
    assert page.split("\n")[1] == export_model.MARK
    assert re.findall(r'(?:src|href)="([^"]*)"|url\(|@import|fetch\(', page) == [
        "data:,"
    ]
    assert str(tmp_path) not in page and str(cli.PROJECT) not in page

    content = page_content(page)
    loaded = model.load(path)
    expected = [w for x in loaded.model.layers[-2:] for w in x.get_weights()]
    for packed, weights in zip(content["weights"], expected, strict=True):
        multiples = np.frombuffer(base64.b64decode(packed["multiples"]), "<i2")
        error = multiples.reshape(weights.shape) * packed["step"] - weights
        assert np.abs(error).max() <= 0.51 * packed["step"]
    mean, deviation = content["mean"], content["deviation"]
    if outputs == 10:
        assert (mean, deviation) == (0, 255)
    else:
        assert (mean, deviation) == (99.5, pytest.approx(np.arange(200).std()))
    assert content["about"]["Model"].startswith(path.name)
    assert "19 of 20" in content["about"]["Test accuracy"]
    assert len(content["mistakes"]) == export_model.MOST_MISTAKES
    kept = tiny["x_test"][tiny["y_test"] < max(outputs, 2)]
    pixels = base64.b64decode(content["mistakes"][0]["pixels"])
    assert pixels == kept[1].tobytes()


def test_a_page_without_a_fitting_record_or_data(models, recorded, tmp_path, capsys):
    export(models[1], "html", tmp_path / "none.html")
    assert "No record of" in capsys.readouterr().out
    path = recorded(1)
    export(path, "html", tmp_path / "other.html", "optdigits")
    assert "tested on other images" in capsys.readouterr().out
    export(path, "html", tmp_path / "missing.html", str(tmp_path / "nowhere"))
    assert "nowhere: " in capsys.readouterr().out
    path.with_suffix(".json").write_text(
        '{"schema_version": 2, "model": {"sha256": ""}}'
    )
    export(path, "html", tmp_path / "foreign.html")
    assert "No record of" in capsys.readouterr().out
    for file in tmp_path.glob("*.html"):
        assert page_content(file.read_text(encoding="utf-8"))["mistakes"] == []


def test_a_page_replaces_a_page_and_nothing_else(models, tmp_path):
    target = tmp_path / "page.html"
    for _ in range(2):
        export(models[1], "html", target)
    written = target.read_bytes()
    with pytest.raises(InputError, match=r"name must end in \.html"):
        export(models[1], "html", tmp_path / "page.htm")
    with pytest.raises(InputError, match="no earlier export as html"):
        export(models[1], "html", export_model.TEMPLATE)
    for kind, ending in export_model.ENDINGS.items():
        path = tmp_path / f"letter{ending}"
        path.write_text("Dear Ada,")
        with pytest.raises(InputError, match=f"no earlier export as {kind}"):
            export_model.check_target(path, kind)
        assert path.read_text() == "Dear Ada,"
    assert target.read_bytes() == written
    assert not [*tmp_path.glob(".*")]


def test_a_folder_is_replaced_only_if_it_is_a_saved_model(tmp_path):
    folder = tmp_path / "Documents"
    (folder / "variables").mkdir(parents=True)
    with pytest.raises(InputError, match="no earlier export"):
        export_model.check_target(folder, "saved_model")
    (folder / "saved_model.pb").touch()
    export_model.check_target(folder, "saved_model")
    link = tmp_path / "link"
    link.symlink_to(folder)
    with pytest.raises(InputError, match="no earlier export"):
        export_model.check_target(link, "saved_model")
    (folder / "variables" / "letter.txt").touch()
    with pytest.raises(InputError, match="no earlier export"):
        export_model.check_target(folder, "saved_model")


def test_what_is_no_such_model_gets_one_line_and_no_file(models, tmp_path):
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(models[1].read_bytes()[:-100])
    finished = run_program("-m", "examples.export_model", damaged, "--format", "html")
    assert finished.returncode == 2 and not finished.stdout
    assert re.fullmatch("export_model.py: error: .*damaged.*\n", finished.stderr)
    assert [*tmp_path.iterdir()] == [damaged]


def test_networks_that_the_page_cannot_compute(tmp_path):
    import keras

    relu, tanh, last = (
        lambda: keras.layers.Dense(3, "relu"),
        lambda: keras.layers.Dense(3, "tanh"),
        lambda: keras.layers.Dense(10, "softmax"),
    )
    infinite = keras.Sequential([keras.Input((784,)), relu(), last()])
    infinite.layers[0].bias.assign(np.full(3, np.inf))
    per_pixel = keras.layers.Normalization()
    per_pixel.adapt(np.ones((2, 784)))
    networks = {
        "one hidden layer with relu": [
            keras.Sequential([keras.Input((784,)), *layers])
            for layers in ([tanh(), last()], [relu(), relu(), last()], [last()])
        ],
        "not finite": [infinite],
        "axis=None": [
            keras.Sequential([keras.Input((784,)), per_pixel, relu(), last()])
        ],
    }
    path = tmp_path / "own.keras"
    for message, built in networks.items():
        for network in built:
            network.save(path)
            with pytest.raises(InputError, match=message):
                export(path, "html")
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ["hello_mnist", "binary_zero_one"])
@pytest.mark.parametrize("kind", RUNTIMES)
def test_exports_return_keras_probabilities(kind, lesson, saved_models, tmp_path):
    for package in PACKAGES[kind]:
        pytest.importorskip(
            package, reason=f"needs {package}: pip install -r requirements/examples.txt"
        )
    images = data.load("optdigits").x_test
    target = tmp_path / f"export{export_model.ENDINGS[kind]}"
    for _ in range(2):  # the second in the place of the first
        export(saved_models[lesson], kind, target)
    assert [*tmp_path.iterdir()] == [target]

    np.save(tmp_path / "images.npy", images)
    arguments = (target, tmp_path / "images.npy", tmp_path / "outputs.npy")
    command = ("-c", RUN.format(RUNTIMES[kind]), *arguments)
    finished = run_program(*command, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    outputs = np.load(tmp_path / "outputs.npy")
    expected = model.load(saved_models[lesson]).probabilities(images)
    assert outputs.dtype == np.float32
    assert np.abs(outputs - expected[:, -outputs.shape[1] :]).max() < 1e-5


@pytest.mark.slow
def test_under_another_backend(models, tmp_path):
    pytest.importorskip("jax", reason="needs JAX: requirements/backends.txt")
    for kind, code in {"html": 0, "onnx": 2}.items():
        target = tmp_path / f"export{export_model.ENDINGS[kind]}"
        options = ("--format", kind, "--output", target)
        command = ("-m", "examples.export_model", models[1], *options)
        finished = run_program(*command, KERAS_BACKEND="jax")
        assert finished.returncode == code, finished.stderr
        assert target.exists() == (code == 0)
    assert finished.stderr.endswith("with KERAS_BACKEND=tensorflow only\n")
