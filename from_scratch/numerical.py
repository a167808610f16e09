"""Gradients by central differences: slow, and too simple to be wrong.

    dL/dw ≈ (L(w + h) - L(w - h)) / 2h

The error of the quotient shrinks with h², that of rounding grows with 1/h; h = 1e-4
balances the two for float64.
"""

import numpy as np

from from_scratch.network import Network, Parameters, activate, forward, loss, losses

H = 1e-4


def gradients_one_by_one(
    network: Network, x: np.ndarray, y: np.ndarray, mask: np.ndarray | None = None
) -> Parameters:
    """Return the gradient of every parameter by two forward passes for each.

    Arguments and result as those of `from_scratch.network.gradients`. The definition,
    kept for its plainness; `gradients` has the same values, sooner.
    """
    found = {}
    for name, weights in network.parameters.items():
        found[name] = np.empty_like(weights)
        for place in np.ndindex(weights.shape):
            before = weights[place]
            weights[place] = before + H
            above = loss(network, x, y, mask)
            weights[place] = before - H
            below = loss(network, x, y, mask)
            weights[place] = before
            found[name][place] = (above - below) / (2 * H)
    return found


def gradients(
    network: Network, x: np.ndarray, y: np.ndarray, mask: np.ndarray | None = None
) -> Parameters:
    """Return the gradient of every parameter, by central differences all the same.

    Arguments and result as those of `from_scratch.network.gradients`.

    A first-layer weight w1[i, j] changes the input of hidden unit j alone, by ± h x[i];
    so the rest of the forward pass can start from there, for all i at once. And it
    changes nothing in samples where x[i] is 0, as four of five of MNIST's pixels are.
    A second-layer weight w2[j, k] changes the logit k alone, by ± h hidden[j]. A bias
    is the weight of an input that is always 1.
    """
    now = forward(network, x, mask)
    has_biases = "b1" in network.parameters
    w1 = _first_layer(network, _with_one(x, has_biases), y, mask, now)
    w2 = _second_layer(network, _with_one(now.hidden, has_biases), y, now)
    if not has_biases:
        return {"w1": w1, "w2": w2}
    return {"w1": w1[:-1], "w2": w2[:-1], "b1": w1[-1], "b2": w2[-1]}


def _first_layer(network, x, y, mask, now) -> np.ndarray:
    samples, inputs = np.nonzero(x)
    step = H * x[samples, inputs]
    logits, targets = now.logits[samples], y[samples]
    found = np.empty((x.shape[1], now.hidden.shape[1]))
    for unit, weights_out in enumerate(network.parameters["w2"]):
        at_unit = now.hidden_input[samples, unit]
        kept = 1 if mask is None else mask[samples, unit]
        loss_at = []
        for moved in (at_unit + step, at_unit - step):
            hidden = activate(network.hidden, moved) * kept
            change = hidden - now.hidden[samples, unit]
            moved_logits = logits + change[:, np.newaxis] * weights_out
            loss_at.append(losses(network.output, moved_logits, targets))
        difference = loss_at[0] - loss_at[1]
        found[:, unit] = np.bincount(inputs, difference, minlength=x.shape[1])
    return found / (2 * H * len(x))


def _second_layer(network, hidden, y, now) -> np.ndarray:
    found = np.empty((hidden.shape[1], y.shape[1]))
    for output in range(y.shape[1]):
        # One copy of the logits for each hidden unit: (n, units, outputs).
        moved = np.repeat(now.logits[:, np.newaxis], hidden.shape[1], axis=1)
        loss_at = []
        for sign in (1, -1):
            moved[:, :, output] = now.logits[:, [output]] + sign * H * hidden
            loss_at.append(losses(network.output, moved, y[:, np.newaxis]))
        found[:, output] = (loss_at[0] - loss_at[1]).mean(axis=0)
    return found / (2 * H)


def _with_one(values: np.ndarray, biases: bool) -> np.ndarray:
    return np.pad(values, ((0, 0), (0, 1)), constant_values=1) if biases else values
