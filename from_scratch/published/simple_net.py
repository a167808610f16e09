"""Sigmoid and softmax with batches drawn at random, after an article on "SimpleNet".

Aurelius, "模型训练：手写 SimpleNet" (training: SimpleNet by hand), 2024. It follows
Saito, "Deep Learning from Scratch", 2016, chapter 4 ("TwoLayerNet"): 784 inputs, 50
sigmoid units, softmax over ten digits, mean cross-entropy; batches of 100 drawn with
replacement, learning rate 0.1, 10,000 steps. The article's figures were printed without
a seed, so the measured ones are close but not the same.

With --numerical nothing is trained. The gradient of one batch is computed twice: as in
the article, by changing one parameter after the other, and by backpropagation.
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np

from digits import is_mnist, load_data
from from_scratch.published import two_layers

HIDDEN_UNITS = 50
BATCH_SIZE = 100
LEARNING_RATE = 0.1
STEPS = 10_000
EVERY = 600  # steps from one measurement to the next: an epoch of MNIST
PUBLISHED = {0: (0.0986, 0.0958), 9600: (0.9479, 0.9462)}  # train and test accuracy
PUBLISHED_TIMES = "10 s for a batch, 27.7 h for 10,000 steps"


def new_network(rng: np.random.Generator) -> two_layers.Network:
    """Return the network with the article's first weights; biases zero."""
    parameters = {
        "w1": 0.01 * rng.standard_normal((784, HIDDEN_UNITS)),
        "b1": np.zeros(HIDDEN_UNITS),
        "w2": 0.01 * rng.standard_normal((HIDDEN_UNITS, 10)),
        "b2": np.zeros(10),
    }
    return two_layers.Network(parameters, hidden="sigmoid", output="softmax")


def train(
    x_train: np.ndarray, y_train: np.ndarray, x_test: np.ndarray, y_test: np.ndarray
) -> Iterator[tuple[int, float, float]]:
    """Train as the article does; images are float64 (n, 784), labels integers (n,).

    Yields after every 600th step and the last: the step, counted from 0, and the
    accuracy on all training and on all test images.
    """
    rng = np.random.default_rng(0)
    net = new_network(rng)
    one_hot = np.eye(10)

    def accuracy(x, labels):
        return (two_layers.forward(net, x).logits.argmax(axis=1) == labels).mean()

    for step in range(STEPS):
        batch = rng.choice(len(x_train), BATCH_SIZE)
        x, y_true = x_train[batch], one_hot[y_train[batch]]
        d = two_layers.backward(net, x, y_true, two_layers.forward(net, x))
        two_layers.gradient_descent(net, d, LEARNING_RATE)
        if step % EVERY == 0 or step == STEPS - 1:
            yield step, accuracy(x_train, y_train), accuracy(x_test, y_test)


def compare_gradients(x: np.ndarray, y_true: np.ndarray) -> None:
    """Print how far apart the gradients of a batch are, and how long each one takes."""
    net = new_network(np.random.default_rng(0))
    repeats = 100  # backpropagation is too fast to time it once
    start = time.perf_counter()
    for _ in range(repeats):
        found = two_layers.backward(net, x, y_true, two_layers.forward(net, x))
    fast = (time.perf_counter() - start) / repeats
    size = sum(d.size for d in found.values())
    print(f"One batch of {len(x)} images, {size:,} parameters")
    print(f"Backpropagation:     {fast:.5f} s", flush=True)
    start = time.perf_counter()
    expected = two_layers.numerical_gradients(net, x, y_true)
    slow = time.perf_counter() - start
    largest = max(np.abs(d).max() for d in expected.values())
    difference = max(np.abs(found[name] - expected[name]).max() for name in found)
    print(f"Numerical gradient:  {slow:.1f} s; {STEPS:,} steps: {slow / 0.36:.1f} h")
    print(f"Published:           {PUBLISHED_TIMES}")
    print(f"Largest difference:  {difference:.1e}; largest gradient: {largest:.1e}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--numerical", action="store_true", help="takes a minute or so")
    options = parser.parse_args()

    data = load_data()
    (x_train, y_train), (x_test, y_test) = data
    x_train, x_test = (x.reshape(-1, 784) / 255 for x in (x_train, x_test))
    if options.numerical:
        x, labels = x_train[:BATCH_SIZE], y_train[:BATCH_SIZE]
        compare_gradients(x, np.eye(10)[labels])
        return

    name = "MNIST" if is_mnist(data) else "not MNIST"
    print(f"{len(x_train):,} training and {len(x_test):,} test images, {name}")
    print("\nstep    train, test accuracy; published for MNIST")
    for step, *accuracies in train(x_train, y_train, x_test, y_test):
        row = "{:4}    {:.4f}, {:.4f}".format(step, *accuracies)
        if step in PUBLISHED:
            row += "    {:.4f}, {:.4f}".format(*PUBLISHED[step])
        print(row)


if __name__ == "__main__":
    main()
