"""The command line answers at once, and every failure in one line."""

import os
import signal
import subprocess
import sys

import pytest
from conftest import PROJECT, lesson_environment, run_lesson

from digits import command_line
from digits.errors import UnusableInput

LESSONS = ["hello_mnist.py", "binary_zero_one.py"]
DEFAULTS = {"epochs": 5, "batch_size": 1, "hidden_units": 1, "optimizer": "sgd"}
HEAVY = ("tensorflow", "keras", "numpy", "matplotlib", "sklearn", "requests")


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize(
    ("arguments", "code", "answer"),
    [
        (["--help"], 0, "where the digits come from"),
        (["--version"], 0, "TensorFlow 2."),
        (["--epochs", "0"], 2, "argument --epochs: '0' is not a whole number from 1"),
        (["--batch-size", "x"], 2, "argument --batch-size: 'x' is not a whole number"),
        (["--hidden-units", "65537"], 2, "from 1 to 65,536"),
        (["--seed", "-1"], 2, "argument --seed: '-1' is not a whole number from 0"),
        (["--optimizer", "adagrad"], 2, "invalid choice: 'adagrad'"),
        (["--what"], 2, "unrecognized arguments: --what"),
    ],
)
def test_answers_without_a_heavy_import(lesson, arguments, code, answer, tmp_path):
    process = subprocess.run(
        [sys.executable, "-X", "importtime", PROJECT / lesson, *arguments],
        cwd=tmp_path,
        env=lesson_environment(COLUMNS="100"),
        capture_output=True,
        text=True,
    )
    assert process.returncode == code
    assert answer in process.stdout + process.stderr
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0]
        for line in process.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "argparse" in imported
    assert imported.isdisjoint(HEAVY)


def test_data_comes_from_the_environment_unless_given(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x"])
    monkeypatch.setenv("MNIST_DATA", "")
    assert command_line.parse("", **DEFAULTS).data == "auto"
    monkeypatch.setenv("MNIST_DATA", "folder")
    assert command_line.parse("", **DEFAULTS).data == "folder"
    monkeypatch.setattr(sys, "argv", ["x", "--data", "optdigits"])
    assert command_line.parse("", **DEFAULTS).data == "optdigits"


@pytest.fixture
def signals_restored(monkeypatch):
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(command_line.os, "_exit", sys.exit)
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UnusableInput("x.png: broken"), 2, "x: error: x.png: broken"),
        (ModuleNotFoundError(name="keras"), 2, "x: error: the package keras is not"),
        (
            OSError(28, "No space left on device", "f"),
            1,
            "x: error: OSError: [Errno 28]",
        ),
        (MemoryError("too much"), 1, "x: error: MemoryError: too much"),
    ],
)
def test_each_failure_is_one_line(
    monkeypatch, capsys, signals_restored, error, code, line
):
    def main(options):
        raise error

    monkeypatch.setattr(sys, "argv", ["x"])
    with pytest.raises(SystemExit) as caught:
        command_line.run_lesson(main, "", **DEFAULTS)
    assert caught.value.code == code
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(line)


def test_a_bug_is_not_hidden(monkeypatch, signals_restored):
    def main(options):
        raise AssertionError("a bug")

    monkeypatch.setattr(sys, "argv", ["x"])
    with pytest.raises(AssertionError, match="a bug"):
        command_line.run_lesson(main, "", **DEFAULTS)


QUIET = """
import os, sys
sys.path.insert(0, sys.argv[1])
from digits import command_line
with command_line.quiet_startup():
    os.write(2, b"I0000 00:00:17 1 cudart_stub.cc:31] Could not find cuda drivers\\n")
    os.write(2, b"2026-01-01 00:00:00.0: I tensorflow/core/x.cc:1] information\\n")
    os.write(2, b"W0000 00:00:17 1 gpu_device.cc:1] a real warning\\n")
    print("a Python warning", file=sys.stderr, flush=True)
print("after", file=sys.stderr, flush=True)
"""


def test_chatter_is_dropped_and_warnings_pass(tmp_path):
    process = subprocess.run(
        [sys.executable, "-c", QUIET, PROJECT],
        cwd=tmp_path,
        env=lesson_environment(),
        capture_output=True,
        text=True,
    )
    assert process.stderr.splitlines() == [
        "W0000 00:00:17 1 gpu_device.cc:1] a real warning",
        "a Python warning",
        "after",
    ]


def test_the_last_words_of_an_aborting_start_are_seen(tmp_path):
    code = QUIET.replace(
        "print(", "os.write(2, b'F0000 no AVX'); os.abort(); print(", 1
    )
    process = subprocess.run(
        [sys.executable, "-c", code, PROJECT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert process.returncode < 0
    assert "F0000 no AVX" in process.stderr


def test_a_missing_package_is_named_with_the_way_out(tmp_path):
    (tmp_path / "keras.py").write_text("import not_there")
    process = run_lesson("hello_mnist.py", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert process.returncode == 2
    (line,) = process.stderr.splitlines()
    assert "the package not_there is not installed; python -m pip install -r" in line


IN_A_DESTRUCTOR = """
import os, signal, sys, time
sys.path.insert(0, sys.argv.pop(1))
from digits import command_line
signal.signal(signal.SIGINT, signal.default_int_handler)
class Swallows:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)
def main(options):
    Swallows()
    for _ in range(3000):
        time.sleep(0.02)
    print("went on")
command_line.run(main, lambda: None)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to a process")
def test_ctrl_c_in_a_destructor_is_heard():
    process = subprocess.run(
        [sys.executable, "-c", IN_A_DESTRUCTOR, PROJECT],
        capture_output=True,
        text=True,
    )
    assert process.returncode == command_line.INTERRUPTED
    assert process.stdout == ""
    assert process.stderr.strip().startswith("Interrupted.")
    assert len(process.stderr.strip().splitlines()) == 1
