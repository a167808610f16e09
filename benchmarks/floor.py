"""The floor: the arithmetic training needs, at the rate this machine multiplies at.

Run as a program it prints the rate as one line of JSON.
"""

import json
import time

import numpy as np

BATCH_SIZE = 128


def operations_per_image(
    hidden_units: int, inputs: int = 784, outputs: int = 10
) -> int:
    """Return the floating-point operations of one training step for one image.

    A product of a row with a matrix (i, o) takes 2·i·o operations: a multiplication
    and an addition for each weight. For one image there are five such products:

        x · w1              2 · inputs · hidden
        hidden · w2         2 · hidden · outputs
        gradient of w2      2 · hidden · outputs
        back to hidden      2 · hidden · outputs
        gradient of w1      2 · inputs · hidden

    The gradient of the inputs is not needed. Biases, activations and the optimizer
    are left out: they are under a hundredth of it.
    """
    return 4 * inputs * hidden_units + 6 * hidden_units * outputs


def rate(hidden_units: int, seconds: float = 2.0) -> float:
    """Return operations per second of the five products at the lesson's batch size."""
    rng = np.random.default_rng(0)
    x, h, g = (rng.random((BATCH_SIZE, n), np.float32) for n in (784, hidden_units, 10))
    w1, w2 = (
        rng.random(shape, np.float32)
        for shape in ((784, hidden_units), (hidden_units, 10))
    )
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(10):
            x @ w1, h @ w2, h.T @ g, g @ w2.T, x.T @ h
        steps += 10
    elapsed = time.perf_counter() - start
    return steps * BATCH_SIZE * operations_per_image(hidden_units) / elapsed


def seconds(images: int, epochs: int, hidden_units: int, at_rate: float) -> float:
    """Return the seconds that training takes at this many operations per second."""
    return images * epochs * operations_per_image(hidden_units) / at_rate


if __name__ == "__main__":
    print(json.dumps({"rate": rate(512)}))
