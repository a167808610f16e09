"""Both lessons, run as a user runs them, and their models loaded by other code."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import PROJECT, lesson_environment, run_lesson

from digits import dataset
from digits.measures import wilson_interval

PLOTS = {
    "hello_mnist": ["accuracy", "confusion", "digits", "mistakes"],
    "binary_zero_one": ["accuracy", "digits", "mistakes"],
}
LESSONS = list(PLOTS)

# Runs a lesson and keeps what its last call of predict returned: that on all test
# images.
KEEP_PROBABILITIES = """
import runpy, sys
import keras, numpy
script, kept, *arguments = sys.argv[1:]
predict = keras.Sequential.predict
def keep(*args, **options):
    probabilities = predict(*args, **options)
    numpy.save(kept, probabilities)
    return probabilities
keras.Sequential.predict = keep
sys.argv = [script, *arguments]
sys.path.insert(0, script.rpartition("/")[0])
runpy.run_path(script, run_name="__main__")
"""
# Other people's code: knows the file, and from the record what goes in.
LOAD_ELSEWHERE = """
import json, sys
import keras, numpy
model_path, images_path, divisor, answer_path = sys.argv[1:]
model = keras.saving.load_model(model_path)
images = numpy.load(images_path).reshape(-1, 784).astype("float32") / float(divisor)
numpy.save(answer_path, model.predict(images, verbose=0))
assert not any(name.split(".")[0] == "digits" for name in sys.modules)
"""


def files_below(folder):
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "keras" not in path.relative_to(folder).parts
    )


def expected_files(lesson, name):
    return sorted(
        [f"plots/{name}_{plot}.png" for plot in PLOTS[lesson]]
        + [f"saved_models/{name}.{ending}" for ending in ("json", "keras")]
    )


@pytest.fixture(scope="module", params=LESSONS)
def run(request, tmp_path_factory):
    """One run of each lesson: its folder, process, record and probabilities."""
    folder = tmp_path_factory.mktemp(request.param)
    command = [sys.executable, "-c", KEEP_PROBABILITIES]
    command += [PROJECT / f"{request.param}.py", folder / "kept.npy"]
    command += ["--data", "optdigits", "--epochs", "3", "--output-dir", folder / "out"]
    process = subprocess.run(
        command,
        cwd=folder,
        env=lesson_environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert process.returncode == 0, process.stderr
    name = f"{request.param}-optdigits"
    model = folder / "out" / "saved_models" / f"{name}.keras"
    record = json.loads(model.with_suffix(".json").read_text(encoding="utf-8"))
    return request.param, folder, process, model, record, np.load(folder / "kept.npy")


def test_files_are_named_after_the_data(run):
    lesson, folder, *_ = run
    found = files_below(folder / "out")
    assert found == expected_files(lesson, f"{lesson}-optdigits")


def test_output_tells_the_whole_story(run):
    lesson, _, process, _, record, _ = run
    out = process.stdout
    assert "optdigits, NOT the original MNIST, from scikit-learn" in out
    assert "images uint8" in out
    assert 'Model: "sequential"' in out
    assert "Epoch 3/3" in out
    assert "val_accuracy" in out
    assert "epoch   train accuracy   test accuracy   gap (points)" in out
    assert "progress bar's is an average over the epoch" in out
    assert out.count(" read as ") >= len(record["misread"][:10])
    closing = out.splitlines()[-1]
    assert closing.startswith(f"{lesson} on optdigits, not MNIST: test accuracy ")
    assert "95 % Wilson interval" in closing
    assert "half-width" in closing
    if lesson == "hello_mnist":
        assert "Probabilities for the very first:" in out
        assert "its true label is" in out


def test_record_agrees_with_the_probabilities(run):
    lesson, _, _, model, record, probabilities = run
    data = dataset.load("optdigits")
    if lesson == "binary_zero_one":
        data = dataset.keep(data, (0, 1))
        predicted = probabilities[:, 0] >= 0.5
    else:
        predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != data.y_test)
    total = len(data.y_test)
    assert record["schema_version"] == 1
    assert record["model"]["file"] == model.name
    assert record["model"]["sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
    assert record["data"]["name"] == "optdigits"
    assert not record["data"]["verified_original_mnist"]
    assert record["data"]["sha256"] == data.sha256
    assert record["data"]["test_images"] == total
    assert record["hyper_parameters"]["epochs"] == len(record["epochs"]) == 3
    assert sorted(mistake["index"] for mistake in record["misread"]) == wrong.tolist()
    assert record["test"]["accuracy"] == 1 - len(wrong) / total
    assert record["test"]["wilson_interval_95"] == pytest.approx(
        wilson_interval(total - len(wrong), total)
    )
    assert record["epochs"][-1]["test_accuracy"] == pytest.approx(
        record["test"]["accuracy"], abs=1e-6
    )
    assert record["time_utc"].endswith("+00:00")
    assert record["versions"]["Keras"] != "not installed"


def test_other_code_loads_the_model(run, tmp_path):
    lesson, _, _, model, record, probabilities = run
    data = dataset.load("optdigits")
    if lesson == "binary_zero_one":
        data = dataset.keep(data, (0, 1))
    np.save(tmp_path / "images.npy", data.x_test)
    divisor = "255" if "divided by 255" in record["model"]["input"] else "1"
    subprocess.run(
        [
            *(sys.executable, "-c", LOAD_ELSEWHERE, model),
            *(tmp_path / "images.npy", divisor, tmp_path / "answer.npy"),
        ],
        cwd=tmp_path,
        env=lesson_environment(),
        check=True,
        timeout=600,
    )
    answer = np.load(tmp_path / "answer.npy")
    np.testing.assert_allclose(answer, probabilities, rtol=0, atol=1e-6)
    right = answer[:, 0] >= 0.5 if answer.shape[1] == 1 else answer.argmax(axis=1)
    assert np.mean(right == data.y_test) == pytest.approx(record["test"]["accuracy"])


@pytest.mark.parametrize("lesson", LESSONS)
def test_quiet_with_a_substitute(lesson, tmp_path):
    """The default of --data, with no network: noticed, named, and nothing chatters."""
    process = run_lesson(
        *(f"{lesson}.py", "--quiet", "--epochs", "1", "--output-dir", "out"),
        cwd=tmp_path,
    )
    assert process.returncode == 0, process.stderr
    assert len(process.stdout.splitlines()) == 1
    assert "optdigits, not MNIST" in process.stdout
    assert process.stderr.count("failed: ") == 3
    assert "THIS IS NOT MNIST" in process.stderr
    for chatter in ("absl", "I0000", "cuda", "cuInit", "oneDNN"):
        assert chatter not in process.stderr
    assert files_below(tmp_path) == [
        f"out/{path}" for path in expected_files(lesson, f"{lesson}-optdigits")
    ]


def test_mnist_or_nothing(tmp_path):
    process = run_lesson("hello_mnist.py", "--data", "mnist", cwd=tmp_path)
    assert process.returncode == 2
    last = process.stderr.splitlines()[-1]
    assert last.startswith("hello_mnist.py: error: no mirror of MNIST could be reached")
    assert "Traceback" not in process.stderr
    assert files_below(tmp_path) == []


def test_the_same_seed_gives_the_same_weights(tmp_path):
    import keras

    weights = []
    for folder, seed in (("a", 7), ("b", 7), ("c", 8)):
        process = run_lesson(
            *("hello_mnist.py", "--data", "optdigits", "--epochs", "2", "--quiet"),
            *("--hidden-units", "64", "--seed", seed, "--output-dir", folder),
            cwd=tmp_path,
        )
        assert process.returncode == 0, process.stderr
        path = tmp_path / folder / "saved_models" / "hello_mnist-optdigits.keras"
        weights.append(keras.saving.load_model(path).get_weights())
    for a, b, c in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)


@pytest.mark.parametrize("lesson", LESSONS)
def test_one_epoch_of_real_mnist(lesson, mnist, tmp_path):
    process = run_lesson(
        *(f"{lesson}.py", "--epochs", "1", "--output-dir", tmp_path),
        cwd=tmp_path,
        MNIST_DATA=str(mnist),
    )
    assert process.returncode == 0, process.stderr
    assert "MNIST, the verified original" in process.stdout
    assert files_below(tmp_path) == expected_files(lesson, lesson)
    record = json.loads((tmp_path / "saved_models" / f"{lesson}.json").read_text())
    assert record["data"]["verified_original_mnist"]
    assert process.stdout.splitlines()[-1].startswith(f"{lesson} on MNIST: ")
    least = {"hello_mnist": 0.95, "binary_zero_one": 0.995}[lesson]
    assert record["test"]["accuracy"] > least


def test_a_broken_data_file_is_named(tmp_path):
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"\x1f\x8bbroken")
    for name in ("train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (tmp_path / f"{name}-ubyte").write_bytes(b"")
    process = run_lesson("binary_zero_one.py", MNIST_DATA=".", cwd=tmp_path)
    assert process.returncode == 2
    (line,) = process.stderr.splitlines()
    assert line.startswith("binary_zero_one.py: error: train-images-idx3-ubyte.gz: ")


def test_an_output_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    process = run_lesson(
        *("hello_mnist.py", "--data", "optdigits", "--output-dir", "file"),
        cwd=tmp_path,
    )
    assert process.returncode == 2
    assert "Epoch 1" not in process.stdout  # found out before the training
    (line,) = process.stderr.splitlines()
    assert "cannot write there" in line


@pytest.fixture
def sigint_reaches_children():
    """Undo what a shell does to its background jobs: SIGINT ignored, and inherited."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt(lesson, folder, when):
    """Start a lesson, send SIGINT once `when(output)`; return exit code and errors."""
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, PROJECT / f"{lesson}.py", "--data", "optdigits"),
                *("--epochs", "4", "--output-dir", folder),
            ],
            stdout=log,
            stderr=subprocess.PIPE,
            text=True,
            env=lesson_environment(KERAS_HOME=str(folder / "keras")),
        )
        deadline = time.monotonic() + 300
        while not when((folder / "log").read_text()):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=300)
    (folder / "log").unlink()
    return process.returncode, errors


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to a process")
@pytest.mark.parametrize("moment", ["at start", "in training", "in saving"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_ctrl_c_leaves_earlier_files_whole(
    lesson, moment, tmp_path, sigint_reaches_children
):
    expected = expected_files(lesson, f"{lesson}-optdigits")
    for name in expected:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"earlier {name}")
    when = {
        "at start": lambda out: (tmp_path / "log").exists() and time.sleep(1) is None,
        "in training": lambda out: "Epoch 2/" in out,
        "in saving": lambda out: any((tmp_path / "plots").glob(".*digits.*.png")),
    }[moment]
    code, errors = interrupt(lesson, tmp_path, when)
    assert code == 130
    assert errors.strip().splitlines() == [
        "Interrupted. Every file in plots/ and saved_models/ is whole."
    ]
    assert files_below(tmp_path) == expected  # no temporary file either
    for name in expected:
        assert (tmp_path / name).read_text() == f"earlier {name}"
