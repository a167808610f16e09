"""Several processes, on one machine or many, that train one model together.

The engine is Keras's JAX backend; the environment variables are Keras's own.
"""

import contextlib
import hashlib
import itertools
import os
import sys
import threading
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from digits.errors import UnusableInput

PREFIX = "KERAS_DISTRIBUTION_"
VARIABLES = tuple(
    PREFIX + name for name in ("JOB_ADDRESSES", "NUM_PROCESSES", "PROCESS_ID")
)
ARRIVAL_SECONDS = 120  # for all processes to arrive; JAX's own limit is 300

_joined: "Job | None" = None


class Job(NamedTuple):
    """What the environment says: where process 0 is, how many, which one this is."""

    address: str
    processes: int
    process: int


def job() -> Job | None:
    """Return what the three variables say, None where none of them is set.

    Raises:
        UnusableInput: some are missing or make no sense, or TF_CONFIG is set.
    """
    if os.environ.get("TF_CONFIG"):
        raise UnusableInput(
            "TF_CONFIG is set, but Keras 3 cannot train on several machines with"
            " TensorFlow; unset it, and for several machines set KERAS_BACKEND=jax, "
            + ", ".join(VARIABLES)
        )
    values = [os.environ.get(name, "") for name in VARIABLES]
    if not any(values):
        return None
    missing = [name for name, value in zip(VARIABLES, values, strict=True) if not value]
    if missing:
        raise UnusableInput(
            f"{', '.join(missing)}: not set, but others of its kind are"
        )
    addresses, *numbers = values
    try:
        processes, process = map(int, numbers)
    except ValueError:
        processes, process = 0, 0
    if not 0 <= process < processes:
        raise UnusableInput(
            f"{VARIABLES[1]}={numbers[0]}, {VARIABLES[2]}={numbers[1]}: must be a"
            " number of processes, and one from 0 to below it"
        )
    each = addresses.split(",")
    ports = [address.rpartition(":")[2] for address in each]
    if len(each) not in (1, processes) or not all(
        ":" in address and port.isdecimal() and 0 < int(port) < 2**16
        for address, port in zip(each, ports, strict=True)
    ):
        raise UnusableInput(
            f"{VARIABLES[0]}={addresses}: must be HOST:PORT of process 0, or of each"
            " process, with commas between"
        )
    return Job(each[0], processes, process)


def join(new: Job, quiet: bool) -> None:
    """Wait for all processes of the job, and connect to them.

    Args:
        new: the job.
        quiet: whether to say nothing of the waiting.

    Raises:
        TimeoutError: they did not all arrive within ARRIVAL_SECONDS.
        ConnectionError: there is no connecting to them.
    """
    import keras

    if not quiet:
        print(
            f"Waiting for {new.processes} processes at {new.address}, {ARRIVAL_SECONDS}"
            " seconds at most",
            flush=True,
        )
    _keep_stdout_for_python()
    failures = []

    def initialize():
        try:
            with together():
                keras.distribution.initialize()
        except ConnectionError as error:
            failures.append(error)

    # In a thread, as JAX neither listens for Ctrl-C while it waits nor gives up gently.
    waiting = threading.Thread(target=initialize, daemon=True)
    waiting.start()
    waiting.join(ARRIVAL_SECONDS)
    if waiting.is_alive():
        raise TimeoutError(
            f"not all {new.processes} processes arrived at {new.address} within"
            f" {ARRIVAL_SECONDS} seconds"
        )
    if failures:
        raise failures[0]
    global _joined
    _joined = new


def joined() -> Job | None:
    """Return the job that this process has joined, if any."""
    return _joined


@contextlib.contextmanager
def together() -> Iterator[None]:
    """For what all processes do together: tell of another's end as ConnectionError."""
    try:
        yield
    except (RuntimeError, ValueError) as error:  # what JAX and Keras raise then
        if isinstance(error, UnusableInput) or not job():
            raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        reason = reason.rpartition("Error dispatching computation: ")[2]
        raise ConnectionError(f"lost the other processes: {reason}") from error


def agree(**facts) -> None:
    """Compare facts with those of the other processes of the job, if there is one.

    Raises:
        UnusableInput: in every process, when one has others than process 0.
        ConnectionError: another process of the job has ended.
    """
    if not joined():
        return
    import jax
    from jax.experimental import multihost_utils

    hashes = [hashlib.sha256(repr(fact).encode()) for fact in facts.values()]
    own = np.array([np.frombuffer(each.digest(), np.int32) for each in hashes])
    with together():
        everyones = multihost_utils.process_allgather(own).reshape(-1, *own.shape)
    other = (everyones != everyones[0]).any(axis=2)
    if other.any():
        jax.distributed.shutdown()  # in good order, so that each can say so
        process = other.any(axis=1).argmax()
        names = itertools.compress(facts, other[process])
        raise UnusableInput(
            f"process {process} differs from process 0 in: {', '.join(names)}"
        )


def leave() -> None:
    """Wait for all processes to have done, and part from them."""
    if joined():
        import jax

        with together():
            jax.distributed.shutdown()


def _keep_stdout_for_python() -> None:
    """Send what C++ prints to standard error, where it can be told from the lesson."""
    sys.stdout.flush()
    sys.stdout = os.fdopen(
        os.dup(1),
        "w",
        buffering=1 if sys.stdout.isatty() else -1,
        encoding=sys.stdout.encoding,
        errors=sys.stdout.errors,
    )
    os.dup2(2, 1)
