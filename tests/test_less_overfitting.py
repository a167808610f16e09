"""The cure for overfitting: two trainings, one difference, a plain network saved."""

import re
import runpy

import keras
import matplotlib
import numpy as np
import pytest
from conftest import run_program, write_page
from PIL import Image

matplotlib.use("agg")


@pytest.fixture(scope="module")
def trained(optdigits_file, tmp_path_factory):
    """The page's variables after three epochs, and what each `fit` started with."""
    folder, starts, fit = tmp_path_factory.mktemp("page"), [], keras.Model.fit

    def noting_fit(model, *arguments, **options):
        weights = [variable.numpy() for variable in model.trainable_variables]
        starts.append((weights, float(model.optimizer.learning_rate), model))
        return fit(model, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MNIST_DATA", str(optdigits_file))
        patch.setattr(keras.Model, "fit", noting_fit)
        path = write_page(folder, "examples/less_overfitting.py", epochs=3)
        page = runpy.run_path(str(path))
    return folder, page, starts


def test_only_the_distortion_differs(trained):
    _, page, starts = trained
    plain, distorted = starts[0], starts[3]
    assert plain[2] is not distorted[2]
    for one, other in zip(plain[0], distorted[0], strict=True):
        np.testing.assert_array_equal(one, other)
    rates = [rate for _, rate, _ in starts]
    assert rates == pytest.approx([0.001, 0.001, 0.0001] * 2)
    assert page["distortion"] in distorted[2].layers
    assert page["distortion"] not in plain[2].layers


def test_images_are_distorted_anew_in_training_and_never_in_measuring(trained):
    _, page, _ = trained
    x, distortion = page["x_train"][:9], page["distortion"]
    np.testing.assert_array_equal(distortion.predict(x, verbose=0), x)
    once, again = (np.array(distortion(x, training=True)) for _ in range(2))
    assert once.shape == (9, 784)
    assert once.min() >= 0 and once.max() <= 1
    for other in (x, again):
        assert (abs(once - other).max(axis=1) > 0.1).all()


def test_the_plain_network_is_saved(trained):
    folder, page, _ = trained
    saved = keras.saving.load_model(folder / "saved_models" / "less_overfitting.keras")
    assert [type(layer) for layer in saved.layers] == [keras.layers.Dense] * 2
    assert saved.input_shape == (None, 784)
    predictions = saved.predict(page["x_test"], verbose=0).argmax(axis=1)
    accuracy = (predictions == page["test_labels"]).mean()
    assert accuracy == pytest.approx(page["measured"]["distorted"][-1][1])
    assert accuracy > 0.5
    for name, width in (("accuracy", 800), ("distorted", 1000)):
        plot = folder / "plots" / f"less_overfitting_{name}.png"
        assert Image.open(plot).width == width


@pytest.mark.slow
def test_the_gap_becomes_smaller(optdigits_file, tmp_path):
    page = ("-m", "examples.less_overfitting")
    run = run_program(*page, cwd=tmp_path, MNIST_DATA=str(optdigits_file))
    assert run.returncode == 0, run.stderr
    gaps = re.findall(r"(?m)^Gap (-?[\d.]+) percentage points, margin of", run.stdout)
    assert len(gaps) == 2
    assert float(gaps[1]) < float(gaps[0])
