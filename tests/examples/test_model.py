"""examples/model.py and load_model.py: saved models, and files that are none."""

import json
import shutil
import zipfile

import numpy as np
import pytest
from conftest import PROJECT, run_program

from digits import data
from digits.errors import InputError
from examples import model

# What is replaced in the description of the network, and what is said of the result.
FORGERIES = [
    (b'"Sequential"', b'"Functional"', "not a network"),
    (b"[null, 784]", b"[null, 100]", "not a network"),
    (b'"units": 10', b'"units": 5', "not a network"),
    (b'"units": 512', b'"units": 65537', "not a network"),
    (b'"Dense"', b'"Lambda"', "not a network"),
    (b'"relu"', b'"no"', "Keras cannot load it"),
    (b"{", b" " * 2**25 + b"{", "or a broken one"),
]


def test_forged_models_are_refused(saved_models, tmp_path, monkeypatch):
    with zipfile.ZipFile(saved_models["hello_mnist"]) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    description = members["config.json"]
    assert all(old in description for old, *_ in FORGERIES)
    forgeries = [
        ({"config.json": description.replace(old, new, 1)}, message)
        for old, new, message in FORGERIES
    ]
    monkeypatch.setattr(model, "MOST_BYTES", 2**25)  # the real one takes long to fill
    path = tmp_path / "forged.keras"
    for changes, message in (*forgeries, ({"zeros": bytes(2**25)}, "unpacks to more")):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {**members, **changes}.items():
                archive.writestr(name, content)
        with pytest.raises(InputError, match=message) as error:
            model.load(path)
        assert str(error.value).startswith(f"{path}: ")
        assert "\n" not in str(error.value)


def test_a_missing_model_names_those_that_are_there(monkeypatch, tmp_path):
    monkeypatch.setattr(model, "SAVED_MODELS", tmp_path)
    there = tmp_path / "hello_mnist-optdigits.keras"
    there.touch()
    with pytest.raises(InputError) as error:
        model.load(tmp_path / "none.keras")
    assert str(error.value).endswith(f"no such file; models in {tmp_path}: {there}")


def test_probabilities_give_the_loss_that_the_lesson_measured(saved_models):
    for lesson, path in saved_models.items():
        images = data.load("optdigits")
        if lesson == "binary_zero_one":
            images = images.keep((0, 1))
        probabilities = model.load(path).probabilities(images.x_test)
        assert probabilities.dtype == np.float32
        of_label = probabilities[np.arange(len(images.y_test)), images.y_test]
        history = json.loads(path.with_suffix(".json").read_text())["history"]
        expected = pytest.approx(history["val_loss"][-1], rel=1e-3)
        assert -np.log(of_label).mean() == expected


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
