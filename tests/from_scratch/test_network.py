"""Every gradient against finite differences and Keras; numbers that stay finite."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from from_scratch import network, numerical
from from_scratch.network import Network
from from_scratch.optimizers import RMSprop, gradient_descent
from from_scratch.relu_dropout import published_gradients

SIZES = st.tuples(*[st.integers(1, 4)] * 4)  # samples, inputs, units, outputs


def random_case(hidden, output, biases, dropout, sizes, seed):
    """Return a network, inputs, targets and a dropout mask or None."""
    samples, inputs, units, outputs = sizes
    rng = np.random.default_rng(seed)
    parameters = {
        "w1": rng.normal(size=(inputs, units)),
        "w2": rng.normal(size=(units, outputs)),
    }
    if biases:
        parameters |= {"b1": rng.normal(size=units), "b2": rng.normal(size=outputs)}
    x = rng.normal(size=(samples, inputs)) * rng.integers(0, 2, (samples, inputs))
    y = {
        "softmax": np.eye(outputs)[rng.integers(outputs, size=samples)],
        "logistic": rng.integers(0, 2, (samples, outputs)).astype(float),
        "linear": rng.normal(size=(samples, outputs)),
    }[output]
    mask = rng.integers(0, 2, (samples, units)) * 2.0 if dropout else None
    return Network(parameters, hidden, output), x, y, mask


def relative_error(a, b):
    """Return the largest difference over all parameters, relative to the largest."""
    scale = max(np.abs(value).max() for value in (*a.values(), *b.values()))
    return max(np.abs(a[name] - b[name]).max() for name in b) / max(scale, 1e-3)


def far_from_the_kink(net, x):
    """Whether no perturbation of a finite difference crosses the kink of ReLU."""
    at = np.abs(network.forward(net, x).hidden_input)
    return net.hidden == "sigmoid" or (at > 10 * numerical.H).all()


@pytest.mark.parametrize("dropout", [False, True], ids=["all units", "dropout"])
@pytest.mark.parametrize("biases", [False, True], ids=["no biases", "biases"])
@pytest.mark.parametrize("output", network.OUTPUT)
@pytest.mark.parametrize("hidden", network.HIDDEN)
@settings(max_examples=30, deadline=None)
@given(sizes=SIZES, seed=st.integers(0, 2**32 - 1))
def test_backpropagation_is_right(hidden, output, biases, dropout, sizes, seed):
    net, x, y, mask = random_case(hidden, output, biases, dropout, sizes, seed)
    if not biases:
        x[x == 0] = 1  # an input of 0 would leave a unit on the kink
    assume(far_from_the_kink(net, x))
    found = network.gradients(net, x, y, mask)
    by_definition = numerical.gradients_one_by_one(net, x, y, mask)
    assert found.keys() == by_definition.keys() == net.parameters.keys()
    assert relative_error(found, by_definition) < 1e-6
    assert relative_error(numerical.gradients(net, x, y, mask), by_definition) < 1e-6


def test_the_published_faults_are_caught():
    """Each of the tutorial's two faults alone, and both, fail the check above."""
    sizes = (1, 6, 8, 3)
    net, x, y, _ = random_case("relu", "linear", False, False, sizes, seed=1)
    mask = np.array([[0, 2, 2, 0, 2, 2, 0, 2.0]])
    now = network.forward(net, x, mask)
    assert (now.hidden_input < 0).any()  # there are units that are off
    right = numerical.gradients_one_by_one(net, x, y, mask)
    assert relative_error(network.backward(net, x, y, now, mask), right) < 1e-6

    both = published_gradients(net, x, y, now, mask)
    assert relative_error(both, right) > 1e-2
    always_on = {**both, "w1": both["w1"] * 2}  # the factor 2 restored
    assert relative_error(always_on, right) > 1e-2
    on = now.hidden_input > 0
    no_factor = {**both, "w1": both["w1"] * on}  # the slope restored
    assert relative_error(no_factor, right) > 1e-2
    assert relative_error({**both, "w1": both["w1"] * 2 * on}, right) < 1e-6


finite = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=4),
    elements=st.floats(allow_nan=False, allow_infinity=False),
)


@given(finite)
def test_no_finite_input_overflows(z):
    with warnings.catch_warnings(), np.errstate(under="ignore"):
        warnings.simplefilter("error")
        for values in (network.softmax(z), network.sigmoid(z)):
            assert ((values >= 0) & (values <= 1)).all()
        np.testing.assert_allclose(network.softmax(z).sum(axis=1), 1)


@given(
    hnp.arrays(np.float64, (3, 4), elements=st.floats(-1e150, 1e150)),
    st.sampled_from(["softmax", "logistic"]),
)
def test_the_loss_is_finite_where_probabilities_round_to_zero(z, output):
    with warnings.catch_warnings(), np.errstate(under="ignore"):
        warnings.simplefilter("error")
        assert np.isfinite(network.losses(output, z, np.eye(4)[:3])).all()


def test_losses_as_defined():
    z, y = np.array([[0.3, -1.2, 2.0]]), np.array([[0.0, 1.0, 0.0]])
    softmax = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(network.softmax(z), softmax)
    np.testing.assert_allclose(network.losses("softmax", z, y), -np.log(softmax[0, 1]))
    p = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(network.sigmoid(z), p)
    binary = -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum()
    np.testing.assert_allclose(network.losses("logistic", z, y), binary)
    half = 0.5 * (0.3**2 + 2.2**2 + 2**2)
    np.testing.assert_allclose(network.losses("linear", z, y), half)


def test_predict_takes_any_number_of_samples():
    net, x, *_ = random_case("relu", "softmax", True, False, (4, 3, 5, 2), seed=0)
    many = np.tile(x, (5001, 1))
    np.testing.assert_allclose(
        network.predict(net, many), network.forward(net, many).output
    )


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="tanh"):
        Network({}, "tanh", "linear")


def test_gradient_descent_steps_in_place():
    parameters = {"w": np.array([1.0, 2.0])}
    gradient_descent(parameters, {"w": np.array([10.0, -10.0])}, 0.1)
    np.testing.assert_allclose(parameters["w"], [0.0, 3.0])


# ---- Against Keras -----------------------------------------------------------------


def keras_twin(lesson):
    """Return the lesson's Keras model, its NumPy twin, inputs and targets."""
    import keras

    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.random((16, 784)).astype(np.float32)
    if lesson == "hello_mnist":
        layers = [keras.layers.Dense(512, "relu"), keras.layers.Dense(10, "softmax")]
        loss, output = "sparse_categorical_crossentropy", "softmax"
        labels = rng.integers(10, size=16)
        targets = np.eye(10, dtype=np.float32)[labels]
    else:
        layers = [keras.layers.Dense(10, "relu"), keras.layers.Dense(1, "sigmoid")]
        loss, output = "binary_crossentropy", "logistic"
        labels = rng.integers(2, size=16)
        targets = labels[:, np.newaxis].astype(np.float32)
    model = keras.Sequential([keras.Input((784,)), *layers])
    model.compile(optimizer="rmsprop", loss=loss)
    names = ("w1", "b1", "w2", "b2")
    parameters = dict(zip(names, model.get_weights(), strict=True))
    return model, Network(parameters, "relu", output), x, labels, targets


@pytest.mark.parametrize("lesson", ["hello_mnist", "binary_zero_one"])
def test_same_probabilities_as_keras(lesson):
    model, net, x, _, _ = keras_twin(lesson)
    np.testing.assert_allclose(
        network.predict(net, x), model.predict(x, verbose=0), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("lesson", ["hello_mnist", "binary_zero_one"])
def test_same_gradients_as_gradient_tape(lesson):
    import tensorflow as tf

    model, net, x, labels, targets = keras_twin(lesson)
    with tf.GradientTape() as tape:
        shaped = labels if lesson == "hello_mnist" else labels[:, np.newaxis]
        loss = model.compute_loss(y=tf.constant(shaped), y_pred=model(x))
    keras_gradients = tape.gradient(loss, model.trainable_variables)
    found = network.gradients(net, x, targets)
    np.testing.assert_allclose(network.loss(net, x, targets), float(loss), rtol=1e-5)
    for name, expected in zip(("w1", "b1", "w2", "b2"), keras_gradients, strict=True):
        scale = np.abs(expected).max()
        np.testing.assert_allclose(found[name], expected, rtol=0, atol=1e-4 * scale)


@pytest.mark.parametrize("lesson", ["hello_mnist", "binary_zero_one"])
def test_ten_rmsprop_steps_end_where_keras_ends(lesson):
    model, net, x, labels, targets = keras_twin(lesson)
    optimizer = RMSprop(net.parameters)
    before = net.parameters["w1"].copy()
    for _ in range(10):
        model.train_on_batch(x, labels)
        optimizer.step(network.gradients(net, x, targets))
    assert np.abs(net.parameters["w1"] - before).max() > 1e-3
    for found, expected in zip(
        net.parameters.values(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
