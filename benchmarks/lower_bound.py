"""The lower bound of training time: its arithmetic, as fast as NumPy multiplies."""

import math
import time

import numpy as np

from benchmarks.baselines.common import BATCH_SIZE


def operations_per_image(hidden_units: int) -> int:
    """Return the floating-point operations of one training step for one image.

    A product of a row with a matrix (i, o) takes 2·i·o operations: a multiplication
    and an addition for each weight. For one image there are five such products:

        x @ w1              2 · 784 · hidden
        hidden @ w2         2 · hidden · 10
        gradient of w2      2 · hidden · 10
        gradient of hidden  2 · hidden · 10
        gradient of w1      2 · 784 · hidden

    Biases, activations and the optimizer are left out: they take few operations.
    """
    return 4 * 784 * hidden_units + 6 * hidden_units * 10


def measure_rate(hidden_units: int) -> float:
    """Return operations per second of the fastest step within one second.

    The fastest, as whatever else the machine does can only make a step slower.
    """
    rng = np.random.default_rng(0)
    shapes = (BATCH_SIZE, 784), (BATCH_SIZE, hidden_units), (BATCH_SIZE, 10)
    x, hidden, d_logits = (rng.random(shape, np.float32) for shape in shapes)
    shapes = (784, hidden_units), (hidden_units, 10)
    w1, w2 = (rng.random(shape, np.float32) for shape in shapes)
    fastest, end = math.inf, time.perf_counter() + 1
    while (start := time.perf_counter()) < end:
        x @ w1, hidden @ w2, hidden.T @ d_logits, d_logits @ w2.T, x.T @ hidden
        fastest = min(fastest, time.perf_counter() - start)
    return BATCH_SIZE * operations_per_image(hidden_units) / fastest


def seconds(images: int, epochs: int, hidden_units: int, rate: float) -> float:
    """Return the least that training takes at `rate` operations per second."""
    return images * epochs * operations_per_image(hidden_units) / rate
