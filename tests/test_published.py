"""The published programs: correct gradients, the faults, and the published figures."""

import re

import numpy as np
import pytest
from conftest import PROJECT, run_program
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from from_scratch.published import relu_dropout, simple_net, zero_one


def random_case(name, sizes, seed):
    """Return random parameters, inputs, targets and, for relu_dropout, a mask."""
    samples, inputs, units, outputs = sizes
    rng = np.random.default_rng(seed)
    outputs = 1 if name == "zero_one" else outputs
    w1, w2 = rng.normal(size=(inputs, units)), rng.normal(size=(units, outputs))
    b1, b2 = rng.normal(size=units), rng.normal(size=outputs)
    y_true = {
        "simple_net": np.eye(outputs)[rng.integers(outputs, size=samples)],
        "zero_one": rng.integers(0, 2, (samples, 1)).astype(float),
        "relu_dropout": rng.normal(size=(samples, outputs)),
    }[name]
    parameters = [w1, w2] if name == "relu_dropout" else [w1, b1, w2, b2]
    mask = 2.0 * rng.integers(0, 2, (samples, units))
    return parameters, rng.normal(size=(samples, inputs)), y_true, mask


def relative_error(name, parameters, x, y_true, mask, faults=()):
    """Return how far a program's gradient is from the numerical one."""
    if name == "relu_dropout":
        activations = relu_dropout.forward(parameters, x, mask)
        found = relu_dropout.backward(parameters, x, y_true, mask, activations, faults)
    else:
        program = {"zero_one": zero_one, "simple_net": simple_net}[name]
        found = program.backward(parameters, x, y_true)

    def loss():
        if name != "relu_dropout":
            return program.loss(parameters, x, y_true)
        return ((relu_dropout.forward(parameters, x, mask)[-1] - y_true) ** 2).sum() / 2

    expected = simple_net.numerical_gradient(loss, parameters)
    largest = max(np.abs(d).max() for d in (*found, *expected))
    pairs = zip(found, expected, strict=True)
    return max(np.abs(a - b).max() for a, b in pairs) / max(largest, 1e-3)


@pytest.mark.parametrize("name", ["relu_dropout", "zero_one", "simple_net"])
@settings(max_examples=50, deadline=None)
@given(sizes=st.tuples(*[st.integers(1, 4)] * 4), seed=st.integers(0, 2**32 - 1))
def test_backpropagation_is_right(name, sizes, seed):
    parameters, x, *rest = random_case(name, sizes, seed)
    if name != "simple_net":  # no finite difference may cross the kink of ReLU
        b1 = 0 if name == "relu_dropout" else parameters[1]
        assume((np.abs(x @ parameters[0] + b1) > 1e-3).all())
    assert relative_error(name, parameters, x, *rest) < 1e-6


def test_the_published_faults_are_caught():
    """Each of the tutorial's two faults alone, and both, fail the check above."""
    case = random_case("relu_dropout", (9, 6, 8, 3), seed=1)
    for faults in (("slope",), ("factor",), relu_dropout.FAULTS):
        assert relative_error("relu_dropout", *case, faults) > 1e-2
    assert relative_error("relu_dropout", *case) < 1e-6


def test_how_a_constant_pixel_is_standardised():
    x_train = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    x_train[:, 2, 21] = 0
    x_test = np.full((1, 28, 28), 64, np.uint8)
    assert zero_one.unseen_pixels(x_train, x_test[0]).tolist() == [[2, 21]]
    for as_published, expected in ((True, 6.4e10), (False, 64)):
        _, (image,) = zero_one.standardise(x_train, x_test, as_published)
        assert image.reshape(28, 28)[2, 21] == pytest.approx(expected)


def run(name, *options, cwd, data):
    program = PROJECT / "from_scratch" / "published" / f"{name}.py"
    surroundings = {"PYTHONPATH": "", "MNIST_DATA": str(data)}
    return run_program(program, *options, cwd=cwd, **surroundings).stdout


@pytest.mark.slow
def test_relu_dropout(mnist, tmp_path):
    output = run("relu_dropout", "--as-published", cwd=tmp_path, data=mnist)
    assert "80 of 80 figures" in output
    correct = run("relu_dropout", cwd=tmp_path, data=mnist)
    assert re.search(r"(?m)^   19 +\S+, 0.922 +\S+, 0.837 ", correct)


@pytest.mark.slow
def test_zero_one(mnist, tmp_path):
    output = run("zero_one", "--as-published", cwd=tmp_path, data=mnist)
    assert "\n 500   0.000849\n" in output
    assert "\nError rate: 0.0009456264775413711\n" in output
    correct = run("zero_one", cwd=tmp_path, data=mnist)
    assert "\n1 of 2,115 test images misclassified:\n  no. 2031: a 0" in correct


@pytest.mark.slow
def test_other_digits_than_mnist(optdigits_file, tmp_path):
    for name in ("relu_dropout", "zero_one"):
        assert "test images" in run(name, cwd=tmp_path, data=optdigits_file)


@pytest.mark.slow
def test_simple_net(mnist, tmp_path):
    table = run("simple_net", cwd=tmp_path, data=mnist)
    accuracies = re.search(r"(?m)^9600 +(\S+), (\S+)", table).groups()
    assert [*map(float, accuracies)] == pytest.approx([0.9479, 0.9462], abs=0.005)
