"""The published programs: correct gradients, the faults, and the published figures."""

import re

import numpy as np
import pytest
from conftest import PROJECT, run_program
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from from_scratch.published import relu_dropout, simple_net, two_layers, zero_one


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
    return two_layers.Network(parameters, hidden, output), x, y_true


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
    now = two_layers.forward(net, x, mask)
    # No finite difference may cross the kink of ReLU.
    assume(hidden == "sigmoid" or (np.abs(now.pre_activation) > 1e-3).all())
    found = two_layers.backward(net, x, y_true, now, mask)
    assert found.keys() == net.parameters.keys()
    expected = two_layers.numerical_gradients(net, x, y_true, mask)
    assert relative_error(found, expected) < 1e-6


def test_the_published_faults_are_caught():
    """Each of the tutorial's two faults alone, and both, fail the check above."""
    net, x, y_true = random_case("relu", "linear", (1, 6, 8, 3), seed=1)
    mask = np.array([[0, 2, 2, 0, 2, 2, 0, 2.0]])
    now = two_layers.forward(net, x, mask)
    assert not (now.pre_activation > 0).all()  # there are units that are off
    expected = two_layers.numerical_gradients(net, x, y_true, mask)
    for faults in (("slope",), ("factor",), relu_dropout.FAULTS):
        found = relu_dropout.gradients(net, x, y_true, now, mask, faults)
        assert relative_error(found, expected) > 1e-2
    found = relu_dropout.gradients(net, x, y_true, now, mask)
    assert relative_error(found, expected) < 1e-6


def test_how_a_constant_pixel_is_standardised():
    x_train = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    x_train[:, 2, 21] = 0
    x_test = np.full((1, 28, 28), 64, np.uint8)
    assert zero_one.unseen_pixels(x_train, x_test[0]).tolist() == [[2, 21]]
    for as_published, expected in ((True, 6.4e10), (False, 64)):
        _, (image,) = zero_one.standardise(x_train, x_test, as_published)
        assert image.reshape(28, 28)[2, 21] == pytest.approx(expected)


def documented_rows():
    """Return the cells of each row of the tables in docs/published.md, by its name."""
    text = (PROJECT / "docs" / "published.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line[:1] == "|"]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}


def test_the_page_and_the_programs_say_the_same():
    expected = {}
    names = ("train error", "train accuracy", "test error", "test accuracy")
    for epoch in (0, 19):
        for name, value in zip(names, relu_dropout.PUBLISHED[epoch], strict=True):
            expected[f"`relu_dropout`, epoch {epoch}: {name}"] = f"{value:.3f}"
    for step, values in simple_net.PUBLISHED.items():
        for name, value in zip(names[1::2], values, strict=True):
            expected[f"`simple_net`, step {step}: {name}"] = f"{value:.4f}"
    for name, value in zero_one.PUBLISHED.items():
        expected[f"`zero_one`, {name}"] = value
    rows = documented_rows()
    assert expected == {name: rows[name][0] for name in expected}
    reproduced = [name for name in expected if "simple_net" not in name]
    assert [rows[name][1] for name in reproduced] == [expected[n] for n in reproduced]


def test_the_table_of_faults_is_that_of_its_five_seeds():
    rows = documented_rows()
    for name in ("slope and factor", "slope", "factor", "none"):
        *each, said = rows[name]
        accuracies = np.array(each, float)
        assert len(accuracies) == 5
        assert said == f"{accuracies.mean():.3f} ± {accuracies.std(ddof=1):.3f}"


def run(name, *options, cwd, data):
    module = f"from_scratch.published.{name}"
    process = run_program("-m", module, *options, cwd=cwd, MNIST_DATA=str(data))
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["relu_dropout", "zero_one"])
def test_draws_one_plot(name, optdigits_file, tmp_path):
    output = run(name, cwd=tmp_path, data=optdigits_file)
    assert "test images, not MNIST" in output
    (plot,) = tmp_path.glob("**/*.*")
    assert plot == tmp_path / "plots" / f"from_scratch_{name}.png"
    assert output.endswith(f"Plot: {plot.relative_to(tmp_path)}\n")


@pytest.mark.slow
def test_relu_dropout(mnist, tmp_path):
    output = run("relu_dropout", "--as-published", cwd=tmp_path, data=mnist)
    assert "\n   19   0.429, 0.785   0.436, 0.784   0.429, 0.785   " in output
    assert "80 of 80 figures" in output
    correct = run("relu_dropout", cwd=tmp_path, data=mnist)
    rows = documented_rows()
    for epoch in (0, 19):
        found = re.search(rf"(?m)^ *{epoch} +(\S+), (\S+) +(\S+), (\S+)", correct)
        start = f"`relu_dropout`, epoch {epoch}: "
        said = [row[2] for name, row in rows.items() if name.startswith(start)]
        assert list(found.groups()) == said


@pytest.mark.slow
def test_zero_one(mnist, tmp_path):
    output = run("zero_one", "--as-published", cwd=tmp_path, data=mnist)
    for text in (
        "\n  167 are the same in these training images,\n  67 in all 60,000;\n",
        "\n  35 more have a standard deviation below 0.5 (of 255),\n",
        "\n  the smallest 0.0089\n",
        "\n  25   0.009138\n",
        "\n 500   0.000849\n",
        "\n2 of 2,115 test images misclassified:\n  no. 1749: a 0",
        "\n    pixel (2, 21), constant in training, is 64 here",
        "\n  no. 2031: a 0",
        "\nError rate: 0.0009456264775413711\n",
    ):
        assert text in output
    correct = run("zero_one", cwd=tmp_path, data=mnist)
    assert "\n1 of 2,115 test images misclassified:\n  no. 2031: a 0" in correct


@pytest.mark.slow
def test_simple_net(mnist, tmp_path):
    table = run("simple_net", cwd=tmp_path, data=mnist)
    accuracies = re.search(r"(?m)^9600 +(\S+), (\S+)", table).groups()
    assert [*map(float, accuracies)] == pytest.approx([0.9479, 0.9462], abs=0.005)
