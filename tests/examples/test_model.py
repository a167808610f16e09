"""examples/model.py and load_model.py: saved models, and files that are none."""

import io
import json
import shutil
import subprocess
import sys
import zipfile

import h5py
import numpy as np
import pytest
from conftest import PROJECT

from digits.errors import InputError
from examples import model


@pytest.fixture
def forge(saved_models, tmp_path):
    """Return a function that writes hello_mnist.keras with some members changed."""
    with zipfile.ZipFile(saved_models["hello_mnist"]) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    def write(changes):
        path = tmp_path / "forged.keras"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {**members, **changes(members)}.items():
                archive.writestr(name, content)
        return path

    return write


def config_with(change):
    """Return a forgery: the description changed in place by a function."""

    def forgery(members):
        config = json.loads(members["config.json"])
        change(config, config["config"]["layers"])
        return {"config.json": json.dumps(config)}

    return forgery


def sparse_weights(members):
    """Weights of 1.6 GB in a few kB: HDF5 leaves out what was never written."""
    file = io.BytesIO(members["model.weights.h5"])
    with h5py.File(file, "r+") as weights:
        del weights["layers/dense/vars/0"]
        shape = (20_000, 20_000)
        weights.create_dataset("layers/dense/vars/0", shape, chunks=(100, 100))
    return {"model.weights.h5": file.getvalue()}


FORGERIES = {
    "optimizer": (
        config_with(lambda c, _: c.update(class_name="Adam")),
        "not a network",
    ),
    "unbuilt": (config_with(lambda _, layers: layers.pop(0)), "not a network"),
    "five outputs": (
        config_with(lambda _, layers: layers[-1]["config"].update(units=5)),
        "not a network",
    ),
    "no dictionary": (lambda _: {"config.json": "[1, 2]"}, "not a network"),
    "huge layer": (
        config_with(lambda _, layers: layers[1]["config"].update(units=2_000_000)),
        "a layer that the lessons do not have",
    ),
    "code": (
        config_with(lambda _, layers: layers[1].update(class_name="Lambda")),
        "a layer that the lessons do not have",
    ),
    "unknown activation": (
        config_with(lambda _, layers: layers[1]["config"].update(activation="no")),
        "Keras cannot load it",
    ),
    "long description": (
        lambda members: {"config.json": b" " * 2**25 + members["config.json"]},
        "not a network",
    ),
    "deep description": (lambda _: {"config.json": "[" * 900_000}, "or a broken one"),
    "large weights": (lambda _: {"model.weights.h5": bytes(2**25)}, "unpacks to more"),
    "sparse weights": (sparse_weights, "unpacks to more"),
    "no weights": (lambda _: {"model.weights.h5": b"none"}, "or a broken one"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_models_are_refused_in_one_line(name, forge):
    forgery, message = FORGERIES[name]
    path = forge(forgery)
    with pytest.raises(InputError, match=message) as error:
        model.load(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_what_is_no_zip_file_is_refused(saved_models, tmp_path):
    path = tmp_path / "half.keras"
    path.write_bytes(saved_models["hello_mnist"].read_bytes()[:1_000_000])
    with pytest.raises(InputError, match="or a broken one"):
        model.load(path)


def test_a_missing_model_names_those_that_are_there(monkeypatch, tmp_path):
    monkeypatch.setattr(model, "SAVED_MODELS", tmp_path)
    with pytest.raises(InputError, match=r"python hello_mnist\.py makes a model"):
        model.load(tmp_path / "none.keras")
    there = tmp_path / "hello_mnist-optdigits.keras"
    there.touch()
    with pytest.raises(InputError) as error:
        model.load(tmp_path / "none.keras")
    assert str(error.value).endswith(f"there is --model {there}")
    assert "hello_mnist.py" not in str(error.value)


def test_probabilities_of_both_lessons_models(saved_models):
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 255  # one stroke downwards
    for name, digits in (("hello_mnist", 10), ("binary_zero_one", 2)):
        probabilities = model.load(saved_models[name]).probabilities(images)
        assert probabilities.shape == (3, digits)
        assert probabilities.dtype == np.float32
        assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
        assert (probabilities.argmax(axis=1) == 1).all()


def test_load_model_needs_nothing_but_the_saved_file(saved_models, tmp_path):
    for folder in ("examples", "saved_models"):
        (tmp_path / folder).mkdir()
    program = shutil.copy(PROJECT / "examples" / "load_model.py", tmp_path / "examples")
    there = tmp_path / "saved_models" / "hello_mnist-optdigits.keras"
    shutil.copy(saved_models["hello_mnist"], there)

    def run(*arguments):
        command = [sys.executable, program, *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd="/")

    without = run()
    assert without.returncode == 2
    last = without.stderr.splitlines()[-1]
    assert last.endswith(f"models in {there.parent}: {there}")
    loaded = run(there)
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.startswith("It is a 1, with probability ")
