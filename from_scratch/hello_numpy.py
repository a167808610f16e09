"""hello_mnist.py in NumPy alone: the same network, optimizer, batches and epochs.

    x ── w1, b1, ReLU ──> hidden ── w2, b2 ──> logits ── softmax ──> probabilities
    (n, 784)              (n, 512)             (n, 10)               (n, 10)

From top to bottom: initialise, forward, backward, update, train, evaluate.
"""

from digits import cli

if __name__ == "__main__":
    cli.start()  # before whatever takes long to import

from collections.abc import Iterator

import numpy as np

from digits import data

EPOCHS = 5  # passes over the training images
BATCH_SIZE = 128  # images per update of the weights
HIDDEN_UNITS = 512

Parameters = dict[str, np.ndarray]  # float32; gradients have the same keys and shapes


def init(rng: np.random.Generator, hidden_units: int = HIDDEN_UNITS) -> Parameters:
    """Return the parameters as Keras's Dense layers initialise them.

    Weights are uniform within ±sqrt(6 / (inputs + outputs)): Glorot and Bengio 2010,
    "Understanding the difficulty of training deep feedforward neural networks".
    """

    def glorot_uniform(inputs, outputs):
        limit = np.sqrt(6 / (inputs + outputs))
        return rng.uniform(-limit, limit, (inputs, outputs)).astype(np.float32)

    return {
        "w1": glorot_uniform(784, hidden_units),
        "b1": np.zeros(hidden_units, np.float32),
        "w2": glorot_uniform(hidden_units, 10),
        "b2": np.zeros(10, np.float32),
    }


def forward(p: Parameters, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the hidden layer and log(probabilities) for images x, float32 (n, 784)."""
    hidden = x @ p["w1"]
    hidden += p["b1"]
    np.maximum(hidden, 0, out=hidden)  # ReLU
    logits = hidden @ p["w2"] + p["b2"]
    logits -= logits.max(axis=1, keepdims=True)  # so that exp cannot overflow
    return hidden, logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def gradients(p: Parameters, x: np.ndarray, y: np.ndarray) -> Parameters:
    """Return the gradients of the mean cross-entropy.

    Images x are float32 (n, 784), 0.0 to 1.0; labels y are integers (n,), 0 to 9.
    """
    hidden, log_probabilities = forward(p, x)
    d_logits = np.exp(log_probabilities)
    d_logits[np.arange(len(y)), y] -= 1  # softmax and cross-entropy in one step
    d_logits /= len(y)
    d_hidden = d_logits @ p["w2"].T
    d_hidden *= hidden > 0  # the slope of ReLU
    return {
        "w1": x.T @ d_hidden,
        "b1": d_hidden.sum(axis=0),
        "w2": hidden.T @ d_logits,
        "b2": d_logits.sum(axis=0),
    }


def rmsprop(p: Parameters, mean_square: Parameters, d: Parameters) -> None:
    """Update p and mean_square in place from the gradients d, as Keras's RMSprop does.

        mean_square = 0.9 * mean_square + 0.1 * d²
        p = p - 0.001 * d / sqrt(mean_square + 1e-7)

    Tieleman and Hinton 2012, "Neural Networks for Machine Learning", lecture 6.5.
    """
    for name in p:
        # In place: making arrays of this size takes longer than the arithmetic.
        v, step = mean_square[name], np.square(d[name])
        v *= 0.9
        step *= 0.1
        v += step
        np.sqrt(np.add(v, 1e-7, out=step), out=step)
        np.divide(d[name], step, out=step)
        step *= 0.001
        p[name] -= step


def train(
    p: Parameters, x: np.ndarray, y: np.ndarray, epochs: int, rng: np.random.Generator
) -> Iterator[int]:
    """Train p in place; yield the number of each epoch, from 1, when it is done."""
    mean_square = {name: np.zeros_like(w) for name, w in p.items()}
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            rmsprop(p, mean_square, gradients(p, x[batch], y[batch]))
        yield epoch


def evaluate(p: Parameters, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return the mean loss and the accuracy."""
    log_probabilities = forward(p, x)[1]
    loss = -log_probabilities[np.arange(len(y)), y].mean()
    return float(loss), float((log_probabilities.argmax(axis=1) == y).mean())


def main(options):
    dataset = data.load(options.data)
    print(dataset.describe())
    x_train, x_test = (
        images.reshape(-1, 784).astype(np.float32) / 255
        for images in (dataset.x_train, dataset.x_test)
    )
    y_train, y_test = dataset.y_train, dataset.y_test
    n = len(x_test)  # as many training images, for figures equally uncertain

    rng = np.random.default_rng(options.seed)
    p = init(rng)
    print("\nepoch   train loss   train accuracy   test loss   test accuracy")
    for epoch in train(p, x_train, y_train, options.epochs, rng):
        row = *evaluate(p, x_train[:n], y_train[:n]), *evaluate(p, x_test, y_test)
        print("{:5}{:13.4f}{:17.4f}{:12.4f}{:16.4f}".format(epoch, *row))


def parse():
    parser = cli.new_parser(__doc__)
    parser.add_argument(
        "--epochs",
        type=cli.whole_number(1, 100_000),
        metavar="N",
        default=EPOCHS,
        help="passes over the training images (default: %(default)s)",
    )
    cli.add_seed(parser)
    cli.add_data(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
