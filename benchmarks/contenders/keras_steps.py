"""The plain script with the first N steps of benchmarks/steps.py taken.

Prints the seconds of each epoch as one line of JSON.
"""

import argparse
import itertools
import json
import time

import keras
import tensorflow as tf

from benchmarks import floor, steps
from digits import dataset

BATCH_SIZE = floor.BATCH_SIZE


def build():
    """Return the lesson's network, seed 0."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def fit(x, y, epochs, taken):
    """Train with Keras's fit; return the seconds of each epoch."""
    model = build()
    arguments = {}
    if taken >= 1:
        arguments["steps_per_execution"] = 94
    if taken >= 2:
        x = keras.ops.cast(x, "float32")
    if taken >= 3:
        arguments["jit_compile"] = True
    model.compile(
        optimizer="rmsprop",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        **arguments,
    )
    ends = [time.perf_counter()]
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )
    model.fit(x, y, BATCH_SIZE, epochs, callbacks=[clock])
    return [end - start for start, end in itertools.pairwise(ends)]


def loop(x, y, epochs, part):
    """Train with TensorFlow alone, or repeat one part of a step as often."""
    model = build()
    weights = [variable.value for variable in model.trainable_variables]
    means = [tf.Variable(tf.zeros_like(weight)) for weight in weights]
    count = len(x) // BATCH_SIZE
    x, y = tf.constant(x), tf.constant(y, tf.int32)
    x = tf.reshape(x[: count * BATCH_SIZE], (count, BATCH_SIZE, 784))
    y = tf.reshape(y[: count * BATCH_SIZE], (count, BATCH_SIZE))

    def update(gradients):
        for weight, mean, gradient in zip(weights, means, gradients, strict=True):
            mean.assign(0.9 * mean + 0.1 * gradient * gradient)
            weight.assign_sub(0.001 * gradient / tf.sqrt(mean + 1e-7))

    def step(images, labels):
        w1, b1, w2, b2 = weights
        if part == "update":
            return update([0.5 * weight for weight in weights])
        hidden = tf.nn.relu(images @ w1 + b1)
        logits = hidden @ w2 + b2
        back = (tf.nn.softmax(logits) - tf.one_hot(labels, 10)) / BATCH_SIZE
        back_hidden = (back @ tf.transpose(w2)) * tf.cast(hidden > 0, "float32")
        gradients = [
            tf.transpose(images) @ back_hidden,
            tf.reduce_sum(back_hidden, 0),
            tf.transpose(hidden) @ back,
            tf.reduce_sum(back, 0),
        ]
        if part == "products":  # used, so that the compiler leaves them in
            return means[0].assign(gradients[0])
        return update(gradients)

    @tf.function(jit_compile=True)
    def epoch(order):
        for number in tf.range(count):
            step(x[order[number]], y[order[number]])

    seconds = []
    for _ in range(epochs):
        start = time.perf_counter()
        epoch(tf.random.shuffle(tf.range(count)))  # batches in another order
        seconds.append(time.perf_counter() - start)
    return seconds


def main():
    """Train as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument(
        "--taken", type=int, required=True, choices=range(len(steps.STEPS))
    )
    options = parser.parse_args()
    data = dataset.load(options.data)
    x = data.x_train.reshape(-1, 784).astype("float32") / 255
    if options.taken < 4:
        seconds = fit(x, data.y_train, options.epochs, options.taken)
    else:
        part = ("all", "products", "update")[options.taken - 4]
        seconds = loop(x, data.y_train, options.epochs, part)
    print(json.dumps({"epoch_seconds": seconds}))


if __name__ == "__main__":
    main()
