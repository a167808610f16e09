"""Zero or one, all images at once, and the pixel that hid an image from the network.

A widely copied program, after Ng's "Neural Networks and Deep Learning": 784 inputs, 10
ReLU units, one logistic output; 500 steps of gradient descent over all 12,665 images at
learning rate 0.5. It standardises each pixel by its own mean and standard deviation.
With --as-published a pixel that never varies is divided by 0.000000001, as in the
publication; by default by 1.
"""

from digits import cli

if __name__ == "__main__":
    cli.start()  # before whatever takes long to import

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from digits import data, metrics
from digits.files import Staging
from from_scratch.published import network

SEED = 561  # the publication's
STEPS = 500
EVERY = 25
LEARNING_RATE = 0.5
TINY = 1e-9  # what the publication adds to every standard deviation

PUBLISHED = """\
Published for MNIST: cost 0.009138 at step 25 and 0.000849 at step 500;
images 1749 and 2031; error rate 0.0009456264775413711"""


def standardise(
    x_train: np.ndarray, x_test: np.ndarray, as_published: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Subtract each pixel's training mean and divide by its standard deviation.

    Takes uint8 (n, 28, 28), returns float64 (n, 784). `as_published` adds 1e-9 to each
    standard deviation; otherwise one of 0 is replaced by 1.
    """
    x_train, x_test = (x.reshape(-1, 784).astype(float) for x in (x_train, x_test))
    mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)
    divisor = deviation + TINY if as_published else np.where(deviation, deviation, 1)
    return (x_train - mean) / divisor, (x_test - mean) / divisor


def new_network() -> network.Network:
    """Return the network with the publication's weights; biases zero."""
    rng = np.random.RandomState(SEED)  # NumPy's old generator, as published
    w1 = rng.randn(10, 784).T * 0.01  # drawn units by inputs
    w2 = rng.randn(1, 10).T * 0.01
    parameters = {"w1": w1, "b1": np.zeros(10), "w2": w2, "b2": np.zeros(1)}
    return network.Network(parameters, hidden="relu", output="logistic")


def train(
    net: network.Network, x: np.ndarray, y_true: np.ndarray
) -> Iterator[tuple[int, float]]:
    """Train the network in place; yield every 25th step, and the mean loss before it.

    Images x are standardised, labels y_true 0 or 1, float64 (n, 1).
    """
    for step in range(1, STEPS + 1):
        now = network.forward(net, x)
        if step % EVERY == 0:
            yield step, network.losses(net.output, now.logits, y_true).mean()
        d = network.backward(net, x, y_true, now)
        network.gradient_descent(net, d, LEARNING_RATE)


def constant_pixels(x_train: np.ndarray) -> np.ndarray:
    """Return which pixels are the same in all training images: bool (28, 28)."""
    return (x_train == x_train[0]).all(axis=0)


def unseen_pixels(dataset: data.Dataset, image: int) -> np.ndarray:
    """Return row and column of each constant pixel that differs in a test image."""
    differs = dataset.x_test[image] != dataset.x_train[0]
    return np.argwhere(differs & constant_pixels(dataset.x_train))


def draw(
    costs: dict[int, float],
    dataset: data.Dataset,
    mistakes: list[metrics.Mistake],
    title: str,
    path: Path,
) -> None:
    """Draw the cost, and the most confident mistake, into a PNG file."""
    from digits import plots

    figure, (left, right) = plots.panels(2, title)
    left.plot([*costs], [*costs.values()], "o-", color=plots.TRAIN, label="train")
    left.set_yscale("log")
    plots.finish_panel(left, "Mean binary cross-entropy", "step")
    right.set_axis_off()
    if mistakes:
        index, y_true, y_pred = mistakes[0][:3]
        heading = f"Test image {index}: a {y_true}, predicted {y_pred}"
        right.imshow(dataset.x_test[index], cmap="gray_r", vmin=0, vmax=255)
        for row, column in unseen_pixels(dataset, index):
            circle = {"ms": 18, "mfc": "none", "mec": plots.TEST, "mew": 2.5}
            right.plot(column, row, "o", **circle)
            heading += f"\npixel ({row}, {column}) is constant in training"
        right.set_title(heading)
    figure.savefig(path)


def main(options):
    dataset = data.load(options.data).keep(digits=(0, 1))
    kind = "as published" if options.as_published else "correct"
    staging = Staging(options.output_dir)  # now, as it may not be writable
    print(dataset.describe())
    print(f"Run:   {STEPS} steps over all training images, {kind}")
    constant = constant_pixels(dataset.x_train).sum()
    print(f"       {constant} of 784 pixels never vary in them\n")

    x_train, x_test = standardise(dataset.x_train, dataset.x_test, options.as_published)
    net, costs = new_network(), {}
    print("step       cost")
    for step, cost in train(net, x_train, dataset.y_train[:, np.newaxis].astype(float)):
        print(f"{step:4}   {cost:8.6f}")
        costs[step] = cost

    probability = network.forward(net, x_test).y_pred[:, 0]  # of a one
    y_pred = (probability >= 0.5).astype(int)
    confidence = np.where(y_pred, probability, 1 - probability)
    mistakes = metrics.find_mistakes(
        dataset.y_test, y_pred, confidence, dataset.test_names
    )
    print(f"\n{metrics.mistakes_table(mistakes, most=len(x_test))}")
    for index in [mistake.index for mistake in mistakes]:
        for row, column in unseen_pixels(dataset, index):
            print(
                f"Image {index}, pixel ({row}, {column}): constant in training; here it"
                f" enters the network as {x_test[index, 28 * row + column]:.1e}"
            )
    print(f"Error rate: {len(mistakes) / len(x_test)!r}")
    print(PUBLISHED)

    name = f"from_scratch_zero_one{dataset.suffix}"
    plot = options.output_dir / "plots" / f"{name}.png"
    title = f"zero_one, {kind}, {dataset.title}"
    with staging:
        draw(costs, dataset, mistakes, title, staging.path(plot))
    print(f"\nPlot: {plot}")


def parse():
    parser = cli.new_parser(__doc__)
    tiny = "divide a pixel that never varies by 0.000000001"
    parser.add_argument("--as-published", action="store_true", help=tiny)
    cli.add_data(parser)
    cli.add_output_dir(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
