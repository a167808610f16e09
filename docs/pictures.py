"""The pictures of docs/lesson.md, drawn by docs/build.py from the network it trained.

Each function takes the names of hello_mnist.py and of the lesson's code, after they
have run, and returns a figure. Few words stand in the pictures: they serve lessons in
other languages, too. Red and blue are told apart by the colour-blind.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from from_scratch.hello_numpy import backward, d_loss, evaluate, forward

WIDTH = 8  # inches, for all pictures
TRUE, FALSE, NEUTRAL = "tab:blue", "tab:red", "0.6"
MOMENTS = ("before training", "first"), ("after training", "trained")  # weights' names


def draw_all(names: dict, folder: Path) -> None:
    """Write lesson_digit.png and the others into a folder."""
    for draw in (digit, neuron, probabilities, step, weights, against, epochs, unknown):
        figure = draw(names)
        figure.savefig(folder / f"lesson_{draw.__name__}.png", dpi=150)
        plt.close(figure)


def show(axis, image, title="", limit=None, size=11):
    """Draw an image: ink in black, or numbers from -limit in blue to limit in red."""
    if limit is None:
        axis.imshow(image, cmap="gray_r", vmin=0)
    else:
        axis.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit)
    axis.set(xticks=[], yticks=[])
    axis.set_title(title, fontsize=size)


def digit(names):
    """A digit, a part of it as numbers, and all of it as one row."""
    image = names["train_images"][0]
    top, left, rows, columns = names["top"], names["left"], 8, 12
    part = image[top : top + rows, left : left + columns]
    figure = plt.figure(figsize=(WIDTH, 4.3), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=[9, 1], width_ratios=[1, 1.55])
    whole = figure.add_subplot(grid[0, 0])
    show(whole, image, "28 × 28")
    place = (left - 0.5, top - 0.5)
    whole.add_patch(Rectangle(place, columns, rows, fill=False, ec=FALSE, lw=2.5))
    axis = figure.add_subplot(grid[0, 1])
    show(axis, part, f"{rows} × {columns}")
    axis.spines[:].set(color=FALSE, linewidth=2.5)
    for (r, c), value in np.ndenumerate(part):
        color = "white" if value > 127 else "black"
        axis.text(c, r, value, ha="center", va="center", color=color, fontsize=9)
    row = figure.add_subplot(grid[1, :])
    row.imshow(image.reshape(1, -1), cmap="gray_r", aspect="auto")
    row.set(yticks=[], xticks=[0, 783])
    row.set_title("784", fontsize=11)
    return figure


def neuron(names):
    """The same neuron before and after training: inputs, weights, products, result."""
    j = names["j"]
    figure, axes = plt.subplots(
        2, 4, figsize=(WIDTH, 4.4), layout="constrained", width_ratios=[1, 1, 1, 1.15]
    )
    x = np.asarray(names["x_train"][0])
    for row, (moment, name) in zip(axes, MOMENTS):
        w, b, *_ = names[name]
        products = x * w[:, j]
        show(row[0], x.reshape(28, 28), "784 inputs")
        row[0].set_ylabel(moment, fontsize=11)
        size = np.abs(w[:, j]).max()
        show(row[1], w[:, j].reshape(28, 28), "× weights", limit=size)
        size = np.abs(products).max()
        show(row[2], products.reshape(28, 28), "= products", limit=size)
        z = products.sum() + b[j]
        numbers = (
            f"sum  {products.sum():6.2f}\nbias {b[j]:6.2f}\n"
            f"     ──────\n     {z:6.2f}\nrelu {max(z, 0):6.2f}"
        )
        row[3].axis("off")
        row[3].text(0, 0.5, numbers, family="monospace", fontsize=13, va="center")
    return figure


def probabilities(names):
    """Ten probabilities of four test images, before and after training."""
    chosen = [0, names["unsure"], *names["wrong"][[0, 2]]]
    x = names["x_test"][chosen]
    figure, axes = plt.subplots(
        3, 4, figsize=(WIDTH, 5.2), layout="constrained", sharey="row"
    )
    for axis, i in zip(axes[0], chosen):
        show(axis, names["test_images"][i], names["test_labels"][i])
    for row, (moment, name) in zip(axes[1:], MOMENTS):
        row[0].set_ylabel(moment)
        p = np.exp(forward(names[name], x)[1])
        for axis, i, heights in zip(row, chosen, p):
            colors = [NEUTRAL] * 10
            colors[heights.argmax()] = FALSE
            colors[names["test_labels"][i]] = TRUE
            axis.bar(range(10), heights, color=colors)
            axis.set(xticks=range(10), ylim=(0, 1.02))
            axis.spines[["top", "right"]].set_visible(False)
    return figure


def step(names):
    """The untrained network's loss along the gradient, and steps of three sizes."""
    x = np.asarray(names["x_train"][:10_000])
    y = names["train_labels"][:10_000]
    hidden, log_p = forward(names["first"], x)
    gradient = backward(names["first"], x, hidden, d_loss(log_p, y))

    def loss(size):
        moved = [w - size * d for w, d in zip(names["first"], gradient)]
        return evaluate(moved, x, y)[0]

    sizes = np.linspace(0, 7, 71)
    figure, axis = plt.subplots(figsize=(WIDTH, 3.8), layout="constrained")
    axis.plot(sizes, [loss(size) for size in sizes], color="black")
    axis.plot(0, loss(0), "ko", ms=8)
    for size, color, marker in (0.2, NEUTRAL, "v"), (1.5, TRUE, "o"), (6, FALSE, "s"):
        arrow = {"arrowstyle": "-|>", "color": color, "lw": 2}
        axis.annotate("", (size, loss(size)), (0, loss(0)), arrowprops=arrow)
        label = f"{size}: loss {loss(size):.2f}"
        axis.plot(size, loss(size), marker, color=color, ms=10, label=label)
    axis.set(xlabel="learning rate", ylabel="loss after one step", ylim=(0, None))
    axis.legend(fontsize=11)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def weights(names):
    """The weights of 16 neurons, before and after training."""
    figure = plt.figure(figsize=(WIDTH, 4.4), layout="constrained")
    halves = figure.subfigures(1, 2, wspace=0.04)
    limit = 2.5 * np.abs(names["trained"][0][:, :16]).std()
    for half, (moment, name) in zip(halves, MOMENTS):
        w = names[name][0]
        half.suptitle(moment, fontsize=12)
        for i, axis in enumerate(half.subplots(4, 4).flat):
            show(axis, w[:, i].reshape(28, 28), limit=limit)
    return figure


def against(names):
    """The pixels that spoke for the wrong digit, red, and for the true one, blue."""
    figure, axes = plt.subplots(2, 4, figsize=(WIDTH, 4.5), layout="constrained")
    for column, i in zip(axes.T, names["wrong"][:4]):
        label, said = names["test_labels"][i], names["predictions"][i]
        spoke = names["spoke_for"](names["x_test"][i], said, label)
        show(column[0], names["test_images"][i], f"{label} → {said}", size=13)
        show(column[1], spoke.reshape(28, 28), limit=np.abs(spoke).max())
    return figure


def epochs(names):
    """Accuracy and loss in twenty epochs; a grey line ends the five of the page."""
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 3.6), layout="constrained")
    numbers = range(1, len(names["history"]) + 1)
    for axis, key in zip(axes, ["accuracy", "loss"]):
        train, test = zip(*((a[key], b[key]) for a, b in names["history"]))
        axis.plot(numbers, train, "o-", ms=4, label="train")
        axis.plot(numbers, test, "s-", ms=4, label="test")
        axis.axvline(5, color="0.8", zorder=0)
        axis.set(title=key, xlabel="epoch", xticks=[1, 5, 10, 15, 20])
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend()
    return figure


def unknown(names):
    """Pictures that show no digit, each with the digit and the confidence it gets."""
    pictures, answers = names["strange"], names["answers"]
    figure, axes = plt.subplots(1, len(pictures), figsize=(WIDTH, 1.9))
    for axis, picture, p in zip(axes, pictures, answers):
        show(axis, picture, f"{p.argmax()}: {p.max():.3f}", size=12)
        axis.images[0].set_clim(0, 255)
    figure.tight_layout()
    return figure
