"""Keras as a tutorial's script uses it: fit, then evaluate once.

With --validate it passes `validation_data` to `fit`, as most people do.
"""

import sys
import time

import keras

from benchmarks.baselines import common

x_train, y_train, x_test, y_test = common.load()
keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((784,)),
        keras.layers.Dense(common.HIDDEN_UNITS, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
start = time.perf_counter()
model.fit(
    x_train,
    y_train,
    epochs=common.EPOCHS,
    batch_size=common.BATCH_SIZE,
    validation_data=(x_test, y_test) if "--validate" in sys.argv else None,
)
seconds = time.perf_counter() - start
_, accuracy = model.evaluate(x_test, y_test)
common.report(seconds, accuracy)
