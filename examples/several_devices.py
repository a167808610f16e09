"""The network of hello_mnist.py on several devices of one machine, or of several.

Each device has a copy of the network and works on its part of every batch; the
gradients are averaged, so all copies stay equal (data parallelism). Keras does this
with JAX. Read hello_mnist.py first: it explains what is not explained here.

All devices of one machine, which may be one:

    python examples/several_devices.py

Two machines, with 10.0.0.1 for the first and any free port. First on both:

    export KERAS_DISTRIBUTION_NUM_PROCESSES=2
    export KERAS_DISTRIBUTION_JOB_ADDRESSES=10.0.0.1:12355

Then on the first (the chief: it prints and saves), and within minutes on the second:

    KERAS_DISTRIBUTION_PROCESS_ID=0 python examples/several_devices.py
    KERAS_DISTRIBUTION_PROCESS_ID=1 python examples/several_devices.py

Both need the same settings, as many devices and the same data: otherwise they wait for
each other until Ctrl-C. So each prints how many images it has: a machine without a
network may have others.

To try it on one machine, write 127.0.0.1 for 10.0.0.1 and use two terminals. If a proxy
is set, no_grpc_proxy=10.0.0.1 goes round it. The program also works alone, after:
pip install tensorflow jax
"""

# %% Libraries
import os
import sys
import tempfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"  # before Keras is imported
import jax
import keras

# Where this project's `digits` may lie: one folder above this file's, or a notebook's
sys.path += [str(Path(sys.argv[0]).resolve().parent.parent), ".."]
try:  # inside the project: works offline, too
    from digits import load_data
except ModuleNotFoundError:  # this file alone: downloads MNIST, 11 MB
    from keras.datasets.mnist import load_data

# %% Settings: the same for all processes
epochs = 5  # passes over the training images
batch_size = 128  # images per step; a multiple of the number of devices, all together
hidden_units = 512
seed = 0  # all processes start from the same weights

# %% Devices
# Several processes first find each other. `list_devices` then returns the devices of
# all of them: GPUs or TPUs if there are any, otherwise the processors.
if os.environ.get("KERAS_DISTRIBUTION_NUM_PROCESSES"):
    keras.distribution.initialize()
processes, process = jax.process_count(), jax.process_index()
chief = process == 0
devices = keras.distribution.list_devices()
if chief:
    print(f"Processes: {processes}, devices together: {len(devices)}")
parallel = keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)
keras.distribution.set_distribution(parallel)

# %% Data
# Every batch, the last one too, must be divided equally among the devices. So a few
# images are left out: fewer than there are devices. Of the others, process 0 of 2 takes
# images 0, 2, 4 and so on, process 1 takes 1, 3, 5: auto_shard_dataset=False says that
# we do this ourselves.
(train_images, train_labels), (test_images, test_labels) = load_data()
counts = f"{len(train_images):,} training and {len(test_images):,} test images"
print(f"Process {process}: {counts}", flush=True)


def own(array):
    return array[: len(array) // len(devices) * len(devices)][process::processes]


x_train = own(train_images).reshape(-1, 28 * 28).astype("float32") / 255
x_test = own(test_images).reshape(-1, 28 * 28).astype("float32") / 255
y_train, y_test = own(train_labels), own(test_labels)

# %% Model and training
keras.utils.set_random_seed(seed)
model = keras.Sequential(
    [
        keras.Input((28 * 28,)),
        keras.layers.Dense(hidden_units, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer="rmsprop",
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
own_batch = {"batch_size": batch_size // processes, "verbose": 2 if chief else 0}
model.fit(x_train, y_train, epochs=epochs, **own_batch)
loss, accuracy = model.evaluate(x_test, y_test, **own_batch)
if chief:
    tested = processes * len(x_test)
    print(f"Test accuracy {accuracy:.4f}, of all processes' {tested:,} images")

# %% Save: every process must call `save`, but only the chief's file is kept
with tempfile.TemporaryDirectory() as not_kept:
    folder = Path("saved_models" if chief else not_kept)
    folder.mkdir(exist_ok=True)
    model.save(folder / "several_devices.keras")
if chief:
    print("Saved:", folder / "several_devices.keras")
