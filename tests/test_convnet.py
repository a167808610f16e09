"""examples/convnet.py trains, and saves a network that examples/saved.py takes."""

import json
import re

import numpy as np
import pytest
from conftest import run_program, write_program

from examples import saved


def test_trains_and_saves_in_any_image_data_format(optdigits_file, tmp_path):
    """Keras's settings may say channels_first, which TensorFlow has no layers for."""
    program = write_program(tmp_path, "examples/convnet.py", epochs=3, batch_size=16)
    (tmp_path / "keras.json").write_text(
        json.dumps({"image_data_format": "channels_first"})
    )
    environment = {"MNIST_DATA": str(optdigits_file), "KERAS_HOME": str(tmp_path)}
    process = run_program(program, cwd=tmp_path, **environment)
    assert process.returncode == 0, process.stderr
    found = re.search(r"Accuracy: train ([\d.]+), test ([\d.]+)\n", process.stdout)
    assert float(found[1]) > 0.5
    assert "percentage points\n" in process.stdout

    reader = saved.load(tmp_path / "saved_models" / "convnet.keras")
    assert reader.network.count_params() == 104_202  # without the distortion's layers
    assert len(reader.network.layers) == 7
    image = np.zeros((1, 28, 28), np.uint8)
    assert reader.probabilities(image).shape == (1, 10)


@pytest.mark.slow
def test_learns_mnist(mnist, tmp_path):
    """Two epochs reach about what hello_mnist.py does in five."""
    program = write_program(tmp_path, "examples/convnet.py", epochs=2)
    process = run_program(program, cwd=tmp_path, MNIST_DATA=str(mnist))
    assert process.returncode == 0, process.stderr
    test = re.search(r"Accuracy: .* test ([\d.]+)\n", process.stdout)[1]
    assert float(test) > 0.975
