"""ReLU and dropout, one image at a time, after NumPy's tutorial.

"Deep learning on MNIST", https://numpy.org/numpy-tutorials: 784 inputs, 100 hidden
units, half of them dropped at random, ten linear outputs, squared error, no biases;
20 epochs over the first 1,000 images. By default the gradients are correct; with
--as-published they are the tutorial's, which are wrong in two ways; then all 80 figures
are those that the tutorial prints.
"""

from digits import cli

if __name__ == "__main__":
    cli.start()  # before whatever takes long to import

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits import data
from digits.files import Staging
from from_scratch.published import network

SEED = 884736743  # the tutorial's
IMAGES = 1000
EPOCHS = 20
LEARNING_RATE = 0.005


class Figures(NamedTuple):
    """What the tutorial prints after an epoch, means over the images.

    The errors are sums of ten squared differences, the accuracies are from 0 to 1.
    Those of training are measured during the epoch, with dropout, while the weights
    change; those of the test after it.
    """

    train_error: float
    train_accuracy: float
    test_error: float
    test_accuracy: float


# As printed in the tutorial, which cuts the errors off after three decimals.
PUBLISHED = [
    Figures(0.898, 0.397, 0.680, 0.582),
    Figures(0.656, 0.633, 0.606, 0.641),
    Figures(0.591, 0.680, 0.569, 0.679),
    Figures(0.556, 0.700, 0.540, 0.708),
    Figures(0.534, 0.732, 0.525, 0.729),
    Figures(0.515, 0.715, 0.500, 0.739),
    Figures(0.495, 0.748, 0.487, 0.753),
    Figures(0.483, 0.769, 0.486, 0.747),
    Figures(0.473, 0.776, 0.472, 0.752),
    Figures(0.459, 0.788, 0.462, 0.762),
    Figures(0.464, 0.769, 0.462, 0.767),
    Figures(0.442, 0.801, 0.455, 0.775),
    Figures(0.448, 0.795, 0.454, 0.772),
    Figures(0.438, 0.787, 0.452, 0.778),
    Figures(0.445, 0.791, 0.449, 0.779),
    Figures(0.440, 0.788, 0.451, 0.772),
    Figures(0.437, 0.786, 0.452, 0.772),
    Figures(0.436, 0.794, 0.449, 0.778),
    Figures(0.433, 0.801, 0.449, 0.774),
    Figures(0.429, 0.785, 0.436, 0.784),
]


def published_gradients(
    net: network.Network,
    x: np.ndarray,
    y_true: np.ndarray,
    activations: network.Activations,
    mask: np.ndarray,
) -> network.Parameters:
    """Return the tutorial's gradients: those of `network.backward`, with two faults.

    The slope of ReLU is taken from the output of ReLU and dropout: is that at least 0?
    It always is, so that units that were off learn as if they had been on. And the mask
    here is 0 or 1, where that of the forward pass was 0 or 2, so that the gradient of
    the first layer is half of what it should be.
    """
    d_logits = activations.y_pred - y_true
    d_hidden = d_logits @ net.parameters["w2"].T
    d_pre_activation = d_hidden * (activations.hidden >= 0) * (mask > 0)
    return {"w1": x.T @ d_pre_activation, "w2": activations.hidden.T @ d_logits}


def train(dataset: data.Dataset, as_published: bool) -> Iterator[Figures]:
    """Train as the tutorial does; yield the figures of each epoch.

    `as_published` takes `published_gradients` instead of the correct ones.
    """
    gradients = published_gradients if as_published else network.backward
    x_train = dataset.x_train[:IMAGES].reshape(-1, 784) / 255
    x_test = dataset.x_test[:IMAGES].reshape(-1, 784) / 255
    y_train, y_test = (
        np.eye(10)[labels[:IMAGES]] for labels in (dataset.y_train, dataset.y_test)
    )
    rng = np.random.default_rng(SEED)
    w1 = 0.2 * rng.random((784, 100)) - 0.1
    w2 = 0.2 * rng.random((100, 10)) - 0.1
    net = network.Network({"w1": w1, "w2": w2}, hidden="relu", output="linear")
    for _ in range(EPOCHS):
        error = correct = 0
        for i in range(len(x_train)):
            x, y_true = x_train[i : i + 1], y_train[i : i + 1]
            # A kept unit counts double: the sum over half of them keeps its mean.
            mask = 2.0 * rng.integers(low=0, high=2, size=(1, 100))
            now = network.forward(net, x, mask)
            error += np.sum((now.y_pred - y_true) ** 2)
            correct += now.y_pred.argmax() == y_true.argmax()
            d = gradients(net, x, y_true, now, mask)
            network.gradient_descent(net, d, LEARNING_RATE)
        y_pred = network.forward(net, x_test).y_pred
        yield Figures(
            error / len(x_train),
            correct / len(x_train),
            np.sum((y_pred - y_test) ** 2) / len(x_test),
            np.mean(y_pred.argmax(axis=1) == y_test.argmax(axis=1)),
        )


def as_printed(figures: Figures) -> list[str]:
    """Return the four figures with three decimals, cut off as the tutorial does."""
    return [f"{value:.9f}"[:5] for value in figures]


def draw(measured: list[Figures], title: str, path: Path) -> None:
    """Draw the accuracy after each epoch into a PNG file."""
    from digits import plots

    figure, (axis,) = plots.panels(1, title)
    train = [figures.train_accuracy for figures in measured]
    test = [figures.test_accuracy for figures in measured]
    published = [figures.test_accuracy for figures in PUBLISHED]
    axis.plot(train, "o-", color=plots.TRAIN, label="train, with dropout")
    axis.plot(test, "s-", color=plots.TEST, label="test")
    axis.plot(published, "k--", label="test, published for MNIST")
    plots.finish_panel(axis, "Accuracy", "epoch, counted from 0 as published")
    figure.savefig(path)


def main(options):
    dataset = data.load(options.data)
    kind = "as published" if options.as_published else "correct"
    staging = Staging(options.output_dir)  # now, as it may not be writable
    print(dataset.describe())
    print(f"Run:   the first {IMAGES:,} images of each, gradients {kind}\n")
    print("        train          test           train, test: published for MNIST")
    print("epoch   error, acc.    error, acc.    error, acc.    error, acc.")
    measured, same = [], 0
    for epoch, figures in enumerate(train(dataset, options.as_published)):
        found, published = as_printed(figures), as_printed(PUBLISHED[epoch])
        row = "{:5}" + 4 * "   {}, {}"
        print(row.format(epoch, *found, *published))
        measured.append(figures)
        same += sum(a == b for a, b in zip(found, published, strict=True))
    print(f"\n{same} of 80 figures are those published.")

    name = f"from_scratch_relu_dropout{dataset.suffix}"
    plot = options.output_dir / "plots" / f"{name}.png"
    with staging:
        draw(measured, f"relu_dropout, {kind}, {dataset.title}", staging.path(plot))
    print(f"Plot: {plot}")


def parse():
    parser = cli.new_parser(__doc__)
    wrong = "train with the tutorial's wrong gradients"
    parser.add_argument("--as-published", action="store_true", help=wrong)
    cli.add_data(parser)
    cli.add_output_dir(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
