"""Keras as a tutorial writes it: the defaults of `compile` and `fit`."""

import keras

from benchmarks.contenders import common


def train(x, y, epochs, hidden_units):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(hidden_units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer="rmsprop",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, epochs=epochs, batch_size=common.BATCH_SIZE)
    return lambda images: model.predict(images, verbose=0).argmax(axis=1)


if __name__ == "__main__":
    common.run(train)
