"""One device, two virtual devices, two processes: the same network, and a file."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor

import keras
import pytest
from conftest import needs, run_program, write_program

from digits import optdigits

pytestmark = [pytest.mark.slow, needs["jax"]]
PROGRAM = "examples/several_devices.py"


def check_result(folder, printed):
    """The saved model's accuracy is what was printed, for all 252 test images."""
    path = folder / "saved_models" / "several_devices.keras"
    model = keras.saving.load_model(path, compile=False)
    _, (images, labels) = optdigits.load_data()
    x = images.reshape(-1, 784).astype("float32") / 255
    accuracy = (model.predict(x, verbose=0).argmax(axis=1) == labels).mean()
    assert accuracy > 0.5
    assert f"Test accuracy {accuracy:.4f}, of all processes' 252 images" in printed


def test_devices_of_one_process(optdigits_file, tmp_path):
    program = write_program(tmp_path, PROGRAM, epochs=2)
    two = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "NPROC": "8"}
    run = run_program(program, cwd=tmp_path, MNIST_DATA=str(optdigits_file), **two)
    assert run.returncode == 0, run.stderr
    assert "Processes: 1, devices together: 2\n" in run.stdout
    check_result(tmp_path, run.stdout)


def test_two_processes(optdigits_file, tmp_path):
    program = write_program(tmp_path, PROGRAM, epochs=2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(process):
        return run_program(
            program,
            cwd=tmp_path,
            MNIST_DATA=str(optdigits_file),
            KERAS_DISTRIBUTION_NUM_PROCESSES="2",
            KERAS_DISTRIBUTION_JOB_ADDRESSES=f"127.0.0.1:{port}",
            KERAS_DISTRIBUTION_PROCESS_ID=str(process),
            no_grpc_proxy="127.0.0.1",
        )

    with ThreadPoolExecutor() as threads:
        chief, other = threads.map(run, range(2))
    assert chief.returncode == other.returncode == 0, chief.stderr + other.stderr
    assert "Processes: 2, devices together: 2\n" in chief.stdout
    assert not re.search("epoch|accuracy|Saved", other.stdout)
    assert "Process 1: 1,545 training and 252 test images\n" in other.stdout
    check_result(tmp_path, chief.stdout)
