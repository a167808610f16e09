"""hello_mnist.py's network, trained by one process, or by one of several that share it.

On Keras's JAX backend; Keras's own environment variables say how many processes.
"""

import argparse
import json
import time

from digits import command_line


def main(options) -> None:
    """Train, and print the images per second of all processes as one line of JSON."""
    with command_line.quiet_startup(options):
        import keras
    from digits import dataset, devices, machines

    data = dataset.load(options.data)
    x = data.x_train[: options.images].reshape(-1, 784).astype("float32") / 255
    y = data.y_train[: options.images]
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(options.hidden_units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer="rmsprop",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model = devices.share(model, steps=10)
    begins, ends = [], []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: begins.append(time.perf_counter()),
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter()),
    )
    few = slice(0, options.batch_size)
    model.fit(
        x,
        y,
        epochs=1 + options.epochs,  # the first compiles, and does not count
        batch_size=options.batch_size,
        validation_data=(x[few], y[few]),
        validation_batch_size=options.batch_size,
        callbacks=[clock],
        verbose=0,
    )
    seconds = sum(ends[1:]) - sum(begins[1:])
    print(json.dumps({"images_per_second": options.epochs * len(x) / seconds}))
    machines.leave()


def parse() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    for name in ("images", "epochs", "batch-size", "hidden-units"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.set_defaults(devices=1, quiet=False)
    return parser.parse_args()


if __name__ == "__main__":
    command_line.run(main, parse)
