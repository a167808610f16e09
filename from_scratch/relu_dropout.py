"""ReLU and dropout, one image at a time, after NumPy's tutorial.

"Deep learning on MNIST", https://numpy.org/numpy-tutorials: 784 inputs, 100 hidden
units, half of them dropped at random, ten linear outputs, squared error, no biases;
20 epochs through the first 1,000 images. By default with the right gradients; with
--as-published with the two wrong ones of the tutorial, and its 80 printed figures.
"""

from typing import NamedTuple

import numpy as np

from digits import dataset
from from_scratch import program
from from_scratch.network import Network, backward, forward, one_hot
from from_scratch.optimizers import gradient_descent

NAME = "relu_dropout"
SEED = 884736743  # the tutorial's
IMAGES = 1000
EPOCHS = 20
LEARNING_RATE = 0.005


class Figures(NamedTuple):
    """What the tutorial prints after an epoch, averaged over the images.

    The errors are sums of ten squared differences, the accuracies are from 0 to 1.
    Those of training are running: measured with dropout, while the weights change.
    """

    training_error: float
    training_accuracy: float
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


def published_gradients(network, x, y, activations, mask):
    """Return the tutorial's gradients: like `backward`, with two faults.

    It takes the slope of ReLU from what comes out of ReLU and dropout, asking whether
    that is at least 0. It always is, so units that were off learn as if they were on.
    And it multiplies by a mask of 0 and 1 where the forward pass multiplied by 0 and 2,
    so the first layer's gradient is half of what it should be.
    """
    at_logits = activations.output - y
    at_hidden = at_logits @ network.parameters["w2"].T
    at_hidden = at_hidden * (activations.hidden >= 0) * (mask > 0)
    return {"w1": x.T @ at_hidden, "w2": activations.hidden.T @ at_logits}


def train(x_train, y_train, x_test, y_test, gradients):
    """Train as the tutorial does; yield the `Figures` of each epoch.

    Args:
        x_train, x_test: float64 (n, 784), 0 to 1.
        y_train, y_test: one-hot float64 (n, 10).
        gradients: `from_scratch.network.backward` or `published_gradients`.
    """
    rng = np.random.default_rng(SEED)
    w1 = 0.2 * rng.random((784, 100)) - 0.1
    w2 = 0.2 * rng.random((100, 10)) - 0.1
    network = Network({"w1": w1, "w2": w2}, hidden="relu", output="linear")
    for _ in range(EPOCHS):
        error = hits = 0
        for i in range(len(x_train)):
            x, y = x_train[i : i + 1], y_train[i : i + 1]
            # Kept units count double, so that half of them add up to the whole.
            mask = 2.0 * rng.integers(low=0, high=2, size=(1, 100))
            now = forward(network, x, mask)
            error += np.sum((now.output - y) ** 2)
            hits += now.output.argmax() == y.argmax()
            found = gradients(network, x, y, now, mask)
            gradient_descent(network.parameters, found, LEARNING_RATE)
        output = forward(network, x_test).output
        yield Figures(
            float(error / len(x_train)),
            float(hits / len(x_train)),
            float(np.sum((output - y_test) ** 2) / len(x_test)),
            float(np.mean(output.argmax(axis=1) == y_test.argmax(axis=1))),
        )


def as_printed(figures: Figures) -> list[str]:
    """Return the four figures with three decimals, cut off as the tutorial does."""
    return [f"{value:.9f}"[:5] for value in figures]


def main(options):
    data = dataset.load(options.data)
    print(data.describe())
    print(f"       of these the first {IMAGES:,} of each, or all if there are fewer\n")
    x_train, x_test = (
        images[:IMAGES].reshape(-1, 784) / 255 for images in (data.x_train, data.x_test)
    )
    y_train, y_test = (
        one_hot(labels[:IMAGES]) for labels in (data.y_train, data.y_test)
    )
    kind = "as published" if options.as_published else "correct"
    beside = options.as_published and data.verified
    with program.outputs(options, data.run_name(f"from_scratch_{NAME}")) as (
        plot,
        kept,
    ):
        print(f"Network: {kind}. Errors and accuracies of training and of testing:")
        print(f"epoch   {'measured':26}" + ("   published" if beside else ""))
        gradients = published_gradients if options.as_published else backward
        measured, same = [], 0
        for figures in train(x_train, y_train, x_test, y_test, gradients):
            found = as_printed(figures)
            line = f"{len(measured):5}   {'  '.join(found)}"
            if beside:
                published = as_printed(PUBLISHED[len(measured)])
                line += f"   {'  '.join(published)}"
                same += sum(a == b for a, b in zip(found, published, strict=True))
            print(line, flush=True)
            measured.append(figures)
        if beside:
            print(f"\n{same} of 80 figures are the published ones to the last digit.")
            kept["same_as_published"] = same
        kept["network"] = kind
        kept["data"] = data.name
        kept["epochs"] = [figures._asdict() for figures in measured]
        draw(measured, f"{NAME}, {kind}, on {data.title}", data.verified, plot)


def draw(measured, title, with_published, path):
    """Draw error and accuracy of every epoch, the published test set's dashed."""
    from digits import drawing

    figure, axes = drawing.two_panels()
    epochs = np.arange(len(measured))
    for axis, what in zip(axes, ("accuracy", "error"), strict=True):
        for part, colour, shape in (
            ("training", drawing.TRAIN, "o-"),
            ("test", drawing.TEST, "s-"),
        ):
            values = [getattr(figures, f"{part}_{what}") for figures in measured]
            note = " (running, with dropout)" if part == "training" else ""
            axis.plot(epochs, values, shape, color=colour, label=part + note)
        if with_published:
            values = [getattr(figures, f"test_{what}") for figures in PUBLISHED]
            axis.plot(epochs, values, "--", color="black", label="test, published")
        drawing.finish_panel(axis, what.capitalize(), "epoch, as published from 0")
    drawing.save(figure, title, path)


if __name__ == "__main__":
    program.run(main, NAME, __doc__, program.add_as_published)
