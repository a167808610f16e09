"""Keras's backends: both lessons on each, and every saved model on every other."""

import importlib.util
import json

import numpy as np
import pytest
from conftest import needs, run_program

from digits import cli, data

# Loads with one backend where the others are forbidden, compiled and not.
PREDICT = """
import importlib.util, os, sys
class Absent:  # to import one of the other backends is an error, to look for it is not
    def find_spec(name, path=None, target=None):
        if name in {"tensorflow", "jax", "torch"} - {os.environ["KERAS_BACKEND"]}:
            return importlib.util.spec_from_loader(name, Absent)
    def create_module(spec):
        raise ModuleNotFoundError(f"{spec.name} is forbidden here", name=spec.name)
    def exec_module(module):
        pass
sys.meta_path.insert(0, Absent)
import keras, numpy
images = numpy.load(sys.argv[1])
outputs = []
for path in sys.argv[3:]:
    compiled = keras.saving.load_model(path)
    model = keras.saving.load_model(path, compile=False)
    outputs.append(model.predict(images, verbose=0))
    compiled.fit(images, numpy.zeros(len(images)), verbose=0)
numpy.save(sys.argv[2], numpy.hstack(outputs))
"""

backends = pytest.mark.parametrize(
    "backend", [pytest.param(b, marks=needs[b]) for b in cli.BACKENDS]
)


@pytest.mark.slow
@backends
def test_lessons_run_and_their_models_load_everywhere(backend, lessons, tmp_path):
    """One run of each lesson on the backend; its models on all that are installed."""
    models = []
    for lesson in lessons:
        options = ("--data", "optdigits", "--epochs", "40", "--output-dir", tmp_path)
        run = run_program(f"{lesson}.py", *options, KERAS_BACKEND=backend)
        assert run.returncode == 0, run.stderr
        name = f"saved_models/{lesson}-optdigits"
        models.append(tmp_path / f"{name}.keras")
        record, usual = (
            json.loads((folder / f"{name}.json").read_text())
            for folder in (tmp_path, lessons[lesson][0])
        )
        assert record["backend"] == backend
        assert record["device"].startswith(("cpu", "gpu", "cuda", "mps"))
        difference = record["test"]["accuracy"] - usual["test"]["accuracy"]
        assert abs(difference) < 0.02  # 7 of 360 images, 1 of 71
    images, output = tmp_path / "images.npy", tmp_path / "output.npy"
    x_test = data.load("optdigits").x_test
    np.save(images, x_test.reshape(-1, 784).astype("float32") / 255)
    outputs = []
    for other in cli.BACKENDS:
        if importlib.util.find_spec(other):
            command = ("-c", PREDICT, images, output, *models)
            run = run_program(*command, cwd=tmp_path, KERAS_BACKEND=other)
            assert run.returncode == 0, run.stderr
            outputs.append(np.load(output))
            assert np.abs(outputs[-1] - outputs[0]).max() < 1e-5
