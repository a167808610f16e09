"""More than one device: two of one machine, and two processes."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import PROJECT, needs, run_program

LESSON = "binary_zero_one"
OPTIONS = (PROJECT / f"{LESSON}.py", "--data", "optdigits", "--epochs", "10")
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


def check(run, folder, processes=1):
    assert run.returncode == 0, run.stderr
    assert f"{LESSON} on optdigits, not MNIST: test accuracy" in run.stdout
    path = folder / "saved_models" / f"{LESSON}-optdigits.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    assert (record["replicas"], record["processes"]) == (2, processes)
    assert record["test"]["accuracy"] > 0.97
    # What all devices measured together is what one of them predicts.
    last = record["history"]["val_accuracy"][-1]
    assert last == pytest.approx(record["test"]["accuracy"], abs=1e-6)


@pytest.mark.slow
@needs["jax"]
def test_two_jax_devices(tmp_path):
    two = "--xla_force_host_platform_device_count=2"
    command = (*OPTIONS, "--output-dir", tmp_path)
    check(run_program(*command, KERAS_BACKEND="jax", XLA_FLAGS=two), tmp_path)


@pytest.mark.slow
def test_two_tensorflow_devices(tmp_path):
    command = ("-c", TWO_TENSORFLOW_DEVICES, *OPTIONS, "--output-dir", tmp_path)
    check(run_program(*command), tmp_path)


@pytest.mark.slow
@needs["jax"]
def test_two_processes(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"

    def run(process):
        return run_program(
            *(*OPTIONS, "--output-dir", tmp_path),
            KERAS_BACKEND="jax",
            KERAS_DISTRIBUTION_JOB_ADDRESSES=address,
            KERAS_DISTRIBUTION_NUM_PROCESSES="2",
            KERAS_DISTRIBUTION_PROCESS_ID=str(process),
            no_grpc_proxy="127.0.0.1",
        )

    with ThreadPoolExecutor() as pool:
        chief, other = pool.map(run, range(2))
    check(chief, tmp_path, processes=2)
    assert other.returncode == 0, other.stderr
    assert "test accuracy" not in other.stdout


@pytest.mark.slow
def test_devices_that_are_not_there_are_named():
    run = run_program("hello_mnist.py", "--devices", "64")
    assert run.returncode == 2
    assert run.stderr.startswith("hello_mnist.py: error: --devices 64: tensorflow can")
