"""The page beside Keras, as a program, and on real MNIST."""

import keras
import numpy as np
import pytest
from conftest import run_program

from from_scratch import hello_numpy


def test_same_as_keras():
    """The same probabilities, gradients, and weights after ten steps of RMSprop."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(512, "relu"), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((784,)), *layers])
    rng = np.random.default_rng(0)
    x, y = rng.random((16, 784), np.float32), rng.integers(10, size=16)
    weights = model.get_weights()
    names = ("w1", "b1", "w2", "b2")
    p = {name: w.copy() for name, w in zip(names, weights, strict=True)}
    probabilities = np.exp(hello_numpy.forward(p, x)[1])
    expected = model.predict_on_batch(x)
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=1e-6)

    # One step of SGD at learning rate 1 subtracts the gradients.
    model.compile(keras.optimizers.SGD(1.0), "sparse_categorical_crossentropy")
    loss = model.train_on_batch(x, y)
    np.testing.assert_allclose(hello_numpy.evaluate(p, x, y)[0], loss, rtol=1e-5)
    found = hello_numpy.gradients(p, x, y)
    for name, before, after in zip(p, weights, model.get_weights(), strict=True):
        d = before - after
        atol = 1e-4 * np.abs(d).max()
        np.testing.assert_allclose(found[name], d, rtol=0, atol=atol, err_msg=name)

    model.set_weights(weights)
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    mean_square = {name: np.zeros_like(w) for name, w in p.items()}
    for _ in range(10):
        model.train_on_batch(x, y)
        hello_numpy.rmsprop(p, mean_square, hello_numpy.gradients(p, x, y))
    assert np.abs(p["w1"] - weights[0]).max() > 1e-3
    for name, expected in zip(p, model.get_weights(), strict=True):
        np.testing.assert_allclose(p[name], expected, rtol=0, atol=1e-5, err_msg=name)


def test_first_weights_as_those_of_keras():
    p = hello_numpy.init(np.random.default_rng(0))
    for name, inputs, outputs in (("w1", 784, 512), ("w2", 512, 10)):
        limit = np.sqrt(6 / (inputs + outputs))
        assert p[name].shape == (inputs, outputs)
        assert 0.99 * limit < np.abs(p[name]).max() <= limit
        assert abs(p[name].mean()) < 0.02 * limit
    assert {w.dtype for w in p.values()} == {np.dtype("float32")}


def printed_table(process):
    """Return the columns epoch, train loss, accuracy, test loss, accuracy: (n, 5)."""
    assert process.returncode == 0, process.stderr
    table = process.stdout.partition("epoch ")[2].splitlines()[1:]
    return np.array([line.split() for line in table], float)


def test_runs_on_optdigits_without_keras():
    command = ("-X", "importtime", "-m", "from_scratch.hello_numpy", "--epochs", "3")
    process = run_program(*command, "--data", "optdigits")
    table = printed_table(process)
    assert [*table[:, 0]] == [1, 2, 3]
    assert (np.diff(table[:, [1, 3]], axis=0) < 0).all()  # the losses
    assert (table[-1, [2, 4]] > 0.8).all()  # the accuracies
    imported = process.stderr.replace("|", " ").split()
    assert "numpy" in imported
    assert {"keras", "tensorflow", "torch", "jax"}.isdisjoint(imported)


@pytest.mark.slow
def test_learns_mnist(mnist):
    table = printed_table(
        run_program("-m", "from_scratch.hello_numpy", "--data", mnist)
    )
    assert [*table[:, 0]] == [1, 2, 3, 4, 5]
    assert table[-1, 4] >= 0.975
