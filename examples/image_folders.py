"""Train on folders of pictures: train/0 … train/9 and test/0 … test/9.

Many data sets come as picture files, one folder for each class. This program reads them
and lists by path the test pictures that the network misreads. Where there is no such
folder yet, it first writes MNIST as one: 70,000 PNG files. Pictures of your own may be
of any size (they are scaled to 28×28), and the folders may have any names: each is a
class. Read hello_mnist.py first: it explains what is not explained here.

Run it (python examples/image_folders.py), or cell by cell. It also works alone, after:
pip install tensorflow pillow
"""

# %% Libraries
import signal
import sys
import tempfile
from pathlib import Path

# Where this project's `digits` may lie: one folder above this file's, or a notebook's
sys.path += [str(Path(sys.argv[0]).resolve().parent.parent), ".."]
try:  # inside the project: works offline, too; hides TensorFlow's log messages
    from digits.quiet_keras import keras, load_data
except ModuleNotFoundError:  # this file alone: downloads MNIST, 11 MB
    import keras
    from keras.datasets.mnist import load_data
import numpy as np
from PIL import Image, ImageOps

# %% Settings (hyperparameters): change one, run all again, compare
folder = Path("pictures")  # holds train and test
epochs = 10  # passes over the training pictures
batch_size = 64  # pictures per step
hidden_units = 256  # neurons in the hidden layer
learning_rate = 0.001
seed = 0  # 0, 1, 2, ...: the same seed gives the same random numbers

saved_models = Path("saved_models")
saved_models.mkdir(exist_ok=True)

# %% If there is no such folder: write MNIST as one (you may skip this cell)
# The pictures are written beside it, and the whole gets its name at the end. So a
# folder of this name is never half written; and one that exists is left as it is.
if not folder.exists():
    if folder.is_symlink() or not folder.parent.is_dir():
        sys.exit(f"{folder}: there is no such folder, and it cannot be made")
    train, test = load_data()
    # If the program is stopped: tidy up, as at Ctrl-C
    usual = signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="unfinished_", dir=folder.parent) as place:
        whole = Path(place) / "whole"
        for part, (images, labels) in [("train", train), ("test", test)]:
            for digit in range(10):
                found = np.flatnonzero(labels == digit)
                print(f"Writing {part}/{digit}: {len(found):,} pictures", flush=True)
                class_folder = whole / part / str(digit)
                class_folder.mkdir(parents=True)
                for i in found:  # i is the image's number in MNIST
                    Image.fromarray(images[i]).save(class_folder / f"{i:05}.png")
        whole.rename(folder)
    signal.signal(signal.SIGTERM, usual)


# %% Data
# All pictures fit in memory here. Where they do not: image_dataset_from_directory in
# keras.utils reads them batch by batch, as torchvision.datasets.ImageFolder in PyTorch.
def read_picture(path):
    with Image.open(path) as picture:
        if picture.mode.startswith(("I", "F")):
            raise ValueError("more than 8 bits for a pixel")
        picture = ImageOps.exif_transpose(picture)  # as the camera was held
        if picture.has_transparency_data:
            picture = picture.convert("RGBA")
            paper = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(paper, picture)
        grey = picture.convert("L")
        return np.array(grey.resize((28, 28), Image.Resampling.BOX))  # BOX: takes means


def entries(place):  # in order, without what macOS and Windows add to folders
    if not place.is_dir():
        sys.exit(f"{place}: no such folder")
    added = (".", "__MACOSX", "Thumbs.db", "desktop.ini")
    return sorted(path for path in place.iterdir() if not path.name.startswith(added))


def read(part):
    print("Reading", folder / part, flush=True)
    images, labels, paths = [], [], []
    class_folders = entries(folder / part)
    names = [class_folder.name for class_folder in class_folders]
    for label, class_folder in enumerate(class_folders):  # train/3/00007.png shows a 3
        if not entries(class_folder):
            sys.exit(f"{class_folder}: no pictures of this class")
        for path in entries(class_folder):
            try:
                images.append(read_picture(path))
            except Exception as error:  # Pillow raises many kinds
                sys.exit(f"{path}: {error}. Save it as PNG or JPEG, or remove it.")
            labels.append(label)
            paths.append(path)
    if len(class_folders) < 2:
        sys.exit(f"{folder / part}: expected are two folders or more, one a class")
    images = np.stack(images)
    blank = np.flatnonzero(images.min(axis=(1, 2)) == images.max(axis=(1, 2)))
    if len(blank) == len(images):
        sys.exit(f"{folder / part}: all pictures are blank, each in one colour")
    if len(blank) > 0:
        print(f"Blank pictures: {len(blank):,}, such as {paths[blank[0]]}")
    x = images.reshape(-1, 28 * 28).astype("float32") / 255
    return x, np.array(labels), paths, names


x_train, y_train, _, class_names = read("train")
x_test, y_test, test_paths, test_class_names = read("test")
if test_class_names != class_names:
    sys.exit(f"{folder}: train has {class_names}, but test has {test_class_names}")
print(f"{len(x_train):,} training and {len(x_test):,} test pictures of", *class_names)

# %% Model and training: as in hello_mnist.py
# The pictures are ordered by class. `fit` shuffles them; but validation_split, which
# takes the last ones as they are, would take the last classes alone.
keras.utils.set_random_seed(seed)
model = keras.Sequential(
    [
        keras.Input((28 * 28,)),
        keras.layers.Dense(hidden_units, activation="relu"),
        keras.layers.Dense(len(class_names), activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(
    x_train,
    y_train,
    batch_size=batch_size,
    epochs=epochs,
    validation_data=(x_test, y_test),
    validation_batch_size=1000,
)
_, train_accuracy = model.evaluate(x_train, y_train, batch_size=1000, verbose=0)
_, test_accuracy = model.evaluate(x_test, y_test, batch_size=1000, verbose=0)
print(f"Accuracy: train {train_accuracy:.4f}, test {test_accuracy:.4f}")

# %% Mistakes by path, the largest probability first
probabilities = model.predict(x_test, batch_size=1000, verbose=0)
predictions, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
wrong = np.flatnonzero(predictions != y_test)
print("Misclassified pictures, and what the network takes them for:")
for i in wrong[np.argsort(-confidence[wrong])]:
    print(f"  {test_paths[i]}: {class_names[predictions[i]]} ({confidence[i]:.4f})")
print(f"{len(wrong)} of {len(x_test):,} test pictures are misclassified.")

# %% Save
model.save(saved_models / "image_folders.keras")
print("Saved:", saved_models / "image_folders.keras")
