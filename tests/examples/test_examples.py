"""The programs that load a saved model, run as a user runs them."""

import argparse
import importlib.util
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import PROJECT
from PIL import Image

from benchmarks.own_handwriting import photograph
from examples import draw_digit, export_model

# Each runs in a process that has never seen Keras or this project.
RUNTIMES = {
    "saved_model": """
import tensorflow as tf
answer = tf.saved_model.load(path).signatures["serving_default"]
(answers,) = answer(images=tf.constant(images)).values()
answers = answers.numpy()
""",
    "litert": """
from ai_edge_litert.interpreter import Interpreter
interpreter = Interpreter(path)
(taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
interpreter.resize_tensor_input(taken["index"], images.shape)
interpreter.allocate_tensors()
interpreter.set_tensor(taken["index"], images)
interpreter.invoke()
answers = interpreter.get_tensor(given["index"])
""",
    "onnx": """
import onnxruntime
(answers,) = onnxruntime.InferenceSession(path).run(None, {"images": images})
""",
}
NEEDED = {
    "saved_model": ["tensorflow"],
    "litert": ["ai_edge_litert"],
    "onnx": ["tf2onnx", "onnxruntime"],
}
RUN = """
import sys
import numpy
_, path, images_path, answers_path = sys.argv
images = numpy.load(images_path)
{}
assert "digits" not in sys.modules and "examples" not in sys.modules
numpy.save(answers_path, answers)
"""


def run_example(name, *arguments, cwd=PROJECT):
    return subprocess.run(
        [sys.executable, "-m", f"examples.{name}", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )


def last_line(finished) -> str:
    return finished.stderr.strip().splitlines()[-1]


# ---- load_model ----------------------------------------------------------------------


def test_load_model_needs_nothing_but_the_saved_file(saved_models, tmp_path):
    for folder in ("examples", "saved_models"):
        (tmp_path / folder).mkdir()
    program = shutil.copy(PROJECT / "examples" / "load_model.py", tmp_path / "examples")
    command = [sys.executable, program]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 2
    assert "python hello_mnist.py makes it" in last_line(finished)

    model = tmp_path / "saved_models" / "hello_mnist.keras"
    shutil.copy(saved_models["hello_mnist"], model)
    finished = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("It is a 1, with probability ")


def test_the_readme_shows_load_model_whole():
    program = (PROJECT / "examples" / "load_model.py").read_text(encoding="utf-8")
    assert len(program.splitlines()) < 25
    assert program in (PROJECT / "README.md").read_text(encoding="utf-8")


# ---- predict_image -------------------------------------------------------------------


@pytest.fixture
def photos(digits_data, tmp_path):
    """A folder with photographs of four digits of each kind, named after them."""
    rng = np.random.default_rng(0)
    for digit in range(10):
        for image in digits_data.x_test[digits_data.y_test == digit][:4]:
            name = f"{digit}_{rng.integers(10**9)}.jpg"
            photograph(image, rng).save(tmp_path / name)
    return tmp_path


def test_predict_image_reads_folders_and_goes_on_after_a_bad_file(photos, saved_models):
    (photos / "broken.png").write_bytes(b"no picture")
    sheet = photos / "sheet.out"
    options = ("--model", saved_models["hello_mnist"], "--show", sheet)
    finished = run_example("predict_image", photos, photos / "none.png", *options)
    assert finished.returncode == 1
    errors = re.findall("predict_image: error: (.*)", finished.stderr)
    assert len(errors) == 2
    assert "broken.png: not a readable picture" in errors[0]
    assert "none.png: no such file" in errors[1]

    lines = finished.stdout.splitlines()
    answers = [line.rpartition(".jpg: ")[::2] for line in lines if ".jpg: " in line]
    assert len(answers) == 40
    right = sum(path[len(str(photos)) + 1] == answer[0] for path, answer in answers)
    assert right >= 36
    percentages = [float(part[:-1]) for part in answers[0][1].split()[1:6:2]]
    assert percentages == sorted(percentages, reverse=True)
    assert sum(percentages) <= 100.02
    with Image.open(sheet) as drawn:
        assert drawn.format == "PNG"
        assert drawn.width == 900


def test_predict_image_with_the_zero_or_one_model(photos, saved_models):
    pictures = sorted(photos.glob("[01]_*.jpg"))
    options = ("--model", saved_models["binary_zero_one"])
    finished = run_example("predict_image", *pictures, *options)
    assert finished.returncode == 0, finished.stderr
    answers = [line.partition(".jpg: ")[2] for line in finished.stdout.splitlines()]
    wanted = [path.name[0] for path in pictures]
    assert sum(a[0] == b for a, b in zip(answers, wanted, strict=True)) >= 7


def test_predict_image_warns_of_what_is_unlike_a_digit(saved_models, tmp_path):
    page = np.full((100, 300), 255, np.uint8)
    page[40:60, 20:280] = 0
    Image.fromarray(page).save(tmp_path / "bar.png")
    options = ("--model", saved_models["hello_mnist"])
    finished = run_example("predict_image", tmp_path / "bar.png", *options)
    assert finished.returncode == 0
    assert "warning: it is far wider than high" in finished.stdout


def test_predict_image_names_what_is_wrong_with_the_model(saved_models, tmp_path):
    broken, other = tmp_path / "broken.keras", tmp_path / "other.keras"
    content = saved_models["hello_mnist"].read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    shutil.make_archive(str(tmp_path / "other"), "zip", PROJECT / "docs")
    (tmp_path / "other.zip").rename(other)
    for model, message in (
        (tmp_path / "none.keras", "no such file; python hello_mnist.py makes one"),
        (broken, "not a .keras file, or a broken one"),
        (other, "Keras cannot load it"),
    ):
        finished = run_example("predict_image", "x.png", "--model", model)
        assert finished.returncode == 2
        assert f"{model}: {message}" in last_line(finished)


def test_predict_image_refuses_wrong_usage():
    assert run_example("predict_image").returncode == 2
    finished = run_example("predict_image", "x.png", "--show", "none/x.png")
    assert finished.returncode == 2
    assert "cannot be written as a file" in last_line(finished)


# ---- export_model --------------------------------------------------------------------


@pytest.mark.parametrize("lesson", ["hello_mnist", "binary_zero_one"])
@pytest.mark.parametrize("name", RUNTIMES)
def test_exports_give_kerass_answers(name, lesson, saved_models, digits_data, tmp_path):
    for package in NEEDED[name]:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"needs {package}: pip install -r requirements/export.txt")
    from examples import reader

    target, images, answers = (tmp_path / file for file in ("out", "i.npy", "a.npy"))
    options = ("--format", name, "--output", target)
    for _ in range(2):  # the second time in the place of the first
        finished = run_example("export_model", saved_models[lesson], *options)
        assert finished.returncode == 0, finished.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"out"}

    np.save(images, digits_data.x_test)
    command = [sys.executable, "-c", RUN.format(RUNTIMES[name])]
    command += map(str, (target, images, answers))
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    expected = reader.load(saved_models[lesson]).probabilities(digits_data.x_test)
    given = np.load(answers)
    assert given.dtype == np.float32
    assert np.abs(given - expected[:, -given.shape[1] :]).max() < 1e-5


def test_export_refuses_what_it_cannot_use(saved_models, tmp_path):
    finished = run_example("export_model", tmp_path / "none.keras", "--format", "onnx")
    assert finished.returncode == 2
    assert run_example("export_model", "x.keras").returncode == 2
    (tmp_path / "taken").mkdir()
    options = ("--format", "litert", "--output", tmp_path / "taken")
    finished = run_example("export_model", saved_models["hello_mnist"], *options)
    assert finished.returncode == 2
    assert "in the way" in last_line(finished)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    options = argparse.Namespace(format="onnx", output=None, model=None)
    with pytest.raises(
        ValueError, match=r"tensorflow is not .*export\.txt installs it"
    ):
        export_model.main(options)
    with pytest.raises(ValueError, match=r"gradio is not .*demo\.txt installs it"):
        draw_digit.main(options)
