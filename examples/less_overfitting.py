"""A cure for overfitting: train the same network on images that are never the same.

hello_mnist.py does better on its training images than on new ones. Here each image is
turned, sheared, scaled and shifted a little, anew in each epoch, so that the network
cannot learn the single images by heart. After 15 epochs it gets 99 of 100 test images
right, and the gap between train and test accuracy is smaller.

Run it at once (python -m examples.less_overfitting), or cell by cell. If hello_mnist.py
has been run before, the plot shows both.
"""

# %% Settings: each is also an option of the command line
from digits.run import Run

run = Run(
    "less_overfitting",
    __doc__,
    epochs=15,  # passes over the training images
    batch_size=128,  # images per update of the weights
    hidden_units=512,
    optimizer="rmsprop",
    seed=0,  # of the first weights, and of the order and distortion of the images
)

import keras  # after Run, so that --help answers at once
import numpy as np

from digits import devices, metrics, plots
from digits.callbacks import EvaluateTrain

# %% Data: the same as in hello_mnist.py
(x_train, y_train), (x_test, y_test) = run.load_data()
x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255


# %% Augmentation
class Distorted(keras.utils.PyDataset):
    """Batches of training images, in a new order and distorted anew in each epoch."""

    def __init__(self, x, y, batch_size, seed):
        super().__init__()
        self.x, self.y, self.batch_size = x, y, batch_size
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self):
        return -(-len(self.x) // self.batch_size)

    def __getitem__(self, i):
        batch = self.order[i * self.batch_size : (i + 1) * self.batch_size]
        images = self.x[batch].reshape(-1, 28, 28, 1)
        distorted = keras.ops.image.affine_transform(images, self.matrices(len(batch)))
        return keras.ops.convert_to_numpy(distorted).reshape(-1, 784), self.y[batch]

    def on_epoch_end(self):
        self.order = self.rng.permutation(len(self.x))

    def matrices(self, n):
        """Return n random affine maps about the centre, float32 (n, 8).

        A row (a, b, c, d, e, f, 0, 0) sends the pixel (x, y) of the new image to
        (ax + by + c, dx + ey + f) of the old one.
        """
        angle = np.deg2rad(self.rng.uniform(-12, 12, n))
        shear = self.rng.uniform(-0.2, 0.2, n)
        scale = self.rng.uniform(0.85, 1.15, n)
        shift = self.rng.uniform(-1.5, 1.5, (2, n))  # pixels
        a, b = np.cos(angle) / scale, (shear * np.cos(angle) - np.sin(angle)) / scale
        d, e = np.sin(angle) / scale, (shear * np.sin(angle) + np.cos(angle)) / scale
        centre = 13.5
        c = centre - centre * (a + b) + shift[0]
        f = centre - centre * (d + e) + shift[1]
        zero = np.zeros(n)
        return np.stack([a, b, c, d, e, f, zero, zero], axis=1).astype("float32")


# %% Model and compile: the same as in hello_mnist.py
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
devices.prepare(model)  # faster, and on all GPUs if there are several

# %% Train
# In the last third small steps: the learning rate is a tenth. `train_accuracy` is
# measured on images as they are, so that it can be compared with `val_accuracy`.
learning_rate = float(model.optimizer.learning_rate)
small_steps_from = run.epochs * 2 // 3
n = len(x_test)
history = model.fit(
    Distorted(x_train, y_train, run.batch_size, run.seed),
    epochs=run.epochs,
    validation_data=(x_test, y_test),
    validation_batch_size=1000,  # changes the speed, not the result
    callbacks=[
        keras.callbacks.LearningRateScheduler(
            lambda epoch: learning_rate * (1 if epoch < small_steps_from else 0.1)
        ),
        EvaluateTrain(x_train[:n], y_train[:n]),
    ],
).history

# %% Predict, overfitting, mistakes: as in hello_mnist.py
probabilities = model.predict(x_test, batch_size=1000, verbose=0)
y_pred = probabilities.argmax(axis=1)
confidence = probabilities.max(axis=1)
mistakes = metrics.find_mistakes(y_test, y_pred, confidence, run.test_names)
test_accuracy, train_accuracy = 1 - len(mistakes) / n, history["train_accuracy"][-1]
low, high = metrics.wilson_interval(n - len(mistakes), n)
gap = 100 * (train_accuracy - test_accuracy)  # percentage points
half_interval = 100 * (high - low) / 2
verdict = "overfitting" if gap > half_interval else "no sign of overfitting"
print(f"""
{run.title}: test accuracy {test_accuracy:.4f}, 95 % interval {low:.4f} to {high:.4f}.
Train accuracy on the first {n:,} training images: {train_accuracy:.4f}.
Gap {gap:+.2f} percentage points, half the interval {half_interval:.2f}: {verdict}.
""")
print(metrics.mistakes_table(mistakes))

# %% Save: the model, the plot, and a JSON record of the run
histories = {"less_overfitting": history}
earlier = run.read_record("hello_mnist")
if earlier:
    histories = {"hello_mnist": earlier["history"], **histories}
run.save(
    model,
    history,
    mistakes,
    plots={"accuracy": plots.compare(histories, f"Accuracy on {run.data_title}")},
    model_input="float32 (n, 784): pixels divided by 255, 0.0 to 1.0",
    model_output="float32 (n, 10): the probability of each digit",
)
