"""The command line returns at once, and every failure is one line."""

import os
import subprocess
import sys

import pytest
from conftest import PROJECT, environment, needs, run_program

START = """
import os, sys
from digits import cli
from digits.errors import InputError
cli.start()
"""
posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")


def run_code(code, *arguments, **changes):
    return run_program("-c", START + code, *arguments, **changes)


@pytest.mark.parametrize("lesson", ["hello_mnist.py", "binary_zero_one.py"])
def test_help_imports_nothing_heavy(lesson, tmp_path):
    process = run_program("-X", "importtime", PROJECT / lesson, "--help", cwd=tmp_path)
    assert process.returncode == 0
    assert "where the images come from" in process.stdout
    imported = process.stderr.replace("|", " ").split()
    assert "argparse" in imported
    heavy = {"tensorflow", "keras", "numpy", "matplotlib", "requests"}
    assert heavy.isdisjoint(imported)


def test_wrong_usage_is_found_out_at_once():
    for option, value, message in (
        ("--epochs", "0", "argument --epochs: '0' is not a whole number from 1"),
        ("--output-dir", "pyproject.toml", "pyproject.toml: cannot be written"),
    ):
        process = run_program("hello_mnist.py", option, value)
        assert process.returncode == 2
        assert message in process.stderr
        assert process.stdout == ""


@pytest.mark.parametrize(
    ("code", "exit_code", "line"),
    [
        ("raise InputError('x.png: broken')", 2, "-c: error: x.png: broken"),
        ("import sklearn_x", 2, "-c: error: No module named 'sklearn_x'; require"),
        ("open('/no/such')", 1, "-c: error: FileNotFoundError: [Errno 2]"),
        ("raise MemoryError('too much')", 1, "-c: error: MemoryError: too much"),
        ("print('\\u4e2d')", 0, ""),
        ("raise BrokenPipeError", 1, ""),
        pytest.param(
            *("os.dup2(os.open('/dev/full', 1), 1); print()", 1, "-c: error: OSError"),
            marks=pytest.mark.skipif(sys.platform != "linux", reason="/dev/full"),
        ),
    ],
)
def test_each_failure_is_one_line(code, exit_code, line):
    process = run_code(code, PYTHONIOENCODING="ascii")
    assert process.returncode == exit_code
    assert process.stderr.startswith(line)
    assert len(process.stderr.splitlines()) == (1 if line else 0)


def test_a_bug_shows_its_traceback():
    process = run_code("import digits.no_such")
    assert process.returncode == 1
    assert "Traceback" in process.stderr
    assert "No module named 'digits.no_such'" in process.stderr


@posix
def test_streams_may_be_closed():
    code = START + "print('x')\nprint('y', file=sys.stderr)"
    for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
        shell = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-c", code]
        assert subprocess.run(shell, cwd=PROJECT, env=environment()).returncode == 0


@posix
@pytest.mark.parametrize(
    ("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)]
)
def test_signals_end_the_run_without_litter(name, code, tmp_path):
    # In a destructor, where Python swallows an exception.
    process = run_code(
        f"""
import signal, time
from pathlib import Path
from digits.files import Staging
Staging(Path(sys.argv[1]))
class Swallows:
    def __del__(self):
        signal.raise_signal(signal.{name})
        time.sleep(0.1)
Swallows()
print("went on")
""",
        tmp_path,
    )
    assert process.returncode == code
    assert process.stdout == ""
    assert process.stderr.strip() == "Interrupted; no file is half-written."
    assert list(tmp_path.iterdir()) == []


@posix
def test_an_ignored_signal_stays_ignored():
    ignore = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)"
    code = ignore + START + "signal.raise_signal(signal.SIGHUP)"
    assert run_program("-c", code).returncode == 0


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        ("", "Unable to import backend : theano"),
        # Keras computes random numbers with JAX on this backend.
        pytest.param("numpy", "numpy cannot train", marks=needs["jax"]),
    ],
)
def test_keras_settings_are_checked(backend, message, tmp_path):
    (tmp_path / "keras.json").write_text('{"backend": "theano"}')
    code = "with cli.quiet_tensorflow():\n    pass"
    process = run_code(code, KERAS_HOME=str(tmp_path), KERAS_BACKEND=backend)
    assert process.returncode == 2
    expected = f"KERAS_BACKEND or keras.json: {message}; use tensorflow, jax, torch"
    assert expected in process.stderr


def test_another_fault_of_an_import_is_not_put_down_to_keras(tmp_path):
    (tmp_path / "keras.py").write_text("raise ValueError('numpy.dtype size changed')")
    code = "with cli.quiet_tensorflow():\n    pass"
    process = run_code(code, PYTHONPATH=str(tmp_path))
    assert process.returncode == 1
    assert process.stderr.endswith("ValueError: numpy.dtype size changed\n")
    assert "Traceback" in process.stderr


# Stands for Keras, which loads TensorFlow, which prints its noise from C++.
FAKE_KERAS = """
import os
os.write(2, b"I0000 00:00:17 1 cudart_stub.cc:31] Could not find cuda drivers\\n")
os.write(2, b"2026-01-01 00:00:00.0: I tensorflow/core/x.cc:1] information\\n")
os.write(2, b"W0000 00:00:17 1 gpu_device.cc:1] a real warning\\n")
class backend:
    backend = "tensorflow".lower
class config:
    set_floatx = str
"""


def test_noise_is_dropped_and_warnings_are_printed(tmp_path):
    code = "with cli.quiet_tensorflow():\n    pass\nprint('x', file=sys.stderr)"
    fake = tmp_path / "keras.py"
    fake.write_text(FAKE_KERAS)
    process = run_code(code, PYTHONPATH=str(tmp_path))
    warning = "W0000 00:00:17 1 gpu_device.cc:1] a real warning"
    assert process.stderr.splitlines() == [warning, "x"]

    fake.write_text(FAKE_KERAS + "os.abort()")  # its last lines are printed, too
    process = run_code(code, PYTHONPATH=str(tmp_path))
    assert process.returncode < 0
    assert process.stderr.splitlines() == [warning]
