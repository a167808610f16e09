"""Both pages: in the project, alone, cell by cell, on other backends, on MNIST."""

import os
import re

import numpy as np
import pytest
from conftest import PROJECT, QUICK, needs, run_program, write_page

from digits import mnist as mnist_files
from examples import saved

PLOTS = {
    "hello_mnist": ["accuracy", "digits", "mistakes"],
    "binary_zero_one": ["accuracy", "hardest"],
}
LEARNT = {"hello_mnist": 0.9, "binary_zero_one": 0.97}  # after 40 epochs on optdigits
QUICKLY_LEARNT = {"hello_mnist": 0.85, "binary_zero_one": 0.97}  # test accuracy
# Runs pages with a data loader in the place of Keras's, which downloads.
ALONE = """
import runpy, sys
import numpy as np
import keras.datasets.mnist
with np.load(sys.argv[1]) as file:
    train = file["x_train"], file["y_train"]
    test = file["x_test"], file["y_test"]
keras.datasets.mnist.load_data = lambda: (train, test)
for page in sys.argv[2:]:
    runpy.run_path(page, run_name="__main__")
assert "digits" not in sys.modules
"""


def written(folder):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    names = {path.relative_to(folder).as_posix() for path in paths}
    return {name for name in names if not name.endswith(".py")}


def results(page):
    plots = {f"plots/{page}_{plot}.png" for plot in PLOTS[page]}
    return {*plots, f"saved_models/{page}.keras"}


@pytest.mark.parametrize("page", PLOTS)
def test_what_a_page_prints_and_writes(page, pages, saved_models):
    folder, output = pages[page]
    assert written(folder) == results(page)
    epochs = output.count("Epoch "), output.count("Accuracy: train ")
    assert epochs == (QUICK["epochs"], QUICK["epochs"])
    accuracy = float(re.findall(r"test (0\.\d{4}|1\.0000)\n", output)[-1])
    assert accuracy > QUICKLY_LEARNT[page]
    mistakes = int(re.search(r"(\d+) (of 71|mistakes)", output)[1])
    total = 360 if page == "hello_mnist" else 71
    assert accuracy == pytest.approx(1 - mistakes / total, abs=6e-5)
    if page == "hello_mnist":
        assert re.search(r"Gap -?\d+\.\d\d percentage points, margin of error", output)
        assert re.search(r"Prediction \d, label \d\.", output)


def test_alone_in_an_empty_folder_they_learn_the_same(
    saved_models, optdigits_file, tmp_path
):
    """No project on the path: Keras's loader, and the same weights to the last bit."""
    import keras

    paths = [write_page(tmp_path, f"{page}.py", **QUICK) for page in PLOTS]
    command = ("-c", ALONE, optdigits_file, *paths)
    process = run_program(*command, cwd=tmp_path, PYTHONPATH="")
    assert process.returncode == 0, process.stderr
    assert written(tmp_path) == results("hello_mnist") | results("binary_zero_one")
    for path in saved_models.values():
        other = keras.saving.load_model(tmp_path / "saved_models" / path.name)
        saved = keras.saving.load_model(path)
        for a, b in zip(saved.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_newcomer_without_network(tmp_path):
    """MPLBACKEND as a notebook leaves it, a terminal that knows ASCII alone."""
    path = write_page(tmp_path, "hello_mnist.py", epochs=1)
    with path.open("a") as page:  # TensorFlow is quiet while it is imported only
        page.write("import tensorflow as tf; tf.get_logger().warning('shown later')")
    backend = "module://no_such_module.backend_inline"
    surroundings = {"MPLBACKEND": backend, "PYTHONIOENCODING": "ascii"}
    surroundings["KERAS_HOME"] = str(tmp_path)
    process = run_program(path, cwd=tmp_path, **surroundings)
    assert process.returncode == 0, process.stderr
    assert results("hello_mnist") <= written(tmp_path)
    assert process.stderr.count("failed: no connection") == 3
    assert process.stderr.count("THIS IS NOT MNIST") == 2
    assert "shown later" in process.stderr and "Logging error" not in process.stderr


def test_what_a_user_can_cause_is_one_line(tmp_path):
    """Another backend; another floatx, which Keras's own file of settings names."""
    path = write_page(tmp_path, "binary_zero_one.py")
    process = run_program(path, cwd=tmp_path, KERAS_BACKEND="theano")
    assert process.returncode == 1
    assert re.fullmatch("KERAS_BACKEND or keras.json: .*theano.*\n", process.stderr)

    (tmp_path / "keras.json").write_text('{"floatx": "float16"}')
    process = run_program(path, cwd=tmp_path, KERAS_HOME=str(tmp_path))
    assert process.returncode == 1
    assert process.stderr == 'keras.json: floatx is float16, not "float32"\n'

    # A warning in the import, here of a module in Keras's place, is shown.
    (tmp_path / "keras.py").write_text("import warnings; warnings.warn('shown')")
    assert "UserWarning: shown" in run_program(path).stderr


def cells(path):
    return re.split(r"(?m)^# %%.*\n", path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_cell_by_cell_in_a_notebook(optdigits_file, tmp_path):
    """Each cell runs in a Jupyter kernel, and its pictures are shown there."""
    pytest.importorskip("ipykernel", reason="needs requirements/notebooks.txt")
    nbclient = pytest.importorskip("nbclient")
    import nbformat

    for page, shown in (("hello_mnist", [2, 6, 8]), ("binary_zero_one", [4, 5])):
        path = write_page(tmp_path, f"{page}.py", epochs=2)
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells(path)[1:]]
        )
        surroundings = {**os.environ, "MNIST_DATA": str(optdigits_file)}
        surroundings["PYTHONPATH"] = str(PROJECT)
        client = nbclient.NotebookClient(notebook, timeout=300)
        client.resources = {"metadata": {"path": str(tmp_path)}}
        client.execute(env=surroundings)
        with_pictures = [
            number
            for number, cell in enumerate(notebook.cells)
            if any("image/png" in output.get("data", {}) for output in cell.outputs)
        ]
        assert with_pictures == shown, page


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend", [pytest.param(backend, marks=needs[backend]) for backend in needs]
)
def test_on_another_backend(backend, optdigits_file, tmp_path):
    """As it is on JAX; on PyTorch after the line that its comment names."""
    import keras

    for page in PLOTS:
        path = write_page(tmp_path, f"{page}.py", epochs=40)
        if backend == "torch":
            text = path.read_text(encoding="utf-8")
            path.write_text(re.sub(r"(?<=steps_per_execution=)\d+", "1", text))
        surroundings = {"KERAS_BACKEND": backend, "MNIST_DATA": str(optdigits_file)}
        process = run_program(path, cwd=tmp_path, **surroundings)
        assert process.returncode == 0, process.stderr
        accuracy = re.findall(r"test (\d\.\d{4})\n", process.stdout)[-1]
        assert float(accuracy) > LEARNT[page]
        saved = tmp_path / "saved_models" / f"{page}.keras"
        keras.saving.load_model(saved, compile=False)  # here, on TensorFlow


@pytest.mark.slow
def test_learns_mnist(mnist_models, mnist):
    """Seed 0 of both pages, measured here."""
    _, (images, labels) = mnist_files.read(mnist)
    mistakes = {}
    for page, path in mnist_models.items():
        probabilities = saved.load(path).probabilities(images)
        kept = labels < probabilities.shape[1]
        predictions = probabilities.argmax(axis=1)
        mistakes[page] = np.sum(predictions[kept] != labels[kept])
    assert mistakes["hello_mnist"] < 250
    assert 1 <= mistakes["binary_zero_one"] <= 2
