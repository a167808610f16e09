"""examples/saved.py and load_model.py: saved models, and files that are none."""

import re
import shutil

import keras
import numpy as np
import pytest
from conftest import PROJECT, run_program

from examples import saved

ROW = keras.Input((784,))


def refusal(path) -> str:
    """Return what `load` ends the program with: one line that begins with the path."""
    with pytest.raises(SystemExit) as error:
        saved.load(path)
    message = error.value.code
    assert message.startswith(f"{path}: ") and "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_networks_of_others(tmp_path):
    """The usual forms are taken; of others the line says what they are."""
    layers, path = keras.layers, tmp_path / "other.keras"
    image, channel = keras.Input((28, 28)), keras.Input((28, 28, 1))
    images = np.zeros((3, 28, 28), np.uint8)
    for network, divide_by in (
        ([ROW], 255),
        ([image, layers.Rescaling(1 / 255), layers.Flatten()], 1),
        ([channel, layers.Conv2D(2, 3), layers.Flatten()], 255),
    ):
        keras.Sequential([*network, layers.Dense(10, "softmax")]).save(path)
        reader = saved.load(path)
        assert reader.divide_by == divide_by
        assert reader.probabilities(images).shape == (3, 10)
    assert saved.load(path, divide_by=7).divide_by == 7

    for network, reason in (
        ([image, layers.Dense(10)], "input (None, 28, 28), output (None, 28, 10)"),
        ([ROW, layers.Dense(26)], "input (None, 784), output (None, 26)"),
        ([ROW, layers.Lambda(lambda x: x)], "cannot load it: "),
    ):
        keras.Sequential(network).save(path)
        assert reason in refusal(path)

    for bias, reason in ((1, "probabilities, so perhaps logits"), (np.nan, "nan")):
        last = layers.Dense(10, bias_initializer=keras.initializers.Constant(bias))
        with pytest.raises(SystemExit, match=reason):
            saved.Reader(keras.Sequential([ROW, last]), 255).probabilities(images)


def test_files_that_are_no_model(saved_models, tmp_path, monkeypatch):
    whole = saved_models["hello_mnist"].read_bytes()
    cut, old, newer = (tmp_path / f"{x}.keras" for x in ("cut", "old", "newer"))
    cut.write_bytes(whole[: len(whole) // 2])
    assert refusal(cut) == "not a .keras file, or a broken one"
    there = "no such file; models in that folder: cut.keras"
    assert refusal(tmp_path / "none.keras") == there
    assert refusal(tmp_path).endswith("none")

    # A file of a newer Keras: the line says what Keras does not know.
    with monkeypatch.context() as patch:
        config = {"units": 10, "of_tomorrow": 1}
        patch.setattr(keras.layers.Dense, "get_config", lambda self: config)
        keras.Sequential([ROW, keras.layers.Dense(10)]).save(newer)
    assert re.search(r"it: .*'of_tomorrow'", refusal(newer))

    with monkeypatch.context() as patch:
        patch.setattr(keras, "version", lambda: "3.10.0")
        with pytest.raises(SystemExit, match=r"3\.10\.0 may run code of the file"):
            saved.load(newer)

    # The line that converts a file of the older format works.
    keras.saving.load_model(saved_models["hello_mnist"]).save(tmp_path / "old.h5")
    command = re.search(r'python -c "(.*)"', refusal(tmp_path / "old.h5"))[1]
    monkeypatch.chdir(tmp_path)
    exec(command)
    assert saved.load(old).network.count_params() == 407_050


def test_nothing_is_replaced(tmp_path):
    there, dangling = tmp_path / "there.png", tmp_path / "dangling.png"
    there.touch()
    dangling.symlink_to(tmp_path / "nowhere.png")
    saved.refuse_to_overwrite(tmp_path / "new.png", ".png", "--show")
    for path, message in (
        (there, "exists already; remove it, or choose another name: --show"),
        (dangling, "exists already"),
        (tmp_path / "a.jpg", "the name must end in .png"),
        (tmp_path / "none" / "a.png", "no such folder"),
    ):
        with pytest.raises(SystemExit, match=re.escape(f"{path}: {message}")):
            saved.refuse_to_overwrite(path, ".png", "--show")


def test_load_model_needs_nothing_but_the_saved_file(saved_models, tmp_path):
    (tmp_path / "saved_models").mkdir()
    shutil.copy(saved_models["hello_mnist"], tmp_path / "saved_models")
    program = PROJECT / "examples" / "load_model.py"
    loaded = run_program(program, cwd=tmp_path, PYTHONPATH="")
    assert loaded.stdout.startswith("It is a 1, with probability ")
