"""A cure for overfitting: train on images that are never twice the same.

hello_mnist.py reads its training images better than new ones. Here its network is
trained twice, from the same first weights: on the images as they are, and on images
that are turned, sheared, scaled and shifted a little, anew in each epoch (data
augmentation). Nothing else differs. The second network can hardly learn single images
by heart: its gap between train and test accuracy is smaller, and it misreads fewer
test images. Read hello_mnist.py first: it explains what is not explained here.

How far the images are distorted, the number of epochs and the smaller steps at the end
were chosen by looking at test accuracies. So on other new images the gain may be a
little smaller.

Run it (python examples/less_overfitting.py), or cell by cell. It also works alone,
after: pip install tensorflow matplotlib
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
import matplotlib.pyplot as plt
import numpy as np

# %% Settings (hyperparameters): change one, run all again, compare
epochs = 15  # passes over the training images, in each of the two trainings
batch_size = 128  # images per step
hidden_units = 512  # neurons in the hidden layer
learning_rate = 0.001  # a tenth of it in the last third of the epochs
seed = 0  # 0, 1, 2, ...: the same seed gives the same random numbers

plots, saved_models = Path("plots"), Path("saved_models")
plots.mkdir(exist_ok=True)
saved_models.mkdir(exist_ok=True)

# %% Data: as in hello_mnist.py
(train_images, train_labels), (test_images, test_labels) = load_data()
print("Training images:", train_images.shape, "test images:", test_images.shape)
x_train = train_images.reshape(-1, 28 * 28).astype("float32") / 255
x_test = test_images.reshape(-1, 28 * 28).astype("float32") / 255

# %% Data augmentation
# These layers have no weights. In training they draw new random numbers for each image
# of each batch; in `evaluate` and `predict` they pass the images on as they are. What
# comes in from outside the image is 0, the background ("constant"). "channels_last": an
# image has rows, columns, and at the end the one number for each pixel.
keras.utils.set_random_seed(seed)
options = {"fill_mode": "constant", "data_format": "channels_last"}
distortion = keras.Sequential(
    [
        keras.Input(shape=(28 * 28,)),
        keras.layers.Reshape((28, 28, 1)),
        keras.layers.RandomRotation(12 / 360, **options),  # of a full turn: ±12 degrees
        keras.layers.RandomShear(0.2, **options),  # moves row r sideways, ±0.2 r pixels
        keras.layers.RandomZoom(0.15, 0.15, **options),  # height and width, ±15 %
        keras.layers.RandomTranslation(1.5 / 28, 1.5 / 28, **options),  # ±1.5 pixels
        keras.layers.Reshape((28 * 28,)),
    ],
    name="distortion",
)

# One digit as it is, and eight times as the second network may see it
eight_times = distortion(np.repeat(x_train[:1], 8, axis=0), training=True)
shown = [x_train[0], *keras.ops.convert_to_numpy(eight_times)]
figure, axes = plt.subplots(1, 9, figsize=(10, 1.6), layout="constrained")
for i, (axis, pixels) in enumerate(zip(axes, shown)):
    axis.set(xticks=[], yticks=[])
    axis.imshow(pixels.reshape(28, 28), cmap="gray_r", vmin=0, vmax=1)
    axis.set_title(f"distorted {i}" if i else "as it is", fontsize=10)
figure.savefig(plots / "less_overfitting_distorted.png")


# %% Two trainings
# `network` is what learns, and what is saved. The second time the distortion stands in
# front of it, in `model`; both share the Dense layers, and so the weights. In the last
# third of the epochs the steps are a tenth as large: the weights settle. After each
# training both accuracies are measured on images as they are: those that `fit` prints
# for distorted training images are lower.
def smaller_steps_at_the_end(epoch, rate):  # Keras calls it before epochs 0, 1, ...
    return learning_rate if epoch < epochs * 2 // 3 else learning_rate / 10


n = len(x_test)
for training_images in ["as they are", "distorted"]:
    keras.utils.set_random_seed(seed)  # the same first weights both times
    network = keras.Sequential(
        [
            keras.Input(shape=(28 * 28,)),
            keras.layers.Dense(hidden_units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model = network
    if training_images == "distorted":
        model = keras.Sequential([distortion, *network.layers])
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    print(f"\nTraining images {training_images}")
    model.fit(
        x_train,
        train_labels,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=(x_test, test_labels),
        validation_batch_size=1000,
        callbacks=[keras.callbacks.LearningRateScheduler(smaller_steps_at_the_end)],
        verbose=2,  # no progress bar
    )
    _, train_accuracy = model.evaluate(x_train[:n], train_labels[:n], 1000, verbose=0)
    _, test_accuracy = model.evaluate(x_test, test_labels, 1000, verbose=0)
    print(f"Accuracy: train {train_accuracy:.4f}, test {test_accuracy:.4f}")
    print(f"Gap: {100 * (train_accuracy - test_accuracy):.2f} percentage points")
    print(f"{round((1 - test_accuracy) * n)} of {n:,} test images are misclassified.")

# %% Save the network that was trained second, without the distortion in front of it
network.save(saved_models / "less_overfitting.keras")
print("Saved:", saved_models / "less_overfitting.keras")
