"""ReLU and dropout, one image at a time, after NumPy's tutorial.

"Deep learning on MNIST", https://numpy.org/numpy-tutorials: 784 inputs, 100 hidden
units, half of them dropped at random, ten linear outputs, squared error, no biases;
20 epochs over the first 1,000 images. By default the gradients are correct. With
--as-published they have the tutorial's two faults, and all 80 figures are those that
the tutorial prints. --faults trains with each fault alone, with both and with none,
five times each, and prints the test accuracies.
"""

import argparse
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from digits import is_mnist, load_data
from from_scratch.published import two_layers

SEED = 884736743  # the tutorial's
IMAGES = 1000
EPOCHS = 20
LEARNING_RATE = 0.005
FAULTS = ("slope", "factor")

# What the tutorial prints after an epoch: error and accuracy in training, error and
# accuracy in the test, means over the images. The errors are sums of ten squared
# differences, the accuracies are from 0 to 1. Those of training are measured during the
# epoch, with dropout, while the weights change; those of the test after it.
Figures = tuple[float, float, float, float]

PUBLISHED: list[Figures] = [
    (0.898, 0.397, 0.680, 0.582),
    (0.656, 0.633, 0.607, 0.641),
    (0.592, 0.680, 0.569, 0.679),
    (0.556, 0.700, 0.541, 0.708),
    (0.534, 0.732, 0.526, 0.729),
    (0.515, 0.715, 0.500, 0.739),
    (0.495, 0.748, 0.487, 0.753),
    (0.483, 0.769, 0.486, 0.747),
    (0.473, 0.776, 0.473, 0.752),
    (0.460, 0.788, 0.462, 0.762),
    (0.465, 0.769, 0.462, 0.767),
    (0.443, 0.801, 0.456, 0.775),
    (0.448, 0.795, 0.455, 0.772),
    (0.438, 0.787, 0.453, 0.778),
    (0.446, 0.791, 0.450, 0.779),
    (0.441, 0.788, 0.452, 0.772),
    (0.437, 0.786, 0.453, 0.772),
    (0.436, 0.794, 0.449, 0.778),
    (0.433, 0.801, 0.450, 0.774),
    (0.429, 0.785, 0.436, 0.784),
]


def gradients(
    net: two_layers.Network,
    x: np.ndarray,
    y_true: np.ndarray,
    activations: two_layers.Activations,
    mask: np.ndarray,
    faults: Collection[str] = (),
) -> two_layers.Parameters:
    """Return the gradients for one image; without faults those of `two_layers.backward`.

    The fault "slope" takes the slope of ReLU from the output of ReLU and dropout: is
    that at least 0? It always is, so that units that were off learn as if they had been
    on. The fault "factor" multiplies by a mask of 0 and 1, where that of the forward
    pass has 0 and 2, so that the gradient of the first layer is half of what it should
    be. The tutorial has both.
    """
    if "slope" in faults:
        _, hidden, logits, y_pred = activations
        activations = two_layers.Activations(hidden >= 0, hidden, logits, y_pred)
    if "factor" in faults:
        mask = mask > 0
    return two_layers.backward(net, x, y_true, activations, mask)


def train(
    x_train: np.ndarray,
    y_train: np.ndarray,
    x_test: np.ndarray,
    y_test: np.ndarray,
    faults: Collection[str] = (),
    seed: int = SEED,
) -> Iterator[Figures]:
    """Train as the tutorial does; yield the figures of each epoch.

    Images are float64 (n, 784), 0 to 1, labels one-hot rows (n, 10).
    """
    rng = np.random.default_rng(seed)
    w1 = 0.2 * rng.random((784, 100)) - 0.1
    w2 = 0.2 * rng.random((100, 10)) - 0.1
    net = two_layers.Network({"w1": w1, "w2": w2}, hidden="relu", output="linear")
    for _ in range(EPOCHS):
        error = correct = 0
        for i in range(len(x_train)):
            x, y_true = x_train[i : i + 1], y_train[i : i + 1]
            # A kept unit counts double: the sum over half of them keeps its mean.
            mask = 2.0 * rng.integers(low=0, high=2, size=(1, 100))
            now = two_layers.forward(net, x, mask)
            error += np.sum((now.y_pred - y_true) ** 2)
            correct += now.y_pred.argmax() == y_true.argmax()
            d = gradients(net, x, y_true, now, mask, faults)
            two_layers.gradient_descent(net, d, LEARNING_RATE)
        y_pred = two_layers.forward(net, x_test).y_pred
        yield (
            error / len(x_train),
            correct / len(x_train),
            np.sum((y_pred - y_test) ** 2) / len(x_test),
            np.mean(y_pred.argmax(axis=1) == y_test.argmax(axis=1)),
        )


def draw(measured: list[Figures], title: str) -> Path:
    """Draw the accuracy after each epoch; return the path of the PNG file."""
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
    axis.plot([row[1] for row in measured], "o-", label="train, with dropout")
    axis.plot([row[3] for row in measured], "s-", label="test")
    axis.plot([row[3] for row in PUBLISHED], "k--", label="test, published for MNIST")
    axis.set(title=title, ylabel="accuracy", xlabel="epoch, from 0 as published")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.legend()
    path = Path("plots") / "from_scratch_relu_dropout.png"
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path)
    return path


def compare_faults(*data: np.ndarray) -> None:
    """Print the last test accuracies with each fault alone, with both and with none.

    Takes images and labels as `train` does.
    """
    print(f"Accuracy on {len(data[-1]):,} test images after {EPOCHS} epochs")
    print(f"{'faults':18}seeds 0 to 4{'':31}mean ± standard deviation")
    for faults in (FAULTS, FAULTS[:1], FAULTS[1:], ()):
        accuracies = []
        for seed in range(5):
            *_, last = train(*data, faults, seed)
            accuracies.append(last[3])
        mean, deviation = np.mean(accuracies), np.std(accuracies, ddof=1)
        each = "  ".join(f"{accuracy:.4f}" for accuracy in accuracies)
        name = " and ".join(faults) or "none"
        print(f"{name:18}{each}    {mean:.3f} ± {deviation:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--as-published", action="store_true")
    either.add_argument("--faults", action="store_true", help="takes several minutes")
    options = parser.parse_args()

    data = load_data()
    (x_train, y_train), (x_test, y_test) = data
    x_train, y_train = x_train[:IMAGES].reshape(-1, 784) / 255, y_train[:IMAGES]
    x_test = x_test.reshape(-1, 784) / 255
    y_train, y_test = np.eye(10)[y_train], np.eye(10)[y_test]
    if options.faults:
        compare_faults(x_train, y_train, x_test, y_test)
        return

    x_test, y_test = x_test[:IMAGES], y_test[:IMAGES]
    name = "MNIST" if is_mnist(data) else "not MNIST"
    kind = "as published" if options.as_published else "correct"
    print(f"{len(x_train):,} training and {len(x_test):,} test images, {name}")
    print(f"Gradients: {kind}\n")
    print("        train          test           train, test: published for MNIST")
    print("epoch   error, acc.    error, acc.    error, acc.    error, acc.")
    measured, same = [], 0
    faults = FAULTS if options.as_published else ()
    for epoch, figures in enumerate(train(x_train, y_train, x_test, y_test, faults)):
        found = [f"{value:.3f}" for value in figures]
        published = [f"{value:.3f}" for value in PUBLISHED[epoch]]
        print(("{:5}" + 4 * "   {}, {}").format(epoch, *found, *published))
        measured.append(figures)
        same += sum(a == b for a, b in zip(found, published))
    print(f"\n{same} of 80 figures are those published.")
    print(f"Plot: {draw(measured, f'relu_dropout, {kind}, {name}')}")


if __name__ == "__main__":
    main()
