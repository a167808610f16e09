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
import pillow_heif
from PIL import Image, ImageOps, ImageStat
from scipy import ndimage, stats
from skimage import filters, measure, morphology, transform

pillow_heif.register_heif_opener()  # what iPhones write

BOX, SIDE = 20, 28  # pixels: the ink's box, and the whole image
MAX_SIZE = 1024  # pixels: pictures with a longer side are made smaller
SEARCH_SIZE = 440  # pixels: longer side of the picture in which ink is searched
SMALL_SIZE = 160  # pixels: up to this, a picture is a drawing and no photo
WEAK_INK, STRONG_INK = 0.25, 0.45  # of the darkest: may be ink, and surely is
FAINT, MIN_CONTRAST = 0.04, 0.025  # of the paper's brightness: less is doubtful, no ink
SHADING = 0.25  # the same for what runs out of the picture, as shadows do
MIN_STROKE = 1.7  # pixels in the box: thinner strokes (5 % of MNIST) are thickened
USUAL_STROKE = 2.3  # pixels in the box, to which they are; MNIST's median is 2.7
NEAR = 0.12  # of the longest piece: what is that close beside the digit belongs to it
NEAR_BELOW = 0.3  # the same for what is above it or below, as the bar of a 5
MAX_STROKE = 0.5  # of a piece's longer side: what is thicker is no stroke
TALL = 0.45  # of the digit's height: a piece that may be a digit of its own
FRAMED = 0.25  # of a ring's or frame's height: a piece in it that may be a digit
THICK = 12  # pixels in the box: no stroke is so thick (MNIST's test images: 12 at most)
ANIMATIONS = {"AVIF", "GIF", "PNG", "WEBP"}  # the last frame shows the whole digit
NO_INK = "no ink that stands out from the paper as one digit"


class Prepared(NamedTuple):
    """The digit of a picture in MNIST's form, and why it may be none.

    `image` is uint8 (28, 28), white ink (255) on black (0). `doubts` are phrases for
    people, empty when the ink looks like one digit.
    """

    image: np.ndarray
    doubts: tuple[str, ...]


def read(path: Path) -> Prepared:
    """Return the digit in a picture file, any format that Pillow reads.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read, or shows no ink.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        picture, doubts = open_picture(path)
        image, more = prepare(picture)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return Prepared(image, doubts + more)


def open_picture(path: Path) -> tuple[Image.Image, tuple[str, ...]]:
    """Return the picture upright, and as `flatten` returns it; and doubts about it.

    Of several pages it is the first, of an animation the last frame.

    Raises:
        ValueError: it is not a whole picture, is in a form that Pillow cannot turn into
            grey (LAB), or has more pixels than Pillow opens, 179 million.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, and many pixels
            with Image.open(path) as file:
                doubts, frames = (), getattr(file, "n_frames", 1)
                if frames > 1 and file.format == "TIFF":
                    doubts = (f"it is the first of {frames} pages",)
                elif frames > 1 and file.format in ANIMATIONS:
                    doubts = (f"it is the last of {frames} frames",)
                    file.seek(frames - 1)
                file.draft("RGB", (MAX_SIZE, MAX_SIZE))  # JPEG: decode no more
                return flatten(ImageOps.exif_transpose(file)), doubts
    except Exception as error:  # Pillow raises many kinds
        if path.suffix.lower() in (".pdf", ".svg"):
            raise ValueError("open it, and save the page as a PNG file") from None
        raise ValueError(f"not a readable picture ({error})") from error


def flatten(picture: Image.Image) -> Image.Image:
    """Return a picture in grey ("L"), without transparency, no side above MAX_SIZE.

    Transparent parts become white, or black where what is drawn is light.
    """
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        drawn = ImageStat.Stat(picture.convert("L"), picture.getchannel("A"))
        paper = "white" if drawn.mean[0] < 128 else "black"
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, paper), picture)
    elif picture.mode.startswith(("I", "F")):  # more than 8 bits
        picture = picture.convert("F")
        low, high = picture.getextrema()
        scale = 255 / max(high - low, 1e-9)
        picture = picture.point(lambda value: (value - low) * scale)
    picture = picture.convert("L")
    picture.thumbnail((MAX_SIZE, MAX_SIZE), Image.Resampling.BOX)
    return picture


def prepare(picture: Image.Image) -> Prepared:
    """Return the digit in a picture, as `open_picture` or `flatten` gives it.

    Raises:
        ValueError: the picture is smaller than 8×8 or shows no ink.
    """
    if min(picture.size) < 8:
        raise ValueError("smaller than 8×8 pixels")
    picture = _plate(picture)
    darkness, edge = _darkness(picture)
    ink, doubts = _ink(darkness, edge, mnist_form=max(picture.size) <= SIDE)
    image = _into_box(darkness, ink)
    depth = ndimage.distance_transform_edt(np.pad(image > 127, 1))
    if 2 * depth.max() > THICK:
        doubts.add("it is an area rather than strokes")
    box = _crop(image, image > image.max() / 3)
    if box.shape[1] > 1.3 * box.shape[0]:  # MNIST: 2 %
        doubts.add("it is wide, as digits that touch")
    return Prepared(image, tuple(sorted(doubts)))


def _plate(picture: Image.Image) -> Image.Image:
    """Return the picture of the sheet or plate alone that lies within the picture.

    Its surroundings get its brightness. Without one the picture is returned as it is.
    """
    small = picture.copy()
    small.thumbnail((SMALL_SIZE, SMALL_SIZE), Image.Resampling.BOX)
    grey = np.asarray(small)
    light = grey > filters.threshold_otsu(grey)
    # It is of the other tone than the rim: a frame drawn on the paper is no plate.
    tone = light if _rim(light).mean() < 0.5 else ~light
    if not tone.any():
        return picture
    labels = measure.label(tone)
    plate = labels == np.bincount(labels[tone]).argmax()
    whole = ndimage.binary_fill_holes(plate)
    written_on = (whole & ~plate).sum() / whole.sum()
    if _rim(whole).any() or whole.mean() < 0.1 or not 0.003 < written_on < 0.25:
        return picture
    if whole.sum() < 0.9 * _rectangle(whole):
        return picture
    inner = ndimage.binary_erosion(whole, iterations=3)
    mask = Image.fromarray(inner).resize(picture.size)
    paper = Image.new("L", picture.size, int(np.median(grey[plate])))
    return Image.composite(picture, paper, mask).crop(mask.getbbox())


def _rectangle(area: np.ndarray) -> float:
    """Return the pixels of the smallest rectangle, turned by any angle, around it."""
    rows, columns = np.nonzero(area)
    turns = np.deg2rad(np.arange(0, 90, 2))[:, None]
    across = np.ptp(columns * np.cos(turns) + rows * np.sin(turns), axis=1) + 1
    down = np.ptp(rows * np.cos(turns) - columns * np.sin(turns), axis=1) + 1
    return (across * down).min()


def _darkness(picture: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """Return how dark each pixel is, and where the edge is, both of the same size.

    Darkness: 0 for paper, 1 for black, in even light. Edge: True along the rim.
    """
    size = max(picture.size)
    if size <= SMALL_SIZE:  # pixels as they are, each a block, unless too few
        way = Image.Resampling.BICUBIC if size < SIDE else Image.Resampling.NEAREST
        picture = ImageOps.scale(picture, -(-SMALL_SIZE // size), way)
        grey = np.asarray(picture, np.float32) / 255
        if _is_light_on_dark(grey):
            grey = 1 - grey
        paper, outside = np.median(_rim(grey)), SMALL_SIZE // 8
        grey = np.pad(grey, outside, constant_values=paper)
    else:
        picture = ImageOps.scale(picture, min(1, SEARCH_SIZE / size))  # bicubic
        grey = np.asarray(picture, np.float32) / 255
        grey = ndimage.gaussian_filter(grey, 0.0022 * max(grey.shape))  # noise
        if _is_light_on_dark(grey):
            grey = 1 - grey
        # The brightness that the paper has, or would have below the ink
        paper, outside = ndimage.grey_closing(grey, round(0.24 * max(grey.shape))), 0
    edge = np.ones(grey.shape, bool)
    edge[outside + 1 : -outside - 1, outside + 1 : -outside - 1] = False
    return np.clip((paper - grey) / np.maximum(paper, 0.1), 0, 1), edge


def _rim(grey: np.ndarray) -> np.ndarray:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _is_light_on_dark(grey: np.ndarray) -> bool:
    rim = _rim(grey)
    level = np.median(rim)
    if np.mean(np.abs(rim - level) < 0.12) > 0.8:  # of one brightness: the paper
        difference = grey - level
        strong = np.abs(difference) > 0.5 * np.abs(difference).max()
        return difference[strong].sum() > 0
    # Ink is rare and far from the mean of its surroundings.
    around = ndimage.uniform_filter(grey, round(0.25 * max(grey.shape)))
    return stats.skew((grey - around) / (around + 0.05), axis=None) > 0


def _ink(
    darkness: np.ndarray, edge: np.ndarray, mnist_form: bool
) -> tuple[np.ndarray, set[str]]:
    """Return where the digit's ink is, and doubts whether it is one digit.

    Raises ValueError if nothing stands out from the paper.
    """
    ignored = np.zeros(darkness.shape, bool)
    for _ in range(2):  # again without lines, and without what runs along the edge
        seen = ndimage.gaussian_filter(np.where(ignored, 0, darkness), 1.5)
        peak = np.percentile(seen, 99.95)
        if peak < MIN_CONTRAST:
            raise ValueError(NO_INK)
        levels = WEAK_INK * peak, STRONG_INK * peak
        marks = filters.apply_hysteresis_threshold(darkness, *levels)
        ink = _without_lines(marks, darkness > 0.12 * peak)
        labels, strokes, shades = _pieces(ink, edge)
        if not strokes:
            break
        shade = np.isin(labels, [piece.label for piece in shades])
        ignored = morphology.dilation(shade | marks & ~ink, morphology.disk(3))
    if not ink.any():
        raise ValueError(NO_INK)
    digit, doubts = _one_digit(labels, strokes or shades, mnist_form)
    level = np.median(darkness[digit])
    least = MIN_CONTRAST if strokes else SHADING
    if level < max(least, _noise(darkness, ink)):
        raise ValueError(NO_INK)
    if not strokes:
        doubts.add("it runs along the edge of the picture")
    elif shade.sum() > 0.02 * digit.sum() and np.median(darkness[shade]) > 0.75 * level:
        doubts.add("ink at the edge of the picture was left out")
    if level < FAINT:
        doubts.add("it hardly stands out from the paper")
    # The soft rim of the strokes belongs to them.
    reach = np.clip(round(_stroke(digit) / 3), 1, 12)
    rim = ndimage.distance_transform_edt(~digit) <= reach
    return rim & (darkness > 0.1 * peak) & ~(ink & ~digit), doubts


def _pieces(ink: np.ndarray, edge: np.ndarray) -> tuple[np.ndarray, list, list]:
    """Return the label of each pixel's piece; strokes and shades, the largest first.

    A shade runs along the edge of the picture, as a shadow or a table does. A stroke
    that crosses the edge lies on it with its thickness only.
    `intensity_max` of a piece is half its largest thickness.
    """
    labels = measure.label(ink, connectivity=2)
    depth = ndimage.distance_transform_edt(np.pad(ink, 1))[1:-1, 1:-1]
    on_edge = np.bincount(labels[edge], minlength=labels.max() + 1)
    pieces = measure.regionprops(labels, depth)
    pieces = sorted(pieces, key=lambda piece: -piece.area)[:100]
    strokes, shades = [], []
    for piece in pieces:
        length = piece.area / (2 * piece.intensity_max)
        is_shade = on_edge[piece.label] > 0.5 * length
        (shades if is_shade else strokes).append(piece)
    return labels, strokes, shades


def _one_digit(
    labels: np.ndarray, pieces: list, mnist_form: bool
) -> tuple[np.ndarray, set[str]]:
    """Return where the largest piece is, with all that belongs to it, and doubts."""
    main = pieces[0]
    for piece in pieces:
        if _surrounds(main, piece):  # main is a circle or a box round a digit
            main = piece
            break
    pieces = [piece for piece in pieces if piece.area > 0.01 * main.area]
    is_framed = any(_surrounds(piece, main) for piece in pieces)
    pieces = [piece for piece in pieces if not _surrounds(piece, main)]
    # What is near the digit belongs to it: the bar of a 5, a 4 in two strokes.
    longest = max(max(piece.image.shape) for piece in pieces)
    reach = (1 if mnist_form else NEAR) * longest
    ink = np.isin(labels, [piece.label for piece in pieces])
    gaps = ndimage.distance_transform_edt(~ink, sampling=(NEAR / NEAR_BELOW, 1))
    groups = measure.label(gaps <= reach / 2)
    digit = ink & (groups == groups[labels == main.label][0])
    inside = np.unique(labels[digit])
    height, pen = len(_crop(digit, digit)), _stroke(labels == main.label)
    doubts = {"a ring or a frame surrounds it"} if is_framed else set()
    tall = 0
    for piece in pieces:
        if piece.label in inside:
            tall += len(piece.image) > 0.75 * height
            if piece.bbox[0] >= main.bbox[2] and not mnist_form:
                doubts.add("what stands below it was taken for a part of it")
        elif 2 * piece.intensity_max > 0.7 * pen:
            if len(piece.image) > TALL * height:
                doubts.add("there is more than one digit: cut them apart")
            else:
                doubts.add("a dot, a dash or a line beside it was left out")
    if tall > 1 and not mnist_form:
        doubts.add("there is more than one digit: cut them apart")
    if 2 * main.intensity_max > MAX_STROKE * max(main.image.shape):
        doubts.add("it is an area rather than strokes")
    return digit, doubts


def _surrounds(outer, inner) -> bool:
    """Whether one piece's box holds the other's, which may be a digit of its own."""
    (top, left, bottom, right), box = outer.bbox, inner.bbox
    holds = top < box[0] and left < box[1] and bottom > box[2] and right > box[3]
    return holds and len(inner.image) > FRAMED * len(outer.image)


def _noise(darkness: np.ndarray, ink: np.ndarray) -> float:
    """Return how dark the paper around the ink is, at its darker places."""
    away = ndimage.distance_transform_edt(~ink)
    paper = darkness[(away > 8) & (away < 60)]
    return 1.5 * np.percentile(paper, 90) if paper.size else 0


def _crop(array: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Return the part of the array that holds all the ink (boolean, same shape)."""
    return array[ndimage.find_objects(ink.astype(np.uint8))[0]]


def _stroke(ink: np.ndarray) -> float:
    """Return the mean width of the strokes, in pixels."""
    return ink.sum() / max(1, morphology.skeletonize(ink).sum())


def _without_lines(ink: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Remove straight lines that run through the whole picture, as on ruled paper.

    In marks, which hold what is less dark than ink as well, the lines are whole.
    """
    thick = round(0.03 * max(ink.shape))
    for _ in range(2):  # horizontal lines; then, turned over, vertical ones
        width = ink.shape[1]
        rows, columns = np.indices(ink.shape)
        angles = np.deg2rad(np.arange(80, 100.1, 0.5))  # of the lines' normals
        peaks = transform.hough_line_peaks(
            *transform.hough_line(marks, angles), 6, 3, 0.7 * width, num_peaks=40
        )
        region = np.zeros_like(ink)
        for _, angle, distance in zip(*peaks, strict=True):
            off = columns * np.cos(angle) + rows * np.sin(angle) - distance
            line = np.abs(off) <= 0.4 * thick
            reached = columns[line & marks]  # a long stroke stops short of the edges
            if reached.min() <= 0.02 * width and reached.max() >= 0.98 * width - 1:
                region |= line
        # Where a stroke crosses the line, it is longer than the line is thick.
        crossing = morphology.opening(ink, np.ones((thick, 1), bool))
        ink, marks = (ink & (~region | crossing)).T, marks.T
    return ink


def _into_box(darkness: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Return the ink scaled into 20×20 and centred by mass in 28×28, uint8."""
    level = np.percentile(darkness[ink], 70)
    strokes = _crop(np.clip(darkness / level, 0, 1) * ink, ink)
    scale = BOX / max(strokes.shape)
    width = _stroke(strokes > 0.5) * scale
    if width < MIN_STROKE:
        radius = (USUAL_STROKE - width) / scale / 2
        strokes = np.pad(strokes, round(radius))
        distance = ndimage.distance_transform_edt(strokes <= 0.5)
        strokes = np.maximum(strokes, np.clip(radius + 1 - distance, 0, 1))
        scale = BOX / max(strokes.shape)
    height, width = (max(1, round(side * scale)) for side in strokes.shape)
    scaled = Image.fromarray((255 * strokes).astype(np.uint8))
    scaled = scaled.resize((width, height), Image.Resampling.BOX)
    y, x = ndimage.center_of_mass(np.asarray(scaled))
    top = int(np.clip(round(SIDE / 2 - y), 0, SIDE - height))
    left = int(np.clip(round(SIDE / 2 - x), 0, SIDE - width))
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + height, left : left + width] = scaled
    return image
