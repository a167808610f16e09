"""Gradients by central differences: slow, and too simple to be wrong.

    dL/dw ≈ (L(w + h) - L(w - h)) / 2h

The error of the quotient shrinks with h², that of rounding grows with 1/h; h = 1e-4
balances the two for float64.
"""

import numpy as np

from from_scratch.published.network import (
    Network,
    Parameters,
    activate,
    forward,
    losses,
)

H = 1e-4


def gradients_one_by_one(
    network: Network, x: np.ndarray, y_true: np.ndarray, mask: np.ndarray | None = None
) -> Parameters:
    """Return the gradient of every parameter from two forward passes for each.

    Arguments as those of `network.backward`. This is the definition; `gradients`
    returns the same values faster.
    """

    def loss():
        logits = forward(network, x, mask).logits
        return losses(network.output, logits, y_true).mean()

    d = {name: np.empty_like(w) for name, w in network.parameters.items()}
    for name, weights in network.parameters.items():
        for place in np.ndindex(weights.shape):
            before = weights[place]
            weights[place] = before + H
            above = loss()
            weights[place] = before - H
            below = loss()
            weights[place] = before
            d[name][place] = (above - below) / (2 * H)
    return d


def gradients(network: Network, x: np.ndarray, y_true: np.ndarray) -> Parameters:
    """Return the gradient of every parameter of a network with biases.

    A first-layer weight w1[i, j] changes the input of hidden unit j alone, by ± h x[i];
    so the rest of the forward pass can start from there, for all i at once. And it
    changes nothing in samples where x[i] is 0, as four of five of MNIST's pixels are.
    A second-layer weight w2[j, k] changes the logit k alone, by ± h hidden[j]. A bias
    is the weight of an input that is always 1.
    """
    now = forward(network, x)
    w1 = _first_layer(network, _with_one(x), y_true, now)
    w2 = _second_layer(network, _with_one(now.hidden), y_true, now)
    return {"w1": w1[:-1], "b1": w1[-1], "w2": w2[:-1], "b2": w2[-1]}


def _first_layer(network, x, y_true, now):
    samples, inputs = np.nonzero(x)
    step = H * x[samples, inputs]
    logits, targets = now.logits[samples], y_true[samples]
    d = np.empty((x.shape[1], now.hidden.shape[1]))
    for unit, weights_out in enumerate(network.parameters["w2"]):
        z, before = now.pre_activation[samples, unit], now.hidden[samples, unit]
        loss = []
        for moved in (z + step, z - step):
            change = (activate(network.hidden, moved) - before)[:, np.newaxis]
            loss.append(losses(network.output, logits + change * weights_out, targets))
        d[:, unit] = np.bincount(inputs, loss[0] - loss[1], minlength=x.shape[1])
    return d / (2 * H * len(x))


def _second_layer(network, hidden, y_true, now):
    d = np.empty((hidden.shape[1], y_true.shape[1]))
    for output in range(y_true.shape[1]):
        # One copy of the logits for each hidden unit: (n, units, outputs).
        logits = np.repeat(now.logits[:, np.newaxis], hidden.shape[1], axis=1)
        loss = []
        for step in (H, -H):
            logits[:, :, output] = now.logits[:, [output]] + step * hidden
            loss.append(losses(network.output, logits, y_true[:, np.newaxis]))
        d[:, output] = (loss[0] - loss[1]).mean(axis=0)
    return d / (2 * H)


def _with_one(values):
    return np.pad(values, ((0, 0), (0, 1)), constant_values=1)
