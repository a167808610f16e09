"""Bring a picture of one handwritten digit into MNIST's form.

MNIST was made by scaling each digit, its proportions kept, into a box of 20×20 pixels
with anti-aliasing, and placing that in 28×28 so that the centre of mass of the ink is
in the middle (LeCun, Cortes and Burges, "The MNIST database of handwritten digits").
What a camera or a drawing program adds to that is taken away first: rotation marks,
transparency, colour, uneven light, specks, ruled lines.
"""

import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage, stats
from skimage import filters, measure, morphology, transform

from digits.errors import UnusableInput

BOX, SIDE = 20, 28  # pixels: the ink's box, and the whole image
LEAST, WORK = 160, 360  # pixels: longest side of the picture that is searched for ink
THIN, USUAL = 1.7, 2.3  # pixels of stroke in the box; MNIST: 5 % below 1.7, median 2.7
THICK = 7  # the same, soft rim included; of MNIST's digits hardly any is above
FAINT = 0.04  # of the paper's brightness: less contrast than that is no ink
SHADING = 0.25  # the same for what runs out of the picture, as shadows do
BLANK = "no ink that stands out from the paper"


class Prepared(NamedTuple):
    """A digit in MNIST's form, and why it may not be one.

    `image` is uint8 (28, 28), white ink (255) on black (0). `doubts` are phrases for
    people, empty when the ink looks like a digit.
    """

    image: np.ndarray
    doubts: tuple[str, ...]


def read(path: Path) -> Prepared:
    """Return the digit in a picture file, any format that Pillow reads.

    Raises:
        UnusableInput: the file cannot be read as a picture, or shows no ink.
    """
    try:
        return prepare(open_picture(path))
    except UnusableInput as error:
        raise UnusableInput(f"{path}: {error}") from error


def open_picture(path: Path, longest: int = 1024) -> Image.Image:
    """Return the picture upright, in grey ("L"), without transparency.

    Pictures with a side above `longest` pixels are made smaller. Transparent parts
    become white, or black where what is drawn is light.

    Raises:
        UnusableInput: there is no such file, it is not a whole picture, or has so many
            pixels that it may be an attack (Pillow's limit: 89 million).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as file:
                file.draft("RGB", (longest, longest))  # JPEG: decode no more than that
                picture = ImageOps.exif_transpose(file)
                picture.load()
    except FileNotFoundError as error:
        raise UnusableInput("no such file") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        limit = Image.MAX_IMAGE_PIXELS // 1_000_000
        raise UnusableInput(f"more than {limit} million pixels") from error
    # Pillow's decoders raise many kinds, SyntaxError among them, for a broken file.
    except Exception as error:
        raise UnusableInput(f"not a readable picture ({error})") from error
    return flatten(picture, longest)


def flatten(picture: Image.Image, longest: int = 1024) -> Image.Image:
    """Return a picture in grey ("L"), without transparency, no side above `longest`."""
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture.thumbnail((longest, longest), Image.Resampling.BOX)
        red, green, blue, opaque = np.moveaxis(np.asarray(picture, float), -1, 0)
        seen = np.average(red + green + blue, weights=opaque + 1e-9) / 3
        paper = (255, 255, 255) if seen < 128 else (0, 0, 0)
        backdrop = Image.new("RGBA", picture.size, paper)
        picture = Image.alpha_composite(backdrop, picture)
    if picture.mode.startswith(("I", "F")):  # more than 8 bits
        picture = Image.fromarray(_stretch(np.asarray(picture, float)))
    # Pillow converts no LAB; its first channel is the lightness.
    lab = picture.mode == "LAB"
    picture = picture.getchannel("L") if lab else picture.convert("L")
    picture.thumbnail((longest, longest), Image.Resampling.BOX)
    return picture


def prepare(picture: Image.Image) -> Prepared:
    """Return the digit in a picture, as `open_picture` or `flatten` gives it.

    Raises:
        UnusableInput: the picture is smaller than 8×8 or shows no ink.
    """
    if min(picture.size) < 8:
        raise UnusableInput("smaller than 8×8 pixels")
    longest = max(picture.size)
    if longest > LEAST:
        picture = _resized(picture, min(1, WORK / longest), Image.Resampling.BICUBIC)
        grey = np.asarray(picture, np.float32) / 255
        grey = ndimage.gaussian_filter(grey, 0.004 * max(grey.shape))  # noise
    else:  # no photo: pixels as they are, each a block, unless there are too few
        few = longest < SIDE
        way = Image.Resampling.BICUBIC if few else Image.Resampling.NEAREST
        picture = _resized(picture, -(-LEAST // longest), way)
        grey = np.asarray(picture, np.float32) / 255
        rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        grey = np.pad(grey, LEAST // 8, constant_values=np.median(rim))
    if np.ptp(grey) < FAINT:
        raise UnusableInput(BLANK)
    darkness = _darkness(grey)
    ink = _ink(darkness)
    _check_ink(darkness, ink)
    return Prepared(_into_box(darkness, ink), _doubts(ink))


def _resized(picture, scale: float, resampling) -> Image.Image:
    return picture.resize(
        [max(8, round(side * scale)) for side in picture.size], resampling
    )


def _stretch(values: np.ndarray) -> np.ndarray:
    low, high = np.nanmin(values), np.nanmax(values)
    scaled = (np.nan_to_num(values, nan=low) - low) / max(high - low, 1e-9)
    return (255 * scaled).astype(np.uint8)


def _darkness(grey: np.ndarray) -> np.ndarray:
    """Return how much darker than the paper each pixel is, 0 to 1: even light.

    Light ink on dark paper is turned round first.
    """
    # Ink is rare and far from the mean of its surroundings. Where it fills the picture
    # that is not clear, but the mean of the whole picture tells.
    around = ndimage.uniform_filter(grey, round(0.25 * max(grey.shape)))
    lean = stats.skew((grey - around) / (around + 0.05), axis=None)
    if (lean if abs(lean) > 0.9 else stats.skew(grey, axis=None)) > 0:
        grey = 1 - grey
    paper = _paper(grey)
    return np.clip((paper - grey) / np.maximum(paper, 0.1), 0, 1)


def _paper(grey: np.ndarray) -> np.ndarray:
    """Return the brightness the paper has, or would have below the ink."""
    strokes = max(3, round(0.24 * max(grey.shape)))
    closed = ndimage.grey_closing(grey, strokes)
    contrast = closed - grey
    paper = contrast < max(filters.threshold_otsu(contrast) * 0.6, FAINT / 2)
    result, known = 0.0, np.zeros_like(grey)
    for reach in (0.08, 0.2, 0.7):  # of the longest side: what is nearest counts
        size = round(reach * max(grey.shape))
        weight, total = paper.astype(np.float32), np.where(paper, grey, 0)
        for _ in range(2):  # two box filters are nearly a Gaussian, and fast
            weight = ndimage.uniform_filter(weight, size)
            total = ndimage.uniform_filter(total, size)
        level = total / np.maximum(weight, 1e-6)
        result = np.where(known > 0.1, result, level)
        known = np.maximum(known, weight)
    return result


def _ink(darkness: np.ndarray) -> np.ndarray:
    """Return which pixels belong to the digit, boolean, of the shape of `darkness`.

    Raises:
        UnusableInput: nothing stands out from the paper.
    """
    noise = 1.5 * np.median(np.abs(darkness - ndimage.uniform_filter(darkness, 7)))
    peak = np.percentile(ndimage.gaussian_filter(darkness, 1.5), 99.95)
    if peak < max(FAINT, 5 * noise):
        raise UnusableInput(BLANK)
    low = max(0.35 * peak, 3 * noise)
    ink = filters.apply_hysteresis_threshold(darkness, low, 0.55 * peak)
    ink = _without_lines(ink, darkness > max(0.12 * peak, 3 * noise))
    ink = _without_specks(ink)
    # The soft rim of the strokes belongs to them.
    reach = np.clip(round(_stroke(ink) / 3), 1, 12)
    rim = morphology.dilation(ink, morphology.disk(reach))
    return rim & (darkness > max(0.1 * peak, 2 * noise))


def _check_ink(darkness: np.ndarray, ink: np.ndarray) -> None:
    """Raise UnusableInput if what was found is noise, or shading at the rim."""
    level = np.median(darkness[ink])
    paper = darkness[~morphology.dilation(ink, morphology.disk(8))]
    noise = np.percentile(paper, 90) if paper.size else 0
    shading = _touches(_bounds(ink), ink.shape) and level < SHADING
    if level < max(FAINT, 1.5 * noise) or shading:
        raise UnusableInput(BLANK)


def _bounds(ink: np.ndarray) -> tuple[int, int, int, int]:
    """Return top, left, bottom and right of the ink, the latter two exclusive."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return rows[0], columns[0], rows[-1] + 1, columns[-1] + 1


def _stroke(ink: np.ndarray) -> float:
    """Return the mean width of the strokes, in pixels."""
    return ink.sum() / max(1, morphology.skeletonize(ink).sum())


def _without_lines(ink: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Remove straight lines that run through the whole picture, as on ruled paper.

    Args:
        ink: what is dark enough to be ink, boolean.
        marks: the same with what is less dark, where the lines are whole.
    """
    height, width = ink.shape
    cleaned = ink
    for across in (0, 90):  # degrees of the line's normal: vertical, horizontal lines
        angles = np.deg2rad(np.arange(across - 10, across + 10.1, 0.5))
        votes, angles, distances = transform.hough_line(marks, angles)
        whole = width if across == 90 else height
        peaks = transform.hough_line_peaks(
            votes, angles, distances, 6, 3, threshold=0.7 * whole, num_peaks=40
        )
        rows, columns = np.indices(ink.shape)
        region = np.zeros_like(ink)
        for _, angle, distance in zip(*peaks, strict=True):
            off = columns * np.cos(angle) + rows * np.sin(angle) - distance
            region |= np.abs(off) <= 0.012 * max(ink.shape)
        # Where a stroke crosses the line, it is longer than the line is thick.
        thick = round(0.03 * max(ink.shape))
        crossing = np.ones((thick, 1) if across == 90 else (1, thick), bool)
        cleaned = cleaned & (~region | morphology.opening(cleaned, crossing))
    return cleaned if cleaned.sum() > 0.25 * ink.sum() else ink


def _without_specks(ink: np.ndarray) -> np.ndarray:
    """Keep the largest piece of ink, and what else may be part of the digit."""
    labels = measure.label(ink, connectivity=2)
    pieces = measure.regionprops(labels)
    inner = [piece for piece in pieces if not _touches(piece.bbox, ink.shape)]
    longest = max((_length(piece) for piece in inner), default=0)
    if longest > 0.08 * max(ink.shape):
        pieces = inner  # what runs out of the picture is a shadow, or the table
    main = max(pieces, key=lambda piece: piece.area)
    kept = [
        piece.label
        for piece in pieces
        if (piece.area > 0.25 * main.area and _gap(piece, main) < _length(main))
        or (piece.area > 0.03 * main.area and _gap(piece, main) < 0.3 * _length(main))
    ]
    return np.isin(labels, kept)


def _touches(box: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    top, left, bottom, right = box
    return top <= 0 or left <= 0 or bottom >= shape[0] or right >= shape[1]


def _length(piece) -> int:
    top, left, bottom, right = piece.bbox
    return max(bottom - top, right - left)


def _gap(piece, other) -> int:
    """Return the pixels between two pieces' bounding boxes, along the longer way."""
    a, b = piece.bbox, other.bbox
    return max(a[0] - b[2], b[0] - a[2], a[1] - b[3], b[1] - a[3], 0)


def _into_box(darkness: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Return the ink scaled into 20×20 and centred by mass in 28×28, uint8."""
    top, left, bottom, right = _bounds(ink)
    level = np.percentile(darkness[ink], 70)
    strokes = np.clip(darkness / level, 0, 1) * ink
    strokes = strokes[top:bottom, left:right]
    scale = BOX / max(strokes.shape)
    width = _stroke(strokes > 0.5) * scale
    if width < THIN:
        radius = round((USUAL - width) / scale / 2)
        strokes = np.pad(strokes, radius)
        strokes = morphology.dilation(strokes, morphology.disk(radius))
        scale = BOX / max(strokes.shape)
    height, width = (max(1, round(side * scale)) for side in strokes.shape)
    small = Image.fromarray((255 * strokes).astype(np.uint8)).resize(
        (width, height), Image.Resampling.BOX
    )
    return _centred(np.asarray(small))


def _centred(small: np.ndarray) -> np.ndarray:
    """Return the image with its centre of mass in the middle of 28×28, uint8."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    corner = [
        int(np.clip(round(SIDE / 2 - centre), 0, SIDE - side))
        for centre, side in zip(ndimage.center_of_mass(small), small.shape, strict=True)
    ]
    top, left = corner
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image


def _doubts(ink: np.ndarray) -> tuple[str, ...]:
    """Return what makes the ink unlike a digit of MNIST, in words."""
    bounds = top, left, bottom, right = _bounds(ink)
    height, width = bottom - top, right - left
    found = {
        "the ink runs out of the picture": _touches(bounds, ink.shape),
        "it is far wider than high": width > 1.7 * height,  # MNIST: at most 1.67
        "it is a patch rather than strokes": _stroke(ink) * BOX
        > THICK * max(height, width),
        "it is in many pieces": measure.label(ink, connectivity=2).max() > 4,
    }
    return tuple(doubt for doubt, applies in found.items() if applies)
