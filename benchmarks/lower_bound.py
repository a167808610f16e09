"""The lower bound of training time: its arithmetic, as fast as NumPy multiplies."""

import math
import time

import numpy as np

from benchmarks.baselines import BATCH_SIZE, EPOCHS


def seconds(images: int, hidden_units: int) -> float:
    """Return what the five matrix products of each training step take, all epochs.

    They take 3136 · hidden_units + 60 · hidden_units operations per image: 1,636,352
    with 512. Biases, activations and the optimizer take few. Of all steps within one
    second the fastest counts: other work of the machine can only make a step slower.
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
    return fastest * EPOCHS * images / BATCH_SIZE
