"""Sigmoid and softmax with batches drawn at random, after "Deep Learning from Scratch".

Saito 2016, chapter 4 ("TwoLayerNet"): 784 inputs, 50 sigmoid units, softmax over ten
digits, mean cross-entropy; batches of 100 drawn with replacement, learning rate 0.1,
10,000 steps. The book's figures were printed without a seed, so the measured ones are
close but not the same; --as-published prints both. --gradient numerical trains with
finite differences instead, which the book estimates at 10 seconds a step.
"""

from digits import cli

if __name__ == "__main__":
    cli.start()

import time
from collections.abc import Callable

import numpy as np
from tqdm import tqdm

from digits import data
from from_scratch.published import network, numerical

HIDDEN_UNITS = 50
BATCH_SIZE = 100
LEARNING_RATE = 0.1
STEPS = 10_000
EVERY = 600  # steps from one measurement to the next: an epoch of MNIST
# Step: accuracy on the training and on the test images, as printed in the book.
PUBLISHED = {0: (0.0986, 0.0958), 9_600: (0.9479, 0.9462)}


def backpropagation(
    net: network.Network, x: np.ndarray, y_true: np.ndarray
) -> network.Parameters:
    """Return the same gradients as `numerical.gradients`, much faster."""
    return network.backward(net, x, y_true, network.forward(net, x))


GRADIENTS = {"backpropagation": backpropagation, "numerical": numerical.gradients}


def train(
    dataset: data.Dataset, gradients: Callable, steps: int, seed: int
) -> tuple[dict[int, tuple[float, float]], float]:
    """Train as the book does, with the gradients of one of the `GRADIENTS`.

    Returns the accuracy on all training and on all test images after every 600th step
    and the last, and the mean seconds of a step.
    """
    x_train, x_test = (
        images.reshape(-1, 784) / 255 for images in (dataset.x_train, dataset.x_test)
    )
    y_train = network.one_hot(dataset.y_train)
    rng = np.random.default_rng(seed)
    parameters = {
        "w1": 0.01 * rng.standard_normal((784, HIDDEN_UNITS)),
        "b1": np.zeros(HIDDEN_UNITS),
        "w2": 0.01 * rng.standard_normal((HIDDEN_UNITS, 10)),
        "b2": np.zeros(10),
    }
    net = network.Network(parameters, hidden="sigmoid", output="softmax")
    measured, seconds = {}, 0.0
    for step in tqdm(range(steps), unit=" steps", leave=False, disable=None):
        start = time.perf_counter()
        batch = rng.choice(len(x_train), BATCH_SIZE)
        d = gradients(net, x_train[batch], y_train[batch])
        network.gradient_descent(net, d, LEARNING_RATE)
        seconds += time.perf_counter() - start
        if step % EVERY == 0 or step == steps - 1:
            measured[step] = (
                accuracy(net, x_train, dataset.y_train),
                accuracy(net, x_test, dataset.y_test),
            )
    return measured, seconds / steps


def accuracy(net: network.Network, x: np.ndarray, y_true: np.ndarray) -> float:
    """Return the accuracy on images x (n, 784) with labels y_true (n,)."""
    y_pred = network.forward(net, x).logits.argmax(axis=1)
    return float((y_pred == y_true).mean())


def main(options):
    dataset = data.load(options.data)
    print(dataset.describe())
    print(
        f"Run:   {options.steps:,} steps, gradients by {options.gradient},"
        f" seed {options.seed}\n"
    )
    gradients = GRADIENTS[options.gradient]
    measured, seconds = train(dataset, gradients, options.steps, options.seed)
    compare = options.as_published and dataset.verified
    print("step   train, test accuracy" + ("   published" if compare else ""))
    for step, pair in measured.items():
        row = "{:4}   {:.4f}, {:.4f}      ".format(step, *pair)
        if compare and step in PUBLISHED:
            row += "   {:.4f}, {:.4f}".format(*PUBLISHED[step])
        print(row.rstrip())
    print(f"\n{1000 * seconds:.2f} milliseconds a step")


def parse():
    prog = "python -m from_scratch.published.simple_net"
    parser = cli.new_parser(__doc__, prog=prog)
    both = "print the book's figures beside the measured ones"
    parser.add_argument("--as-published", action="store_true", help=both)
    parser.add_argument(
        "--gradient",
        choices=GRADIENTS,
        default="backpropagation",
        help="how the gradients are computed (default: %(default)s)",
    )
    parser.add_argument(
        "--steps",
        type=cli.whole_number(1, 10_000_000),
        default=STEPS,
        metavar="N",
        help="batches to train on (default: %(default)s)",
    )
    cli.add_seed(parser)
    cli.add_data(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
