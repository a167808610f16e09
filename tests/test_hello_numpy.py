"""hello_numpy beside Keras, as a program, and on real MNIST."""

import re

import keras
import numpy as np
import pytest
from conftest import PROJECT, run_program

from from_scratch import hello_numpy

PROGRAM = PROJECT / "from_scratch" / "hello_numpy.py"


def step_by_step(parameters, x, y):
    """Return ln p and the gradient, as one step computes them."""
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
    weights = model.get_weights()  # w1, b1, w2, b2
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
    assert not b1.any() and not b2.any()
    assert {w.dtype for w in (w1, b1, w2, b2)} == {np.dtype("float32")}


def accuracies(process):
    """Return the accuracies that the last line prints: train, test."""
    found = re.search(r"Accuracy: train ([\d.]+), test ([\d.]+)\n\Z", process.stdout)
    return [float(accuracy) for accuracy in found.groups()]


def test_runs_anywhere_without_keras(optdigits_file, tmp_path):
    surroundings = {"PYTHONPATH": "", "MNIST_DATA": str(optdigits_file)}
    process = run_program("-X", "importtime", PROGRAM, cwd=tmp_path, **surroundings)
    assert min(accuracies(process)) > 0.8
    assert process.stdout.count("Epoch ") == 5
    imported = process.stderr.replace("|", " ").split()
    assert "numpy" in imported
    assert {"keras", "tensorflow", "torch", "jax"}.isdisjoint(imported)


@pytest.mark.slow
def test_learns_mnist(mnist):
    assert accuracies(run_program(PROGRAM, MNIST_DATA=str(mnist)))[1] >= 0.975
