"""How far a model's confidence can be believed: ten bins and their accuracy.

    python -m benchmarks.reliability saved_models/*.keras

The confidence of a prediction is the largest probability that the network returns. If
of all predictions with a confidence near 0.8 about 80 % are right, it is well
calibrated; if fewer are, it is overconfident. MNIST's test images are sorted into ten
bins by confidence, and the accuracy of each bin is drawn over its mean confidence (Guo
et al. 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599), in
reliability.png.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from digits import load_data
from examples import model

BINS = 10


def main(paths: list[Path]) -> None:
    _, (images, labels) = load_data()
    figure = Figure(figsize=(4 * len(paths), 5.5), layout="constrained")
    panels = figure.subplots(
        2, len(paths), squeeze=False, sharex=True, height_ratios=(3, 1)
    )
    for path, (upper, lower) in zip(paths, panels.T):
        probabilities = model.load(path).probabilities(images)
        known = labels < probabilities.shape[1]  # a model may know zeros and ones only
        confidence = probabilities[known].max(axis=1)
        right = probabilities[known].argmax(axis=1) == labels[known]
        difference, margin = overconfidence(confidence, right)
        print(
            f"{path.stem}: {len(right):,} images, mean confidence"
            f" {confidence.mean():.4f}, accuracy {right.mean():.4f}, difference"
            f" {100 * difference:+.2f} ± {100 * margin:.2f} percentage points"
        )
        upper.set_title(path.stem)
        draw(upper, lower, confidence, right)
    figure.suptitle("Lines: 95 % intervals. Hollow: fewer than 30 images.", fontsize=10)
    figure.savefig("reliability.png", dpi=100)
    print("Drawn: reliability.png")


def overconfidence(confidence: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Return mean confidence minus accuracy, and 1.96 of its standard errors.

    Of n predictions: confidence float (n,), 0.0 to 1.0; right, boolean (n,).
    """
    differences = confidence - right
    return differences.mean(), 1.96 * differences.std() / np.sqrt(len(right))


def draw(upper, lower, confidence: np.ndarray, right: np.ndarray) -> None:
    """Draw the accuracy of each bin over its mean confidence, and how many it holds.

    The bars are Wilson's intervals (1927): with other images, the accuracy would be in
    95 of 100 of them.
    """
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    upper.plot([0, 1], [0, 1], color="lightgrey")  # what a calibrated model has
    for number in np.unique(bins):
        inside = bins == number
        n, p = inside.sum(), right[inside].mean()
        z = 1.96
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
        x = confidence[inside].mean()
        upper.plot([x, x], [middle - half, middle + half], color="tab:blue")
        upper.plot(x, p, "o", color="tab:blue", fillstyle="full" if n >= 30 else "none")
        lower.bar((number + 0.5) / BINS, n, 0.9 / BINS, color="tab:blue")
        lower.annotate(f"{n:,}", ((number + 0.5) / BINS, n), ha="center", va="bottom")
    upper.set(ylabel="accuracy", xlim=(0, 1.04), ylim=(-0.04, 1.04))
    lower.set(xlabel="confidence", ylabel="images", yscale="log", ylim=(0.5, 1e5))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="+", help=".keras files of the pages")
    main(parser.parse_args().model)
