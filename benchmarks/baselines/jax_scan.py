"""JAX: each epoch is one compiled scan over the full batches."""

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.baselines import common
from from_scratch import hello_numpy


def logits(p, x):
    return jnp.maximum(x @ p["w1"] + p["b1"], 0) @ p["w2"] + p["b2"]


def loss(p, x, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits(p, x)), y[:, None], 1).mean()


def train(x, y):
    p = hello_numpy.init(np.random.default_rng(0), common.HIDDEN_UNITS)
    p = jax.tree.map(jnp.asarray, p)
    x, y = jnp.asarray(x), jnp.asarray(y, jnp.int32)
    full = len(x) // common.BATCH_SIZE * common.BATCH_SIZE  # images in full batches

    def step(state, batch):
        p, v = state
        g = jax.grad(loss)(p, x[batch], y[batch])
        v = jax.tree.map(lambda v, g: 0.9 * v + 0.1 * g**2, v, g)
        p = jax.tree.map(lambda p, v, g: p - 0.001 * g / jnp.sqrt(v + 1e-7), p, v, g)
        return (p, v), None

    @jax.jit
    def epoch(state, key):
        order = jax.random.permutation(key, len(x))
        batches = order[:full].reshape(-1, common.BATCH_SIZE)
        return jax.lax.scan(step, state, batches)[0]

    state = p, jax.tree.map(jnp.zeros_like, p)
    for key in jax.random.split(jax.random.key(0), common.EPOCHS):
        state = epoch(state, key)
    jax.block_until_ready(state)
    return lambda images: logits(state[0], images).argmax(axis=1)


if __name__ == "__main__":
    common.run(train)
