"""What every contender does besides training: read the data, tell what it took."""

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from digits import dataset

BATCH_SIZE = 128


def run(train: Callable) -> None:
    """Call train(x, y, epochs, hidden_units) and print its seconds and its accuracy.

    It gets images float32 (n, 784), 0 to 1, and labels uint8 (n,), and returns a
    function from images to the digits read. Only the call of `train` is timed. The
    answer is one line of JSON.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--hidden-units", type=int, default=512)
    parser.add_argument("--share", type=float, default=1.0, help="of the images to use")
    options = parser.parse_args()
    data = dataset.load(options.data)
    used = round(len(data.x_train) * options.share)
    x = data.x_train[:used].reshape(-1, 784).astype(np.float32) / 255
    x_test = data.x_test.reshape(-1, 784).astype(np.float32) / 255
    y = data.y_train[:used]
    start = time.perf_counter()
    predict = train(x, y, options.epochs, options.hidden_units)
    seconds = time.perf_counter() - start
    accuracy = float(np.mean(np.asarray(predict(x_test)) == data.y_test))
    print(json.dumps({"fit_seconds": seconds, "accuracy": accuracy}))
