"""A cure for overfitting: train hello_mnist's network on images that are never twice the same.

In every epoch each training image is turned, sheared, scaled and shifted a little,
anew each time (augmentation). The network cannot learn the images by heart, and gets
99 of 100 test images right; other people's handwriting too it reads better.

Run it from the project's folder: python -m examples.less_overfitting
"""

# %% Settings: each is also an option of the command line
from digits.run import Run

run = Run(
    "less_overfitting",
    __doc__,
    epochs=15,  # as no image comes twice, more passes go on helping
    batch_size=128,
    hidden_units=512,
    optimizer="rmsprop",
)

import keras
import numpy as np

from digits import devices, metrics, plots
from digits.callbacks import EvaluateTrain

# %% Data: as in hello_mnist.py
data = run.load_data()
x_train = data.x_train.reshape(-1, 784).astype("float32") / 255
x_test = data.x_test.reshape(-1, 784).astype("float32") / 255
y_train, y_test = data.y_train, data.y_test

# %% Augmentation
# For each pixel of the new image, a matrix and an offset give the place in the old one
# where its value is taken. What lies outside of the old image is background.
rng = np.random.default_rng(run.seed)


def augment(x):
    """Return images, float32 (n, 784), each distorted in its own way."""
    n = len(x)
    angle = np.deg2rad(rng.uniform(-12, 12, n))
    shear = rng.uniform(-0.2, 0.2, n)
    scale = rng.uniform(0.85, 1.15, n)
    shift = rng.uniform(-1.5, 1.5, (2, n))  # pixels
    cos, sin, middle = np.cos(angle) / scale, np.sin(angle) / scale, 13.5
    xx, xy, yx, yy = cos, shear * cos - sin, sin, shear * sin + cos
    x_offset, y_offset = middle - middle * np.array([xx + xy, yx + yy]) + shift
    zero = np.zeros(n)
    transforms = np.stack([xx, xy, x_offset, yx, yy, y_offset, zero, zero], axis=1)
    images = keras.ops.image.affine_transform(
        x.reshape(-1, 28, 28, 1), transforms.astype("float32")
    )
    return keras.ops.reshape(images, (-1, 784))


class Augmented(keras.utils.PyDataset):
    """The training images in batches, shuffled and augmented anew in each epoch."""

    def __init__(self):
        super().__init__()
        self.on_epoch_end()

    def on_epoch_end(self):
        self.order = rng.permutation(len(x_train))

    def __len__(self):
        return -(-len(x_train) // run.batch_size)

    def __getitem__(self, number):
        first = number * run.batch_size
        batch = self.order[first : first + run.batch_size]
        return augment(x_train[batch]), y_train[batch]


# %% Model: as in hello_mnist.py
keras.utils.set_random_seed(run.seed)
model = keras.Sequential(
    [
        keras.Input((784,)),
        keras.layers.Dense(run.hidden_units, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=run.optimizer,
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
devices.prepare(model)


# %% Train
# Smaller steps in the last third let the weights settle. The augmentation happens
# before the network, so it is no part of the model that is saved.
def learning_rate(epoch, rate):
    return rate / 10 if epoch == 2 * run.epochs // 3 else rate


n = len(x_test)
history = model.fit(
    Augmented(),
    epochs=run.epochs,
    validation_data=(x_test, y_test),
    validation_batch_size=1000,  # changes the speed, not the result
    callbacks=[
        EvaluateTrain(x_train[:n], y_train[:n]),
        keras.callbacks.LearningRateScheduler(learning_rate),
    ],
).history

# %% Less overfitting?
# On training images as they are, without augmentation, and on test images.
probabilities = model.predict(x_test, batch_size=1000, verbose=0)
y_pred = probabilities.argmax(axis=1)
mistakes = metrics.find_mistakes(
    y_test, y_pred, probabilities.max(axis=1), data.test_names
)
gaps = {run.name: history}
if record := run.read_record("hello_mnist"):
    gaps = {"hello_mnist": record["history"], **gaps}
else:
    print("\nNo record of hello_mnist to compare with: python hello_mnist.py makes it.")
print(f"\nOn {data.title}, after the last epoch:")
for name, found in gaps.items():
    train, test = found["train_accuracy"][-1], found["val_accuracy"][-1]
    print(
        f"  {name}: train accuracy {train:.4f}, test accuracy {test:.4f},"
        f" gap {100 * (train - test):+.2f} percentage points"
    )

# %% Plot: both runs on the same axes
figure, axes = plots.panels(len(gaps), f"Train and test accuracy on {data.title}")
for axis, (name, found) in zip(axes, gaps.items(), strict=True):
    train, test = found["train_accuracy"], found["val_accuracy"]
    epochs = np.arange(1, len(train) + 1)
    axis.fill_between(epochs, train, test, color="0.85", label="gap")
    axis.plot(epochs, train, "o-", color=plots.TRAIN, label="train")
    axis.plot(epochs, test, "s-", color=plots.TEST, label="test")
    axis.sharex(axes[0])
    axis.sharey(axes[0])
    plots.finish_panel(axis, name, "epoch (measured after it)")

# %% Save
run.save(
    model,
    history,
    mistakes,
    plots={
        "accuracy": figure,
        "mistakes": plots.mistakes(data.x_test, mistakes, run.title),
    },
    model_input="float32 (n, 784): pixels divided by 255, 0.0 to 1.0",
    model_output="float32 (n, 10): the probability of each digit",
)
