"""Sigmoid and softmax with batches drawn at random, after "Deep Learning from Scratch".

Saito 2016, chapter 4 ("TwoLayerNet"): 784 inputs, 50 sigmoid units, softmax over ten
digits, mean cross-entropy; batches of 100 drawn with replacement, learning rate 0.1,
10,000 steps. The book's figures were printed without a seed, so that --as-published
can only come close. --gradient numerical trains with finite differences instead, for
which the book estimates 10 seconds a step.
"""

import time

import numpy as np
from tqdm import tqdm

from digits import command_line, dataset
from from_scratch import network, numerical, program
from from_scratch.optimizers import gradient_descent

NAME = "simple_net"
HIDDEN_UNITS = 50
BATCH_SIZE = 100
LEARNING_RATE = 0.1
STEPS = 10_000
EVERY = 600  # steps from one measurement to the next: an epoch of MNIST
# Step: accuracy on the training and on the test set, as printed in the book.
PUBLISHED = {0: (0.0986, 0.0958), 9_600: (0.9479, 0.9462)}


def add_options(parser):
    """Add --gradient, --steps, --as-published and --seed."""
    parser.add_argument(
        "--gradient",
        choices=("backpropagation", "numerical"),
        default="backpropagation",
        help="where the gradients come from (default: %(default)s)",
    )
    parser.add_argument(
        "--steps",
        type=command_line.whole_number(1, 10_000_000),
        default=STEPS,
        metavar="N",
        help="batches to learn from (default: %(default)s)",
    )
    program.add_as_published(parser)
    command_line.add_seed(parser)


def new_network(rng: np.random.Generator) -> network.Network:
    """Return the book's network: small normal weights, biases zero."""
    return network.Network(
        {
            "w1": 0.01 * rng.standard_normal((784, HIDDEN_UNITS)),
            "b1": np.zeros(HIDDEN_UNITS),
            "w2": 0.01 * rng.standard_normal((HIDDEN_UNITS, 10)),
            "b2": np.zeros(10),
        },
        hidden="sigmoid",
        output="softmax",
    )


def main(options):
    data = dataset.load(options.data)
    print(data.describe())
    x_train, x_test = (
        images.reshape(-1, 784) / 255 for images in (data.x_train, data.x_test)
    )
    y_train = network.one_hot(data.y_train)
    by_backpropagation = options.gradient == "backpropagation"
    gradients = network.gradients if by_backpropagation else numerical.gradients
    beside = options.as_published and data.verified
    rng = np.random.default_rng(options.seed)
    net = new_network(rng)
    print(f"Run:   {options.steps:,} steps, gradients by {options.gradient},")
    print(f"       seed {options.seed}\n")
    name = data.run_name(f"from_scratch_{NAME}")
    with program.outputs(options, name) as (plot, kept):
        print(
            "step   train accuracy   test accuracy" + ("   published" if beside else "")
        )
        measured, start = [], time.perf_counter()
        steps = range(options.steps)
        for step in tqdm(steps, unit=" steps", leave=False, disable=None):
            batch = rng.choice(len(x_train), BATCH_SIZE)
            found = gradients(net, x_train[batch], y_train[batch])
            gradient_descent(net.parameters, found, LEARNING_RATE)
            # After the step, as in the book.
            if step % EVERY == 0 or step == steps[-1]:
                train = network.accuracy(net, x_train, data.y_train)
                test = network.accuracy(net, x_test, data.y_test)
                measured.append(
                    {"step": step, "train_accuracy": train, "test_accuracy": test}
                )
                line = f"{step:5}   {train:14.4f}   {test:13.4f}"
                if beside and step in PUBLISHED:
                    line += "   {:.4f} / {:.4f}".format(*PUBLISHED[step])
                tqdm.write(line)
        seconds = time.perf_counter() - start
        print(
            f"\n{seconds:.1f} seconds, {1000 * seconds / options.steps:.2f} ms a step."
        )
        if beside:
            print(
                "The book says: less than a minute by backpropagation, 10 seconds a"
                " step by finite\ndifferences. It gives no seed: compare the level, not"
                " the digits."
            )
        kept |= {
            "data": data.name,
            "gradient": options.gradient,
            "seed": options.seed,
            "seconds": seconds,
            "accuracies": measured,
        }
        draw(measured, f"{NAME} on {data.title}", beside, plot)


def draw(measured, title, with_published, path):
    """Draw train and test accuracy over the steps, with the book's two points."""
    from digits import drawing

    figure, axis = drawing.one_panel()
    steps = [row["step"] for row in measured]
    for part, colour, shape in (
        ("train", drawing.TRAIN, "o-"),
        ("test", drawing.TEST, "s-"),
    ):
        values = [row[f"{part}_accuracy"] for row in measured]
        axis.plot(steps, values, shape, color=colour, label=part)
    if with_published:
        tests = [test for _, test in PUBLISHED.values()]
        axis.plot([*PUBLISHED], tests, "k*", markersize=12, label="test, published")
    drawing.finish_panel(axis, "Accuracy", "step")
    drawing.save(figure, title, path)


if __name__ == "__main__":
    program.run(main, NAME, __doc__, add_options)
