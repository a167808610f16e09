"""hello_mnist.py in NumPy alone: the same network, optimizer, batches and epochs.

784 inputs, 512 ReLU units, softmax over ten digits; Glorot-uniform weights, RMSprop,
batches of 128 reshuffled each epoch, 5 epochs, float32. What Keras does in `fit` is
here `train`.
"""

import time

import numpy as np
from tqdm import tqdm

from digits import command_line, dataset, measures
from from_scratch import program
from from_scratch.network import (
    Network,
    forward,
    gradients,
    losses,
    one_hot,
)
from from_scratch.optimizers import RMSprop

NAME = "hello_numpy"
EPOCHS = 5
BATCH_SIZE = 128
HIDDEN_UNITS = 512


def glorot_uniform(rng, inputs: int, outputs: int) -> np.ndarray:
    """Return float32 (inputs, outputs), uniform within ±sqrt(6 / (inputs + outputs)).

    Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward
    neural networks", formula 16; the default of Keras's Dense.
    """
    limit = np.sqrt(6 / (inputs + outputs))
    return rng.uniform(-limit, limit, (inputs, outputs)).astype(np.float32)


def new_network(rng: np.random.Generator, hidden_units: int = HIDDEN_UNITS) -> Network:
    """Return the network of hello_mnist.py, as Keras would initialise it."""
    return Network(
        {
            "w1": glorot_uniform(rng, 784, hidden_units),
            "b1": np.zeros(hidden_units, np.float32),
            "w2": glorot_uniform(rng, hidden_units, 10),
            "b2": np.zeros(10, np.float32),
        },
        hidden="relu",
        output="softmax",
    )


def train(network, x, y, epochs, rng, after_epoch=lambda: None) -> None:
    """Train the network in place, with progress on standard error.

    Args:
        network: as `new_network` makes it.
        x: float32 (n, 784), 0 to 1.
        y: one-hot float32 (n, 10).
        epochs: rounds through all of them.
        rng: for the order of the images.
        after_epoch: called after each epoch.
    """
    optimizer = RMSprop(network.parameters)
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(x))
        starts = range(0, len(x), BATCH_SIZE)
        for start in tqdm(starts, f"Epoch {epoch}", unit=" steps", disable=None):
            batch = order[start : start + BATCH_SIZE]
            optimizer.step(gradients(network, x[batch], y[batch]))
        after_epoch()


def evaluate(network, x, y) -> tuple[float, float]:
    """Return the mean loss and the accuracy; arguments as those of `train`."""
    logits = forward(network, x).logits
    right = logits.argmax(axis=1) == y.argmax(axis=1)
    return float(losses(network.output, logits, y).mean()), float(right.mean())


def main(options):
    data = dataset.load(options.data)
    print(data.describe())
    epochs = data.epochs(EPOCHS)
    print(f"Run:   {epochs} epochs, batches of {BATCH_SIZE}, seed {options.seed}\n")
    x_train, x_test = (
        images.reshape(-1, 784).astype(np.float32) / 255
        for images in (data.x_train, data.x_test)
    )
    y_train, y_test = (one_hot(y, np.float32) for y in (data.y_train, data.y_test))
    rng = np.random.default_rng(options.seed)
    network = new_network(rng)
    measured = []

    def measure():
        train_measures = evaluate(network, x_train, y_train)
        measured.append(
            measures.Epoch(*train_measures, *evaluate(network, x_test, y_test))
        )

    name = data.run_name(f"from_scratch_{NAME}")
    with program.outputs(options, name) as (plot, kept):
        start = time.perf_counter()
        train(network, x_train, y_train, epochs, rng, measure)
        seconds = time.perf_counter() - start
        print(measures.epoch_table(measured))
        print(f"{seconds:.1f} seconds, the measuring after each epoch included.\n")
        wrong = round(len(x_test) * (1 - measured[-1].test_accuracy))
        title = f"{NAME} on {data.title}"
        line = measures.closing_line(title, measured[-1], wrong, len(x_test))
        print(line)
        kept |= {
            "data": data.name,
            "seed": options.seed,
            "epochs": [epoch._asdict() for epoch in measured],
            "seconds": seconds,
            "closing_line": line,
        }
        from digits import drawing

        drawing.accuracy_curves(measured, title, plot)


if __name__ == "__main__":
    program.run(main, NAME, __doc__, command_line.add_seed)
