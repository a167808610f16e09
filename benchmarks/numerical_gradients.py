"""How much sooner the vectorised finite differences are there, side by side.

All 39,760 parameters of the 784-50-10 network on a batch of 100, as in
from_scratch.simple_net: parameter by parameter, vectorised, and by backpropagation:

    python -m benchmarks.numerical_gradients
"""

import argparse
import sys
import time
from functools import partial

import numpy as np

from digits import command_line, dataset
from from_scratch import network, numerical, simple_net


def main(options) -> None:
    """Print the seconds of each way, the ratios and the largest difference."""
    data = dataset.load(options.data)
    print(data.describe(), file=sys.stderr)
    rng = np.random.default_rng(0)
    net = simple_net.new_network(rng)
    batch = rng.choice(len(data.x_train), 100)
    x = data.x_train[batch].reshape(-1, 784) / 255
    y = network.one_hot(data.y_train[batch])
    ways = {
        "parameter by parameter": partial(numerical.gradients_one_by_one, net, x, y),
        "vectorised": partial(numerical.gradients, net, x, y),
        "backpropagation": partial(network.gradients, net, x, y),
    }
    count = sum(weights.size for weights in net.parameters.values())
    print(f"data: {data.name}; {count:,} parameters")
    print(f"{'':24}   seconds   times faster   largest difference")
    first = None
    for name, way in ways.items():
        seconds, found = [], None
        for _ in range(1 if first is None else 5):
            start = time.perf_counter()
            found = way()
            seconds.append(time.perf_counter() - start)
        middle = sorted(seconds)[len(seconds) // 2]
        first = first or (middle, found)
        apart = max(np.abs(found[key] - first[1][key]).max() for key in found)
        print(f"{name:24} {middle:9.4f}   {first[0] / middle:12.1f}   {apart:18.1e}")


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = command_line.new_parser(
        __doc__, prog="python -m benchmarks.numerical_gradients"
    )
    command_line.add_data(parser)
    return parser.parse_args()


if __name__ == "__main__":
    command_line.run(main, parse)
