"""What relu is for: points of two classes, and the border that a network draws."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the project's folder
from from_scratch.hello_numpy import backward, d_loss, first_weights, forward, rmsprop

rng = np.random.default_rng(3)
x = rng.uniform(0, 4, (200, 2))  # 200 points: class 0 below a wave, class 1 above it
y = (x[:, 1] > 2 + np.sin(2 * x[:, 0]) + rng.normal(0, 0.3, 200)).astype(int)
across, up = np.meshgrid(np.linspace(0, 4, 200), np.linspace(0, 4, 200))
grid = np.stack([across.ravel(), up.ravel()], axis=1)
figure, axes = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained")
for axis, units in zip(axes, (0, 2, 8, 50)):
    w1, b1, trained = np.eye(2), np.zeros(2), slice(2, 4)  # 0: the points themselves
    if units:  # each neuron's bend begins at a random point
        w1, trained = first_weights(rng, 2, units), slice(0, 4)
        b1 = -(w1 * rng.uniform(1, 3, (2, units))).sum(axis=0)
    network = [w1, b1, first_weights(rng, len(b1), 2), np.zeros(2)]
    mean_squares = [np.zeros_like(w) for w in network]
    for _step in range(10_000):
        hidden, log_p = forward(network, x)
        gradient = backward(network, x, hidden, d_loss(log_p, y))
        rmsprop(network[trained], mean_squares[trained], gradient[trained])
    right = (forward(network, x)[1].argmax(axis=1) == y).mean()
    print(f"{units:2} relu neurons: {right:.2f} of the 200 points read correctly")
    above = forward(network, grid)[1].argmax(axis=1).reshape(200, 200)
    axis.contourf(across, up, above, [0.5, 1], colors=["#b7e0d3"])
    axis.scatter(x[:, 0], x[:, 1], c=y, cmap="Greys", edgecolors="black", s=14)
    axis.set(title=f"{units} relu neurons", xticks=[], yticks=[], aspect="equal")
Path("plots").mkdir(exist_ok=True)
figure.savefig("plots/relu_borders.png", dpi=120)
