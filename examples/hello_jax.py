"""hello_mnist.py in JAX (pip install jax): functions, and the gradients of functions.

Run it from the project's folder: python -m benchmarks.jax (a script imports itself)
"""

import jax
import jax.numpy as jnp
import numpy as np

from digits import load_data

epochs, batch_size, hidden_units, seed = 5, 128, 512, 0  # as in hello_mnist.py
(x_train, y_train), (x_test, y_test) = load_data()
x_train, x_test = (np.float32(x.reshape(-1, 784)) / 255 for x in (x_train, x_test))


def network(weights, x):  # without softmax, which is part of the loss
    w1, b1, w2, b2 = weights
    return jax.nn.relu(x @ w1 + b1) @ w2 + b2


def loss(weights, x, y):
    log_probabilities = jax.nn.log_softmax(network(weights, x))
    return -log_probabilities[jnp.arange(len(y)), y].mean()


@jax.jit  # compiled when it is first called
def step(weights, mean_squares, x, y):  # of RMSprop
    g = jax.grad(loss)(weights, x, y)  # as many arrays as there are weights
    v = [0.9 * v + 0.1 * g**2 for v, g in zip(mean_squares, g)]
    return [w - 0.001 * g / (v + 1e-7) ** 0.5 for w, g, v in zip(weights, g, v)], v


key1, key2 = jax.random.split(jax.random.key(seed))
glorot = jax.nn.initializers.glorot_uniform()  # draws the first weights, as in Keras
w1, w2 = glorot(key1, (784, hidden_units)), glorot(key2, (hidden_units, 10))
weights = [w1, jnp.zeros(hidden_units), w2, jnp.zeros(10)]  # zeros: the biases
mean_squares = [jnp.zeros_like(w) for w in weights]
rng = np.random.default_rng(seed)
for _ in range(epochs):  # in each a new order of the images
    order = rng.permutation(len(x_train))
    for i in np.split(order, range(batch_size, len(order), batch_size)):
        weights, mean_squares = step(weights, mean_squares, x_train[i], y_train[i])
accuracy = (network(weights, x_test).argmax(axis=1) == y_test).mean()
print(f"Accuracy: test {accuracy:.4f}")
