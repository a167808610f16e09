"""A cure for overfitting: train on images that are never twice the same.

hello_mnist.py is better on its training images than on new ones. Here its network is
trained twice, from the same first weights: on the images as they are, and on images
that are turned, sheared, scaled and shifted a little, anew in each epoch
(augmentation). Nothing else differs. The second network cannot learn single images by
heart: its gap between train and test accuracy is smaller, and it misclassifies fewer
test images. Read hello_mnist.py first: it explains what is not explained here.

Run it from the project's folder (python -m examples.less_overfitting), or cell by cell.
It also works alone, after: pip install tensorflow matplotlib
"""

# %% Libraries
from pathlib import Path

try:  # in this project: works offline, too, and without TensorFlow's log lines
    from digits.quiet_keras import keras, load_data
except ModuleNotFoundError as error:  # this file alone
    if not (error.name or "").startswith("digits"):
        raise
    import keras
    from keras.datasets.mnist import load_data
import matplotlib.pyplot as plt
import numpy as np

# %% Settings: change one, run again, compare (the best of many runs is partly luck)
epochs = 15  # passes over the training images, in each of the two trainings
batch_size = 128
hidden_units = 512
optimizer = "rmsprop"  # a name: each training needs an optimizer of its own
seed = 0  # for the first weights, the order of the images and their distortion

plots, saved_models = Path("plots"), Path("saved_models")
plots.mkdir(exist_ok=True)
saved_models.mkdir(exist_ok=True)

# %% Data: as in hello_mnist.py
(train_images, train_labels), (test_images, test_labels) = load_data()
x_train = train_images.reshape(-1, 28 * 28).astype("float32") / 255
x_test = test_images.reshape(-1, 28 * 28).astype("float32") / 255
n = min(len(x_train), len(x_test))
print(f"{len(x_train):,} training images, {len(x_test):,} test images")

# %% Augmentation
# These layers have no weights. In training they draw new random numbers for each image
# of each batch; in `evaluate` and `predict` they pass the images on as they are. What
# comes in from outside the image is 0, the background ("constant").
keras.utils.set_random_seed(seed)
outside = {"fill_mode": "constant"}
distortion = keras.Sequential(
    [
        keras.Input((28 * 28,)),
        keras.layers.Reshape((28, 28, 1)),  # rows, columns, one number for each pixel
        keras.layers.RandomRotation(12 / 360, **outside),  # of a full turn: ±12 degrees
        keras.layers.RandomShear(0.2, **outside),  # moves row r sideways, ±0.2 r pixels
        keras.layers.RandomZoom(0.15, 0.15, **outside),  # height and width, ±15 %
        keras.layers.RandomTranslation(1.5 / 28, 1.5 / 28, **outside),  # ±1.5 pixels
        keras.layers.Flatten(),
    ],
    name="distortion",
)

# One digit as it is, and eight times as the second network may see it
eight_times = distortion(np.repeat(x_train[:1], 8, axis=0), training=True)
shown = [x_train[0], *keras.ops.convert_to_numpy(eight_times)]
figure, axes = plt.subplots(1, 9, figsize=(10, 1.6), layout="constrained")
for i, (axis, pixels) in enumerate(zip(axes, shown)):
    axis.axis("off")
    axis.imshow(pixels.reshape(28, 28), cmap="gray_r")
    axis.set_title(f"distorted {i}" if i else "as it is", fontsize=10)
figure.savefig(plots / "less_overfitting_distorted.png")

# %% Two trainings
# `network` is what learns, and what is saved. The second time the distortion stands in
# front of it; the Dense layers, and so the weights, are the network's own. In the last
# third of the epochs the steps are a tenth as large: the weights settle.
measured = {}
for images_are in ["as they are", "distorted"]:
    keras.utils.set_random_seed(seed)  # the same first weights both times
    network = keras.Sequential(
        [
            keras.Input((28 * 28,)),
            keras.layers.Dense(hidden_units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model = network
    if images_are == "distorted":
        model = keras.Sequential([distortion, *network.layers])
    model.compile(
        optimizer=optimizer,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=67,  # for speed; write 1 if Keras runs on PyTorch
    )
    print(f"\nTraining images {images_are}")
    measured[images_are] = []
    for epoch in range(1, epochs + 1):
        if epoch == epochs * 2 // 3 + 1:
            model.optimizer.learning_rate = float(model.optimizer.learning_rate) / 10
        keras.utils.set_random_seed(seed + epoch)  # a new order of the images
        model.fit(x_train, train_labels, batch_size=batch_size, verbose=0)
        measure = {"batch_size": 1000, "verbose": 0, "return_dict": True}
        train = model.evaluate(x_train[:n], train_labels[:n], **measure)["accuracy"]
        test = model.evaluate(x_test[:n], test_labels[:n], **measure)["accuracy"]
        print(f"Epoch {epoch} of {epochs}. Accuracy:", end=" ")
        print(f"train {train:.4f}, test {test:.4f}", flush=True)
        measured[images_are].append((train, test))

# %% Compare: the gap and its margin of error, as in hello_mnist.py
print()
for images_are, accuracies in measured.items():
    p, q = accuracies[-1]
    gap = 100 * (p - q)
    margin = 100 * 1.96 * np.sqrt(p * (1 - p) / n + q * (1 - q) / n)
    verdict = "overfitting" if gap > margin else "overfitting is not shown"
    wrong = round((1 - q) * n)
    print(f"Training images {images_are}: {wrong} of {n:,} test images misclassified.")
    print(f"Gap {gap:.2f} percentage points, margin of error {margin:.2f}: {verdict}.")

figure, axis = plt.subplots(figsize=(8, 4.5), layout="constrained")
epoch_numbers = range(1, epochs + 1)
for color, (images_are, accuracies) in zip(["tab:red", "tab:blue"], measured.items()):
    train, test = zip(*accuracies)
    axis.plot(epoch_numbers, train, "o--", color=color, label=f"{images_are}: train")
    axis.plot(epoch_numbers, test, "s-", color=color, label=f"{images_are}: test")
axis.set(xlabel="epoch", ylabel="accuracy")
axis.xaxis.get_major_locator().set_params(integer=True)
figure.legend(title="Training images", loc="outside right center")
figure.savefig(plots / "less_overfitting_accuracy.png")

# %% Save the network that was trained second, without the distortion in front of it
network.save(saved_models / "less_overfitting.keras")
print("Saved:", saved_models / "less_overfitting.keras")
