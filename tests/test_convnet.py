"""examples/convnet.py trains, and saves a network that examples/saved.py takes."""

import re

import numpy as np
from conftest import run_program, write_program

from examples import saved


def test_trains_and_saves_in_any_image_data_format(optdigits_file, tmp_path):
    """Keras's settings may say channels_first, which TensorFlow has no layers for."""
    program = write_program(tmp_path, "examples/convnet.py", epochs=3, batch_size=16)
    (tmp_path / "keras.json").write_text('{"image_data_format": "channels_first"}')
    environment = {"MNIST_DATA": str(optdigits_file), "KERAS_HOME": str(tmp_path)}
    process = run_program(program, cwd=tmp_path, **environment)
    found = re.search(r"Accuracy: train ([\d.]+), test ([\d.]+)\n", process.stdout)
    assert float(found[2]) > 0.8

    reader = saved.load(tmp_path / "saved_models" / "convnet.keras")
    assert reader.network.count_params() == 104_202  # without the distortion's layers
    image = np.zeros((1, 28, 28), np.uint8)
    assert reader.probabilities(image).shape == (1, 10)
