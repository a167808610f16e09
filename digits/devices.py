"""Keras's backend, and the devices it trains on: what is needed beyond the model code.

On several devices training is data-parallel: each has the whole model, reads its share
of every batch, and the gradients are averaged. The engines are
`keras.distribution.DataParallel` on JAX and `tf.distribute.MirroredStrategy` on
TensorFlow; Keras has none on PyTorch.
"""

import os
import re
from argparse import Namespace
from importlib import metadata

from digits import machines
from digits.errors import UnusableInput
from digits.shared_model import SharedModel

BACKENDS = ("tensorflow", "jax", "torch")  # those that can train


def check_environment() -> None:
    """Look at what the environment asks for, before Keras is imported.

    Raises:
        UnusableInput: a backend that cannot train, or several machines without JAX.
    """
    name = os.environ.get("KERAS_BACKEND") or BACKENDS[0]
    if name not in BACKENDS:
        raise UnusableInput(
            f"KERAS_BACKEND={name}: no such backend; there are {', '.join(BACKENDS)}"
        )
    job = machines.job()
    if job:
        if name != "jax":
            raise UnusableInput(
                f"{machines.PREFIX}...: several machines need KERAS_BACKEND=jax"
            )
        host = job.address.rpartition(":")[0]
        defaults = {
            "JAX_ENABLE_PREEMPTION_SERVICE": "false",  # or SIGTERM has no effect
            "no_grpc_proxy": host,  # a proxy would not find the way to process 0
        }
        for variable, value in defaults.items():
            os.environ.setdefault(variable, value)
    forced = re.search(
        r"--xla_force_host_platform_device_count=(\d+)", os.environ.get("XLA_FLAGS", "")
    )
    if forced:
        # Each waits for the others in threads of one pool, which must not run out.
        threads = 16 * int(forced[1]) + (os.cpu_count() or 1)
        os.environ.setdefault("NPROC", str(threads))


def start(options: Namespace) -> None:
    """Choose the devices to train on; to be called before anything is computed.

    They are `options.devices` of each machine, or as many as there are and can share a
    batch of `options.batch_size` equally. Of several processes, all but the first have
    `options.quiet` set.

    Raises:
        UnusableInput: there are fewer, they cannot share a batch equally, or another
            process has other options or versions.
        TimeoutError, ConnectionError: a process did not arrive, or is lost.
    """
    import keras

    number, batch_size = options.devices, options.batch_size
    job = machines.job()
    processes = job.processes if job else 1
    if job:
        options.quiet |= job.process > 0
        machines.join(job, options.quiet)
        own = ("data", "output_dir", "quiet", "devices")
        same = {key: value for key, value in vars(options).items() if key not in own}
        machines.agree(keras=keras.__version__, jax=metadata.version("jax"), **same)
    local = _local_devices()
    if number and number > len(local):
        raise UnusableInput(
            f"--devices {number}: backend {keras.backend.backend()} can train on"
            f" {len(local)} here ({', '.join(local)})"
        )
    fitting = [
        count
        for count in range(1, (number or len(local)) + 1)
        if batch_size % (count * processes) == 0
    ]
    if not fitting or number not in (None, fitting[-1]):
        raise UnusableInput(
            f"--batch-size {batch_size}: {(number or 1) * processes} devices cannot"
            " share that equally"
        )
    number = fitting[-1]
    if job:
        machines.agree(devices=number)
        _set_data_parallel(_of_all_processes(number))
    elif number > 1 and keras.backend.backend() == "jax":
        _set_data_parallel(local[:number])
    elif number > 1:
        import tensorflow as tf

        strategy = tf.distribute.MirroredStrategy(local[:number])
        tf.distribute.experimental_set_strategy(strategy)


def leads() -> bool:
    """Whether this is the one process of a job that prints, draws and saves."""
    job = machines.joined()
    return not job or job.process == 0


def describe() -> dict[str, str | int]:
    """Return the backend, its version, the device or kind of devices, their number."""
    import keras

    name = keras.backend.backend()
    place = _local_devices()[0]  # "/device:CPU:0", "cpu:0" or "cpu"
    job = machines.joined()
    return {
        "backend": name,
        "backend_version": metadata.version(name),
        "device": place.lower().rpartition("device:")[2],
        "devices": _replicas(),
        "processes": job.processes if job else 1,
    }


def share(model, steps: int):
    """Return a compiled model, made ready to train on the devices chosen by `start`.

    On one device it is the model itself. What makes it faster is set here, after
    `compile`, which would save it with the model: whoever loads that could not use it
    on another backend, and would see a bar of `steps` parts.

    Args:
        model: a compiled `keras.Model`.
        steps: how many steps Keras is to take before it comes back to Python. It is one
            where it cannot: on PyTorch, and with TensorFlow's MirroredStrategy.
    """
    import keras

    replicas = _replicas()
    several = replicas > 1 or machines.joined()
    shared = SharedModel(model, replicas) if several else model  # compiles it anew
    backend = keras.backend.backend()
    if backend == "jax" or (backend == "tensorflow" and not several):
        model.steps_per_execution = steps
    return shared


def _local_devices() -> list[str]:
    """Return the names of this process's devices: accelerators if any, else CPUs."""
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return [f"{device.platform}:{device.id}" for device in jax.local_devices()]
    if backend == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_logical_devices
        return [device.name for device in found("GPU") or found("CPU")]
    return [str(keras.ops.zeros(1).device)]


def _of_all_processes(number: int) -> list[str]:
    """Return the names of the first `number` JAX devices of each process."""
    import jax

    by_process = {}
    for device in jax.devices():
        names = by_process.setdefault(device.process_index, [])
        names.append(f"{device.platform}:{device.id}")
    return [name for names in by_process.values() for name in names[:number]]


def _set_data_parallel(names: list[str]) -> None:
    import keras

    keras.distribution.set_distribution(
        keras.distribution.DataParallel(devices=names, auto_shard_dataset=False)
    )


def _replicas() -> int:
    """Return the number of devices that train, in all processes."""
    import keras

    if keras.backend.backend() == "jax":
        distribution = keras.distribution.distribution()
        return distribution.device_mesh.devices.size if distribution else 1
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.distribute.get_strategy().num_replicas_in_sync
    return 1
