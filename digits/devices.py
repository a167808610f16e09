"""Several devices, several machines: Keras's own engines, nothing of ours on top.

Training is data-parallel: each device has a copy of the model and trains on its part of
every batch, and the gradients are averaged. On JAX the engine is
`keras.distribution.DataParallel`, on TensorFlow `tf.distribute.MirroredStrategy`;
Keras has none on PyTorch.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from digits.data import Dataset
from digits.errors import InputError

BACKEND = keras.backend.backend()
if BACKEND == "jax":
    import jax
elif BACKEND == "tensorflow":
    import tensorflow as tf

MEASURED_AT_ONCE = 1000  # images, as the lessons' validation_batch_size
STEPS = 67  # an epoch of MNIST in batches of 128 has 7 times 67
SEVERAL_MACHINES = "KERAS_DISTRIBUTION_NUM_PROCESSES"  # Keras reads it, and two more


def distribute(devices: int | None, batch_size: int) -> None:
    """Choose the devices to train on; to be called before anything is computed.

    Args:
        devices: how many of this machine's, or None for all its accelerators.
        batch_size: images per update of the weights, over all devices.

    Raises:
        InputError: there are fewer devices, they cannot divide a batch equally, or the
            backend cannot train on several machines.
    """
    if os.environ.get(SEVERAL_MACHINES):
        if BACKEND != "jax":
            raise InputError(f"{SEVERAL_MACHINES}: several machines need JAX")
        keras.distribution.initialize()
    local = _local_devices()
    number = devices or len(local)
    if number > len(local):
        raise InputError(
            f"--devices {number}: {BACKEND} can train on {len(local)} here:"
            f" {', '.join(local)}"
        )
    total = number * processes()
    if batch_size % total or MEASURED_AT_ONCE % total:
        raise InputError(
            f"batches of {batch_size} and {MEASURED_AT_ONCE} images cannot be divided"
            f" among {total} devices; --devices takes fewer"
        )
    if BACKEND == "jax" and total > 1:
        names = np.reshape(keras.distribution.list_devices(), (processes(), -1))
        engine = keras.distribution.DataParallel(
            devices=[*names[:, :number].flat], auto_shard_dataset=False
        )
        keras.distribution.set_distribution(engine)
    elif BACKEND == "tensorflow" and total > 1:
        strategy = tf.distribute.MirroredStrategy(local[:number])
        tf.distribute.experimental_set_strategy(strategy)


def divisible(data: Dataset) -> Dataset:
    """Return the images without those left over when divided among the devices."""
    train, test = (n - n % replicas() for n in (len(data.x_train), len(data.x_test)))
    return replace(
        data,
        x_train=data.x_train[:train],
        y_train=data.y_train[:train],
        x_test=data.x_test[:test],
        y_test=data.y_test[:test],
    )


def prepare(model: keras.Model) -> None:
    """Make a compiled model train on the devices there are, and faster.

    Of several processes each trains on its part of every batch. Where the backend can,
    several steps are taken before Keras returns to Python, with the same results. As
    this is set after `compile` it is not saved: the model loads on every backend.
    """
    if BACKEND == "jax" or (BACKEND == "tensorflow" and replicas() == 1):
        model.steps_per_execution = STEPS
    if processes() > 1:
        own, fit = slice(jax.process_index(), None, processes()), model.fit
        model.fit = lambda x, y, batch_size, **rest: fit(
            x[own], y[own], batch_size=batch_size // processes(), **rest
        )


def gather(model: keras.Model) -> None:
    """Bring a model trained by several processes to one device of each.

    Each process has all the weights; afterwards it can predict and save alone.
    """
    if processes() == 1:
        return
    keras.distribution.set_distribution(None)
    variables = model.variables + model.optimizer.variables + model.metrics_variables
    for variable in variables:
        variable._layout = None
        variable._value = keras.ops.array(np.asarray(variable._value))
    model.make_predict_function(force=True)


def save(model: keras.Model, path: Path) -> None:
    """Save a compiled model so that Keras loads it with any backend."""
    # PyTorch's optimizers are classes of their own, which other backends lack.
    kind = type(model.optimizer)
    model.optimizer.__class__ = getattr(keras.optimizers, kind.__name__)
    model.save(path)
    model.optimizer.__class__ = kind


def is_chief() -> bool:
    """Whether this is the one process that prints, draws and saves."""
    return processes() == 1 or jax.process_index() == 0


def processes() -> int:
    """Return the number of processes that train together."""
    return jax.process_count() if os.environ.get(SEVERAL_MACHINES) else 1


def replicas() -> int:
    """Return the number of devices that train, in all processes."""
    if BACKEND == "tensorflow":
        return tf.distribute.get_strategy().num_replicas_in_sync
    distribution = keras.distribution.distribution()
    return distribution.num_model_replicas if distribution else 1


def describe() -> dict[str, str | int]:
    """Return the backend, its version, the device, and how many of them train."""
    return {
        "backend": BACKEND,
        "backend_version": sys.modules[BACKEND].__version__,
        "device": _local_devices()[0].lower().rpartition("device:")[2],
        "replicas": replicas(),
        "processes": processes(),
    }


def _local_devices() -> list[str]:
    """Return the names of this process's devices: accelerators if any, else CPUs."""
    if BACKEND == "jax":
        return [f"{device.platform}:{device.id}" for device in jax.local_devices()]
    if BACKEND == "tensorflow":
        found = tf.config.list_logical_devices
        return [device.name for device in found("GPU") or found("CPU")]
    return [str(keras.ops.zeros(1).device)]
