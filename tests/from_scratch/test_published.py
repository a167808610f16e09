"""The published programs: correct gradients, the faults, and the published figures."""

import warnings

import numpy as np
import pytest
from conftest import run_program
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from digits import data
from from_scratch.published import (
    network,
    numerical,
    relu_dropout,
    simple_net,
    zero_one,
)

# ---- Gradients ---------------------------------------------------------------------


def random_case(hidden, output, sizes, seed):
    """Return a network, inputs and targets; with biases unless the output is linear."""
    samples, inputs, units, outputs = sizes
    rng = np.random.default_rng(seed)
    parameters = {
        "w1": rng.normal(size=(inputs, units)),
        "w2": rng.normal(size=(units, outputs)),
    }
    if output != "linear":
        parameters |= {"b1": rng.normal(size=units), "b2": rng.normal(size=outputs)}
    x = rng.normal(size=(samples, inputs))
    x *= rng.integers(0, 2, x.shape)  # zeros, as the background of a digit
    y_true = {
        "softmax": np.eye(outputs)[rng.integers(outputs, size=samples)],
        "logistic": rng.integers(0, 2, (samples, outputs)).astype(float),
        "linear": rng.normal(size=(samples, outputs)),
    }[output]
    return network.Network(parameters, hidden, output), x, y_true


def relative_error(a, b):
    """Return the largest difference over all parameters, relative to the largest."""
    scale = max(np.abs(value).max() for value in (*a.values(), *b.values()))
    return max(np.abs(a[name] - b[name]).max() for name in b) / max(scale, 1e-3)


@pytest.mark.parametrize(
    ("hidden", "output", "dropout"),
    [
        ("relu", "linear", True),
        ("relu", "logistic", False),
        ("sigmoid", "softmax", False),
    ],
    ids=["relu_dropout", "zero_one", "simple_net"],
)
@settings(max_examples=50, deadline=None)
@given(sizes=st.tuples(*[st.integers(1, 4)] * 4), seed=st.integers(0, 2**32 - 1))
def test_backpropagation_is_right(hidden, output, dropout, sizes, seed):
    net, x, y_true = random_case(hidden, output, sizes, seed)
    mask = None
    if dropout:
        x[x == 0] = 1  # without biases, a row of zeros is at the kink of ReLU
        mask = 2.0 * np.random.default_rng(seed).integers(0, 2, (sizes[0], sizes[2]))
    now = network.forward(net, x, mask)
    # No finite difference may cross the kink.
    assume(hidden == "sigmoid" or (np.abs(now.pre_activation) > 1e-3).all())
    found = network.backward(net, x, y_true, now, mask)
    expected = numerical.gradients_one_by_one(net, x, y_true, mask)
    assert found.keys() == expected.keys() == net.parameters.keys()
    assert relative_error(found, expected) < 1e-6
    if not dropout:
        faster = numerical.gradients(net, x, y_true)
        assert relative_error(faster, expected) < 1e-6


def test_the_published_faults_are_caught():
    """Each of the tutorial's two faults alone, and both, fail the check above."""
    net, x, y_true = random_case("relu", "linear", (1, 6, 8, 3), seed=1)
    mask = np.array([[0, 2, 2, 0, 2, 2, 0, 2.0]])
    now = network.forward(net, x, mask)
    on = now.pre_activation > 0
    assert not on.all()  # there are units that are off
    right = numerical.gradients_one_by_one(net, x, y_true, mask)
    assert relative_error(network.backward(net, x, y_true, now, mask), right) < 1e-6

    both = relu_dropout.published_gradients(net, x, y_true, now, mask)
    assert relative_error(both, right) > 1e-2
    slope_only = {**both, "w1": both["w1"] * 2}  # the factor 2 restored
    assert relative_error(slope_only, right) > 1e-2
    factor_only = {**both, "w1": both["w1"] * on}  # the slope restored
    assert relative_error(factor_only, right) > 1e-2
    assert relative_error({**both, "w1": both["w1"] * 2 * on}, right) < 1e-6


# ---- Numbers -----------------------------------------------------------------------


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=4),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_no_finite_input_overflows(z):
    with warnings.catch_warnings(), np.errstate(under="ignore"):
        warnings.simplefilter("error")
        for values in (network.softmax(z), network.sigmoid(z)):
            assert ((values >= 0) & (values <= 1)).all()
        np.testing.assert_allclose(network.softmax(z).sum(axis=1), 1)


@given(hnp.arrays(np.float64, (3, 4), elements=st.floats(-1e150, 1e150)))
def test_the_loss_is_finite_where_probabilities_round_to_zero(logits):
    with warnings.catch_warnings(), np.errstate(under="ignore"):
        warnings.simplefilter("error")
        for output in ("softmax", "logistic"):
            assert np.isfinite(network.losses(output, logits, np.eye(4)[:3])).all()


def test_losses_as_defined():
    z, y_true = np.array([[0.3, -1.2, 2.0]]), np.array([[0.0, 1.0, 0.0]])
    p = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(network.softmax(z), p)
    cross_entropy = network.losses("softmax", z, y_true)
    np.testing.assert_allclose(cross_entropy, -np.log(p[0, 1]))
    p = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(network.sigmoid(z), p)
    binary = -(y_true * np.log(p) + (1 - y_true) * np.log(1 - p)).sum()
    np.testing.assert_allclose(network.losses("logistic", z, y_true), binary)
    half = (0.3**2 + 2.2**2 + 2**2) / 2
    np.testing.assert_allclose(network.losses("linear", z, y_true), half)


# ---- Programs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"), [("relu_dropout", "\n   19 "), ("zero_one", "\nError rate: 0.")]
)
def test_runs_on_optdigits(name, text, tmp_path):
    command = ("-m", f"from_scratch.published.{name}", "--as-published")
    process = run_program(*command, "--data", "optdigits", "--output-dir", tmp_path)
    assert process.returncode == 0, process.stderr
    assert "optdigits, NOT the original MNIST" in process.stdout
    assert text in process.stdout
    assert ", published" not in process.stdout  # there is nothing to compare with
    (plot,) = tmp_path.glob("**/*.*")
    assert plot == tmp_path / "plots" / f"from_scratch_{name}-optdigits.png"


def test_simple_net_runs_on_optdigits():
    command = ("-m", "from_scratch.published.simple_net", "--as-published")
    options = ("--gradient", "numerical", "--steps", "2", "--data", "optdigits")
    process = run_program(*command, *options)
    assert process.returncode == 0, process.stderr
    assert "step   train, test accuracy\n   0   0." in process.stdout
    assert process.stdout.endswith(" milliseconds a step\n")


def test_finite_differences_train_as_backpropagation_does():
    dataset = data.load("optdigits")
    ways = simple_net.GRADIENTS.values()
    a, b = (simple_net.train(dataset, way, steps=3, seed=0)[0] for way in ways)
    assert a == b
    assert [*a] == [0, 2]


# ---- Published figures, all on real MNIST ------------------------------------------


@pytest.fixture(scope="module")
def dataset(mnist):
    return data.load(str(mnist))


@pytest.fixture(scope="module")
def zeros_and_ones(dataset):
    return dataset.keep(digits=(0, 1))


@pytest.mark.slow
def test_relu_dropout_as_published(dataset):
    measured = relu_dropout.train(dataset, as_published=True)
    printed = [relu_dropout.as_printed(figures) for figures in measured]
    published = map(relu_dropout.as_printed, relu_dropout.PUBLISHED)
    assert printed == [*published]  # all 80


@pytest.mark.slow
def test_relu_dropout_correct_is_better(dataset):
    last = relu_dropout.train(dataset, as_published=False)[-1]
    assert last.test_accuracy == pytest.approx(0.837, abs=0.005)
    assert last.test_accuracy > relu_dropout.PUBLISHED[-1].test_accuracy + 0.04


@pytest.mark.slow
def test_zero_one_as_published(zeros_and_ones):
    costs, mistakes = zero_one.train(zeros_and_ones, as_published=True)
    for step, published in zero_one.PUBLISHED_COSTS.items():
        assert f"{costs[step]:.6f}" == f"{published:.6f}"
    assert [mistake.index for mistake in mistakes] == zero_one.PUBLISHED_MISTAKES
    rate = len(mistakes) / len(zeros_and_ones.x_test)
    assert rate == zero_one.PUBLISHED_ERROR_RATE


def test_the_pixel_that_hid_image_1749(zeros_and_ones):
    constant = zero_one.constant_pixels(zeros_and_ones.x_train)
    assert constant.sum() == 167
    assert zero_one.unseen_pixels(zeros_and_ones, 1749) == [(2, 21)]
    assert zeros_and_ones.x_test[1749, 2, 21] == 64
    x_train, x_test = zeros_and_ones.x_train, zeros_and_ones.x_test[1749:1750]
    for as_published, largest in ((True, 6.4e10), (False, 64)):
        _, image = zero_one.standardise(x_train, x_test, as_published)
        assert np.abs(image[:, constant.ravel()]).max() == pytest.approx(largest)


@pytest.mark.slow
def test_zero_one_correct_misclassifies_only_2031(zeros_and_ones):
    _, mistakes = zero_one.train(zeros_and_ones, as_published=False)
    assert [mistake.index for mistake in mistakes] == [2031]


@pytest.mark.slow
def test_simple_net_reaches_the_published_level(dataset):
    measured, _ = simple_net.train(
        dataset, simple_net.backpropagation, simple_net.STEPS, seed=0
    )
    assert [*measured] == [*range(0, 10_000, 600), 9_999]
    assert max(measured[0]) < 0.2
    assert measured[9_600] == pytest.approx(simple_net.PUBLISHED[9_600], abs=0.005)
