"""Both programs: in the project, alone, cell by cell, on other backends, on MNIST."""

import os
import re
import runpy
import shutil
from functools import partialmethod

import numpy as np
import pytest
from conftest import PROJECT, QUICK, need, run_program, write_program

import digits
from benchmarks import seeds
from examples import saved

PLOTS = {
    "hello_mnist": ["accuracy", "digits", "mistakes"],
    "binary_zero_one": ["accuracy", "hardest"],
}
# Runs programs with a data loader in the place of Keras's, which downloads.
ALONE = """
import runpy, sys
import numpy as np
import keras.datasets.mnist
with np.load(sys.argv[1]) as file:
    train = file["x_train"], file["y_train"]
    test = file["x_test"], file["y_test"]
keras.datasets.mnist.load_data = lambda: (train, test)
for program in sys.argv[2:]:
    runpy.run_path(program, run_name="__main__")
assert "digits" not in sys.modules
"""
# Loads files as anybody would, ready to be trained further, and predicts.
PREDICTS = """
import sys
import numpy as np
import keras
for path in sys.argv[1:]:
    model = keras.saving.load_model(path)
    x = np.random.default_rng(0).random((9, 784), np.float32)
    print(model.predict(x, verbose=0).argmax(axis=1))
"""


def written(folder):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    names = {path.relative_to(folder).as_posix() for path in paths}
    return {name for name in names if not name.endswith(".py")}


def results(name):
    plots = {f"plots/{name}_{plot}.png" for plot in PLOTS[name]}
    return {*plots, f"saved_models/{name}.keras"}


@pytest.mark.parametrize("name", PLOTS)
def test_what_a_program_prints_and_writes(name, programs, optdigits_file):
    folder, output = programs[name]
    assert written(folder) == results(name)
    mistakes = int(re.search(r"(?m)^(\d+) (of [\d,]+ test|mistakes)", output)[1])
    _, (images, labels) = digits.read(optdigits_file)
    kept = labels < (10 if name == "hello_mnist" else 2)
    reader = saved.load(folder / "saved_models" / f"{name}.keras")
    predictions = reader.probabilities(images[kept]).argmax(axis=1)
    assert mistakes == np.sum(predictions != labels[kept])
    assert mistakes < 0.2 * kept.sum()
    if name == "hello_mnist":
        before = float(re.search(r"Before training: test accuracy (\S+),", output)[1])
        assert before < 0.3
        train, test = map(float, seeds.RESULT.search(output).groups())
        assert test == pytest.approx(1 - mistakes / len(labels), abs=6e-5)
        gap = float(re.search(r"(?m)^Gap: (\S+) percentage points$", output)[1])
        assert gap == pytest.approx(100 * (train - test), abs=0.011)


def test_alone_in_an_empty_folder_they_learn_the_same(
    saved_models, optdigits_file, tmp_path
):
    """No project on the path: Keras's loader, and the same weights to the last bit."""
    import keras

    paths = [write_program(tmp_path, f"{name}.py", **QUICK) for name in PLOTS]
    run_program("-c", ALONE, optdigits_file, *paths, cwd=tmp_path, PYTHONPATH="")
    assert written(tmp_path) == results("hello_mnist") | results("binary_zero_one")
    for path in saved_models.values():
        other = keras.saving.load_model(tmp_path / "saved_models" / path.name)
        expected = keras.saving.load_model(path)
        for a, b in zip(expected.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_settings_that_people_try(
    saved_models, optdigits_file, tmp_path, monkeypatch, capsys
):
    """No training at all; another seed; two other digits; an early end."""
    import keras

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_DATA", str(optdigits_file))

    def run(name, **constants):
        names = runpy.run_path(str(write_program(tmp_path, f"{name}.py", **constants)))
        return names, capsys.readouterr().out

    names, output = run("hello_mnist", epochs=0, seed=1)
    assert "Gap: " in output and written(tmp_path) == results("hello_mnist")
    first = keras.saving.load_model(saved_models["hello_mnist"]).get_weights()
    assert not np.array_equal(names["model"].get_weights()[0], first[0])

    names, output = run("binary_zero_one", classes=(3, 8), **QUICK)
    mistakes, total = re.search(r"(\d+) of (\d+) test images", output).groups()
    assert int(total) == np.isin(np.load(optdigits_file)["y_test"], [3, 8]).sum()
    assert int(mistakes) < int(total) / 4
    assert names["history"]["loss"][-1] > 0

    stop = keras.callbacks.EarlyStopping(min_delta=9)
    fit = partialmethod(keras.Model.fit, callbacks=[stop])
    monkeypatch.setattr(keras.Model, "fit", fit)
    for name in PLOTS:
        names, _ = run(name, **QUICK)
        assert len(names["history"]["loss"]) == 2


def test_the_order_of_the_images_within_a_fit():
    """Each image once an epoch, in random order; docs/lesson.md says what follows."""
    import keras

    seen = []

    def loss(y_true, y_pred):
        seen.append(keras.ops.convert_to_numpy(y_true)[:, 0].tolist())
        return y_pred

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", loss, run_eagerly=True)
    x = np.arange(16, dtype="float32").reshape(-1, 1)
    model.fit(x, x, batch_size=16, epochs=3, verbose=0)
    assert len(seen) == 3
    for order in seen:
        assert order != sorted(order) and sorted(order) == [*range(16)]
    if keras.version().startswith("3.15") and keras.backend.backend() == "tensorflow":
        assert seen[0] == seen[1] == seen[2]


def test_a_newcomer_without_network(tmp_path):
    """MPLBACKEND as a notebook leaves it, a terminal that knows ASCII alone."""
    path = write_program(tmp_path, "hello_mnist.py", epochs=1)
    with path.open("a") as program:  # TensorFlow is quiet while it is imported only
        program.write("import tensorflow as tf; tf.get_logger().warning('shown later')")
    backend = "module://no_such_module.backend_inline"
    surroundings = {"MPLBACKEND": backend, "PYTHONIOENCODING": "ascii"}
    surroundings["KERAS_HOME"] = str(tmp_path)
    process = run_program(path, cwd=tmp_path, **surroundings)
    assert results("hello_mnist") <= written(tmp_path)
    assert process.stderr.count("failed: ") == 3
    assert process.stderr.count("THIS IS NOT MNIST") == 2
    assert "shown later" in process.stderr and "Logging error" not in process.stderr


def test_what_the_quiet_import_shows(tmp_path):
    """The last words of a library that fails or aborts, and every warning."""
    start = "import os, warnings; warnings.warn('shown'); os.write(2, b'no AVX\\n')"
    (tmp_path / "tensorflow.py").touch()
    paths = os.pathsep.join([str(tmp_path), str(PROJECT)])
    for end, fails in (
        ("raise ImportError('DLL load failed')", True),
        ("os.abort()", True),
        ("import types; ops = types.SimpleNamespace(zeros=abs)", False),
    ):
        (tmp_path / "keras.py").write_text(f"{start}; {end}")
        command = ("-c", "import digits.quiet_keras")
        process = run_program(*command, PYTHONPATH=paths, fails=fails)
        assert "UserWarning: shown" in process.stderr
        assert ("no AVX" in process.stderr.splitlines()) == fails


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_on_another_backend(backend, saved_models, optdigits_file, tmp_path):
    """Trained there, loaded here; trained here, loaded there: as it is, to predict."""
    import keras

    need(backend)
    x = np.random.default_rng(0).random((9, 784), np.float32)
    for name in PLOTS:
        path = write_program(tmp_path, f"{name}.py", epochs=40)
        surroundings = {"KERAS_BACKEND": backend, "MNIST_DATA": str(optdigits_file)}
        process = run_program(path, cwd=tmp_path, **surroundings)
        mistakes = int(re.search(r"(?m)^(\d+) (of|mistakes)", process.stdout)[1])
        assert mistakes < 40
        model = keras.saving.load_model(tmp_path / "saved_models" / f"{name}.keras")
        assert model.predict(x, verbose=0).shape[0] == 9

    command = ("-c", PREDICTS, *saved_models.values())
    process = run_program(*command, KERAS_BACKEND=backend)
    for path, found in zip(saved_models.values(), process.stdout.splitlines()):
        expected = keras.saving.load_model(path).predict(x, verbose=0).argmax(axis=1)
        assert found == str(expected)


@pytest.mark.slow
def test_learns_mnist(mnist, tmp_path):
    for name, most in (("hello_mnist", 250), ("binary_zero_one", 4)):
        program = shutil.copy(PROJECT / f"{name}.py", tmp_path)
        process = run_program(program, cwd=tmp_path, MNIST_DATA=str(mnist))
        mistakes = re.search(r"(?m)^(\d+) (of|mistakes)", process.stdout)[1]
        assert int(mistakes) <= most
