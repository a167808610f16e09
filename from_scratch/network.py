"""A network of two layers in NumPy: forward and backward, to be read side by side.

    x ── w1, b1 ──> hidden_input ── relu or sigmoid, mask ──> hidden
      ── w2, b2 ──> logits ── softmax, logistic or linear ──> output

Rows are samples everywhere. The formulas of the backward pass are those of chapter 6.5
of Goodfellow, Bengio and Courville 2016, "Deep Learning"; the tests check them against
`from_scratch.numerical` and against Keras.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

HIDDEN = ("relu", "sigmoid")
OUTPUT = ("softmax", "logistic", "linear")

Parameters = dict[str, np.ndarray]


@dataclass(frozen=True)
class Network:
    """The parameters of a network, and what its two layers do with them.

    `parameters` holds "w1" (inputs, units) and "w2" (units, outputs), and with biases
    "b1" (units,) and "b2" (outputs,), all of one float dtype. `hidden` is "relu" or
    "sigmoid". `output` also names the loss that goes with it: "softmax" with
    cross-entropy, "logistic" with binary cross-entropy (each output is the probability
    of its own yes), "linear" with half the squared error.
    """

    parameters: Parameters
    hidden: str
    output: str

    def __post_init__(self):
        if self.hidden not in HIDDEN or self.output not in OUTPUT:
            raise ValueError(f"{self.hidden}, {self.output}: not {HIDDEN}, {OUTPUT}")


class Activations(NamedTuple):
    """What a forward pass computes on its way: (n, units) twice, (n, outputs) twice."""

    hidden_input: np.ndarray
    hidden: np.ndarray
    logits: np.ndarray
    output: np.ndarray


def forward(network: Network, x: np.ndarray, mask: np.ndarray | None = None):
    """Return the `Activations` for inputs x (n, inputs).

    Args:
        network: the network.
        x: the inputs, floats.
        mask: inverted dropout (Srivastava et al. 2014, section 10): (n, units) of 0 for
            a dropped unit and 1 / (share kept) for a kept one, so that what the next
            layer sees keeps its mean. None: nothing is dropped.
    """
    p = network.parameters
    hidden_input = x @ p["w1"] + p.get("b1", 0)
    hidden = activate(network.hidden, hidden_input)
    if mask is not None:
        hidden = hidden * mask
    logits = hidden @ p["w2"] + p.get("b2", 0)
    return Activations(hidden_input, hidden, logits, answer(network.output, logits))


def gradients(
    network: Network, x: np.ndarray, y: np.ndarray, mask: np.ndarray | None = None
) -> Parameters:
    """Return the gradient of `loss` with respect to every parameter.

    Args:
        network: the network.
        x: the inputs, floats (n, inputs).
        y: the targets, floats (n, outputs): one-hot rows for softmax, 0 or 1 for
            logistic, any numbers for linear.
        mask: the dropout of the forward pass, if any.
    """
    return backward(network, x, y, forward(network, x, mask), mask)


def backward(
    network: Network,
    x: np.ndarray,
    y: np.ndarray,
    activations: Activations,
    mask: np.ndarray | None = None,
) -> Parameters:
    """Return the gradients as `gradients` does, from a forward pass already made."""
    hidden_input, hidden, _, output = activations
    # For all three pairs of output and loss the gradient at the logits is the same.
    at_logits = (output - y) / len(x)
    at_hidden = at_logits @ network.parameters["w2"].T
    if mask is not None:
        at_hidden *= mask  # with its factor 1 / (share kept)
    at_hidden_input = at_hidden * slope(network.hidden, hidden_input)
    found = {"w1": x.T @ at_hidden_input, "w2": hidden.T @ at_logits}
    if "b1" in network.parameters:
        found |= {"b1": at_hidden_input.sum(axis=0), "b2": at_logits.sum(axis=0)}
    return found


def loss(
    network: Network, x: np.ndarray, y: np.ndarray, mask: np.ndarray | None = None
) -> float:
    """Return the mean loss over the samples; arguments as those of `gradients`."""
    logits = forward(network, x, mask).logits
    return float(losses(network.output, logits, y).mean())


def predict(network: Network, x: np.ndarray) -> np.ndarray:
    """Return the outputs (n, outputs) for x (n, inputs), 10,000 samples at a time."""
    parts = range(0, len(x), 10_000)
    return np.concatenate([forward(network, x[i : i + 10_000]).output for i in parts])


def activate(hidden: str, z: np.ndarray) -> np.ndarray:
    """Return the activation of the hidden inputs z, of the same shape."""
    return np.maximum(z, 0) if hidden == "relu" else sigmoid(z)


def slope(hidden: str, z: np.ndarray) -> np.ndarray:
    """Return the derivative of `activate` at z; that of ReLU at 0 is taken as 0."""
    if hidden == "relu":
        return z > 0
    s = sigmoid(z)
    return s * (1 - s)


def answer(output: str, logits: np.ndarray) -> np.ndarray:
    """Return the network's outputs for its logits, of the same shape."""
    if output == "linear":
        return logits
    return softmax(logits) if output == "softmax" else sigmoid(logits)


def losses(output: str, logits: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the loss of each sample, shape (...) for logits and y (..., outputs).

    From the logits, not the probabilities, so that no log(0) can arise:
    -log softmax(z)_k = log Σ exp(z) - z_k, and -log sigmoid(z) = log(1 + exp(-z)).
    """
    if output == "softmax":
        top = logits.max(axis=-1, keepdims=True)
        shifted = logits - top
        return np.log(np.exp(shifted).sum(axis=-1)) - (y * shifted).sum(axis=-1)
    if output == "logistic":
        return (np.logaddexp(0, logits) - y * logits).sum(axis=-1)
    return ((logits - y) ** 2).sum(axis=-1) / 2


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-z)) as exp(-log(1 + exp(-z))), which never overflows."""
    return np.exp(-np.logaddexp(0, -z))


def softmax(z: np.ndarray) -> np.ndarray:
    """Return exp(z) / Σ exp(z) along the last axis.

    Taking the largest z from all changes nothing but that exp stays within 0 to 1. A
    difference beyond the range of floats is -inf, whose exp is rightly 0.
    """
    with np.errstate(over="ignore"):
        shifted = z - z.max(axis=-1, keepdims=True)
    powers = np.exp(shifted)
    return powers / powers.sum(axis=-1, keepdims=True)


def one_hot(labels: np.ndarray, dtype=np.float64) -> np.ndarray:
    """Return labels 0 to 9, integers (n,), as one-hot rows (n, 10)."""
    return np.eye(10, dtype=dtype)[labels]


def accuracy(network: Network, x: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of inputs x (n, inputs) whose largest output names the label."""
    return float((predict(network, x).argmax(axis=1) == labels).mean())
