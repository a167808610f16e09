"""Load a saved model, prepare an image, predict, print: all that other code needs."""

import keras
import numpy as np

# hello_mnist.py has saved it. compile=False: to predict with, not to train on.
model = keras.saving.load_model("saved_models/hello_mnist.keras", compile=False)

image = np.zeros((28, 28), "uint8")  # white ink (255) on black (0), as in MNIST
image[4:24, 12:16] = 255  # one stroke downwards

pixels = image.reshape(1, 784).astype("float32") / 255  # as the network was trained
probabilities = model.predict(pixels, verbose=0)[0]
digit = probabilities.argmax()
print(f"It is a {digit}, with probability {probabilities[digit]:.4f}.")
