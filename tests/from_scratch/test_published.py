"""The published programs: correct gradients, the faults, and the published figures."""

import re

import numpy as np
import pytest
from conftest import run_program
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from from_scratch.published import network, relu_dropout, zero_one


def finite_differences(net, x, y_true, mask, h=1e-4):
    """Return dL/dw ≈ (L(w + h) - L(w - h)) / 2h for every parameter, one by one.

    The error of the quotient shrinks with h², that of rounding grows with 1/h; h = 1e-4
    balances the two for float64.
    """

    def loss():
        logits = network.forward(net, x, mask).logits
        return network.losses(net.output, logits, y_true).mean()

    d = {name: np.empty_like(w) for name, w in net.parameters.items()}
    for name, weights in net.parameters.items():
        for place in np.ndindex(weights.shape):
            before = weights[place]
            weights[place] = before + h
            above = loss()
            weights[place] = before - h
            d[name][place] = (above - loss()) / (2 * h)
            weights[place] = before
    return d


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
    ("hidden", "output"),
    [("relu", "linear"), ("relu", "logistic"), ("sigmoid", "softmax")],
    ids=["relu_dropout", "zero_one", "simple_net"],
)
@settings(max_examples=50, deadline=None)
@given(sizes=st.tuples(*[st.integers(1, 4)] * 4), seed=st.integers(0, 2**32 - 1))
def test_backpropagation_is_right(hidden, output, sizes, seed):
    net, x, y_true = random_case(hidden, output, sizes, seed)
    mask = None
    if output == "linear":  # relu_dropout's
        mask = 2.0 * np.random.default_rng(seed).integers(0, 2, (sizes[0], sizes[2]))
    now = network.forward(net, x, mask)
    # No finite difference may cross the kink of ReLU.
    assume(hidden == "sigmoid" or (np.abs(now.pre_activation) > 1e-3).all())
    found = network.backward(net, x, y_true, now, mask)
    assert found.keys() == net.parameters.keys()
    assert relative_error(found, finite_differences(net, x, y_true, mask)) < 1e-6


def test_the_published_faults_are_caught():
    """Each of the tutorial's two faults alone, and both, fail the check above."""
    net, x, y_true = random_case("relu", "linear", (1, 6, 8, 3), seed=1)
    mask = np.array([[0, 2, 2, 0, 2, 2, 0, 2.0]])
    now = network.forward(net, x, mask)
    on = now.pre_activation > 0
    assert not on.all()  # there are units that are off
    right = finite_differences(net, x, y_true, mask)

    both = relu_dropout.published_gradients(net, x, y_true, now, mask)
    assert relative_error(both, right) > 1e-2
    slope_only = {**both, "w1": both["w1"] * 2}  # the factor 2 restored
    assert relative_error(slope_only, right) > 1e-2
    factor_only = {**both, "w1": both["w1"] * on}  # the slope restored
    assert relative_error(factor_only, right) > 1e-2
    assert relative_error({**both, "w1": both["w1"] * 2 * on}, right) < 1e-6


@given(hnp.arrays(np.float64, (3, 4), elements=st.floats(-1e150, 1e150)))
def test_nothing_overflows(z):
    with np.errstate(all="raise", under="ignore"):
        for values in (network.softmax(z), network.sigmoid(z)):
            assert ((values >= 0) & (values <= 1)).all()
        for output in ("softmax", "logistic"):
            assert np.isfinite(network.losses(output, z, np.eye(4)[:3])).all()


def test_how_a_constant_pixel_is_standardised():
    x_train = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    x_train[:, 2, 21] = 0
    x_test = np.full((1, 28, 28), 64, np.uint8)
    for as_published, expected in ((True, 6.4e10), (False, 64)):
        _, (image,) = zero_one.standardise(x_train, x_test, as_published)
        assert image.reshape(28, 28)[2, 21] == pytest.approx(expected)


def run(name, *options):
    process = run_program("-m", f"from_scratch.published.{name}", *options)
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["relu_dropout", "zero_one"])
def test_draws_one_plot(name, tmp_path):
    output = run(name, "--data", "optdigits", "--output-dir", tmp_path)
    (plot,) = tmp_path.glob("**/*.*")
    assert plot == tmp_path / "plots" / f"from_scratch_{name}-optdigits.png"
    assert output.endswith(f"Plot: {plot}\n")


@pytest.mark.slow
def test_relu_dropout(mnist, tmp_path):
    options = ("--data", mnist, "--output-dir", tmp_path)
    output = run("relu_dropout", *options, "--as-published")
    assert "\n   19   0.429, 0.785   0.436, 0.784   0.429, 0.785   " in output
    assert "80 of 80 figures" in output
    correct = run("relu_dropout", *options)
    assert "\n   19   0.270, 0.922   0.338, 0.837   0.429, 0.785   " in correct


@pytest.mark.slow
def test_zero_one(mnist, tmp_path):
    options = ("--data", mnist, "--output-dir", tmp_path)
    output = run("zero_one", *options, "--as-published")
    for text in (
        " 167 of 784 pixels never vary",
        "\n  25   0.009138\n",
        "\n 500   0.000849\n",
        "\n  image 1749: a 0",
        "\n  image 2031: a 0",
        "\nImage 1749, pixel (2, 21): ",
        "\nError rate: 0.0009456264775413711\n",
    ):
        assert text in output
    correct = run("zero_one", *options)
    assert "\nMisclassified test images: 1" in correct
    assert "\n  image 2031: a 0" in correct


@pytest.mark.slow
def test_simple_net_reaches_the_published_level(mnist):
    table = run("simple_net", "--data", mnist).partition("Published")[0]
    accuracies = re.search(r"^9600 +(\S+), (\S+)$", table, re.MULTILINE).groups()
    assert [*map(float, accuracies)] == pytest.approx([0.9479, 0.9462], abs=0.005)
