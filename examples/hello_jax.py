"""hello_mnist.py in JAX (pip install jax): functions, and their gradients."""

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the project's folder
from digits import load_data

# Settings, as in hello_mnist.py
epochs, batch_size, hidden_units, learning_rate, seed = 5, 128, 512, 0.001, 0

(x_train, y_train), (x_test, y_test) = load_data()
x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255


def network(parameters, x):  # without softmax, which is part of the loss
    w1, b1, w2, b2 = parameters
    return jax.nn.relu(x @ w1 + b1) @ w2 + b2


def loss(parameters, x, y):
    log_probabilities = jax.nn.log_softmax(network(parameters, x))
    return -log_probabilities[jnp.arange(len(y)), y].mean()


@jax.jit  # compiled when it is first called
def step(parameters, mean_squares, x, y):  # of RMSprop, as in Keras
    gradient = jax.grad(loss)(parameters, x, y)  # as many arrays as there are in it
    new_parameters, new_squares = [], []
    for w, v, d in zip(parameters, mean_squares, gradient):
        v = 0.9 * v + 0.1 * d**2
        new_parameters.append(w - learning_rate * d / jnp.sqrt(v + 1e-7))
        new_squares.append(v)
    return new_parameters, new_squares  # JAX's arrays cannot be changed in place


# The first weights are drawn as in Keras, from other random numbers; the biases are 0.
key1, key2 = jax.random.split(jax.random.key(seed))
glorot = jax.nn.initializers.glorot_uniform()
w1, w2 = glorot(key1, (784, hidden_units)), glorot(key2, (hidden_units, 10))
parameters = [w1, jnp.zeros(hidden_units), w2, jnp.zeros(10)]
mean_squares = [jnp.zeros_like(w) for w in parameters]

# Train: in each epoch through all images, in a new order, batch by batch
rng = np.random.default_rng(seed)
for _ in range(epochs):
    order = rng.permutation(len(x_train))
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        x, y = x_train[batch], y_train[batch]
        parameters, mean_squares = step(parameters, mean_squares, x, y)

# Evaluate
accuracy = (network(parameters, x_test).argmax(axis=1) == y_test).mean()
print(f"Accuracy: test {accuracy:.4f}")
