"""Zero or one, all images at once, and the pixel that hid an image from the network.

After the program that orczhou.com prints in "从零构建图片识别的神经网络" (build a
network that recognises images, from zero), 2024: 784 inputs, 10 ReLU units, one
logistic output; 500 steps of gradient descent over all 12,665 images at learning rate
0.5. It standardises each pixel by its own mean and standard deviation. With
--as-published 0.000000001 is added to each deviation, as in the article; by default a
deviation of 0 is replaced by 1.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the project's folder
from digits import load_data

SEED = 561  # the article's
STEPS = 500
LEARNING_RATE = 0.5

Parameters = list[np.ndarray]  # w1 (784, 10), b1 (10,), w2 (10, 1), b2 (1,): float64


def standardise(
    x_train: np.ndarray, x_test: np.ndarray, as_published: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Subtract each pixel's training mean and divide by its standard deviation.

    Takes uint8 (n, 28, 28), returns float64 (n, 784). `as_published` adds 1e-9 to each
    standard deviation; otherwise one of 0 is replaced by 1.
    """
    x_train, x_test = (x.reshape(-1, 784).astype(float) for x in (x_train, x_test))
    mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)
    divisor = deviation + 1e-9 if as_published else np.where(deviation, deviation, 1)
    return (x_train - mean) / divisor, (x_test - mean) / divisor


def first_parameters() -> Parameters:
    """Return the article's first weights, and biases that are 0."""
    rng = np.random.RandomState(SEED)  # NumPy's old generator, as published
    w1 = 0.01 * rng.randn(10, 784).T  # drawn units by inputs
    w2 = 0.01 * rng.randn(1, 10).T
    return [w1, np.zeros(10), w2, np.zeros(1)]


def forward(parameters: Parameters, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return hidden layer (n, 10) and logits (n, 1) for standardised images x."""
    w1, b1, w2, b2 = parameters
    hidden = np.maximum(x @ w1 + b1, 0)
    return hidden, hidden @ w2 + b2


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-z)) as exp(-log(1 + exp(-z))), which never overflows."""
    return np.exp(-np.logaddexp(0, -z))


def loss(parameters: Parameters, x: np.ndarray, y_true: np.ndarray) -> float:
    """Return the mean binary cross-entropy; y_true is 0 or 1, float64 (n, 1).

    -log sigmoid(z) = log(1 + exp(-z)): from the logits, no log(0) can arise.
    """
    _, logits = forward(parameters, x)
    return (np.logaddexp(0, logits) - y_true * logits).mean()


def backward(parameters: Parameters, x: np.ndarray, y_true: np.ndarray) -> Parameters:
    """Return the gradient of `loss`."""
    hidden, logits = forward(parameters, x)
    d_logits = (sigmoid(logits) - y_true) / len(x)
    d_hidden = d_logits @ parameters[2].T * (hidden > 0)
    return [x.T @ d_hidden, d_hidden.sum(0), hidden.T @ d_logits, d_logits.sum(0)]


def train(
    parameters: Parameters, x: np.ndarray, y_true: np.ndarray
) -> Iterator[tuple[int, float]]:
    """Train the network in place; yield every 25th step, and the loss before it."""
    for step in range(1, STEPS + 1):
        if step % 25 == 0:
            yield step, loss(parameters, x, y_true)
        for w, d in zip(parameters, backward(parameters, x, y_true)):
            w -= LEARNING_RATE * d


def unseen_pixels(x_train: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return row and column of each pixel, constant in training, that differs here."""
    return np.argwhere((image != x_train[0]) & (x_train.std(axis=0) == 0))


def draw(costs: dict[int, float], image: np.ndarray, unseen, titles) -> Path:
    """Draw the costs, and an image with its unseen pixels; return the PNG's path."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(
        1, 2, figsize=(10, 4.4), layout="constrained", width_ratios=(3, 2)
    )
    left.semilogy([*costs], [*costs.values()], "o-")
    left.set(title=titles[0], xlabel="step", ylabel="mean binary cross-entropy")
    right.axis("off")
    right.imshow(image, cmap="gray_r", vmin=0, vmax=255)
    right.set_title(titles[1])
    for row, column in unseen:
        right.plot(column, row, "o", ms=18, mfc="none", mec="tab:orange", mew=2.5)
    path = Path("plots") / "from_scratch_zero_one.png"
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--as-published", action="store_true")
    options = parser.parse_args()

    (all_train, train_labels), (all_test, test_labels) = load_data()
    x_train, y_train = all_train[train_labels <= 1], train_labels[train_labels <= 1]
    x_test, y_test = all_test[test_labels <= 1], test_labels[test_labels <= 1]
    kind = "as published" if options.as_published else "constant pixels divided by 1"
    deviation = x_train.std(axis=0)
    nearly = deviation[(deviation > 0) & (deviation < 0.5)]
    print(f"{len(x_train):,} training and {len(x_test):,} test images, {kind}")
    print("Of the 784 pixels")
    print(f"  {(deviation == 0).sum()} are the same in these training images,")
    print(f"  {(np.ptp(all_train, axis=0) == 0).sum()} in all {len(all_train):,};")
    print(f"  {len(nearly)} more have a standard deviation below 0.5 (of 255),")
    print(f"  the smallest {nearly.min(initial=0.5):.4f}")

    inputs, test_inputs = standardise(x_train, x_test, options.as_published)
    parameters, costs = first_parameters(), {}
    print("\nstep       cost")
    for step, cost in train(parameters, inputs, y_train[:, np.newaxis].astype(float)):
        print(f"{step:4}   {cost:8.6f}")
        costs[step] = cost

    p_one = sigmoid(forward(parameters, test_inputs)[1])[:, 0]
    wrong = np.flatnonzero((p_one > 0.5) != y_test)
    print(f"\n{len(wrong)} of {len(x_test):,} test images misclassified:")
    for i in wrong:
        print(f"  no. {i}: a {y_test[i]}, probability of a 1: {p_one[i]:.3f}")
        for row, column in unseen_pixels(x_train, x_test[i]):
            value, entered = x_test[i, row, column], test_inputs[i, 28 * row + column]
            print(
                f"    pixel ({row}, {column}), constant in training, is {value} here"
                f" and enters the network as {entered:.1e}"
            )
    print(f"Error rate: {len(wrong) / len(x_test)!r}")
    print(f"Largest input from a test image: {np.abs(test_inputs).max():.1e}")

    shown = wrong[0] if len(wrong) else 0
    unseen = unseen_pixels(x_train, x_test[shown])
    about = f"test image {shown}, a {y_test[shown]}"
    about += "".join(f"\npixel ({r}, {c}) is constant in training" for r, c in unseen)
    titles = f"zero_one, {kind}", about
    print(f"Plot: {draw(costs, x_test[shown], unseen, titles)}")


if __name__ == "__main__":
    main()
