"""What every baseline does besides training: read the data, print what it took."""

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from digits import data

EPOCHS, BATCH_SIZE, HIDDEN_UNITS = 5, 128, 512  # as in hello_mnist.py


def parse(*flags: str) -> argparse.Namespace:
    """Return the options of the command line: --data, and the flags."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    for flag in flags:
        parser.add_argument(flag, action="store_true")
    return parser.parse_args()


def load(source: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x_train, y_train, x_test, y_test.

    Images are float32 (n, 784), 0.0 to 1.0, labels uint8 (n,).
    """
    found = data.load(source)
    x_train, x_test = (
        images.reshape(-1, 784).astype("float32") / 255
        for images in (found.x_train, found.x_test)
    )
    return x_train, found.y_train, x_test, found.y_test


def run(train: Callable, source: str) -> None:
    """Time `train(x, y)`, which returns a function from images to predicted digits."""
    x_train, y_train, x_test, y_test = load(source)
    start = time.perf_counter()
    predict = train(x_train, y_train)
    seconds = time.perf_counter() - start
    report(seconds, np.mean(np.asarray(predict(x_test)) == y_test))


def report(fit: float, accuracy: float) -> None:
    """Print the seconds of training and the test accuracy as one line of JSON."""
    print(json.dumps({"fit": fit, "accuracy": float(accuracy)}))
