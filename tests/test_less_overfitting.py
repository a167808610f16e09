"""The cure for overfitting: two trainings, one difference, a plain network saved."""

import re
import runpy

import keras
import numpy as np
import pytest
from conftest import PROJECT, run_program, write_program


def test_two_trainings(optdigits_file, tmp_path, monkeypatch):
    starts, fit = [], keras.Model.fit

    def noting_fit(model, *arguments, **options):
        starts.append((model, model.get_weights()))
        history = fit(model, *arguments, **options).history
        assert history["learning_rate"] == pytest.approx([0.001, 0.001, 0.0001])

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_DATA", str(optdigits_file))
    monkeypatch.setattr(keras.Model, "fit", noting_fit)
    # As in a keras.json of somebody who works with PyTorch
    keras.config.set_image_data_format("channels_first")
    path = write_program(tmp_path, "examples/less_overfitting.py", epochs=3)
    program = runpy.run_path(str(path))
    keras.config.set_image_data_format("channels_last")

    # Only the distortion differs.
    (plain, first), (distorted, others) = starts
    distortion = program["distortion"]
    assert distortion in distorted.layers and distortion not in plain.layers
    trainable = [w for w in others if w.dtype == np.float32]  # not the layers' seeds
    for one, other in zip(first, trainable, strict=True):
        np.testing.assert_array_equal(one, other)

    # Images are distorted anew in training, and never in measuring.
    x = program["x_train"][:9]
    np.testing.assert_array_equal(distortion.predict(x, verbose=0), x)
    once, again = (np.array(distortion(x, training=True)) for _ in range(2))
    for other in (x, again):
        assert (abs(once - other).max(axis=1) > 0.1).all()

    # The plain network is saved.
    saved = keras.saving.load_model("saved_models/less_overfitting.keras")
    assert [type(layer) for layer in saved.layers] == [keras.layers.Dense] * 2
    predictions = saved.predict(program["x_test"], verbose=0).argmax(axis=1)
    accuracy = (predictions == program["test_labels"]).mean()
    assert accuracy == pytest.approx(program["test_accuracy"])
    assert accuracy > 0.5


@pytest.mark.slow
def test_the_gap_becomes_smaller_wherever_it_is_started(optdigits_file, tmp_path):
    program = PROJECT / "examples" / "less_overfitting.py"
    data = {"MNIST_DATA": str(optdigits_file)}
    run = run_program(program, cwd=tmp_path, PYTHONPATH="", **data)
    plain, distorted = re.findall(r"(?m)^Gap: (-?[\d.]+) percentage", run.stdout)
    assert float(distorted) < float(plain)
    assert (tmp_path / "plots" / "less_overfitting_distorted.png").exists()
