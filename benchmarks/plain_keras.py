"""The plainest Keras script: fit, evaluate once, and nothing else.

hello_mnist.py is compared with it: the same network, trained in the plainest way.
"""

import keras

from digits import load_data

(x_train, y_train), (x_test, y_test) = load_data()
x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(x_train, y_train, epochs=5, batch_size=128)
loss, accuracy = model.evaluate(x_test, y_test)
print(f"Accuracy: test {accuracy:.4f}")
