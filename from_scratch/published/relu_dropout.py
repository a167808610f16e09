"""ReLU and dropout, one image at a time, after NumPy's tutorial.

"Deep learning on MNIST", https://numpy.org/numpy-tutorials: 784 inputs, 100 hidden
units, each dropped with probability 1/2, ten linear outputs, squared error, no biases;
20 epochs over the first 1,000 images, tested on 1,000. By default the gradient is
correct. With --as-published it has the tutorial's two faults, and on MNIST all 80
figures are those that the tutorial prints. --faults trains with each fault alone, with
both and with none, five times each, and prints the accuracies on all test images.
"""

import argparse
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the project's folder
from digits import load_data

SEED = 884736743  # the tutorial's
IMAGES = 1000
EPOCHS = 20
LEARNING_RATE = 0.005
FAULTS = ("slope", "factor")

# What the tutorial prints of an epoch, as means over the images: the error (the sum of
# ten squared differences) and the accuracy in training, measured with dropout while the
# weights change; then both in the test.
PUBLISHED = [
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


def forward(
    weights: list[np.ndarray], x: np.ndarray, mask: np.ndarray | float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pre-activation and hidden layer, (n, 100), and outputs (n, 10), float64.

    Args:
        weights: w1 (784, 100) and w2 (100, 10).
        x: images (n, 784), 0 to 1.
        mask: (n, 100), what dropout multiplies the hidden layer by: 0 or 2.
    """
    w1, w2 = weights
    pre_activation = x @ w1
    hidden = np.maximum(pre_activation, 0) * mask
    return pre_activation, hidden, hidden @ w2


def backward(
    weights: list[np.ndarray],
    x: np.ndarray,
    y_true: np.ndarray,
    mask: np.ndarray,
    activations: tuple[np.ndarray, np.ndarray, np.ndarray],
    faults: Collection[str] = (),
) -> list[np.ndarray]:
    """Return the gradient of half the squared error, summed over the images x.

    The tutorial has both `faults`. "slope": it takes the slope of ReLU from the hidden
    layer, which is never below 0, so that units which ReLU has switched off learn, too.
    "factor": its mask is 0 or 1 on the way back, but 0 or 2 on the way forward.

    Args:
        y_true: one-hot labels (n, 10).
        activations: what `forward` has returned for x and mask.
    """
    pre_activation, hidden, y_pred = activations
    slope = hidden >= 0 if "slope" in faults else pre_activation > 0
    mask_backward = mask > 0 if "factor" in faults else mask
    d_pred = y_pred - y_true
    d_pre_activation = d_pred @ weights[1].T * slope * mask_backward
    return [x.T @ d_pre_activation, hidden.T @ d_pred]


def train(
    x_train: np.ndarray,
    y_train: np.ndarray,
    x_test: np.ndarray,
    y_test: np.ndarray,
    faults: Collection[str] = (),
    seed: int = SEED,
) -> Iterator[tuple[float, float, float, float]]:
    """Train as the tutorial does; yield of each epoch what PUBLISHED has.

    Images are float64 (n, 784), 0 to 1, labels one-hot rows (n, 10).
    """
    rng = np.random.default_rng(seed)
    weights = [0.2 * rng.random((784, 100)) - 0.1, 0.2 * rng.random((100, 10)) - 0.1]
    for _ in range(EPOCHS):
        error = correct = 0
        for i in range(len(x_train)):
            x, y_true = x_train[i : i + 1], y_train[i : i + 1]
            # A kept unit counts double, so that the mean of the sum stays the same.
            mask = 2.0 * rng.integers(low=0, high=2, size=(1, 100))
            activations = forward(weights, x, mask)
            y_pred = activations[-1]
            error += np.sum((y_pred - y_true) ** 2)
            correct += y_pred.argmax() == y_true.argmax()
            gradient = backward(weights, x, y_true, mask, activations, faults)
            for w, d in zip(weights, gradient):
                w -= LEARNING_RATE * d
        y_pred = forward(weights, x_test)[-1]
        yield (
            error / len(x_train),
            correct / len(x_train),
            np.sum((y_pred - y_test) ** 2) / len(x_test),
            np.mean(y_pred.argmax(axis=1) == y_test.argmax(axis=1)),
        )


def draw(measured: list[tuple], title: str) -> Path:
    """Draw the accuracy after each epoch; return the path of the PNG file."""
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
    axis.plot([row[1] for row in measured], "o-", label="train, with dropout")
    axis.plot([row[3] for row in measured], "s-", label="test")
    axis.plot([row[3] for row in PUBLISHED], "k--", label="test, published for MNIST")
    axis.set(title=title, ylabel="accuracy", xlabel="epoch, from 0 as published")
    axis.set(ylim=(0, 1), xticks=range(0, EPOCHS, 2))
    axis.legend(loc="lower right")
    path = Path("plots") / "from_scratch_relu_dropout.png"
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path)
    return path


def compare_faults(*data: np.ndarray) -> None:
    """Print the last test accuracies for each fault; takes data as `train` does."""
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
    parser = argparse.ArgumentParser()
    parser.add_argument("--as-published", action="store_true")
    parser.add_argument("--faults", action="store_true", help="takes several minutes")
    options = parser.parse_args()

    (x_train, y_train), (x_test, y_test) = load_data()
    x_train, y_train = x_train[:IMAGES].reshape(-1, 784) / 255, y_train[:IMAGES]
    x_test = x_test.reshape(-1, 784) / 255
    y_train, y_test = np.eye(10)[y_train], np.eye(10)[y_test]
    if options.faults:
        compare_faults(x_train, y_train, x_test, y_test)
        return

    x_test, y_test = x_test[:IMAGES], y_test[:IMAGES]
    kind = "as published" if options.as_published else "correct"
    print(f"{len(x_train):,} training and {len(x_test):,} test images")
    print(f"Gradient: {kind}\n")
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
    print(f"Plot: {draw(measured, f'relu_dropout, gradient {kind}')}")


if __name__ == "__main__":
    main()
