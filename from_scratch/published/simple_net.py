"""Sigmoid and softmax with batches drawn at random, after "Deep Learning from Scratch".

Saito 2016, chapter 4 ("TwoLayerNet"): 784 inputs, 50 sigmoid units, softmax over ten
digits, mean cross-entropy; batches of 100 drawn with replacement, learning rate 0.1,
10,000 steps. The book's figures were printed without a seed, so the measured ones are
close but not the same.
"""

from digits import cli

if __name__ == "__main__":
    cli.start()  # before whatever takes long to import

from collections.abc import Iterator

import numpy as np

from digits import data
from from_scratch.published import network

HIDDEN_UNITS = 50
BATCH_SIZE = 100
LEARNING_RATE = 0.1
STEPS = 10_000
EVERY = 600  # steps from one measurement to the next: an epoch of MNIST
PUBLISHED = """
Published for MNIST:
   0    0.0986, 0.0958
9600    0.9479, 0.9462"""


def train(dataset: data.Dataset) -> Iterator[tuple[int, float, float]]:
    """Train as the book does.

    Yields after every 600th step and the last: the step, counted from 0, and the
    accuracy on all training and on all test images.
    """
    x_train = dataset.x_train.reshape(-1, 784) / 255
    x_test = dataset.x_test.reshape(-1, 784) / 255
    y_train = np.eye(10)[dataset.y_train]
    rng = np.random.default_rng(0)
    parameters = {
        "w1": 0.01 * rng.standard_normal((784, HIDDEN_UNITS)),
        "b1": np.zeros(HIDDEN_UNITS),
        "w2": 0.01 * rng.standard_normal((HIDDEN_UNITS, 10)),
        "b2": np.zeros(10),
    }
    net = network.Network(parameters, hidden="sigmoid", output="softmax")

    def accuracy(x, labels):
        return (network.forward(net, x).logits.argmax(axis=1) == labels).mean()

    for step in range(STEPS):
        batch = rng.choice(len(x_train), BATCH_SIZE)
        x, y_true = x_train[batch], y_train[batch]
        d = network.backward(net, x, y_true, network.forward(net, x))
        network.gradient_descent(net, d, LEARNING_RATE)
        if step % EVERY == 0 or step == STEPS - 1:
            train_accuracy = accuracy(x_train, dataset.y_train)
            yield step, train_accuracy, accuracy(x_test, dataset.y_test)


def main(options):
    dataset = data.load(options.data)
    print(dataset.describe())
    print("\nstep    train, test accuracy")
    for row in train(dataset):
        print("{:4}    {:.4f}, {:.4f}".format(*row))
    print(PUBLISHED)


def parse():
    parser = cli.new_parser(__doc__)
    cli.add_data(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
