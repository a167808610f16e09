"""Two devices of one process, four of two processes: a network that works, saved."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor

import keras
import pytest
from conftest import need, run_program, write_program

from digits import optdigits


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_two_devices_each(processes, optdigits_file, tmp_path):
    need("jax")
    program = write_program(tmp_path, "examples/several_devices.py", epochs=2)
    environment = {"MNIST_DATA": str(optdigits_file), "NPROC": "8"}
    environment["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
    if processes > 1:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        environment["KERAS_DISTRIBUTION_NUM_PROCESSES"] = str(processes)
        environment["KERAS_DISTRIBUTION_JOB_ADDRESSES"] = address
        environment["no_grpc_proxy"] = "127.0.0.1"

    def run(process):
        number = {"KERAS_DISTRIBUTION_PROCESS_ID": str(process)}
        return run_program(program, cwd=tmp_path, **environment, **number).stdout

    with ThreadPoolExecutor() as threads:
        chief, *others = threads.map(run, range(processes))
    assert f"Processes: {processes}, devices together: {2 * processes}\n" in chief
    for other in others:
        assert "Process 1: 1,545 training and 252 test images\n" in other
        assert not re.search("epoch|accuracy|Saved", other)

    path = tmp_path / "saved_models" / "several_devices.keras"
    model = keras.saving.load_model(path, compile=False)
    _, (images, labels) = optdigits.load_data()
    x = images.reshape(-1, 784).astype("float32") / 255
    accuracy = (model.predict(x, verbose=0).argmax(axis=1) == labels).mean()
    assert accuracy > 0.5
    printed = re.search(r"Test accuracy (\S+), of all processes' 252 images", chief)
    assert float(printed[1]) == pytest.approx(accuracy, abs=6e-5)
