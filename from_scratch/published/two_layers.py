"""The net of two layers that the three programs use, with switches.

    x ── w1, b1 ──> pre-activation ── relu or sigmoid, mask ──> hidden
      ── w2, b2 ──> logits ── softmax, logistic or linear ──> y_pred

Rows are samples everywhere. The formulas of the backward pass are those of chapter 6.5
of Goodfellow, Bengio and Courville 2016, "Deep Learning"; the tests compare them with
finite differences.
"""

from typing import NamedTuple

import numpy as np

Parameters = dict[str, np.ndarray]


class Network(NamedTuple):
    """The parameters of a net, and the kinds of its two layers.

    `parameters` holds "w1" (inputs, units) and "w2" (units, outputs), and with biases
    "b1" (units,) and "b2" (outputs,), all float64. `hidden` is "relu" or "sigmoid".
    `output` also selects the loss: "softmax" has cross-entropy, "logistic" binary
    cross-entropy, "linear" half the squared error.
    """

    parameters: Parameters
    hidden: str
    output: str


class Activations(NamedTuple):
    """What a forward pass computes: (n, units) twice, then (n, outputs) twice."""

    pre_activation: np.ndarray
    hidden: np.ndarray
    logits: np.ndarray
    y_pred: np.ndarray


def forward(net: Network, x: np.ndarray, mask: np.ndarray | None = None) -> Activations:
    """Return the activations for the inputs x, float64 (n, inputs).

    `mask` is that of inverted dropout (Srivastava et al. 2014, section 10): (n, units)
    of 0 for a dropped unit and 1 / (fraction kept) for a kept one, so that the mean of
    what the next layer receives stays the same. None: no unit is dropped.
    """
    p = net.parameters
    pre_activation = x @ p["w1"] + p.get("b1", 0)
    relu = net.hidden == "relu"
    hidden = np.maximum(pre_activation, 0) if relu else sigmoid(pre_activation)
    if mask is not None:
        hidden = hidden * mask
    logits = hidden @ p["w2"] + p.get("b2", 0)
    y_pred = {"softmax": softmax, "logistic": sigmoid, "linear": np.copy}
    return Activations(pre_activation, hidden, logits, y_pred[net.output](logits))


def backward(
    net: Network,
    x: np.ndarray,
    y_true: np.ndarray,
    activations: Activations,
    mask: np.ndarray | None = None,
) -> Parameters:
    """Return the gradients of the mean loss after a forward pass with x and mask.

    `y_true` is float64 (n, outputs): one-hot rows for softmax, 0 or 1 for logistic, any
    numbers for linear.
    """
    # The same formula for all three pairs of output and loss.
    d_logits = (activations.y_pred - y_true) / len(x)
    d_hidden = d_logits @ net.parameters["w2"].T
    if mask is not None:
        d_hidden *= mask
    if net.hidden == "relu":
        d_pre_activation = d_hidden * (activations.pre_activation > 0)
    else:
        s = sigmoid(activations.pre_activation)
        d_pre_activation = d_hidden * s * (1 - s)
    d = {"w1": x.T @ d_pre_activation, "w2": activations.hidden.T @ d_logits}
    if "b1" in net.parameters:
        d |= {"b1": d_pre_activation.sum(axis=0), "b2": d_logits.sum(axis=0)}
    return d


def numerical_gradients(
    net: Network, x: np.ndarray, y_true: np.ndarray, mask: np.ndarray | None = None
) -> Parameters:
    """Return dL/dw ≈ (L(w + h) - L(w - h)) / 2h for each parameter, one by one.

    Takes two forward passes for each parameter. The error of the quotient shrinks with
    h², that of rounding grows with 1/h; h = 1e-4 balances the two for float64.
    """
    h = 1e-4

    def loss():
        logits = forward(net, x, mask).logits
        return losses(net.output, logits, y_true).mean()

    d = {name: np.empty_like(w) for name, w in net.parameters.items()}
    for name, weights in net.parameters.items():
        for place in np.ndindex(weights.shape):
            before = weights[place]
            weights[place] = before + h
            above = loss()
            weights[place] = before - h
            d[name][place] = (above - loss()) / (2 * h)
            weights[place] = before
    return d


def gradient_descent(net: Network, d: Parameters, learning_rate: float) -> None:
    """Take one step in place: w = w - learning_rate * d."""
    for name, weights in net.parameters.items():
        weights -= learning_rate * d[name]


def losses(output: str, logits: np.ndarray, y_true: np.ndarray) -> np.ndarray:
    """Return the loss of each sample: (n,) for arrays of shape (n, outputs).

    It is computed from the logits, so that no log(0) can arise:
    -log softmax(z)_k = log Σ exp(z) - z_k, and -log sigmoid(z) = log(1 + exp(-z)).
    """
    if output == "softmax":
        shifted = logits - logits.max(axis=1, keepdims=True)
        return np.log(np.exp(shifted).sum(axis=1)) - (y_true * shifted).sum(axis=1)
    if output == "logistic":
        return (np.logaddexp(0, logits) - y_true * logits).sum(axis=1)
    return ((logits - y_true) ** 2).sum(axis=1) / 2


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-z)) as exp(-log(1 + exp(-z))), which never overflows."""
    return np.exp(-np.logaddexp(0, -z))


def softmax(z: np.ndarray) -> np.ndarray:
    """Return exp(z) / Σ exp(z) for each row.

    Subtracting the maximum first does not change the result, and exp cannot overflow.
    """
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
