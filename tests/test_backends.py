"""Keras's backends: both lessons on each, and every saved model on every other."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import data_source, run_lesson

BACKENDS = ["tensorflow", "jax", "torch"]
LESSONS = {"hello_mnist": 255, "binary_zero_one": 1}  # what pixels are divided by
PREDICT = """
import sys
import keras, numpy
model_path, images_path, answers_path = sys.argv[1:]
model = keras.saving.load_model(model_path)  # as other people do, compiled
numpy.save(answers_path, model.predict(numpy.load(images_path)))
"""


def need(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"needs {backend}: pip install -r requirements/backends.txt")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a function that runs a lesson on a backend, once: its model and record."""
    finished = {}

    def make(lesson, backend):
        need(backend)
        if (lesson, backend) not in finished:
            folder = tmp_path_factory.mktemp(f"{lesson}_{backend}")
            options = ("--quiet", "--data", data_source(), "--output-dir", folder)
            run = run_lesson(
                f"{lesson}.py", *options, cwd=folder, KERAS_BACKEND=backend
            )
            assert run.returncode == 0, run.stderr
            (model,) = folder.glob("saved_models/*.keras")
            record = json.loads(model.with_suffix(".json").read_text(encoding="utf-8"))
            finished[lesson, backend] = model, record
        return finished[lesson, backend]

    return make


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("lesson", LESSONS)
def test_lessons_run_unchanged(lesson, backend, made):
    model, record = made(lesson, backend)
    _, usual = made(lesson, "tensorflow")
    assert record["backend"] == backend
    assert record["device"].startswith(("cpu", "gpu", "cuda", "mps"))
    # Half a point; of optdigits' 360 test images, three.
    allowed = max(0.005, 3 / record["test"]["images"])
    assert abs(record["test"]["accuracy"] - usual["test"]["accuracy"]) <= allowed
    assert len(list(model.parents[1].glob("plots/*.png"))) >= 3


@pytest.mark.parametrize("reading", BACKENDS)
@pytest.mark.parametrize("saving", BACKENDS)
def test_models_give_the_same_answers_everywhere(
    saving, reading, made, digits_data, tmp_path
):
    need(reading)
    answers = {}
    for lesson, divisor in LESSONS.items():
        model, _ = made(lesson, saving)
        images = tmp_path / "images.npy"
        pixels = digits_data.x_test[:500].reshape(-1, 784).astype("float32")
        np.save(images, pixels / divisor)
        for backend in {saving, reading}:
            kept = tmp_path / f"{backend}.npy"
            command = [sys.executable, "-c", PREDICT, model, images, kept]
            run = subprocess.run(
                list(map(str, command)),
                env={**os.environ, "KERAS_BACKEND": backend},
                cwd=tmp_path,
                capture_output=True,
                text=True,
            )
            assert run.returncode == 0, run.stderr
            answers[backend] = np.load(kept)
        assert np.abs(answers[saving] - answers[reading]).max() < 1e-5


def test_an_unknown_backend_is_named(tmp_path):
    run = run_lesson("hello_mnist.py", cwd=tmp_path, KERAS_BACKEND="theano")
    assert run.returncode == 2
    assert "KERAS_BACKEND=theano: no such backend" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_missing_backend_is_named(backend, tmp_path):
    """The package is hidden by one of its name that is as if it were not there."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / f"{backend}.py").write_text(
        f"raise ModuleNotFoundError('No module named {backend}', name='{backend}')"
    )
    run = run_lesson(
        "hello_mnist.py", cwd=tmp_path, KERAS_BACKEND=backend, PYTHONPATH=str(hidden)
    )
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1].startswith(
        f"hello_mnist.py: error: the package {backend} is not installed"
    )
    assert "backends.txt" in run.stderr
    assert "Traceback" not in run.stderr
