"""Load a saved model, prepare an image, predict, print: all that other code needs."""

import sys
from pathlib import Path

import keras
import numpy as np

folder = Path(__file__).parents[1] / "saved_models"
path = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "hello_mnist.keras"
if not path.is_file():
    there = ", ".join(map(str, sorted(folder.glob("*.keras")))) or "none"
    print(f"{path}: no such file; models in {folder}: {there}", file=sys.stderr)
    sys.exit(2)
model = keras.saving.load_model(path, compile=False)  # to predict, not to train on

images = np.zeros((1, 28, 28), np.uint8)  # white ink on black, as in MNIST
images[0, 4:24, 12:16] = 255  # one stroke downwards

pixels = images.reshape(-1, 784).astype("float32") / 255  # as the network was trained
probabilities = model.predict(pixels, verbose=0)
digit = probabilities[0].argmax()
print(f"It is a {digit}, with probability {probabilities[0, digit]:.4f}.")
