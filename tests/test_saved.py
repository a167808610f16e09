"""examples/model.py and load_model.py: saved models, and files that are none."""

import re
import shutil

import numpy as np
import pytest
from conftest import PROJECT, run_program

from digits import optdigits
from examples import saved


def refusal(path) -> str:
    """Return what `load` ends the program with: one line that begins with the path."""
    with pytest.raises(SystemExit) as error:
        saved.load(path)
    message = error.value.code
    assert message.startswith(f"{path}: ") and "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_other_networks_are_refused(tmp_path):
    from digits.quiet_keras import keras

    layers, path = keras.layers, tmp_path / "other.keras"
    rows, last = keras.Input((784,)), layers.Dense(10, "softmax")
    for network, reason in (
        ([keras.Input((28,)), layers.Dense(10, "softmax")], "input (None, 28), layers"),
        ([rows, layers.Rescaling(1 / 255), last], "layers Rescaling, Dense"),
        ([rows, layers.Dense(10)], 'at the end Dense(10, "softmax")'),
        ([rows, layers.Lambda(lambda x: x), last], "Keras cannot load it: "),
    ):
        keras.Sequential(network).save(path)
        assert reason in refusal(path)

    network = keras.Sequential([rows, last])
    network.set_weights([np.full(w.shape, np.nan) for w in network.get_weights()])
    network.save(path)
    assert "not all its weights are numbers" in refusal(path)


def test_files_that_are_no_model(saved_models, tmp_path):
    whole = saved_models["hello_mnist"].read_bytes()
    cut = tmp_path / "cut.keras"
    cut.write_bytes(whole[: len(whole) // 2])
    assert refusal(cut) == "not a .keras file, or a broken one"
    legacy = tmp_path / "model.h5"
    legacy.write_bytes(whole)
    assert refusal(legacy) == "not a .keras file, or a broken one"
    there = "no such file; models in that folder: cut.keras"
    assert refusal(tmp_path / "none.keras") == there
    assert refusal(tmp_path).endswith("none")


def test_probabilities(pages, saved_models):
    """Their accuracy is the one that the page has printed at its end."""
    from digits.quiet_keras import keras

    _, (images, labels) = optdigits.load_data()
    for page, classes, divisor in (("hello_mnist", 10, 255), ("binary_zero_one", 2, 1)):
        kept = labels < classes
        probabilities = saved.load(saved_models[page]).probabilities(images[kept])
        assert probabilities.shape == (kept.sum(), classes)
        assert probabilities.dtype == np.float32
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
        pixels = images[kept].reshape(-1, 784) / divisor
        outputs = keras.saving.load_model(saved_models[page]).predict(pixels, verbose=0)
        np.testing.assert_allclose(probabilities[:, -1], outputs[:, -1], atol=1e-5)
        accuracy = (probabilities.argmax(axis=1) == labels[kept]).mean()
        printed = re.findall(r"test (\d\.\d{4})\n", pages[page][1])[-1]
        assert f"{accuracy:.4f}" == printed


def test_nothing_is_replaced(tmp_path):
    there, dangling = tmp_path / "there.png", tmp_path / "dangling.png"
    there.touch()
    dangling.symlink_to(tmp_path / "nowhere.png")
    for path, message in (
        (there, "exists already; remove it, or choose another name: --show"),
        (dangling, "exists already"),
        (tmp_path / "a.jpg", "the name must end in .png"),
        (tmp_path / "none" / "a.png", "no such folder"),
    ):
        with pytest.raises(SystemExit, match=re.escape(f"{path}: {message}")):
            saved.refuse_to_overwrite(path, ".png", "--show")
    saved.refuse_to_overwrite(tmp_path / "new.png", ".png", "--show")
    assert sorted(tmp_path.iterdir()) == [dangling, there]


def test_load_model_needs_nothing_but_the_saved_file(saved_models, tmp_path):
    (tmp_path / "saved_models").mkdir()
    shutil.copy(saved_models["hello_mnist"], tmp_path / "saved_models")
    program = PROJECT / "examples" / "load_model.py"
    loaded = run_program(program, cwd=tmp_path, PYTHONPATH="")
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.startswith("It is a 1, with probability ")
