"""Train on folders of pictures: train/0 … train/9 and test/0 … test/9.

Many data sets come as picture files, one folder for each class. This page reads them
with Keras and lists by path the test pictures that the network gets wrong. Where there
is no such folder yet, the page first writes MNIST as one: 70,000 PNG files. Pictures of
your own may have any size (they are scaled to 28×28), and folders any name: each is a
class. hello_mnist.py comes first: it explains what is not explained here.

Run it from the project's folder (python -m examples.image_folders), or cell by cell.
It also works alone, after: pip install tensorflow pillow
"""

# %% Libraries
import sys
import tempfile
from pathlib import Path

try:  # in this project: works offline, too, and without TensorFlow's log lines
    from digits.quiet_keras import keras, load_data
except ModuleNotFoundError as error:  # this file alone
    if not (error.name or "").startswith("digits"):
        raise
    import keras
    from keras.datasets.mnist import load_data
import numpy as np
from PIL import Image

# %% Settings: change one, run again, compare (the best of many runs is partly luck)
folder = Path("pictures")  # holds train and test: PNG or JPEG files
epochs = 10  # passes over the training pictures
batch_size = 64
hidden_units = 256
optimizer = "adam"
seed = 0  # for the first weights and for the order of the pictures

saved_models = Path("saved_models")
saved_models.mkdir(exist_ok=True)

# %% If there is no such folder: write MNIST as one
# The pictures are written beside it, and the whole gets its name at the end. So a
# folder of this name is never half written; and one that exists is left as it is.
if not folder.exists():
    train, test = load_data()
    with tempfile.TemporaryDirectory(
        dir=folder.parent, prefix=f"{folder.name}_unfinished_"
    ) as unfinished:
        whole = Path(unfinished) / "whole"
        for part, (images, labels) in [("train", train), ("test", test)]:
            for digit in range(10):
                found = np.flatnonzero(labels == digit)
                print(f"Writing {part}/{digit}: {len(found):,} pictures", flush=True)
                class_folder = whole / part / str(digit)
                class_folder.mkdir(parents=True)
                for i in found:  # i is the image's number in MNIST
                    Image.fromarray(images[i]).save(class_folder / f"{i:05}.png")
        whole.rename(folder)


# %% Data
# Keras finds the files, ordered by class and name, and takes the folders' names as
# classes: label 0 is the first name. Without shuffling, row i of the images is file i.
# "area": a larger picture is scaled down by taking means. All images fit in memory, so
# each file is read once; data that do not fit go to `fit` as the data set itself.
def read(part):
    try:
        data = keras.utils.image_dataset_from_directory(
            str(folder / part),
            color_mode="grayscale",
            image_size=(28, 28),
            interpolation="area",
            batch_size=None,  # one by one, so that a broken file can be named
            shuffle=False,
        )
    except (OSError, ValueError) as error:  # no such folder, or no pictures
        sys.exit(f"{folder / part}: {error}")
    images, labels = [], []
    try:
        for image, label in data.as_numpy_iterator():
            images.append(image)
            labels.append(label)
    except Exception:  # TensorFlow's own error, which does not name the file
        sys.exit(f"{data.file_paths[len(images)]}: not a whole PNG or JPEG picture")
    x = np.stack(images).reshape(-1, 28 * 28) / np.float32(255)
    return x, np.array(labels), data.file_paths, data.class_names


x_train, y_train, _, class_names = read("train")
x_test, y_test, test_paths, test_class_names = read("test")
if test_class_names != class_names:
    sys.exit(f"{folder}: train has {class_names}, but test has {test_class_names}")
print(f"{len(x_train):,} training and {len(x_test):,} test pictures of", *class_names)

# %% Model and training: as in hello_mnist.py
keras.utils.set_random_seed(seed)
model = keras.Sequential(
    [
        keras.Input((28 * 28,)),
        keras.layers.Dense(hidden_units, activation="relu"),
        keras.layers.Dense(len(class_names), activation="softmax"),
    ]
)
model.compile(
    optimizer=optimizer,
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
    steps_per_execution=67,  # for speed; write 1 if Keras runs on PyTorch
)
for epoch in range(1, epochs + 1):
    print(f"Epoch {epoch} of {epochs}")
    keras.utils.set_random_seed(seed + epoch)  # a new order of the pictures
    model.fit(x_train, y_train, batch_size=batch_size)

# %% Mistakes by path, the most confident first
probabilities = model.predict(x_test, batch_size=1000, verbose=0)
predictions, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
wrong = np.flatnonzero(predictions != y_test)
print("Misclassified pictures, and what the network takes them for:")
for i in wrong[confidence[wrong].argsort()[::-1]]:
    print(f"  {test_paths[i]}: {class_names[predictions[i]]} ({confidence[i]:.4f})")
print(f"{len(wrong)} of {len(x_test):,} test pictures are misclassified,", end=" ")
print(f"test accuracy {1 - len(wrong) / len(x_test):.4f}.")

# %% Save
model.save(saved_models / "image_folders.keras")
print("Saved:", saved_models / "image_folders.keras")
