"""The page beside Keras, as a program, and on real MNIST."""

import re

import keras
import numpy as np
import pytest
from conftest import PROJECT, run_program

from from_scratch import hello_numpy


def step_by_step(parameters, x, y):
    """Return ln p and the gradient, as one step of the page computes them."""
    hidden, log_p = hello_numpy.forward(parameters, x)
    d_logits = hello_numpy.d_loss(log_p, y)
    return log_p, hello_numpy.backward(parameters, x, hidden, d_logits)


def test_same_as_keras():
    """The same probabilities, gradients, and weights after ten steps of RMSprop."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(512, "relu"), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((784,)), *layers])
    rng = np.random.default_rng(0)
    x, y = rng.random((16, 784), np.float32), rng.integers(10, size=16)
    weights = model.get_weights()  # w1, b1, w2, b2, as on the page
    log_p, gradient = step_by_step(weights, x, y)
    expected = model.predict_on_batch(x)
    np.testing.assert_allclose(np.exp(log_p), expected, rtol=0, atol=1e-6)

    # One step of SGD at learning rate 1 subtracts the gradients.
    model.compile(keras.optimizers.SGD(1.0), "sparse_categorical_crossentropy")
    loss = model.train_on_batch(x, y)
    np.testing.assert_allclose(hello_numpy.evaluate(weights, x, y)[0], loss, rtol=1e-5)
    for found, before, after in zip(
        gradient, weights, model.get_weights(), strict=True
    ):
        d = before - after
        atol = 1e-4 * np.abs(d).max()
        np.testing.assert_allclose(found, d, rtol=0, atol=atol)

    model.set_weights(weights)
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    parameters = [w.copy() for w in weights]
    mean_squares = [np.zeros_like(w) for w in weights]
    for _ in range(10):
        model.train_on_batch(x, y)
        _, gradient = step_by_step(parameters, x, y)
        hello_numpy.rmsprop(parameters, mean_squares, gradient)
    assert np.abs(parameters[0] - weights[0]).max() > 1e-3
    for found, expected in zip(parameters, model.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_first_weights_as_those_of_keras():
    w1, b1, w2, b2 = hello_numpy.first_parameters(np.random.default_rng(0))
    for weights, inputs, outputs in ((w1, 784, 512), (w2, 512, 10)):
        limit = np.sqrt(6 / (inputs + outputs))
        assert weights.shape == (inputs, outputs)
        assert 0.99 * limit < np.abs(weights).max() <= limit
        assert abs(weights.mean()) < 0.02 * limit
    assert not b1.any() and not b2.any()
    assert {w.dtype for w in (w1, b1, w2, b2)} == {np.dtype("float32")}


def printed(process):
    """Return train loss, test loss, train accuracy, test accuracy, a row an epoch."""
    assert process.returncode == 0, process.stderr
    numbers = re.findall(r"train (\S+), test (\S+)", process.stdout)
    return np.array(numbers, float).reshape(-1, 4)


def test_runs_as_a_file_without_keras(optdigits_file, tmp_path):
    page = PROJECT / "from_scratch" / "hello_numpy.py"
    surroundings = {"PYTHONPATH": "", "MNIST_DATA": str(optdigits_file)}
    process = run_program("-X", "importtime", page, cwd=tmp_path, **surroundings)
    table = printed(process)
    assert len(table) == 5
    assert (np.diff(table[:, :2], axis=0) < 0).all()  # the losses
    assert (table[-1, 2:] > 0.8).all()  # the accuracies
    imported = process.stderr.replace("|", " ").split()
    assert "numpy" in imported
    assert {"keras", "tensorflow", "torch", "jax"}.isdisjoint(imported)

    process = run_program(page, PYTHONPATH="", MNIST_DATA="no-such-file")
    assert process.returncode == 1
    assert re.fullmatch("MNIST_DATA: no-such-file has no file .*\n", process.stderr)


@pytest.mark.slow
def test_learns_mnist(mnist):
    table = printed(
        run_program("-m", "from_scratch.hello_numpy", MNIST_DATA=str(mnist))
    )
    assert len(table) == 5
    assert table[-1, 3] >= 0.975
