"""The cure for overfitting: two trainings, one difference, a plain network saved."""

import re
import runpy

import keras
import matplotlib
import numpy as np
import pytest
from conftest import PROJECT, run_program, write_program

matplotlib.use("agg")


@pytest.fixture(scope="module")
def trained(optdigits_file, tmp_path_factory):
    """The folder, the variables after three epochs, models and weights at the start."""
    folder, starts, fit = tmp_path_factory.mktemp("program"), [], keras.Model.fit

    def noting_fit(model, *arguments, **options):
        starts.append((model, model.get_weights()))
        history = fit(model, *arguments, **options).history
        assert history["learning_rate"] == pytest.approx([0.001, 0.001, 0.0001])

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MNIST_DATA", str(optdigits_file))
        patch.setattr(keras.Model, "fit", noting_fit)
        # As in a keras.json of somebody who works with PyTorch
        keras.config.set_image_data_format("channels_first")
        path = write_program(folder, "examples/less_overfitting.py", epochs=3)
        program = runpy.run_path(str(path))
        keras.config.set_image_data_format("channels_last")
    return folder, program, starts


def test_only_the_distortion_differs(trained):
    _, program, ((plain, first), (distorted, others)) = trained
    trainable = [w for w in others if w.dtype == np.float32]  # not the layers' seeds
    for one, other in zip(first, trainable, strict=True):
        np.testing.assert_array_equal(one, other)
    assert program["distortion"] in distorted.layers
    assert program["distortion"] not in plain.layers


def test_images_are_distorted_anew_in_training_and_never_in_measuring(trained):
    _, program, _ = trained
    x, distortion = program["x_train"][:9], program["distortion"]
    np.testing.assert_array_equal(distortion.predict(x, verbose=0), x)
    once, again = (np.array(distortion(x, training=True)) for _ in range(2))
    assert once.min() >= 0 and once.max() <= 1
    for other in (x, again):
        assert (abs(once - other).max(axis=1) > 0.1).all()


def test_the_plain_network_is_saved(trained):
    folder, program, _ = trained
    saved = keras.saving.load_model(folder / "saved_models" / "less_overfitting.keras")
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
    assert run.returncode == 0, run.stderr
    gaps = re.findall(r"(?m)^Gap: (-?[\d.]+) percentage points$", run.stdout)
    assert len(gaps) == 2
    assert float(gaps[1]) < float(gaps[0])
    assert (tmp_path / "plots" / "less_overfitting_distorted.png").exists()
