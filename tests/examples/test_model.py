"""examples/model.py and load_model.py: saved models, and files that are none."""

import io
import shutil
import zipfile

import h5py
import numpy as np
import pytest
from conftest import PROJECT, run_program

from digits.errors import InputError
from examples import model


@pytest.fixture
def members(saved_models):
    """The files inside hello_mnist.keras."""
    with zipfile.ZipFile(saved_models["hello_mnist"]) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def assert_refused(members, message, path):
    """Check that a model of these files is refused in one line."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(InputError, match=message) as error:
        model.load(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


# What is replaced in the description of the network.
FORGERIES = {
    "other input": (b"[null, 784]", b"[null, 100]", "not a network"),
    "other output": (b'"units": 10', b'"units": 5', "not a network"),
    "huge layer": (b'"units": 512', b'"units": 2000000', "a layer that the lessons"),
    "code": (b'"Dense"', b'"Lambda"', "a layer that the lessons do not have"),
    "unknown activation": (b'"relu"', b'"no"', "Keras cannot load it"),
    "long": (b"{", b" " * 2**25 + b"{", "not a network"),
    "deep": (b"{", b"[" * 900_000, "or a broken one"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_descriptions_are_refused(name, members, tmp_path):
    old, new, message = FORGERIES[name]
    assert old in members["config.json"]
    members["config.json"] = members["config.json"].replace(old, new, 1)
    assert_refused(members, message, tmp_path / "forged.keras")


def test_forged_weights_are_refused(members, tmp_path):
    file = io.BytesIO(members["model.weights.h5"])
    with h5py.File(file, "r+") as weights:
        del weights["layers/dense/vars/0"]
        # 1.6 GB in a few kB: HDF5 leaves out what was never written.
        shape = (20_000, 20_000)
        weights.create_dataset("layers/dense/vars/0", shape, chunks=(100, 100))
    for content, message in (
        (file.getvalue(), "unpacks to more"),
        (bytes(2**25), "unpacks to more"),
        (b"none", "or a broken one"),
    ):
        members["model.weights.h5"] = content
        assert_refused(members, message, tmp_path / "forged.keras")


def test_a_missing_model_names_those_that_are_there(monkeypatch, tmp_path):
    monkeypatch.setattr(model, "SAVED_MODELS", tmp_path)
    with pytest.raises(InputError, match=r"python hello_mnist\.py makes a model$"):
        model.load(tmp_path / "none.keras")
    there = tmp_path / "hello_mnist-optdigits.keras"
    there.touch()
    with pytest.raises(InputError) as error:
        model.load(tmp_path / "none.keras")
    assert str(error.value).endswith(f"no such file; there is --model {there}")


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
    there = shutil.copy(saved_models["hello_mnist"], tmp_path / "saved_models")
    without = run_program(program, cwd="/")
    assert without.returncode == 2
    last = without.stderr.splitlines()[-1]
    assert last.endswith(f"models in {tmp_path / 'saved_models'}: {there}")
    loaded = run_program(program, there, cwd="/")
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.startswith("It is a 1, with probability ")
