"""A Keras model that trains on several devices, of one machine or of many."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from digits import machines


class SharedModel:
    """A compiled model on several devices, to be used as it would be on one.

    Every batch is shared equally. A data set that does not divide so is filled up with
    its last row at weight 0, and the weight of all others is its new length / its
    length: as Keras divides sums over a batch by its length, and sums over batches by
    all their lengths, losses and accuracies are exactly those of the data set itself.
    """

    def __init__(self, model, replicas: int):
        """Take a compiled model, and the number of devices of all processes."""
        job = machines.joined()
        self.process, self.processes = (job.process, job.processes) if job else (0, 1)
        self.replicas = replicas
        self.model = model
        config = model.get_compile_config()
        model.compile(
            model.optimizer, config["loss"], weighted_metrics=config["metrics"]
        )

    def fit(self, x, y, *, validation_data, batch_size, validation_batch_size, **rest):
        """Train as `keras.Model.fit` does, with batches of `batch_size` over all.

        Raises:
            ConnectionError: another process of the job has ended.
        """
        x, y, sample_weight = self._own(x, y)
        with machines.together():
            return self.model.fit(
                x,
                y,
                sample_weight=sample_weight,
                validation_data=self._own(*validation_data),
                batch_size=self._own_size(batch_size),
                validation_batch_size=self._own_size(validation_batch_size),
                **rest,
            )

    def evaluate(self, x, y, batch_size: int, **rest):
        """Measure as `keras.Model.evaluate` does; raises what `fit` raises."""
        x, y, sample_weight = self._own(x, y)
        with machines.together():
            return self.model.evaluate(
                x,
                y,
                sample_weight=sample_weight,
                batch_size=self._own_size(batch_size),
                **rest,
            )

    def predict(self, x, batch_size: int | None = None, **rest) -> np.ndarray:
        """Predict as `keras.Model.predict` does, all here and on one device."""
        import keras

        with _undistributed(), tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.keras"
            self.model.save(path)
            copy = keras.saving.load_model(path, compile=False)
            return copy.predict(x, batch_size, **rest)

    def save(self, path: Path) -> None:
        """Save the model as `keras.Model.save` does; one process can do it alone."""
        with _undistributed():
            self.model.save(path)

    def _own(self, x, y):
        """Return this process's rows of the filled-up data, and their weights."""
        length = len(y)
        filled = -(-length // self.replicas) * self.replicas
        rows = np.arange(self.process, filled, self.processes)
        weights = np.where(rows < length, filled / length, 0).astype("float32")
        rows = np.minimum(rows, length - 1)
        return np.asarray(x)[rows], y[rows], weights

    def _own_size(self, batch_size: int) -> int:
        """Return this process's share of a batch, a multiple of its devices."""
        return max(1, batch_size // self.replicas) * self.replicas // self.processes


@contextlib.contextmanager
def _undistributed() -> Iterator[None]:
    """Make what is created and computed in the block belong to one device."""
    import keras

    if keras.backend.backend() == "jax":
        get, set_ = keras.distribution.distribution, keras.distribution.set_distribution
    else:
        import tensorflow as tf

        get = tf.distribute.get_strategy
        set_ = tf.distribute.experimental_set_strategy
    kept = get()
    set_(None)
    try:
        yield
    finally:
        set_(kept)
