"""Bring a picture of a handwritten digit, or of a row of them, into MNIST's form.

MNIST was made by scaling each digit, its proportions kept, into a box of 20×20 pixels
with anti-aliasing, and placing that in 28×28 so that the centre of mass of the ink is
in the middle (LeCun, Cortes and Burges, "The MNIST database of handwritten digits").
What a camera or a drawing program adds to that is taken away first: rotation marks,
transparency, colour, uneven light, specks, ruled lines.
"""

import contextlib
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, ImageStat
from scipy import ndimage, stats
from skimage import filters, measure, morphology, segmentation, transform

with contextlib.suppress(ModuleNotFoundError):  # what iPhones write
    import pillow_heif

    pillow_heif.register_heif_opener()

BOX, SIDE = 20, 28  # pixels: the ink's box, and the whole image
SMALL, WORK = 160, 440  # pixels: extent of a small picture, and of the searched one
LEVELS = 0.25, 0.45  # of the darkest: what belongs to ink, and what makes it ink
SLANT = -0.13  # columns per row, to the right: the mean over MNIST's training images
THIN, USUAL = 1.7, 2.3  # pixels of stroke in the box; MNIST: 5 % below 1.7, median 2.7
FAINT = 0.04  # of the paper's brightness: less contrast than that is no ink
SHADING = 0.25  # the same for what runs out of the picture, as shadows do
TALL = 0.45  # of the main piece's height: a piece that may be a digit of its own
LONGEST = 1024  # pixels: pictures with a longer side are made smaller
BLANK = "no ink that stands out from the paper"


class Prepared(NamedTuple):
    """The digits of a picture in MNIST's form, and why they may not be any.

    `images` is uint8 (n, 28, 28), white ink (255) on black (0), from left to right.
    `doubts` are phrases for people, empty when the ink looks like digits.
    """

    images: np.ndarray
    doubts: tuple[str, ...]


def read(path: Path) -> Prepared:
    """Return the digits in a picture file, any format that Pillow reads.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read, or shows no ink.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        return prepare(open_picture(path))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def open_picture(path: Path) -> Image.Image:
    """Return the picture upright, and as `flatten` returns it.

    Raises:
        ValueError: it is not a whole picture, is in a form that Pillow cannot turn into
            grey (LAB), or has more pixels than Pillow opens, 179 million.
    """
    try:
        with warnings.catch_warnings(), Image.open(path) as file:
            warnings.simplefilter("ignore")  # of odd metadata
            file.draft("RGB", (LONGEST, LONGEST))  # JPEG: decode no more than that
            return flatten(ImageOps.exif_transpose(file))
    # Pillow's decoders raise many kinds, SyntaxError among them, for a broken file.
    except Exception as error:
        raise ValueError(f"not a readable picture ({error})") from error


def flatten(picture: Image.Image) -> Image.Image:
    """Return a picture in grey ("L"), without transparency, no side above LONGEST.

    Transparent parts become white, or black where what is drawn is light.
    """
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        drawn = ImageStat.Stat(picture.convert("L"), picture.getchannel("A")).mean[0]
        paper = Image.new("RGBA", picture.size, "white" if drawn < 128 else "black")
        picture = Image.alpha_composite(paper, picture)
    elif picture.mode.startswith(("I", "F")):  # more than 8 bits
        values = np.asarray(picture, float)
        values = (values - values.min()) / max(np.ptp(values), 1e-9)
        picture = Image.fromarray((255 * values).astype(np.uint8))
    picture = picture.convert("L")
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return picture


def prepare(picture: Image.Image) -> Prepared:
    """Return the digits in a picture, as `open_picture` or `flatten` gives it.

    Raises:
        ValueError: the picture is smaller than 8×8 or shows no ink.
    """
    if min(picture.size) < 8:
        raise ValueError("smaller than 8×8 pixels")
    small = _extent(picture.size) <= SMALL
    darkness, digits, doubts = _find(picture, small)
    if max(picture.size) <= SIDE:  # too small for a row: pieces of one digit
        digits = (digits > 0).astype(int)
    _check_ink(darkness, digits > 0)
    masks = [digits == number for number in range(1, digits.max() + 1)]
    images = np.stack([_into_box(darkness, mask, small) for mask in masks])
    doubts = doubts.union(*map(_doubts, images))
    return Prepared(images, tuple(sorted(doubts)))


def _find(picture: Image.Image, small: bool) -> tuple[np.ndarray, np.ndarray, set[str]]:
    """Return how dark each pixel is, to which digit it belongs, and doubts.

    Dark: 0 for paper, 1 for black, in even light. Digits: 0 for paper, 1 for the first
    from the left and so on. Both have the size at which the picture was searched.
    Raises ValueError if nothing stands out from the paper.
    """
    extent = _extent(picture.size)
    if small:  # no photo: pixels as they are, each a block, unless there are too few
        way = Image.Resampling.BICUBIC if extent < SIDE else Image.Resampling.NEAREST
        picture = ImageOps.scale(picture, -(-SMALL // extent), way)
        grey = np.asarray(picture, np.float32) / 255
        grey = np.pad(grey, SMALL // 8, constant_values=np.median(_rim(grey)))
    else:
        picture = ImageOps.scale(picture, min(1, WORK / extent))  # bicubic
        grey = np.asarray(picture, np.float32) / 255
        grey = ndimage.gaussian_filter(grey, 0.0022 * _extent(grey.shape))  # noise
    if _is_light_on_dark(grey):
        grey = 1 - grey
    if small:
        paper = np.median(_rim(grey))
    else:  # the brightness that the paper has, or would have below the ink
        paper = ndimage.grey_closing(grey, round(0.24 * _extent(grey.shape)))
    darkness = np.clip((paper - grey) / np.maximum(paper, 0.1), 0, 1)
    peak = np.percentile(ndimage.gaussian_filter(darkness, 1.5), 99.95)
    if peak < FAINT:
        raise ValueError(BLANK)
    weak, strong = LEVELS
    ink = filters.apply_hysteresis_threshold(darkness, weak * peak, strong * peak)
    ink = _without_lines(ink, darkness > 0.12 * peak)
    digits, doubts = _separate(ink)
    # The soft rim of the strokes belongs to them.
    reach = np.clip(round(_stroke(digits > 0) / 3), 1, 12)
    rim = segmentation.expand_labels(digits, reach)
    return darkness, rim * (darkness > 0.1 * peak), doubts


def _extent(shape: tuple[int, int]) -> int:
    """Return the longer side, or twice the shorter one where a row may be long."""
    return min(max(shape), 2 * min(shape))


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
    around = ndimage.uniform_filter(grey, round(0.25 * _extent(grey.shape)))
    return stats.skew((grey - around) / (around + 0.05), axis=None) > 0


def _check_ink(darkness: np.ndarray, ink: np.ndarray) -> None:
    """Raise ValueError if what was found is noise, or shading at the rim."""
    level = np.median(darkness[ink])
    paper = darkness[~morphology.dilation(ink, morphology.disk(8))]
    noise = np.percentile(paper, 90) if paper.size else 0
    shading = _rim(ink).any() and level < SHADING
    if level < max(FAINT, 1.5 * noise) or shading:
        raise ValueError(BLANK)


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
    thick = round(0.03 * _extent(ink.shape))
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
            if reached.min() < 0.04 * width and reached.max() >= 0.96 * width - 1:
                region |= line
        # Where a stroke crosses the line, it is longer than the line is thick.
        crossing = morphology.opening(ink, np.ones((thick, 1), bool))
        ink, marks = (ink & (~region | crossing)).T, marks.T
    return ink


def _separate(ink: np.ndarray) -> tuple[np.ndarray, set[str]]:
    """Return which pixels of ink belong to which digit of a row, and doubts.

    A digit is a tall piece with whatever lies above, below or close beside it.
    """
    # What runs out of the picture is a shadow, or the table, unless it is all there is.
    inner = segmentation.clear_border(ink)
    if inner.sum() > 0.001 * ink.size:
        ink = inner
    labels = measure.label(ink, connectivity=2)
    main, *others = sorted(measure.regionprops(labels), key=lambda piece: -piece.area)
    row = [main]
    while found := [piece for piece in others if _is_in_row(piece, row)]:
        others = [piece for piece in others if not _is_in_row(piece, row)]
        row += found
    row.sort(key=lambda piece: piece.bbox[1] + piece.bbox[3])
    digits = [[piece] for piece in row]
    doubts = set()
    length = max(main.image.shape)
    for piece in others:
        near, down, across = min(
            ((digit, *_gaps(piece, member)) for digit in digits for member in digit),
            key=lambda found: max(found[1:]),
        )
        is_close = across < 0.2 * length and down < 0.5 * length
        if piece.area > 0.03 * main.area and is_close:
            near.append(piece)
            if down > 0 and len(piece.image) > 0.6 * len(main.image):
                doubts.add("there is more than one row")
        elif piece.area > 0.05 * main.area and max(piece.image.shape) > TALL * length:
            doubts.add("some of the ink was left out")

    numbers = np.zeros(labels.max() + 1, int)
    for number, digit in enumerate(digits, 1):
        numbers[[piece.label for piece in digit]] = number
    return numbers[labels], doubts


def _is_in_row(piece, row: list) -> bool:
    """Whether the piece is a digit of its own that stands beside one of the row."""
    main, height = row[0].image.shape, len(piece.image)
    if height <= TALL * main[0] or piece.area <= 0.1 * row[0].area:
        return False
    for member in row:
        down, across = _gaps(piece, member)
        overlap = -down / min(height, len(member.image))
        if across < 1.5 * max(main) and overlap > 0.2:
            return True
    return False


def _gaps(piece, other) -> tuple[int, int]:
    """Return the pixels between two boxes, down and across; negative: overlap."""
    start = np.maximum(piece.bbox[:2], other.bbox[:2])
    end = np.minimum(piece.bbox[2:], other.bbox[2:])
    return tuple(start - end)


def _into_box(darkness: np.ndarray, ink: np.ndarray, small: bool) -> np.ndarray:
    """Return the ink scaled into 20×20 and centred by mass in 28×28, uint8."""
    level = np.percentile(darkness[ink], 70)
    strokes = _crop(np.clip(darkness / level, 0, 1) * ink, ink)
    if not small:
        strokes = _upright(strokes)
    scale = BOX / max(strokes.shape)
    width = _stroke(strokes > 0.5) * scale
    if width < THIN:
        radius = round((USUAL - width) / scale / 2)
        strokes = np.pad(strokes, radius)
        strokes = morphology.dilation(strokes, morphology.disk(radius))
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


def _upright(strokes: np.ndarray) -> np.ndarray:
    """Return the strokes, cropped, with half of their unusual slant removed.

    LeCun et al. 1998, "Gradient-based learning applied to document recognition", III.A,
    removed all of it in the same way, but from the training images, too.
    """
    moments = measure.moments_central(strokes, order=2)  # [2, 0]: of the rows' distance
    slant = moments[1, 1] / max(1, moments[2, 0])
    shear = (np.clip(slant, -1, 1) - SLANT) / 2  # a dash slants by any amount
    height = len(strokes)
    matrix, offset = [[1, 0], [shear, 1]], [0, -shear * height / 2]
    wide = np.pad(strokes, ((0, 0), (height, height)))
    sheared = ndimage.affine_transform(wide, matrix, offset, order=1)
    return _crop(sheared, sheared > 0.1)


def _doubts(image: np.ndarray) -> set[str]:
    """Return what makes an image in MNIST's form unlike a digit."""
    box = _crop(image, image > image.max() / 3)
    height, width = box.shape
    doubts = set()
    if width > 1.3 * height:  # MNIST: 2 %
        doubts.add("it is wide, as digits that touch")
    # How much of the ink is in each of 3×3 parts
    parts = np.asarray(Image.fromarray(box).resize((3, 3), Image.Resampling.BOX), float)
    parts /= parts.sum()
    corners, sides = parts[::2, ::2].sum(), parts[[0, 1, 1, 2], [1, 0, 2, 1]]
    if corners < 0.05 and sides.min() > 0.05 and 0.5 < width / height < 2:
        doubts.add("it is a plus sign")
    return doubts
