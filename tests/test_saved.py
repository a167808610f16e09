"""examples/saved.py and load_model.py: saved models, and files that are none."""

import re
import shutil
import zipfile

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


def test_networks_of_others(tmp_path):
    """The usual forms are taken; of others the line says what they are."""
    from digits.quiet_keras import keras

    layers, path = keras.layers, tmp_path / "other.keras"
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    image, channel = keras.Input((28, 28)), keras.Input((28, 28, 1))
    rows = keras.Input((784,))
    for network, divide_by in (
        ([rows], 255),
        ([image, layers.Flatten()], 255),
        ([image, layers.Rescaling(1 / 255), layers.Flatten()], 1),
        ([channel, layers.Conv2D(2, 3), layers.Flatten()], 255),
    ):
        keras.Sequential([*network, layers.Dense(10, "softmax")]).save(path)
        reader = saved.load(path)
        assert reader.divide_by == divide_by
        assert saved.load(path, divide_by=7).divide_by == 7
        assert reader.probabilities(images).shape == (3, 10)

    for network, reason in (
        (
            [keras.Input((28,)), layers.Dense(10)],
            "It has: input (None, 28), output (None, 10)",
        ),
        ([rows, layers.Dense(26)], "It has: input (None, 784), output (None, 26)"),
        ([rows, layers.Lambda(lambda x: x)], "cannot load it: "),
    ):
        keras.Sequential(network).save(path)
        assert reason in refusal(path)

    network = keras.Sequential([rows, layers.Dense(10)])
    network.save(path)
    with pytest.raises(SystemExit, match="no probabilities, so perhaps logits"):
        saved.load(path).probabilities(images)
    network.set_weights([np.full(w.shape, np.nan) for w in network.get_weights()])
    network.save(path)
    with pytest.raises(SystemExit, match="returns nan"):
        saved.load(path).probabilities(images)


def test_files_that_are_no_model(saved_models, tmp_path, monkeypatch):
    from digits.quiet_keras import keras

    whole = saved_models["hello_mnist"].read_bytes()
    cut, old, newer = (tmp_path / f"{x}.keras" for x in ("cut", "old", "newer"))
    cut.write_bytes(whole[: len(whole) // 2])
    assert refusal(cut) == "not a .keras file, or a broken one"
    there = "no such file; models in that folder: cut.keras"
    assert refusal(tmp_path / "none.keras") == there
    assert refusal(tmp_path).endswith("none")

    # A file of a newer Keras: the line says what Keras does not know.
    with zipfile.ZipFile(saved_models["hello_mnist"]) as source:
        contents = {name: source.read(name) for name in source.namelist()}
    config = contents["config.json"].replace(b'"units"', b'"of_tomorrow": 1, "units"')
    with zipfile.ZipFile(newer, "w") as target:
        for name, content in {**contents, "config.json": config}.items():
            target.writestr(name, content)
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
    images = np.zeros((1, 28, 28), np.uint8)
    expected = saved.load(saved_models["hello_mnist"]).probabilities(images)
    np.testing.assert_array_equal(saved.load(old).probabilities(images), expected)


def test_probabilities(programs, saved_models):
    """The mistakes are those that the program has counted at its end."""
    from digits.quiet_keras import keras

    _, (images, labels) = optdigits.load_data()
    for program, classes, divisor in (
        ("hello_mnist", 10, 255),
        ("binary_zero_one", 2, 1),
    ):
        kept = labels < classes
        probabilities = saved.load(saved_models[program]).probabilities(images[kept])
        assert probabilities.shape == (kept.sum(), classes)
        assert probabilities.dtype == np.float32
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
        pixels = images[kept].reshape(-1, 784) / divisor
        outputs = keras.saving.load_model(saved_models[program]).predict(
            pixels, verbose=0
        )
        np.testing.assert_allclose(probabilities[:, -1], outputs[:, -1], atol=1e-5)
        mistakes = np.sum(probabilities.argmax(axis=1) != labels[kept])
        printed = re.search(
            r"(?m)^(\d+) (?:mistakes|of [\d,]+ test)", programs[program][1]
        )
        assert mistakes == int(printed[1])


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
