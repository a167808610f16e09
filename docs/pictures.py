"""The pictures of docs/lesson.md, drawn by docs/build.py from the network it trained.

Each function takes the names of hello_mnist.py and of the lesson's code, after they
have run, and returns a figure. Few words stand in the pictures: they serve lessons in
other languages, too. The colours can be told apart by the colour-blind; blue and orange
are positive and negative, as in draw/page.html, green and purple are true and wrong.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from from_scratch.hello_numpy import backward, d_loss, evaluate, forward

WIDTH = 8  # inches, for all pictures
POSITIVE, NEGATIVE = "#2f93d1", "#e66e14"
TRUE, WRONG, NEUTRAL = "#009e73", "#aa3377", "0.6"
RATE = "#8a5a00"  # how fast the loss changes
SIGNED = LinearSegmentedColormap.from_list("signed", [NEGATIVE, "white", POSITIVE])


def draw_all(names: dict, folder: str) -> None:
    """Write lesson_digit.png and the others into a folder."""
    names = {**names, "trained": names["model"].get_weights()}
    names["first"] = names["new_network"]().get_weights()
    pictures = (
        *(digit, means, neuron, network, curves, boxes, backward_boxes, step),
        *(first_epoch, weights, probabilities, epochs, split, rates, unknown),
    )
    for draw in pictures:
        figure = draw(names)
        figure.savefig(Path(folder) / f"lesson_{draw.__name__}.png", dpi=150)
        plt.close(figure)


def moments(names):
    return ("before training", names["first"]), ("after training", names["trained"])


def show(axis, image, title="", limit=None, size=11):
    """Draw an image: ink in black, or numbers from -limit, orange, to limit, blue."""
    if limit is None:
        drawn = axis.imshow(image, cmap="gray_r", vmin=0)
    else:
        drawn = axis.imshow(image, cmap=SIGNED, vmin=-limit, vmax=limit)
    axis.set(xticks=[], yticks=[])
    axis.set_title(title, fontsize=size)
    return drawn


def scale(figure, drawn, axes, **options):
    """Draw the scale of a signed picture: its two ends and 0."""
    limit = drawn.get_clim()[1]
    bar = figure.colorbar(drawn, ax=axes, ticks=[-limit, 0, limit], **options)
    bar.ax.set_yticklabels([f"{-limit:.2g}", "0", f"{limit:.2g}"], fontsize=8)


def without_frame(axis):
    axis.spines[["top", "right"]].set_visible(False)


def digit(names):
    """A digit, a part of it as numbers, and all of it as one row."""
    image = names["train_images"][0]
    top, left, rows, columns = 5, 8, 8, 12
    part = image[top : top + rows, left : left + columns]
    figure = plt.figure(figsize=(WIDTH, 4.3), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=[9, 1], width_ratios=[1, 1.55])
    whole = figure.add_subplot(grid[0, 0])
    show(whole, image, "28 × 28")
    place = (left - 0.5, top - 0.5)
    whole.add_patch(Rectangle(place, columns, rows, fill=False, ec=TRUE, lw=2.5))
    axis = figure.add_subplot(grid[0, 1])
    show(axis, part, f"{rows} × {columns}")
    axis.spines[:].set(color=TRUE, linewidth=2.5)
    for (r, c), value in np.ndenumerate(part):
        color = "white" if value > 127 else "black"
        axis.text(c, r, value, ha="center", va="center", color=color, fontsize=9)
    row = figure.add_subplot(grid[1, :])
    row.imshow(image.reshape(1, -1), cmap="gray_r", aspect="auto")
    row.set(yticks=[], xticks=[0, 783])
    row.set_title("784", fontsize=11)
    return figure


def means(names):
    """The mean image of each digit."""
    figure, axes = plt.subplots(1, 10, figsize=(WIDTH, 1.1), layout="constrained")
    for number, axis in enumerate(axes):
        show(axis, names["means"][number].reshape(28, 28), number)
    return figure


def neuron(names):
    """The same neuron before and after training: inputs, weights, products, result."""
    j, x = names["j"], names["x_train"][0]
    figure, axes = plt.subplots(
        2, 4, figsize=(WIDTH, 4), layout="constrained", width_ratios=[1, 1.2, 1.2, 1.1]
    )
    for row, (moment, (w, b, *_)) in zip(axes, moments(names)):
        products = x * w[:, j]
        show(row[0], x.reshape(28, 28), "784 inputs")
        row[0].set_ylabel(moment, fontsize=11)
        for axis, numbers, title in (
            (row[1], w[:, j], "× weights"),
            (row[2], products, "= products"),
        ):
            limit = np.abs(numbers).max()
            drawn = show(axis, numbers.reshape(28, 28), title, limit)
            scale(figure, drawn, axis, shrink=0.7)
        z = products.sum() + b[j]
        numbers = (
            f"sum  {products.sum():6.2f}\nbias {b[j]:6.2f}\n"
            f"     ──────\n     {z:6.2f}\nrelu {max(z, 0):6.2f}"
        )
        row[3].axis("off")
        row[3].text(0, 0.5, numbers, family="monospace", fontsize=12, va="center")
    return figure


def network(names):
    """The whole network, trained, with one image going through it."""
    x, w, j = names["x_train"][0], names["trained"], names["j"]
    hidden, log_p = forward(w, x[np.newaxis])
    hidden, p = hidden[0], np.exp(log_p[0])
    figure, axis = plt.subplots(figsize=(WIDTH, 4.4), layout="constrained")
    axis.set(xlim=(0, 101), ylim=(-9, 53))
    axis.axis("off")
    axis.imshow(x.reshape(28, 28), cmap="gray_r", extent=(0, 20, 13, 33), aspect="auto")
    axis.add_patch(Rectangle((0, 13), 20, 20, fill=False, ec="0.5"))
    axis.annotate("", (27, 23), (21.5, 23), arrowprops={"arrowstyle": "->"})

    pixels = np.linspace(45, 1, 112)  # every seventh of the 784 inputs
    shown = np.arange(0, 784, 7)
    strength = np.abs(w[0][:, j]).max()
    place = (60, 23.0)  # the one neuron whose lines are drawn
    for y, i in zip(pixels, shown):
        weight = w[0][i, j]
        color = POSITIVE if weight > 0 else NEGATIVE
        alpha = min(1, 0.05 + abs(weight) / strength)
        axis.plot([29, place[0]], [y, place[1]], color=color, lw=0.7, alpha=alpha)
    axis.scatter(
        np.full(112, 29),
        pixels,
        c=x[shown],
        cmap="gray_r",
        s=9,
        edgecolors="0.5",
        linewidths=0.3,
        zorder=3,
        vmin=0,
        vmax=1,
    )

    others = np.delete(np.arange(512), j)[:: 511 // 23][:22]
    rows = np.delete(np.linspace(45, 1, 23), 11)
    chosen = [*others[:11], j, *others[11:]]
    places = [*rows[:11], place[1], *rows[11:]]
    bright = hidden / hidden[chosen].max()
    outputs = np.linspace(45, 1, 10)
    strength = np.abs(w[2][j]).max()
    for y, weight in zip(outputs, w[2][j]):
        color = POSITIVE if weight > 0 else NEGATIVE
        alpha = min(1, 0.1 + abs(weight) / strength)
        axis.plot([place[0], 79], [place[1], y], color=color, lw=1.3, alpha=alpha)
    for y, neuron in zip(places, chosen):
        size, edge = (90, "black") if neuron == j else (38, "0.5")
        color = str(1 - min(1, bright[neuron]))
        axis.scatter(60, y, s=size, c=color, edgecolors=edge, zorder=3)
    for number, (y, probability) in enumerate(zip(outputs, p)):
        axis.scatter(79, y, s=60, c=str(1 - probability), edgecolors="0.3", zorder=3)
        axis.text(82, y, number, va="center", fontsize=10)
        color = TRUE if number == names["train_labels"][0] else NEUTRAL
        axis.barh(y, 15 * probability, 2.6, left=85, color=color)
        axis.plot([85, 85], [y - 1.5, y + 1.5], color="0.5", lw=0.8)
    for x_place, top, below in (
        (10, "28 × 28", ""),
        (29, "784", ""),
        (44.5, "", "784 × 512 + 512\n= 401,920"),
        (60, "512", ""),
        (70, "", "512 × 10 + 10\n= 5,130"),
        (79, "10", ""),
        (92, "0 … 1", ""),
    ):
        axis.text(x_place, 48, top, ha="center", va="bottom", fontsize=11)
        axis.text(x_place, -2, below, ha="center", va="top", fontsize=10)
    return figure


def curves(names):
    """relu, sigmoid, and -ln p with the points of the lesson's table."""
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 2.6), layout="constrained")
    z = np.linspace(-6, 6, 241)
    axes[0].plot(z, np.maximum(z, 0), color="black")
    axes[1].plot(z, 1 / (1 + np.exp(-z)), color="black")
    axes[0].set(title="relu", xlabel="z", xticks=[-5, 0, 5])
    axes[1].set(title="sigmoid", xlabel="z", xticks=[-5, 0, 5], yticks=[0, 0.5, 1])
    p = np.linspace(0.0005, 1, 500)
    axes[2].plot(p, -np.log(p), color="black")
    axes[2].set(title="loss: −ln p", xlabel="p", xticks=[0, 0.5, 1])
    points = np.array([0.999, 0.5, 0.1, 0.001])
    axes[2].plot(points, -np.log(points), "o", color="black")
    for axis in axes:
        axis.grid(color="0.9")
        without_frame(axis)
    return figure


def draw_boxes(axis, nodes, arrows):
    """Draw boxes: {name: (x, y, label, number above, rate below)}, and arrows."""
    axis.axis("off")
    for start, end in arrows:
        (x1, y1), (x2, y2) = nodes[start][:2], nodes[end][:2]
        style = {"arrowstyle": "-|>", "color": "0.5", "shrinkA": 24, "shrinkB": 24}
        axis.annotate("", (x2, y2), (x1, y1), arrowprops=style)
    for x, y, label, number, rate in nodes.values():
        box = {"boxstyle": "round", "facecolor": "0.94", "edgecolor": "0.4"}
        axis.text(x, y, label, ha="center", va="center", bbox=box, fontsize=11)
        number, rate = number.replace("-", "−"), rate.replace("-", "−")
        axis.text(x, y + 0.25, number, ha="center", va="bottom", fontsize=11)
        axis.text(x, y - 0.25, rate, ha="center", va="top", fontsize=11, color=RATE)


def boxes(names):
    """The example by hand: numbers forward above, rates backward below."""
    h, weights = names["h"], np.array([0.5, 0.0])
    logits, p, loss = names["forward"](weights)
    d = p - np.array([0, 1])
    nodes = {"h": (0, 0, "h", f"{h}", f"{weights @ d:.3f}")}
    for k, y in enumerate((1, -1)):
        nodes[f"w{k}"] = (
            2,
            1.6 * y,
            f"weight {k + 1}",
            f"{weights[k]:g}",
            f"{h * d[k]:.3f}",
        )
        nodes[f"z{k}"] = 4, y, f"logit {k + 1}", f"{logits[k]:.0f}", f"{d[k]:.3f}"
        nodes[f"p{k}"] = 6, y, f"$p_{k + 1}$", f"{p[k]:.3f}", ""
    nodes["loss"] = 8, 0, r"loss: $-\ln\,p_2$", f"{loss:.3f}", "1"
    arrows = [(f"{a}{k}", f"{b}{k}") for k in (0, 1) for a, b in ("wz", "zp")]
    arrows += [("h", "z0"), ("h", "z1"), ("p1", "loss"), ("z0", "p1"), ("z1", "p0")]
    figure, axis = plt.subplots(figsize=(WIDTH, 3.4), layout="constrained")
    axis.set(xlim=(-0.7, 9), ylim=(-2.5, 2.4))
    draw_boxes(axis, nodes, arrows)
    return figure


def backward_boxes(names):
    """The real network, untrained: one weight's way to the loss, and back."""
    j, i, x = names["j"], names["pixel"], names["x_train"][0].astype(float)
    w1, b1, w2, b2 = names["first"]
    z = x @ w1[:, j] + b1[j]
    logits = np.maximum(x @ w1 + b1, 0) @ w2 + b2
    p = np.exp(logits) / np.exp(logits).sum()
    d = p - np.eye(10)[5]
    d_h = w2[j] @ d
    second = np.delete(np.arange(10), 5)[np.abs(np.delete(w2[j] * d, 5)).argmax()]
    rest = d_h - w2[j, 5] * d[5] - w2[j, second] * d[second]
    ways = [w2[j, 5] * d[5], w2[j, second] * d[second], rest]
    total = " ".join(f"{way:+.3f}" for way in ways).lstrip("+")
    total = total.replace("-", "− ").replace("+", "+ ")
    nodes = {
        "x": (0, 0.75, "pixel", f"{x[i]:.3f}", ""),
        "w": (0, -0.75, "weight", f"{w1[i, j]:.3f}", f"{x[i] * d_h:.5f}"),
        "z": (1.9, 0, "sum", f"{z:.2f}", f"{d_h:.5f}"),
        "h": (3.7, 0, "relu", f"{max(z, 0):.2f}", f"{d_h:.5f}"),
        "5": (6, 1.5, "logit 5", f"{logits[5]:.2f}", f"{d[5]:.3f}"),
        "k": (6, 0, f"logit {second}", f"{logits[second]:.2f}", f"{d[second]:.3f}"),
        "…": (6, -1.5, "8 more logits", "", ""),
        "loss": (8.2, 0, "loss", f"{-np.log(p[5]):.2f}", "1"),
    }
    arrows = [("x", "z"), ("w", "z"), ("z", "h")]
    arrows += [pair for k in "5k…" for pair in (("h", k), (k, "loss"))]
    figure, axis = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    axis.set(xlim=(-0.7, 8.8), ylim=(-2.1, 2.3))
    draw_boxes(axis, nodes, arrows)
    axis.text(4, -0.7, f"= {total}", ha="right", va="center", fontsize=10, color=RATE)
    return figure


def step(names):
    """The untrained network's loss along the gradient, and steps of three sizes."""
    x, y = names["x_train"][:10_000], names["train_labels"][:10_000]
    hidden, log_p = forward(names["first"], x)
    gradient = backward(names["first"], x, hidden, d_loss(log_p, y))

    def loss(size):
        moved = [w - size * d for w, d in zip(names["first"], gradient)]
        return evaluate(moved, x, y)[0]

    sizes = np.linspace(0, 7, 71)
    figure, axis = plt.subplots(figsize=(WIDTH, 3.4), layout="constrained")
    axis.plot(sizes, [loss(size) for size in sizes], color="black")
    axis.plot(0, loss(0), "ko", ms=8)
    for size, color, marker in (0.2, NEUTRAL, "v"), (1.5, TRUE, "o"), (6, WRONG, "s"):
        arrow = {"arrowstyle": "-|>", "color": color, "lw": 2}
        axis.annotate("", (size, loss(size)), (0, loss(0)), arrowprops=arrow)
        label = f"{size}: loss {loss(size):.2f}"
        axis.plot(size, loss(size), marker, color=color, ms=10, label=label)
    axis.set(xlabel="learning rate", ylabel="loss after one step", ylim=(0, None))
    axis.legend(fontsize=11)
    without_frame(axis)
    return figure


def first_epoch(names):
    """The loss of each step of one epoch; test accuracy and a neuron's weights."""
    losses, moments, j = names["batch_losses"], names["moments"], names["j"]
    figure = plt.figure(figsize=(WIDTH, 4.9), layout="constrained")
    grid = figure.add_gridspec(2, 6, height_ratios=[2.1, 1])
    axis = figure.add_subplot(grid[0, :])
    axis.plot(losses, color="black", lw=0.8)
    axis.set(xlabel="step", ylabel="loss of the batch", ylim=(0, 2.6))
    without_frame(axis)
    for number in moments:
        axis.axvline(number, color=TRUE, lw=1, ls=":")
    limit = 2.5 * np.abs(moments[469][1][0][:, j]).std()
    small = [figure.add_subplot(grid[1, k]) for k in range(6)]
    for place, (number, (accuracy, w)) in zip(small, moments.items()):
        title = f"{number}\n{100 * accuracy:.0f} %"
        drawn = show(place, w[0][:, j].reshape(28, 28), title, limit)
    scale(figure, drawn, small[-1], shrink=0.9)
    return figure


def weights(names):
    """The weights of 16 neurons, before and after training."""
    figure = plt.figure(figsize=(WIDTH, 4.2), layout="constrained")
    halves = figure.subfigures(1, 2, wspace=0.04, width_ratios=[1, 1.15])
    limit = 2.5 * np.abs(names["trained"][0][:, :16]).std()
    for half, (moment, (w, *_)) in zip(halves, moments(names)):
        half.suptitle(moment, fontsize=12)
        axes = half.subplots(4, 4)
        for i, axis in enumerate(axes.flat):
            drawn = show(axis, w[:, i].reshape(28, 28), limit=limit)
    scale(half, drawn, axes, shrink=0.6)
    return figure


def probabilities(names):
    """Ten probabilities of four test images, before and after training."""
    chosen = [0, names["unsure"], *names["wrong"][[0, 2]]]
    x = names["x_test"][chosen]
    figure, axes = plt.subplots(
        3, 4, figsize=(WIDTH, 5), layout="constrained", sharey="row"
    )
    for axis, i in zip(axes[0], chosen):
        show(axis, names["test_images"][i], names["test_labels"][i])
    for row, (moment, w) in zip(axes[1:], moments(names)):
        row[0].set_ylabel(moment)
        p = np.exp(forward(w, x)[1])
        for axis, i, heights in zip(row, chosen, p):
            colors = [NEUTRAL] * 10
            colors[heights.argmax()] = WRONG
            colors[names["test_labels"][i]] = TRUE
            axis.bar(range(10), heights, color=colors)
            axis.set(xticks=range(10), ylim=(0, 1.02))
            without_frame(axis)
    return figure


def epochs(names):
    """Accuracy and loss in twenty epochs; a grey line ends the five of the program."""
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 3.3), layout="constrained")
    ends = np.arange(1, 21)
    for axis, key in zip(axes, ["accuracy", "loss"]):
        axis.plot(ends - 0.5, names["log"][key], "o-", ms=4, label="train")
        axis.plot(ends, names["log"]["val_" + key], "s-", ms=4, label="test")
        axis.axvline(5, color="0.8", zorder=0)
        axis.set(title=key, xlabel="epoch", xticks=[0, 5, 10, 15, 20])
        without_frame(axis)
        axis.legend()
    return figure


def split(names):
    """Training, validation and test images as one bar."""
    figure, axis = plt.subplots(figsize=(WIDTH, 1.3), layout="constrained")
    axis.set(xlim=(0, 70), ylim=(-0.9, 0.55))
    axis.axis("off")
    for start, size, color, words in (
        (0, 50, "#b9d9ee", "train: changes weights"),
        (50, 10, "#b7e0d3", "validation:\nchooses settings"),
        (60, 10, "#e3c3d6", "test:\nmeasured once"),
    ):
        axis.barh(0, size, 0.9, left=start, color=color, edgecolor="black")
        place = start + size / 2
        axis.text(place, 0, f"{size},000", ha="center", va="center", fontsize=12)
        axis.text(place, -0.52, words, ha="center", va="top", fontsize=9)
    return figure


def rates(names):
    """Validation accuracy in five epochs, for each learning rate."""
    figure, axis = plt.subplots(figsize=(WIDTH, 3), layout="constrained")
    for (rate, log), line in zip(names["tried"].items(), ("v-", "o-", "s--", "x:")):
        axis.plot(range(1, 6), log["val_accuracy"], line, color="black", label=rate)
    axis.set(xlabel="epoch", ylabel="validation accuracy", xticks=range(1, 6))
    axis.legend(title="learning rate", loc="upper left", bbox_to_anchor=(1, 1))
    without_frame(axis)
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
