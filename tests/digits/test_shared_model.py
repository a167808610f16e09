"""Shares of a data set: equal in size, and together they measure what it measures."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digits.shared_model import SharedModel


def shares(length, batch_size, devices, processes):
    """Return every process's rows and weights, and its share of a batch."""
    found = []
    for process in range(processes):
        model = SharedModel.__new__(SharedModel)  # what it shares, without Keras
        model.process, model.processes = process, processes
        model.replicas = devices * processes
        y = np.arange(length)
        rows, labels, weights = model._own(y.reshape(-1, 1), y)
        assert (rows[:, 0] == labels).all()
        found.append((labels, weights, model._own_size(batch_size)))
    return found


@given(st.integers(1, 300), st.integers(1, 64), st.integers(1, 5), st.integers(1, 5))
def test_shares_are_equal_and_complete(length, batch_size, devices, processes):
    found = shares(length, batch_size, devices, processes)
    labels, weights, sizes = zip(*found, strict=True)
    assert len({len(own) for own in labels}) == 1
    assert len(labels[0]) % devices == 0
    assert len(set(sizes)) == 1
    assert sizes[0] % devices == 0
    if batch_size % (devices * processes) == 0:
        assert sizes[0] * processes == batch_size
    counted = np.concatenate(labels)[np.concatenate(weights) > 0]
    assert sorted(counted) == list(range(length))


@given(st.integers(1, 300), st.integers(1, 5), st.integers(1, 5), st.integers(0, 99))
def test_sums_over_shares_are_those_of_the_whole(length, devices, processes, seed):
    """As Keras adds up: sums over batches by the number of their rows."""
    values = np.random.default_rng(seed).random(length)
    found = shares(length, 1, devices, processes)
    total = sum((values[labels] * weights).sum() for labels, weights, _ in found)
    mean = total / sum(len(labels) for labels, _, _ in found)
    np.testing.assert_allclose(mean, values.mean(), rtol=1e-5)
