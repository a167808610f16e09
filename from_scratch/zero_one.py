"""Zero or one, all images at once, and the pixel that hid an image from the network.

A widely copied program, after Ng's "Neural Networks and Deep Learning": 784 inputs, 10
ReLU units, one logistic output; 500 steps of gradient descent over all 12,665 images at
learning rate 0.5. It standardises each pixel by its own mean and standard deviation.
With --as-published a pixel that never varies is divided by 0.000000001, as in the
publication; by default by 1.
"""

import numpy as np

from digits import dataset, measures
from from_scratch import program
from from_scratch.network import Network, backward, forward, losses, predict
from from_scratch.optimizers import gradient_descent

NAME = "zero_one"
SEED = 561
STEPS = 500
EVERY = 25
LEARNING_RATE = 0.5
TINY = 1e-9  # what the publication adds to every standard deviation

WHY = """
Why image {image}? Its pixel in row {row}, column {column} is {value:g}. In every
training image it is the same, so that its standard deviation is 0. Divided by 0 + 1e-9
it enters the network as {huge:.1e}, where no pixel that does vary exceeds {usual:.0f}:
it alone decides. Where constant pixels are divided by 1, the image is read right."""

PUBLISHED_COSTS = {25: 0.009138, 500: 0.000849}
PUBLISHED_MISREAD = [1749, 2031]
PUBLISHED_ERROR_RATE = 0.0009456264775413711


def standardise(x_train, x_test, as_published):
    """Return both with each pixel's training mean taken off, over its deviation.

    Args:
        x_train, x_test: float64 (n, 784), 0 to 255.
        as_published: divide by the deviation + 1e-9, also where it is 0.
    """
    mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)
    divisor = deviation + TINY if as_published else np.where(deviation, deviation, 1)
    return (x_train - mean) / divisor, (x_test - mean) / divisor


def new_network() -> Network:
    """Return the network with the publication's weights, seeded; biases zero."""
    np.random.seed(SEED)  # the old generator, as it is the published one
    w1 = np.random.randn(10, 784).T * 0.01  # drawn units by inputs
    w2 = np.random.randn(1, 10).T * 0.01
    parameters = {
        "w1": w1.copy(),
        "b1": np.zeros(10),
        "w2": w2.copy(),
        "b2": np.zeros(1),
    }
    return Network(parameters, hidden="relu", output="logistic")


def train(network, x, y):
    """Take the steps of gradient descent; yield (step, cost) every 25th.

    Args:
        network: changed in place.
        x: float64 (n, 784), standardised.
        y: float64 (n, 1), 0 or 1.
    """
    for step in range(1, STEPS + 1):
        now = forward(network, x)
        if step % EVERY == 0:
            yield step, float(losses(network.output, now.logits, y).mean())
        gradient_descent(
            network.parameters, backward(network, x, y, now), LEARNING_RATE
        )


def main(options):
    data = dataset.keep(dataset.load(options.data), digits=(0, 1))
    print(data.describe())
    raw_train, raw_test = (
        images.reshape(-1, 784).astype(float) for images in (data.x_train, data.x_test)
    )
    x_train, x_test = standardise(raw_train, raw_test, options.as_published)
    constant = raw_train.std(axis=0) == 0
    kind = "as published" if options.as_published else "correct"
    beside = options.as_published and data.verified
    print(f"Run:   {STEPS} steps of gradient descent over all images, {kind}")
    print(f"       {constant.sum()} of 784 pixels never vary in training\n")

    name = data.run_name(f"from_scratch_{NAME}")
    with program.outputs(options, name) as (plot, kept):
        print("step       cost" + ("   published" if beside else ""))
        network = new_network()
        costs = {}
        for step, cost in train(
            network, x_train, data.y_train[:, np.newaxis].astype(float)
        ):
            costs[step] = cost
            published = PUBLISHED_COSTS.get(step) if beside else None
            print(
                f"{step:4}   {cost:8.6f}"
                + (f"    {published:8.6f}" if published else "")
            )

        probability_of_one = predict(network, x_test)[:, 0]
        predicted = (probability_of_one >= 0.5).astype(int)
        misread = measures.find_misread(
            data.y_test,
            predicted,
            np.abs(probability_of_one - (1 - predicted)),
            data.test_names,
        )
        error_rate = len(misread) / len(x_test)
        print(f"\n{measures.misread_table(misread)}")
        print(f"Error rate: {error_rate!r}")
        if beside:
            print(f"Published:  images {PUBLISHED_MISREAD}, {PUBLISHED_ERROR_RATE!r}")
        culprit = explain(misread, raw_test, x_test, constant)
        if culprit:
            print(culprit["text"])
        kept |= {
            "data": data.name,
            "network": kind,
            "constant_pixels": int(constant.sum()),
            "costs": [{"step": step, "cost": cost} for step, cost in costs.items()],
            "misread": sorted(mistake.index for mistake in misread),
            "error_rate": error_rate,
            "culprit": culprit,
        }
        draw(
            costs,
            data.x_test,
            misread,
            culprit,
            f"{NAME}, {kind}, on {data.title}",
            plot,
        )


def explain(misread, raw, standardised, constant):
    """Return which misread image has ink where no training image has, or None.

    A dict of the image's index, the pixel's row and column, its raw and standardised
    value, and a text that explains them.
    """
    usual = np.abs(standardised[:, ~constant]).max()
    for mistake in misread:
        pixels = np.flatnonzero(constant & (np.abs(standardised[mistake.index]) > 1e6))
        if len(pixels):
            row, column = divmod(int(pixels[0]), 28)
            value = float(raw[mistake.index, pixels[0]])
            huge = float(standardised[mistake.index, pixels[0]])
            return {
                "image": mistake.index,
                "row": row,
                "column": column,
                "value": value,
                "standardised": huge,
                "text": WHY.format(
                    image=mistake.index,
                    row=row,
                    column=column,
                    value=value,
                    huge=huge,
                    usual=usual,
                ),
            }
    return None


def draw(costs, images, misread, culprit, title, path):
    """Draw the cost over the steps, and beside it the surest misread image."""
    from digits import drawing

    figure, (left, right) = drawing.two_panels()
    left.plot([*costs], [*costs.values()], "o-", color=drawing.TRAIN, label="cost")
    left.set_yscale("log")
    drawing.finish_panel(left, "Mean binary cross-entropy, all training images", "step")
    right.set_axis_off()
    if misread:
        shown = next(m for m in misread if not culprit or m.index == culprit["image"])
        right.imshow(images[shown.index], cmap="gray_r", vmin=0, vmax=255)
        heading = f"Test image {shown.index}: a {shown.true}, read as {shown.predicted}"
        if culprit:
            heading += f"\nthe circled pixel, {culprit['value']:g}, became"
            heading += f" {culprit['standardised']:.1e}"
            spot = (culprit["column"], culprit["row"])
            right.plot(*spot, "o", ms=18, mfc="none", mec=drawing.TEST, mew=2.5)
        right.set_title(heading)
    drawing.save(figure, title, path)


if __name__ == "__main__":
    program.run(main, NAME, __doc__, program.add_as_published)
