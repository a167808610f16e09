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

PICTURES = Path(__file__).with_name("pictures")
WIDTH = 8  # inches, for all pictures
POSITIVE, NEGATIVE = "#2f93d1", "#e66e14"
TRUE, WRONG, NEUTRAL = "#009e73", "#aa3377", "0.6"
RATE = "#8a5a00"  # how fast the loss changes
SIGNED = LinearSegmentedColormap.from_list("signed", [NEGATIVE, "white", POSITIVE])


def draw_all(names: dict) -> None:
    """Write lesson_digit.png and the others into docs/pictures/."""
    names = {**names, "trained": names["model"].get_weights()}
    names["first"] = names["new_network"]().get_weights()
    pictures = (
        *(digit, means, neuron, network, curves, boxes, backward_boxes, step),
        *(first_epoch, weights, probabilities, epochs, split, rates, unknown),
    )
    with plt.rc_context({"axes.spines.top": False, "axes.spines.right": False}):
        for draw in pictures:
            figure = draw(names)
            path = PICTURES / f"lesson_{draw.__name__}.png"
            figure.savefig(path, dpi=150, bbox_inches="tight", pad_inches=0.08)
            plt.close(figure)


def moments(names):
    return ("before training", names["first"]), ("after training", names["trained"])


def subplots(rows, columns, height, **options):
    size = WIDTH, height
    return plt.subplots(rows, columns, figsize=size, layout="constrained", **options)


def show(axis, image, title="", limit=None):
    """Draw an image: ink in black, or numbers from -limit, orange, to limit, blue."""
    if limit is None:
        drawn = axis.imshow(image, cmap="gray_r", vmin=0)
    else:
        drawn = axis.imshow(image, cmap=SIGNED, vmin=-limit, vmax=limit)
    axis.spines[:].set_visible(True)
    axis.set(xticks=[], yticks=[])
    axis.set_title(title, fontsize=11)
    return drawn


def scale(figure, drawn, axes):
    """Draw the scale of a signed picture: its two ends and 0."""
    limit = drawn.get_clim()[1]
    bar = figure.colorbar(drawn, ax=axes, shrink=0.7, ticks=[-limit, 0, limit])
    bar.ax.set_yticklabels([f"−{limit:.2g}", "0", f"{limit:.2g}"], fontsize=8)


def not_from_zero(axis):
    """Mark the start of a vertical axis: it is cut off below."""
    low, high = axis.get_ylim()
    axis.set_ylim(low - 0.08 * (high - low), high)
    slash = {"marker": [(-1, -0.5), (1, 0.5)], "ms": 8, "clip_on": False}
    axis.plot([0, 0], [0.03, 0.055], "k", ls="", transform=axis.transAxes, **slash)


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
    show(row, image.reshape(1, -1), "784")
    row.set(aspect="auto", xticks=[0, 783])
    return figure


def means(names):
    """The mean image of each digit."""
    figure, axes = subplots(1, 10, 1.1)
    for number, axis in enumerate(axes):
        show(axis, names["means"][number].reshape(28, 28), number)
    return figure


def neuron(names):
    """The same neuron before and after training: inputs, weights, products, result."""
    j, x = names["j"], names["x_train"][0]
    figure, axes = subplots(2, 4, 3.9, width_ratios=[1.33, 1.3, 1.3, 0.82])
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
            scale(figure, drawn, axis)
        z = products.sum() + b[j]
        numbers = (
            f"sum  {products.sum():6.2f}\nbias {b[j]:6.2f}\n"
            f"     ──────\n     {z:6.2f}\nrelu {max(z, 0):6.2f}"
        )
        row[3].axis("off")
        numbers = numbers.replace("-", "−")
        row[3].text(0, 0.5, numbers, family="monospace", fontsize=12, va="center")
    return figure


def network(names):
    """The whole network, trained, with one image going through it."""
    x, w, j = names["x_train"][0], names["trained"], names["j"]
    hidden, log_p = forward(w, x[np.newaxis])
    hidden, p = hidden[0], np.exp(log_p[0])
    figure, axis = subplots(1, 1, 4.4)
    axis.set(xlim=(0, 101), ylim=(-9, 53))
    axis.axis("off")
    axis.imshow(x.reshape(28, 28), cmap="gray_r", extent=(0, 20, 13, 33), aspect="auto")
    axis.add_patch(Rectangle((0, 13), 20, 20, fill=False, ec="0.5"))
    axis.annotate("", (27, 23), (21.5, 23), arrowprops={"arrowstyle": "->"})

    gaps = 34, 12  # at these heights ⋮ says that not all are drawn

    def column(count):
        heights = np.linspace(45, 1, count)
        distances = np.abs(np.subtract.outer(heights, gaps)).min(axis=1)
        return heights[distances > 1.6]

    pixels, neurons, outputs = column(112), column(23), np.linspace(45, 1, 10)
    shown = np.interp(pixels, [1, 45], [783, 0]).astype(int)
    colors = {"cmap": "gray_r", "vmin": 0, "vmax": 1, "zorder": 3}
    size = {"s": 9, "edgecolors": "0.5", "linewidths": 0.3}
    axis.scatter(np.full(len(pixels), 29), pixels, c=x[shown], **size, **colors)
    draw_lines(axis, 29, pixels, 60, w[0][shown, j], 0.7)
    draw_lines(axis, 79, outputs, 60, w[2][j], 1.3)

    chosen = np.linspace(0, 511, len(neurons)).astype(int)
    chosen[len(neurons) // 2] = j  # the one neuron whose lines are drawn
    edges = np.where(chosen == j, "black", "0.5")
    size = {"s": np.where(chosen == j, 90, 38), "edgecolors": edges}
    bright = hidden[chosen] / hidden[chosen].max()
    axis.scatter(np.full(len(neurons), 60), neurons, c=bright, **size, **colors)
    axis.scatter(np.full(10, 79), outputs, c=p, s=60, edgecolors="0.3", **colors)
    bars = [NEUTRAL] * 10
    bars[names["train_labels"][0]] = TRUE
    axis.barh(outputs, 15 * p, 2.6, left=85, color=bars)
    axis.plot([85, 85], [-0.5, 46.5], color="0.5", lw=0.8)
    words = [
        *((10, 49, "28 × 28"), (29, 49, "784"), (92.5, 49, "probability")),
        *((60, 49.5, "512\nrelu"), (79, 49.5, "10\nsoftmax"), (92.5, -4.7, "loss")),
        (44.5, -4.7, "784 × 512 + 512\n= 401,920"),
        (70, -4.7, "512 × 10 + 10\n= 5,130"),
        *((82, y, number) for number, y in enumerate(outputs)),
        *((place, y, "⋮") for place in (29, 60) for y in gaps),
    ]
    for x, y, text in words:
        axis.text(x, y, text, ha="center", va="center", fontsize=11)
    for start, end in (89, 78), (62, 54):  # backward
        arrow = {"arrowstyle": "->", "color": RATE}
        axis.annotate("", (end, -4.7), (start, -4.7), arrowprops=arrow)
    return figure


def draw_lines(axis, x, heights, neuron, weights, width):
    """Draw lines from (x, heights) to a neuron; a strong weight has a dark line."""
    strength = np.abs(weights).max()
    for y, weight in zip(heights, weights):
        color = POSITIVE if weight > 0 else NEGATIVE
        alpha = min(1, 0.1 + abs(weight) / strength)
        axis.plot([x, neuron], [y, 23], color=color, lw=width, alpha=alpha)


def curves(names):
    """relu, sigmoid, and -ln p with the points of the lesson's table."""
    figure, axes = subplots(1, 3, 2.6)
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
    return figure


def draw_boxes(axis, nodes, arrows):
    """Draw boxes: {name: (x, y, label, number above, rate below)}, and arrows."""
    axis.axis("off")
    style = {"arrowstyle": "-|>", "color": "0.5", "shrinkA": 2, "shrinkB": 2}
    for start, end in arrows:
        (x1, y1), (x2, y2) = nodes[start][:2], nodes[end][:2]
        axis.annotate("", (x2 - 0.5, y2), (x1 + 0.5, y1), arrowprops=style)
    words = {"ha": "center", "fontsize": 11}
    for x, y, label, number, rate in nodes.values():
        place = x - 0.5, y - 0.2
        axis.add_patch(Rectangle(place, 1, 0.4, facecolor="0.94", edgecolor="0.4"))
        axis.text(x, y, label, va="center", **words)
        number, rate = number.replace("-", "−"), rate.replace("-", "−")
        axis.text(x, y + 0.25, number, va="bottom", **words)
        axis.text(x, y - 0.27, rate, va="top", color=RATE, **words)


def boxes(names):
    """The example by hand: numbers forward above, rates backward below."""
    h, weights = names["h"], np.array([0.5, 0.0])
    logits, p, loss = names["forward"](weights)
    d = p - np.array([0, 1])
    nodes = {
        "h": (0, 0, "h", f"{h}", f"{weights @ d:.3f}"),
        "w0": (2, 1.6, "weight 1", f"{weights[0]:g}", f"{h * d[0]:.3f}"),
        "w1": (2, -1.6, "weight 2", f"{weights[1]:g}", f"{h * d[1]:.3f}"),
        "z0": (4, 1, "logit 1", f"{logits[0]:.0f}", f"p-y = {d[0]:.3f}"),
        "z1": (4, -1, "logit 2", f"{logits[1]:.0f}", f"p-y = {d[1]:.3f}"),
        "p0": (6, 1, "$p_1$", f"{p[0]:.3f}", ""),
        "p1": (6, -1, "$p_2$", f"{p[1]:.3f}", ""),
        "loss": (8, -1, r"$-\ln\,p_2$", f"loss {loss:.3f}", "1"),
        "key": (8, 1, "", "forward →", "← backward"),
    }
    arrows = [(f"{a}{k}", f"{b}{k}") for k in (0, 1) for a, b in ("wz", "zp")]
    arrows += [("h", "z0"), ("h", "z1"), ("p1", "loss"), ("z0", "p1"), ("z1", "p0")]
    figure, axis = subplots(1, 1, 3.4)
    axis.set(xlim=(-0.7, 8.7), ylim=(-2.3, 2.2))
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
    ways = w2[j] * d  # one for each logit: their sum is the neuron's rate
    rate = ways.sum()
    k = np.argsort(-np.abs(ways))
    k = k[k != 5][0]  # the strongest but the 5
    paths = ways[5], ways[k], rate - ways[5] - ways[k]
    total = "\n".join([f"{rate:.5f} =", *(f"{path:+.3f}" for path in paths)])
    nodes = {
        "x": (0, 0.75, "pixel", f"{x[i]:.3f}", ""),
        "w": (0, -0.75, "weight", f"{w1[i, j]:.3f}", f"{x[i] * rate:.5f}"),
        "z": (1.9, 0, "sum", f"{z:.2f}", f"{rate:.5f}"),
        "h": (3.8, 0, "relu", f"{max(z, 0):.2f}", total),
        "5": (6, 1.5, "logit 5", f"{logits[5]:.2f}", f"{d[5]:.3f}"),
        "k": (6, 0, f"logit {k}", f"{logits[k]:.2f}", f"{d[k]:.3f}"),
        "…": (6, -1.5, "8 more", "", ""),
        "loss": (8.2, 0, "loss", f"{-np.log(p[5]):.2f}", "1"),
        "key": (8.2, 1.5, "", "forward →", "← backward"),
    }
    arrows = [("x", "z"), ("w", "z"), ("z", "h")]
    arrows += [pair for k in "5k…" for pair in (("h", k), (k, "loss"))]
    figure, axis = subplots(1, 1, 3.2)
    axis.set(xlim=(-0.7, 8.9), ylim=(-2, 2.1))
    draw_boxes(axis, nodes, arrows)
    for x, y, logit in (4.9, 0.9, 5), (5.2, 0.1, k):  # beside the arrows, the weights
        axis.text(x, y, f"× {w2[j, logit]:.3f}".replace("-", "−"), ha="right")
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
    figure, axis = subplots(1, 1, 3.4)
    axis.plot(sizes, [loss(size) for size in sizes], color="black")
    axis.plot(0, loss(0), "ko", ms=8)
    for size, color, marker in (0.2, NEUTRAL, "v"), (1.5, TRUE, "o"), (6, WRONG, "s"):
        arrow = {"arrowstyle": "-|>", "color": color, "lw": 2}
        axis.annotate("", (size, loss(size)), (0, loss(0)), arrowprops=arrow)
        label = f"{size}: loss {loss(size):.2f}"
        axis.plot(size, loss(size), marker, color=color, ms=10, label=label)
    axis.set(xlabel="learning rate", ylabel="loss after one step", ylim=(0, None))
    axis.legend(fontsize=11)
    return figure


def first_epoch(names):
    """The loss of each step of one epoch; test accuracy and a neuron's weights."""
    losses, moments, j = names["batch_losses"], names["moments"], names["j"]
    figure = plt.figure(figsize=(WIDTH, 4.9), layout="constrained")
    grid = figure.add_gridspec(2, 6, height_ratios=[2.1, 1])
    axis = figure.add_subplot(grid[0, :])
    axis.plot(losses, color="black", lw=0.8)
    axis.set(xlabel="step", ylabel="loss of the batch", ylim=(0, 2.6))
    for number in moments:
        axis.axvline(number, color=TRUE, lw=1, ls=":")
    limit = 2.5 * np.abs(moments[469][1][0][:, j]).std()
    small = [figure.add_subplot(grid[1, k]) for k in range(6)]
    for place, (number, (accuracy, w)) in zip(small, moments.items()):
        title = f"{number}\n{100 * accuracy:.0f} %"
        drawn = show(place, w[0][:, j].reshape(28, 28), title, limit)
    small[0].text(-3, -3, "step\ntest accuracy", ha="right", fontsize=11)
    words = f"weights of\nneuron {j}"
    small[0].text(-3, 14, words, ha="right", va="center", fontsize=11)
    scale(figure, drawn, small[-1])
    return figure


def weights(names):
    """The weights of 16 neurons, before and after training."""
    widths = [3] * 4 + [1] + [3] * 4  # a gap between the halves
    figure, axes = subplots(4, 9, 3.7, width_ratios=widths)
    limit = 2.5 * np.abs(names["trained"][0][:, :16]).std()
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.93))  # above it stand the titles
    halves = zip((0, 5), (0.21, 0.668), moments(names))
    for left, middle, (moment, (w, *_)) in halves:
        figure.text(middle, 0.94, moment, ha="center", fontsize=12)
        for i in range(16):
            axis = axes[i // 4, left + i % 4]
            drawn = show(axis, w[:, i].reshape(28, 28), limit=limit)
    for axis in axes[:, 4]:
        axis.axis("off")
    scale(figure, drawn, axes)
    return figure


def probabilities(names):
    """Ten probabilities of four test images, before and after training."""
    chosen = [0, names["unsure"], *names["wrong"][[0, 2]]]
    x = names["x_test"][chosen]
    figure, axes = subplots(3, 4, 5, sharey="row")
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
    return figure


def epochs(names):
    """Accuracy and loss in twenty epochs; a grey line ends the program's five."""
    figure, axes = subplots(1, 2, 3.3)
    ends = np.arange(1, 21)
    for axis, key in zip(axes, ["accuracy", "loss"]):
        axis.plot(ends - 0.5, names["log"][key], "o-", ms=4, label="train")
        axis.plot(ends, names["log"]["val_" + key], "s-", ms=4, label="test")
        axis.axvline(5, color="0.7", zorder=0, label="hello_mnist.py")
        axis.set(title=key, xlabel="epoch", xticks=[0, 5, 10, 15, 20])
    axes[1].legend()
    not_from_zero(axes[0])
    return figure


def split(names):
    """Training, validation and test images as one bar."""
    figure, axis = subplots(1, 1, 1.3)
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
    figure, axis = subplots(1, 1, 3)
    for (rate, log), line in zip(names["tried"].items(), ("v-", "o-", "s--", "x:")):
        axis.plot(range(1, 6), log["val_accuracy"], line, color="black", label=rate)
    axis.set(xlabel="epoch", ylabel="validation accuracy", xticks=range(1, 6))
    axis.legend(title="learning rate", loc="upper left", bbox_to_anchor=(1, 1))
    not_from_zero(axis)
    return figure


def unknown(names):
    """Pictures that show no digit, each with the digit and the confidence it gets."""
    pictures, answers = names["strange"], names["answers"]
    figure, axes = subplots(1, len(pictures), 1.85)
    for axis, picture, p in zip(axes, pictures, answers):
        show(axis, picture, f"{p.argmax()}: {p.max():.3f}")
        axis.images[0].set_clim(0, 255)
    return figure
