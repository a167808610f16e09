"""Keras's backend and what it runs on: what the lessons need beyond the model code."""

import os
from importlib import metadata

from digits.errors import UnusableInput

BACKENDS = ("tensorflow", "jax", "torch")  # those that can train


def check_backend() -> None:
    """Look at what KERAS_BACKEND asks for, before Keras is imported.

    Raises:
        UnusableInput: it names no backend that can train.
    """
    name = os.environ.get("KERAS_BACKEND") or BACKENDS[0]
    if name not in BACKENDS:
        raise UnusableInput(
            f"KERAS_BACKEND={name}: no such backend; there are {', '.join(BACKENDS)}"
        )


def describe() -> dict[str, str]:
    """Return the backend in use, its version, and the device that it computes on."""
    import keras

    name = keras.backend.backend()
    place = str(keras.ops.zeros(1).device)  # "/job:.../device:CPU:0", "cpu:0", "cpu"
    return {
        "backend": name,
        "backend_version": metadata.version(name),
        "device": place.lower().rpartition("device:")[2],
    }


def steps(number: int) -> int:
    """Return how many steps Keras is to take in one call: `number`, 1 on PyTorch.

    To be set after `compile`, which would save it with the model: whoever loads that
    could not use it on PyTorch's backend, and would see a bar of `number` parts.
    """
    import keras

    return 1 if keras.backend.backend() == "torch" else number
