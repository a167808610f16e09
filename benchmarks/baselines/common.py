"""What every baseline does besides training: read the data, print what it took.

`python -m benchmarks.baselines.NAME SOURCE [FLAG]`; SOURCE is what --data takes.
"""

import json
import sys
import time
from collections.abc import Callable

import numpy as np

from digits import data

EPOCHS, BATCH_SIZE, HIDDEN_UNITS = 5, 128, 512  # as in hello_mnist.py


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x_train, y_train, x_test, y_test.

    Images are float32 (n, 784), 0.0 to 1.0, labels uint8 (n,).
    """
    found = data.load(sys.argv[1])
    x_train, x_test = (
        images.reshape(-1, 784).astype("float32") / 255
        for images in (found.x_train, found.x_test)
    )
    return x_train, found.y_train, x_test, found.y_test


def run(train: Callable) -> None:
    """Time `train(x, y)`, which returns a function from images to predicted digits."""
    x_train, y_train, x_test, y_test = load()
    start = time.perf_counter()
    predict = train(x_train, y_train)
    seconds = time.perf_counter() - start
    report(seconds, np.mean(np.asarray(predict(x_test)) == y_test))


def report(fit: float, accuracy: float) -> None:
    """Print the seconds of training and the test accuracy as one line of JSON."""
    print(json.dumps({"fit": fit, "accuracy": float(accuracy)}))
