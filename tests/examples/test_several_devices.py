"""One device, two virtual devices, two processes: the same network, and a file."""

import re
import socket
import subprocess
import sys

import keras
import numpy as np
import pytest
from conftest import environment, needs, run_program, write_page

PAGE = "examples/several_devices.py"
# Runs the page and keeps the weights that this process ends with.
KEEP = """
import runpy, sys
import numpy as np
page = runpy.run_path("several_devices.py")
np.savez(sys.argv[1], *page["model"].get_weights())
"""


def check_result(folder, printed):
    """The saved model's accuracy is what was printed, for all 360 test images."""
    path = folder / "saved_models" / "several_devices.keras"
    model = keras.saving.load_model(path, compile=False)
    with np.load(folder / "data.npz") as data:
        x, y = data["x_test"].reshape(-1, 784).astype("float32") / 255, data["y_test"]
    accuracy = (model.predict(x, verbose=0).argmax(axis=1) == y).mean()
    assert accuracy > 0.5
    assert f"Test accuracy {accuracy:.4f}, of all processes' 360 images" in printed
    return model.get_weights()


@pytest.fixture
def folder(optdigits_file, tmp_path):
    (tmp_path / "data.npz").write_bytes(optdigits_file.read_bytes())
    write_page(tmp_path, PAGE, epochs=2)
    return tmp_path


@pytest.mark.slow
@needs["jax"]
def test_devices_of_one_process(folder):
    page, data = folder / "several_devices.py", str(folder / "data.npz")
    two = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "NPROC": "8"}
    run = run_program(page, cwd=folder, MNIST_DATA=data, **two)
    assert run.returncode == 0, run.stderr
    assert "Processes: 1, devices together: 2\n" in run.stdout
    check_result(folder, run.stdout)
    page = write_page(folder, PAGE, batch_size=129)
    run = run_program(page, cwd=folder, MNIST_DATA=data, **two)
    assert run.returncode == 1
    assert "batch_size 129 is not a multiple of 2 devices" in run.stderr


@pytest.mark.slow
@needs["jax"]
def test_two_processes_end_with_the_same_weights(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", KEEP, f"weights{i}.npz"],
            cwd=folder,
            env=environment(
                MNIST_DATA=str(folder / "data.npz"),
                KERAS_DISTRIBUTION_NUM_PROCESSES="2",
                KERAS_DISTRIBUTION_JOB_ADDRESSES=f"127.0.0.1:{port}",
                KERAS_DISTRIBUTION_PROCESS_ID=str(i),
                no_grpc_proxy="127.0.0.1",
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in range(2)
    ]
    try:
        (printed, errors), (silent, more) = (
            process.communicate(timeout=300) for process in processes
        )
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], errors + more
    assert "Processes: 2, devices together: 2\n" in printed
    assert not re.search("epoch|accuracy|Saved", silent)
    saved = check_result(folder, printed)
    for i in range(2):
        with np.load(folder / f"weights{i}.npz") as kept:
            for one, other in zip(kept.values(), saved, strict=True):
                np.testing.assert_array_equal(one, other)
