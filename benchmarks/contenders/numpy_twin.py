"""from_scratch.hello_numpy: the same training in NumPy alone."""

import numpy as np

from benchmarks.contenders import common
from from_scratch import hello_numpy
from from_scratch.network import one_hot, predict


def train(x, y, epochs, hidden_units):
    rng = np.random.default_rng(0)
    network = hello_numpy.new_network(rng, hidden_units)
    hello_numpy.train(network, x, one_hot(y, np.float32), epochs, rng)
    return lambda images: predict(network, images).argmax(axis=1)


if __name__ == "__main__":
    common.run(train)
