"""Sigmoid and softmax with batches drawn at random, after an article on "SimpleNet".

"模型训练：手写 SimpleNet" (training: SimpleNet by hand), 2024, after Saito, "Deep
Learning from Scratch", 2016, chapter 4 ("TwoLayerNet"): 784 inputs, 50 sigmoid units,
softmax over ten digits, mean cross-entropy; 10,000 steps at learning rate 0.1, each on
100 images drawn with replacement. The article gives no seed, so the figures measured
here are close to the published ones, but not the same.

With --numerical nothing is trained. The gradient of one batch is computed twice: as in
the article, by changing one parameter after the other, and by backpropagation.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the project's folder
from digits import load_data

HIDDEN_UNITS = 50
BATCH_SIZE = 100
LEARNING_RATE = 0.1
STEPS = 10_000

Parameters = list[np.ndarray]  # w1 (784, 50), b1 (50,), w2 (50, 10), b2 (10,): float64


def first_parameters(rng: np.random.Generator) -> Parameters:
    """Return random weights as in the article, and biases that are 0."""
    w1 = 0.01 * rng.standard_normal((784, HIDDEN_UNITS))
    w2 = 0.01 * rng.standard_normal((HIDDEN_UNITS, 10))
    return [w1, np.zeros(HIDDEN_UNITS), w2, np.zeros(10)]


def forward(parameters: Parameters, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the hidden layer (n, 50) and the probabilities (n, 10) for x (n, 784)."""
    w1, b1, w2, b2 = parameters
    hidden = 1 / (1 + np.exp(-(x @ w1 + b1)))
    logits = hidden @ w2 + b2
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return hidden, powers / powers.sum(axis=1, keepdims=True)


def loss(parameters: Parameters, x: np.ndarray, y_true: np.ndarray) -> float:
    """Return the mean cross-entropy; y_true: one-hot labels (n, 10)."""
    _, p = forward(parameters, x)
    return -np.log((p * y_true).sum(axis=1)).mean()


def backward(parameters: Parameters, x: np.ndarray, y_true: np.ndarray) -> Parameters:
    """Return the gradient of `loss` by backpropagation."""
    hidden, p = forward(parameters, x)
    d_logits = (p - y_true) / len(x)
    d_hidden = d_logits @ parameters[2].T * hidden * (1 - hidden)
    return [x.T @ d_hidden, d_hidden.sum(0), hidden.T @ d_logits, d_logits.sum(0)]


def numerical_gradient(
    loss: Callable[[], float], parameters: list[np.ndarray]
) -> list[np.ndarray]:
    """Return (L(w + h) - L(w - h)) / 2h for each parameter w, one after the other.

    `loss` returns the loss L that belongs to the present values of `parameters`,
    float64 arrays. Each entry is changed in place, and changed back.
    """
    h = 1e-4  # the article's
    gradient = [np.empty_like(w) for w in parameters]
    for w, d in zip(parameters, gradient):
        for place in np.ndindex(w.shape):
            before = w[place]
            w[place] = before + h
            above = loss()
            w[place] = before - h
            d[place] = (above - loss()) / (2 * h)
            w[place] = before
    return gradient


def train(
    x_train: np.ndarray, y_train: np.ndarray, x_test: np.ndarray, y_test: np.ndarray
) -> Iterator[tuple[int, float, float]]:
    """Train as the article does; images are float64 (n, 784), labels integers (n,).

    Yields after every 600th step and the last: the step, counted from 0, and the
    accuracy on all training and on all test images.
    """
    rng = np.random.default_rng(0)
    parameters = first_parameters(rng)
    one_hot = np.eye(10)

    def accuracy(x, labels):
        return (forward(parameters, x)[1].argmax(axis=1) == labels).mean()

    for step in range(STEPS):
        batch = rng.choice(len(x_train), BATCH_SIZE)
        gradient = backward(parameters, x_train[batch], one_hot[y_train[batch]])
        for w, d in zip(parameters, gradient):
            w -= LEARNING_RATE * d
        if step % 600 == 0 or step == STEPS - 1:
            yield step, accuracy(x_train, y_train), accuracy(x_test, y_test)


def compare_gradients(x: np.ndarray, y_true: np.ndarray) -> None:
    """Print how far apart the gradients of a batch are, and how long each one takes."""
    parameters = first_parameters(np.random.default_rng(0))
    start = time.perf_counter()
    for _ in range(100):  # too fast to time it once
        found = backward(parameters, x, y_true)
    fast = (time.perf_counter() - start) / 100
    size = sum(w.size for w in parameters)
    print(f"One batch of {len(x)} images, {size:,} parameters")
    print(f"Backpropagation:     {fast:.5f} s", flush=True)
    start = time.perf_counter()
    expected = numerical_gradient(lambda: loss(parameters, x, y_true), parameters)
    slow = time.perf_counter() - start
    largest = max(np.abs(d).max() for d in expected)
    difference = max(np.abs(a - b).max() for a, b in zip(found, expected))
    hours = slow * STEPS / 3600
    print(f"Numerical gradient:  {slow:.1f} s; {STEPS:,} steps: {hours:.1f} h")
    print("Published:           10 s for a batch, 27.7 h for 10,000 steps")
    print(f"Largest difference:  {difference:.1e}; largest gradient: {largest:.1e}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--numerical", action="store_true", help="takes a minute or so")
    options = parser.parse_args()

    (x_train, y_train), (x_test, y_test) = load_data()
    x_train, x_test = (x.reshape(-1, 784) / 255 for x in (x_train, x_test))
    if options.numerical:
        compare_gradients(x_train[:BATCH_SIZE], np.eye(10)[y_train[:BATCH_SIZE]])
        return

    print(f"{len(x_train):,} training and {len(x_test):,} test images\n")
    print("step    train, test accuracy")
    for step, *accuracies in train(x_train, y_train, x_test, y_test):
        print("{:4}    {:.4f}, {:.4f}".format(step, *accuracies))


if __name__ == "__main__":
    main()
