"""Both lessons, run as a user runs them, and their models loaded by other code."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from conftest import PROJECT, environment, run_program

from digits import data
from digits.metrics import wilson_interval

PLOTS = {
    "hello_mnist": ["accuracy", "confusion", "digits", "mistakes"],
    "binary_zero_one": ["accuracy", "digits", "mistakes"],
}


def results(lesson):
    name = f"{lesson}-optdigits"
    plots = [f"plots/{name}_{plot}.png" for plot in PLOTS[lesson]]
    return [*plots, f"saved_models/{name}.json", f"saved_models/{name}.keras"]


def files_below(folder):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path.relative_to(folder).as_posix() for path in paths)


@pytest.mark.parametrize("lesson", PLOTS)
def test_output_and_files(lesson, lessons):
    folder, process = lessons[lesson]
    assert set(results(lesson)) <= set(files_below(folder))
    assert not list(folder.glob(".*"))
    output = process.stdout
    assert "optdigits, NOT the original MNIST" in output
    assert "Epoch 40/40" in output
    assert re.search("val_accuracy: .* train_accuracy: ", output)
    assert f"{lesson} on optdigits, not MNIST: test accuracy " in output
    assert "percentage points, half the interval" in output
    assert process.stderr == ""  # TensorFlow's noise in particular


@pytest.mark.parametrize(
    ("lesson", "divisor"), [("hello_mnist", 255), ("binary_zero_one", 1)]
)
def test_record_agrees_with_the_model(lesson, divisor, saved_models):
    import keras

    path = saved_models[lesson]
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    model = keras.saving.load_model(path)
    images = data.load("optdigits")
    if lesson == "binary_zero_one":
        images = images.keep((0, 1))
    x_train, x_test = (
        pixels.reshape(-1, 784).astype("float32") / divisor
        for pixels in (images.x_train, images.x_test)
    )
    probabilities = model.predict(x_test, verbose=0)
    if lesson == "binary_zero_one":
        y_pred = probabilities[:, 0] >= 0.5
    else:
        y_pred = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(y_pred != images.y_test)
    total = len(x_test)
    assert record["model"]["file"] == path.name
    assert record["model"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not record["data"]["verified_original_mnist"]
    assert record["settings"]["epochs"] == len(record["history"]["loss"]) == 40
    assert sorted(mistake["index"] for mistake in record["mistakes"]) == [*wrong]
    assert record["test"]["images"] == total
    assert record["test"]["accuracy"] == (total - len(wrong)) / total
    assert record["test"]["wilson_interval_95"] == pytest.approx(
        wilson_interval(total - len(wrong), total)
    )
    last = {key: values[-1] for key, values in record["history"].items()}
    assert last["val_accuracy"] == pytest.approx(record["test"]["accuracy"], abs=1e-6)
    # With the final weights, on as many training images as there are test images.
    loss, accuracy = model.evaluate(x_train[:total], images.y_train[:total], verbose=0)
    assert last["train_accuracy"] == pytest.approx(accuracy, abs=1e-6)
    assert last["train_loss"] == pytest.approx(loss, rel=1e-3)
    phases = {"import", "data", "first epoch", "other epochs", "measuring"}
    assert phases <= record["seconds"].keys()


def test_a_newcomer_without_network_gets_the_same_weights(saved_models, tmp_path):
    """The default of --data falls back to optdigits; same seed, same weights."""
    process = run_program(
        *(PROJECT / "hello_mnist.py", "--epochs", "40", "--output-dir", "out"),
        cwd=tmp_path,
        KERAS_HOME=str(tmp_path / "cache"),
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr.count("failed: ") == 3
    assert "THIS IS NOT MNIST" in process.stderr
    assert files_below(tmp_path / "out") == results("hello_mnist")
    import keras

    mine = tmp_path / "out" / "saved_models" / "hello_mnist-optdigits.keras"
    models = [keras.saving.load_model(p) for p in (mine, saved_models["hello_mnist"])]
    for a, b in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_broken_data_file_is_named(tmp_path):
    (tmp_path / "broken.npz").write_bytes(b"")
    process = run_program(
        *(PROJECT / "binary_zero_one.py", "--output-dir", "out"),
        cwd=tmp_path,
        MNIST_DATA="broken.npz",
        MPLBACKEND="no_such_backend",  # as a notebook may have set it
    )
    assert process.returncode == 2
    (line,) = process.stderr.splitlines()
    assert line.startswith("binary_zero_one.py: error: broken.npz: ")
    assert files_below(tmp_path / "out") == []


@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a process")
def test_ctrl_c_leaves_earlier_files_whole(tmp_path):
    expected = results("hello_mnist")
    for name in expected:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"earlier {name}")
    process = subprocess.Popen(
        [
            *(sys.executable, PROJECT / "hello_mnist.py", "--data", "optdigits"),
            *("--epochs", "4", "--output-dir", tmp_path),
        ],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    for line in process.stdout:
        if "Epoch 2/" in line:
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip() == "Interrupted; no file is half-written."
    assert files_below(tmp_path) == expected  # no temporary file either
    for name in expected:
        assert (tmp_path / name).read_text() == f"earlier {name}"


@pytest.mark.slow
@pytest.mark.parametrize("lesson", PLOTS)
def test_cells_run_in_a_jupyter_kernel(lesson, tmp_path):
    manager = pytest.importorskip(
        "jupyter_client.manager", reason="needs requirements/all-tests.txt"
    )
    shutil.copytree(PROJECT / "digits", tmp_path / "digits")  # results go beside it
    script = (PROJECT / f"{lesson}.py").read_text(encoding="utf-8")
    settings = environment(MNIST_DATA="optdigits")
    with manager.run_kernel(cwd=tmp_path, env=settings) as client:
        for cell in re.split("(?m)^(?=# %%)", script):
            reply = client.execute_interactive(cell, timeout=120)
            assert reply["content"]["status"] == "ok", reply["content"]["traceback"]
    assert set(results(lesson)) <= set(files_below(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lesson", "accuracy", "images"),
    [
        ("hello_mnist", 0.976, (60_000, 10_000)),
        ("binary_zero_one", 0.999, (12_665, 2_115)),
    ],
)
def test_lessons_on_real_mnist(lesson, accuracy, images, mnist_models):
    path = mnist_models[lesson]
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    used = record["data"]
    assert used["verified_original_mnist"]
    assert (used["train_images"], used["test_images"]) == images
    assert record["test"]["accuracy"] >= accuracy
    if lesson == "binary_zero_one":
        assert len(record["mistakes"]) in (1, 2)
