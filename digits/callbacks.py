"""The callback that the lessons pass to `fit`."""

import keras
import numpy as np

from digits import devices, stopwatch


class EvaluateTrain(keras.callbacks.Callback):
    """Measure loss and accuracy on training images after each epoch.

    Adds `train_loss` and `train_accuracy` to the epoch's logs, from which Keras's
    progress bar and History take them. They are measured with the weights at the end of
    the epoch, as `val_loss` and `val_accuracy` are.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray):
        """Take images and labels of the form that `fit` gets."""
        super().__init__()
        self.x, self.y = x, y

    def on_train_begin(self, logs=None):
        stopwatch.lap("model")
        self.phase = "first epoch"

    def on_test_begin(self, logs=None):  # fit's own measuring of validation_data
        stopwatch.lap(self.phase)

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0:  # converted once, after fit has made its own copies
            self.x = keras.ops.convert_to_tensor(self.x)
        loss, accuracy = self.model.evaluate(
            self.x, self.y, devices.MEASURED_AT_ONCE, verbose=0
        )
        logs |= {"train_accuracy": accuracy, "train_loss": loss}
        stopwatch.lap("measuring")
        self.phase = "other epochs"

    def on_train_end(self, logs=None):
        devices.gather(self.model)
        stopwatch.lap("other epochs")
