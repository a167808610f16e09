"""Zero or one? For two classes one output is enough: a single sigmoid (logistic) unit.

Of MNIST's images only those of 0 and 1 are kept: 12,665 to train on, 2,115 to test
with. The network standardises the pixels itself, has ten hidden units, and returns one
number, the probability of a 1. It misclassifies one or two of the test images.

Run it at once (python binary_zero_one.py), or cell by cell, as hello_mnist.py.
"""

# %% Settings: each is also an option of the command line
from digits.run import Run

run = Run(
    "binary_zero_one",
    __doc__,
    epochs=10,  # passes over the training images
    batch_size=128,  # images per update of the weights
    hidden_units=10,
    optimizer="adam",
    seed=0,  # for the initial weights and the order of the images
)

import keras  # after Run, so that --help answers at once
import numpy as np

from digits import devices, metrics, plots
from digits.callbacks import EvaluateTrain

# %% Data
# Images are uint8 (n, 28, 28), labels uint8 (n,). The network takes each image as a row
# of 784 float32 values, as they are: 0 to 255.
(x_train, y_train), (x_test, y_test) = run.load_data(digits=(0, 1))
x_train = x_train.reshape(-1, 784).astype("float32")
x_test = x_test.reshape(-1, 784).astype("float32")

# %% Model
# Normalization subtracts the mean and divides by the standard deviation. With axis=None
# both are taken over all pixels at once. 167 pixels never vary in the training images:
# divided by their own standard deviation, which is 0, a test image with ink there would
# give a huge input (docs/published.md). As a layer it is saved with the model, and
# nobody who uses the model can forget it.
keras.utils.set_random_seed(run.seed)
standardise = keras.layers.Normalization(axis=None)
standardise.adapt(x_train)
model = keras.Sequential(
    [
        keras.Input((784,)),
        standardise,
        keras.layers.Dense(run.hidden_units, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.summary()

# %% Compile
# With two classes one probability is enough, and the loss is binary cross-entropy:
# large where the true digit gets a small probability.
model.compile(
    optimizer=run.optimizer,
    loss="binary_crossentropy",
    metrics=["accuracy"],
)
devices.prepare(model)  # faster, and on all GPUs if there are several

# %% Train
# Keras's own `accuracy` is an average over the epoch, taken while the weights change.
# EvaluateTrain adds `train_accuracy`, measured after the epoch as `val_accuracy` is, on
# as many training images as there are test images, so the two can be compared.
# What Keras calls validation data is the test set here. As it was also used to choose
# optimizer, batch size and epochs, the test accuracy is slightly too good.
n = len(x_test)
history = model.fit(
    x_train,
    y_train,
    epochs=run.epochs,
    batch_size=run.batch_size,
    validation_data=(x_test, y_test),
    validation_batch_size=1000,  # changes the speed, not the result
    callbacks=[EvaluateTrain(x_train[:n], y_train[:n])],
).history

# %% Predict
# The output is the probability of a 1: the prediction is 1 if it is at least one half.
probability_of_one = model.predict(x_test, batch_size=1000, verbose=0)[:, 0]
y_pred = (probability_of_one >= 0.5).astype("uint8")

# %% Overfitting?
# Most networks do better on the images they were trained on than on new ones: the
# difference is the generalization gap. The test images are only a sample, and the 95 %
# interval shows how precise their accuracy is. The rule here: a gap larger than half
# that interval is overfitting.
correct = int((y_pred == y_test).sum())
test_accuracy, train_accuracy = correct / n, history["train_accuracy"][-1]
low, high = metrics.wilson_interval(correct, n)
gap = 100 * (train_accuracy - test_accuracy)  # percentage points
half_interval = 100 * (high - low) / 2
verdict = "overfitting" if gap > half_interval else "no sign of overfitting"
print(f"""
{run.title}: test accuracy {test_accuracy:.4f}, 95 % interval {low:.4f} to {high:.4f}.
Train accuracy on the first {n:,} training images: {train_accuracy:.4f}.
Gap {gap:+.2f} percentage points, half the interval {half_interval:.2f}: {verdict}.
""")

# %% Mistakes
# Where is the network wrong, and how confident is it then?
confidence = np.where(y_pred == 1, probability_of_one, 1 - probability_of_one)
mistakes = metrics.find_mistakes(y_test, y_pred, confidence, run.test_names)
print(metrics.mistakes_table(mistakes))

# %% Save: the model, the plots, and a JSON record of the run; all of them or none
run.save(
    model,
    history,
    mistakes,
    plots={
        "digits": plots.digit_grid(x_train[:40], y_train[:40], run.data_title),
        "accuracy": plots.accuracy(history, run.title),
        "mistakes": plots.mistakes(x_test, mistakes, run.title),
    },
    model_input="float32 (n, 784): pixels as they are, 0 to 255",
    model_output="float32 (n, 1): the probability of a 1",
)
