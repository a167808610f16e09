"""More than one device: two of one machine, and two processes."""

import json
import socket
import subprocess
import sys

import pytest
from conftest import PROJECT, environment, needs, run_program

LESSON = "binary_zero_one"
OPTIONS = ("--data", "optdigits", "--epochs", "10")
# TensorFlow has no variable for it: its processor is split before the lesson runs.
TWO_TENSORFLOW_DEVICES = """
import runpy, sys
import tensorflow as tf
processor = tf.config.list_physical_devices("CPU")[0]
half = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(processor, [half, half])
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def check(folder, replicas, processes):
    path = folder / "saved_models" / f"{LESSON}-optdigits.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["replicas"] == replicas
    assert record["processes"] == processes
    assert record["test"]["accuracy"] > 0.97
    # What all devices measured together is what one of them predicts.
    last = record["history"]["val_accuracy"][-1]
    assert last == pytest.approx(record["test"]["accuracy"], abs=1e-6)


@pytest.mark.slow
@needs["jax"]
def test_two_jax_devices(tmp_path):
    run = run_program(
        *(f"{LESSON}.py", *OPTIONS, "--output-dir", tmp_path),
        KERAS_BACKEND="jax",
        XLA_FLAGS="--xla_force_host_platform_device_count=2",
    )
    assert run.returncode == 0, run.stderr
    assert "2 × cpu:0" in run.stdout
    check(tmp_path, replicas=2, processes=1)


@pytest.mark.slow
def test_two_tensorflow_devices(tmp_path):
    lesson = PROJECT / f"{LESSON}.py"
    options = (*OPTIONS, "--output-dir", tmp_path)
    run = run_program("-c", TWO_TENSORFLOW_DEVICES, lesson, *options)
    assert run.returncode == 0, run.stderr
    check(tmp_path, replicas=2, processes=1)


@pytest.mark.slow
@needs["jax"]
def test_two_processes(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    runs = [
        subprocess.Popen(
            [sys.executable, f"{LESSON}.py", *OPTIONS, "--output-dir", tmp_path],
            cwd=PROJECT,
            env=environment(
                KERAS_BACKEND="jax",
                KERAS_DISTRIBUTION_JOB_ADDRESSES=address,
                KERAS_DISTRIBUTION_NUM_PROCESSES="2",
                KERAS_DISTRIBUTION_PROCESS_ID=str(process),
                no_grpc_proxy="127.0.0.1",
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for process in range(2)
    ]
    chief, other = (run.communicate(timeout=300)[0] for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert f"{LESSON} on optdigits, not MNIST: test accuracy" in chief
    assert "test accuracy" not in other
    check(tmp_path, replicas=2, processes=2)


@pytest.mark.slow
def test_devices_that_are_not_there_are_named():
    run = run_program("hello_mnist.py", "--devices", "64")
    assert run.returncode == 2
    assert run.stderr.startswith("hello_mnist.py: error: --devices 64: tensorflow can")
