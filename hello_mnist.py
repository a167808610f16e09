"""Deep learning's "hello world": train a small network to classify handwritten digits.

MNIST has 60,000 training images and 10,000 test images of 28×28 grey pixels. The
network sees an image as 784 numbers, has one hidden layer, and returns ten
probabilities. After half a minute of training it gets 98 of 100 test images right.

Run it at once (python hello_mnist.py), or cell by cell: VS Code, Spyder and Jupyter
(with Jupytext) take `# %%` as the start of a cell.
"""

# %% Settings: each is also an option of the command line
from digits.run import Run

run = Run(
    "hello_mnist",
    __doc__,
    epochs=5,  # passes over the training images
    batch_size=128,  # images per update of the weights
    hidden_units=512,
    optimizer="rmsprop",
    seed=0,  # for the initial weights and the order of the images
)

import keras  # after Run, so that --help answers at once

from digits import devices, metrics, plots
from digits.callbacks import EvaluateTrain

# %% Data
# Images are uint8 (n, 28, 28), labels uint8 (n,). The network takes each image as a row
# of 784 float32 values, from 0.0 (background) to 1.0 (ink).
(x_train, y_train), (x_test, y_test) = run.load_data()
x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255

# %% Model
# relu sets negative values to 0. softmax turns ten numbers (the logits) into ten
# probabilities: all positive, and their sum is 1.
keras.utils.set_random_seed(run.seed)
model = keras.Sequential(
    [
        keras.Input((784,)),
        keras.layers.Dense(run.hidden_units, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.summary()

# %% Compile
# The loss is -log(probability of the true digit), large where that is small; "sparse"
# means that labels are digits, not one-hot vectors. The optimizer changes the weights
# to reduce the loss. The accuracy is for us to look at.
model.compile(
    optimizer=run.optimizer,
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
devices.prepare(model)  # faster, and on all GPUs if there are several

# %% Train
# Keras's own `accuracy` is an average over the epoch, taken while the weights change.
# EvaluateTrain adds `train_accuracy`, measured after the epoch as `val_accuracy` is, on
# as many training images as there are test images, so the two can be compared.
# What Keras calls validation data is the test set here. As it was also used to choose
# the defaults, the test accuracy is slightly too good.
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
# The network's prediction is the digit with the largest probability.
probabilities = model.predict(x_test, batch_size=1000, verbose=0)
y_pred = probabilities.argmax(axis=1)
print("\nThe first test image:")
for digit, probability in enumerate(probabilities[0]):
    print(f"  {digit}  {probability:.6f}")
print(f"The prediction is {y_pred[0]}, the true label is {y_test[0]}.")

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
confidence = probabilities.max(axis=1)
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
        "confusion": plots.confusion(y_test, y_pred, run.title),
    },
    model_input="float32 (n, 784): pixels divided by 255, 0.0 to 1.0",
    model_output="float32 (n, 10): the probability of each digit",
)
