"""hello_mnist.py's network, trained with other libraries.

`python -m benchmarks.baselines NAME SOURCE` runs one of the functions below on what
--data calls SOURCE, and prints the seconds of training and the test accuracy as a line
of JSON. Each function takes the training images, float32 (n, 784), 0.0 to 1.0, their
labels, uint8 (n,), and both of the test set, and returns a function that measures the
accuracy on images and labels.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable

import numpy as np

from digits import data

EPOCHS, BATCH_SIZE, HIDDEN_UNITS = 5, 128, 512  # as in hello_mnist.py
IMPORTED = {  # before the time is taken
    "plain_keras": "keras",
    "keras_with_validation": "keras",
    "numpy_page": "from_scratch.hello_numpy",
    "pytorch": "torch",
    "pytorch_loader": "torch",
    "jax_scan": "jax",
    "scikit_learn": "sklearn.neural_network",
}


def plain_keras(x, y, test, validation_data=None) -> Callable:
    """Keras as a tutorial's script uses it: fit, then evaluate once."""
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(HIDDEN_UNITS, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    loss = "sparse_categorical_crossentropy"
    model.compile(optimizer="rmsprop", loss=loss, metrics=["accuracy"])
    model.fit(x, y, BATCH_SIZE, EPOCHS, validation_data=validation_data)
    return lambda images, labels: model.evaluate(images, labels)[1]


def keras_with_validation(x, y, test) -> Callable:
    """The same with `validation_data`, as most people do it."""
    return plain_keras(x, y, test, validation_data=test)


def numpy_page(x, y, test) -> Callable:
    """from_scratch/hello_numpy.py, without its measuring after each epoch."""
    from from_scratch import hello_numpy

    rng = np.random.default_rng(0)
    p = hello_numpy.init(rng, HIDDEN_UNITS)
    for _ in hello_numpy.train(p, x, y, EPOCHS, rng):
        pass
    return lambda images, labels: hello_numpy.evaluate(p, images, labels)[1]


def pytorch(x, y, test, with_loader=False) -> Callable:
    """PyTorch: a loop over shuffled indices."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(784, HIDDEN_UNITS),
        torch.nn.ReLU(),
        torch.nn.Linear(HIDDEN_UNITS, 10),
    )
    for layer in (model[0], model[2]):  # as Keras initialises them
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
    loss = torch.nn.CrossEntropyLoss()

    x, y = torch.from_numpy(x), torch.from_numpy(y.astype(np.int64))
    loader = DataLoader(TensorDataset(x, y), BATCH_SIZE, shuffle=True)
    for _ in range(EPOCHS):
        order = torch.randperm(len(x)).split(BATCH_SIZE)
        own_loop = ((x[i], y[i]) for i in order)
        for images, labels in loader if with_loader else own_loop:
            optimizer.zero_grad()
            loss(model(images), labels).backward()
            optimizer.step()

    @torch.no_grad()
    def accuracy(images, labels):
        return (model(torch.from_numpy(images)).argmax(dim=1).numpy() == labels).mean()

    return accuracy


def pytorch_loader(x, y, test) -> Callable:
    """PyTorch: a loop over a DataLoader."""
    return pytorch(x, y, test, with_loader=True)


def jax_scan(x, y, test) -> Callable:
    """JAX: each epoch is one compiled scan over the full batches."""
    import jax
    import jax.numpy as jnp

    from from_scratch import hello_numpy

    def logits(p, x):
        return jnp.maximum(x @ p["w1"] + p["b1"], 0) @ p["w2"] + p["b2"]

    def loss(p, x, y):
        log_probabilities = jax.nn.log_softmax(logits(p, x))
        return -jnp.take_along_axis(log_probabilities, y[:, None], 1).mean()

    p = hello_numpy.init(np.random.default_rng(0), HIDDEN_UNITS)
    p = jax.tree.map(jnp.asarray, p)
    x, y = jnp.asarray(x), jnp.asarray(y, jnp.int32)
    full = len(x) // BATCH_SIZE * BATCH_SIZE  # images in full batches

    def step(state, batch):
        p, v = state
        g = jax.grad(loss)(p, x[batch], y[batch])
        v = jax.tree.map(lambda v, g: 0.9 * v + 0.1 * g**2, v, g)
        p = jax.tree.map(lambda p, v, g: p - 0.001 * g / jnp.sqrt(v + 1e-7), p, v, g)
        return (p, v), None

    @jax.jit
    def epoch(state, key):
        order = jax.random.permutation(key, len(x))
        batches = order[:full].reshape(-1, BATCH_SIZE)
        return jax.lax.scan(step, state, batches)[0]

    state = p, jax.tree.map(jnp.zeros_like, p)
    for key in jax.random.split(jax.random.key(0), EPOCHS):
        state = epoch(state, key)
    jax.block_until_ready(state)
    return lambda images, labels: (logits(state[0], images).argmax(1) == labels).mean()


def scikit_learn(x, y, test) -> Callable:
    """scikit-learn's MLPClassifier. It has no RMSprop, so it uses Adam."""
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        (HIDDEN_UNITS,),
        batch_size=BATCH_SIZE,
        max_iter=EPOCHS,
        alpha=0,
        random_state=0,
    )
    return model.fit(x, y).score


def load(source: str) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return what the functions take; the loaded bytes are let go."""
    found = data.load(source)
    x_train, x_test = (
        images.reshape(-1, 784).astype("float32") / 255
        for images in (found.x_train, found.x_test)
    )
    return x_train, found.y_train, (x_test, found.y_test)


def main(name: str, source: str) -> None:
    x, y, test = load(source)
    importlib.import_module(IMPORTED[name])
    start = time.perf_counter()
    accuracy = globals()[name](x, y, test)
    seconds = time.perf_counter() - start
    print(json.dumps({"fit": seconds, "accuracy": float(accuracy(*test))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
