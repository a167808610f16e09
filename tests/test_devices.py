"""More than one device: both lessons on two devices, and in two processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from conftest import (
    PROJECT,
    data_source,
    lesson_environment,
    run_lesson,
    write_idx_folder,
)
from test_backends import need

# The epochs are enough to compare; with FULL=1 it is as many as usual.
LESSONS = {"hello_mnist": 1, "binary_zero_one": 2}
TWO_JAX_DEVICES = "--xla_force_host_platform_device_count=2"
# TensorFlow has no variable for it: its processor is cut in two before the lesson runs.
TWO_TENSORFLOW_DEVICES = """
import runpy, sys
import tensorflow as tf
processor = tf.config.list_physical_devices("CPU")[0]
half = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(processor, [half, half])
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
IMPATIENT = """
import runpy, sys
from digits import machines
machines.ARRIVAL_SECONDS = 5
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """Return a function that gives a lesson's record from one device, run once."""
    found = {}

    def get(lesson):
        if lesson not in found:
            folder = tmp_path_factory.mktemp(lesson)
            options = (*usual_options(lesson), "--output-dir", folder)
            run = run_lesson(f"{lesson}.py", *options, cwd=folder)
            assert run.returncode == 0, run.stderr
            found[lesson] = record_in(folder)
        return found[lesson]

    return get


def usual_options(lesson):
    few = () if os.environ.get("FULL") else ("--epochs", LESSONS[lesson])
    return ("--data", data_source(), *few)


def record_in(folder):
    (path,) = folder.glob("saved_models/*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def assert_as_good(record, usual):
    """Within half a point; of optdigits' 360 test images, within three points."""
    allowed = 0.005 if record["data"]["verified_original_mnist"] else 0.03
    difference = record["test"]["accuracy"] - usual["test"]["accuracy"]
    assert abs(difference) <= allowed
    # Keras's measure of the shared data is that of the predictions made on one device.
    closing = record["epochs"][-1]["test_accuracy"]
    assert closing == pytest.approx(record["test"]["accuracy"], abs=1e-6)


def run_code(code, *arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd,
        env={**lesson_environment(**environment), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_devices_share_the_work(backend, lesson, usual, tmp_path):
    need(backend)
    script = PROJECT / f"{lesson}.py"
    options = (*usual_options(lesson), "--output-dir", tmp_path)
    if backend == "jax":
        environment = {"KERAS_BACKEND": "jax", "XLA_FLAGS": TWO_JAX_DEVICES}
        run = run_lesson(script, *options, cwd=tmp_path, **environment)
    else:
        run = run_code(TWO_TENSORFLOW_DEVICES, script, *options, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert f"On:    2 cpu devices, backend {backend}" in run.stdout
    record = record_in(tmp_path)
    assert record["devices"] == 2
    assert record["processes"] == 1
    assert_as_good(record, usual(lesson))


def test_devices_limits_their_number(tmp_path):
    need("jax")
    options = ("--data", "optdigits", "--epochs", 1, "--output-dir", tmp_path)
    environment = {"KERAS_BACKEND": "jax", "XLA_FLAGS": TWO_JAX_DEVICES}
    run = run_lesson(
        "hello_mnist.py", "--devices", 1, *options, cwd=tmp_path, **environment
    )
    assert run.returncode == 0, run.stderr
    assert "On:    cpu:0, backend jax" in run.stdout
    assert record_in(tmp_path)["devices"] == 1


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--devices", 3), "--devices 3: backend jax can train on 2 here"),
        (("--devices", 2, "--batch-size", 7), "--batch-size 7: 2 devices cannot share"),
    ],
)
def test_devices_that_do_not_fit(options, complaint, tmp_path):
    need("jax")
    environment = {"KERAS_BACKEND": "jax", "XLA_FLAGS": TWO_JAX_DEVICES}
    run = run_lesson("hello_mnist.py", *options, cwd=tmp_path, **environment)
    assert run.returncode == 2
    assert run.stderr.startswith(f"hello_mnist.py: error: {complaint}")


def test_as_many_devices_as_can_share_a_batch(tmp_path):
    """Three devices, and batches of 128: two of them train."""
    need("jax")
    options = ("--data", "optdigits", "--epochs", 1, "--output-dir", tmp_path)
    flag = TWO_JAX_DEVICES.replace("2", "3")
    run = run_lesson(
        "hello_mnist.py", *options, cwd=tmp_path, KERAS_BACKEND="jax", XLA_FLAGS=flag
    )
    assert run.returncode == 0, run.stderr
    assert record_in(tmp_path)["devices"] == 2


def test_a_data_set_that_leaves_one_image_over(usual, tmp_path):
    """1,437 training images in batches of 4: on two devices one would have none."""
    run = run_code(
        TWO_TENSORFLOW_DEVICES,
        PROJECT / "hello_mnist.py",
        *("--data", "optdigits", "--batch-size", 4, "--epochs", 2),
        *("--output-dir", tmp_path),
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr
    record = record_in(tmp_path)
    assert record["epochs"][-1]["train_loss"] < 1
    assert_as_good(record, record)


# ---- Several processes ---------------------------------------------------------------


class Job:
    """Two processes of a lesson on this machine, each with a folder of its own."""

    def __init__(self, folder, *options, lesson="hello_mnist", own_options=((), ())):
        need("jax")
        self.folders = [folder / "0", folder / "1"]
        self.processes = []
        for number, output in enumerate(self.folders):
            output.mkdir()
            arguments = (*options, *own_options[number], "--output-dir", output)
            process = subprocess.Popen(
                [sys.executable, PROJECT / f"{lesson}.py", *map(str, arguments)],
                cwd=folder,
                env=lesson_environment(**job_variables(number, folder)),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self.processes.append(process)

    def wait_for(self, text):
        """Wait until process 0 has printed the text."""
        printed = ""
        while text not in printed:
            piece = self.processes[0].stdout.read(1)
            assert piece, f"ended before it printed {text!r}: {printed}"
            printed += piece

    def end(self):
        """Return what each process printed, wrote as errors, and its exit code."""
        answers = [process.communicate(timeout=300) for process in self.processes]
        codes = [process.returncode for process in self.processes]
        return [(*a, code) for a, code in zip(answers, codes, strict=True)]

    def files(self):
        return [path for folder in self.folders for path in files_in(folder)]


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


ports = {}


def job_variables(process, folder, processes=2):
    """Return what to set for one process of the job that has this folder."""
    port = ports.setdefault(folder, free_port())
    return {
        "KERAS_BACKEND": "jax",
        "KERAS_DISTRIBUTION_JOB_ADDRESSES": f"127.0.0.1:{port}",
        "KERAS_DISTRIBUTION_NUM_PROCESSES": str(processes),
        "KERAS_DISTRIBUTION_PROCESS_ID": str(process),
    }


@pytest.mark.parametrize("lesson", LESSONS)
def test_two_processes_train_one_model(lesson, usual, tmp_path):
    job = Job(tmp_path, *usual_options(lesson), lesson=lesson)
    (printed, errors, code), other = job.end()
    assert code == 0, errors
    assert "On:    2 cpu devices in 2 processes, backend jax" in printed
    assert "Gloo" not in printed + errors
    assert other == ("", "", 0)
    assert files_in(job.folders[1]) == []
    record = record_in(job.folders[0])
    assert record["processes"] == 2
    assert_as_good(record, usual(lesson))


@pytest.mark.parametrize("dying", [0, 1])
def test_a_process_that_dies_ends_the_others(dying, tmp_path):
    job = Job(tmp_path, "--data", "optdigits", "--epochs", 100_000)
    job.wait_for("Epoch 3/")
    job.processes[dying].send_signal(signal.SIGKILL)
    _, errors, code = job.end()[1 - dying]
    assert code not in (0, None)
    assert errors.splitlines()[-1].startswith("hello_mnist.py: error:")
    assert "lost" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    assert job.files() == []


def test_an_interrupted_process_ends_the_others(tmp_path):
    job = Job(tmp_path, "--data", "optdigits", "--epochs", 100_000)
    job.wait_for("Epoch 3/")
    job.processes[0].send_signal(signal.SIGINT)
    (_, errors, code), (_, _, other_code) = job.end()
    assert code == 130
    assert errors.strip().startswith("Interrupted.")
    assert other_code != 0
    assert job.files() == []


@pytest.mark.parametrize("present", [0, 1])
def test_a_process_that_never_arrives(present, tmp_path):
    need("jax")
    run = run_code(
        IMPATIENT,
        PROJECT / "hello_mnist.py",
        cwd=tmp_path,
        **job_variables(present, tmp_path),
    )
    assert run.returncode == 1
    assert "TimeoutError: not all 2 processes arrived at 127.0.0.1:" in run.stderr
    assert "within 5 seconds" in run.stderr
    assert "Traceback" not in run.stderr


def test_waiting_can_be_interrupted(tmp_path):
    need("jax")
    process = subprocess.Popen(
        [sys.executable, PROJECT / "hello_mnist.py"],
        cwd=tmp_path,
        env=lesson_environment(**job_variables(0, tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().startswith("Waiting for 2 processes")
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("own_options", "difference"),
    [
        (("--seed", 1, "--hidden-units", 256), "hidden_units, seed"),
        (("--data", "nothing-but-digits-of-its-own"), None),
    ],
)
def test_processes_must_agree(own_options, difference, tmp_path):
    options = ("--data", "optdigits", "--epochs", 1)
    job = Job(tmp_path, *options, own_options=((), own_options))
    (_, errors, code), (_, other_errors, other_code) = job.end()
    if difference:
        line = f"error: process 1 differs from process 0 in: {difference}"
        assert line in errors
        assert line in other_errors
        assert code == other_code == 2
    else:
        assert "nothing-but-digits-of-its-own" in other_errors
        assert other_code == 2
        assert "error: ConnectionError: lost the other processes" in errors
        assert code == 1
    assert "Traceback" not in errors + other_errors
    assert job.files() == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_processes_must_have_the_same_data(lesson, tmp_path, tiny):
    folder = write_idx_folder(tmp_path / "own", tiny)
    options = ("--data", "optdigits", "--epochs", 1)
    other = ((), ("--data", folder))
    (_, errors, code), (_, other_errors, other_code) = Job(
        tmp_path, *options, lesson=lesson, own_options=other
    ).end()
    line = "error: process 1 differs from process 0 in: x_train, y_train, x_test"
    assert line in errors
    assert line in other_errors
    assert code == other_code == 2


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"TF_CONFIG": "{}"}, "TF_CONFIG is set, but Keras 3 cannot"),
        ({"KERAS_BACKEND": "tensorflow"}, "several machines need KERAS_BACKEND=jax"),
        ({"KERAS_DISTRIBUTION_PROCESS_ID": ""}, "KERAS_DISTRIBUTION_PROCESS_ID: not"),
        ({"KERAS_DISTRIBUTION_PROCESS_ID": "2"}, "one from 0 to below it"),
        ({"KERAS_DISTRIBUTION_NUM_PROCESSES": "two"}, "must be a number of processes"),
        ({"KERAS_DISTRIBUTION_JOB_ADDRESSES": "127.0.0.1"}, "must be HOST:PORT"),
        ({"KERAS_DISTRIBUTION_JOB_ADDRESSES": "a:1,b:2,c:3"}, "must be HOST:PORT"),
    ],
)
def test_variables_that_make_no_sense(changes, complaint, tmp_path):
    environment = {**job_variables(0, tmp_path), **changes}
    run = run_lesson("hello_mnist.py", cwd=tmp_path, **environment)
    assert run.returncode == 2
    assert complaint in run.stderr
    assert len(run.stderr.splitlines()) == 1
