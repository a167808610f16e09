"""examples/handwriting.py: a digit of all kinds to MNIST's form, or a clear error."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageDraw, ImageOps

pytest.importorskip("skimage", reason="needs requirements/examples.txt")

from scipy import ndimage

from benchmarks.handwriting import photograph
from examples import handwriting

PAPER, INK = 225, 40
SEVEN = np.zeros((28, 28), np.uint8)  # in MNIST's form: 20 pixels high, centred
SEVEN[7:10, 8:21] = 255
for row in range(10, 27):
    SEVEN[row, 18 - (row - 7) // 2 :][:3] = 255


def enlarged(image: np.ndarray, scale: float = 10) -> Image.Image:
    """Return dark ink on white paper, `scale` times as large."""
    picture = Image.fromarray(255 - image)
    size = [round(scale * side) for side in picture.size]
    return picture.resize(size, Image.Resampling.BICUBIC)


def sketch(*lines: list, size=(300, 300), width: int = 12) -> Image.Image:
    """Return lines, each a list of points, as a pen draws them."""
    picture = Image.new("L", size, PAPER)
    for points in lines:
        ImageDraw.Draw(picture).line(points, INK, width, joint="curve")
    return picture


def ring(x: int, y: int, width: int, height: int) -> list:
    """Return the points of an ellipse round a point."""
    turn = np.linspace(0, 2 * np.pi, 60)
    return [(x + width / 2 * np.cos(t), y + height / 2 * np.sin(t)) for t in turn]


def likeness(found: np.ndarray, image: np.ndarray) -> float:
    """Return the correlation. A centre of mass between two pixels may shift by one."""
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    shifted = [np.roll(image, shift, (0, 1)).ravel() for shift in shifts]
    return np.corrcoef([found.ravel(), *shifted])[0, 1:].max()


def assert_reads(picture: Image.Image, least=0.9) -> None:
    """Check that SEVEN is prepared, and that there are no doubts."""
    found, doubts = handwriting.prepare(handwriting.flatten(picture))
    assert likeness(found, SEVEN) > least
    assert doubts == ()


def test_mnist_form_comes_through_as_it_is():
    image, doubts = handwriting.prepare(Image.fromarray(SEVEN))
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - SEVEN).max() <= 3
    assert doubts == ()
    # Even where the digit is broken in two, or a blot.
    for columns in ([8, 9, 10, 17, 18, 19], [*range(4, 24)]):
        unusual = np.zeros_like(SEVEN)
        unusual[4:24, columns] = 255
        found, _ = handwriting.prepare(Image.fromarray(unusual))
        assert likeness(found, unusual) > 0.95


def test_any_size_dark_on_light_or_light_on_dark():
    for scale in (1, 3.5, 36):
        picture = enlarged(SEVEN, scale)
        assert_reads(picture)
        assert_reads(ImageOps.invert(picture))


def test_forms_of_files(tmp_path):
    picture = enlarged(SEVEN)
    assert_reads(picture.convert("P"))
    values = np.asarray(picture) / 255 * 3000
    assert_reads(Image.fromarray(values.astype(np.uint16)))
    for ink in ((0, 0, 0), (255, 255, 255)):
        transparent = Image.new("RGBA", (280, 280), (*ink, 0))
        transparent.paste(ink, mask=Image.fromarray(SEVEN).resize((280, 280)))
        assert_reads(transparent)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise to be seen upright
    lying = picture.transpose(Image.Transpose.ROTATE_90)
    lying.save(tmp_path / "lying.jpg", exif=exif)
    upright, _ = handwriting.open_picture(tmp_path / "lying.jpg")
    assert_reads(upright)
    pytest.importorskip("pillow_heif", reason="needs requirements/examples.txt")
    picture.save(tmp_path / "phone.HEIC")
    assert_reads(handwriting.open_picture(tmp_path / "phone.HEIC")[0])


def test_pages_and_frames_are_told(tmp_path):
    white = Image.new("L", (280, 280), 255)
    picture = enlarged(SEVEN)
    picture.save(tmp_path / "a.tif", save_all=True, append_images=[white, white])
    white.save(tmp_path / "a.gif", save_all=True, append_images=[picture])
    for name, doubt in (("a.tif", "first of 3 pages"), ("a.gif", "last of 2 frames")):
        image, doubts = handwriting.read(tmp_path / name)
        assert doubts == (f"it is the {doubt}",)
        assert likeness(image, SEVEN) > 0.9


def test_shadow_specks_and_squares():
    paper = np.full((480, 360), 200, np.uint8)
    for start in range(3):  # the lines are three pixels wide
        paper[start::40] = 120
        paper[:, start::40] = 120
    for row, column in np.random.default_rng(0).integers(0, (470, 350), (20, 2)):
        paper[row : row + 3, column : column + 3] = 20
    paper[150:350, 85:285][np.asarray(enlarged(SEVEN, 200 / 28)) < 128] = 20
    paper[np.add.outer(np.arange(480), np.arange(360)) < 420] //= 2  # a shadow
    assert_reads(Image.fromarray(paper), least=0.8)


def test_uneven_light_on_dark():
    """As chalk on a board, one side of which is darker; the rim has no one level."""
    board = 0.1 + 0.35 * np.linspace(0, 1, 280)
    ink = np.asarray(enlarged(255 - SEVEN)) / 255
    paper = board + (0.9 - board) * ink
    assert_reads(Image.fromarray((255 * paper).astype(np.uint8)), least=0.85)


def test_a_sheet_on_a_table_and_a_panel_in_a_transparent_picture():
    table = Image.new("L", (900, 700), 60)
    sheet = enlarged(SEVEN, 12).rotate(4, Image.Resampling.BICUBIC, fillcolor=255)
    mask = Image.new("L", sheet.size, 255).rotate(4, fillcolor=0)
    table.paste(sheet, (250, 180), mask)
    assert_reads(table, least=0.75)  # it is turned
    panel = Image.new("RGBA", (600, 500), (0, 0, 0, 0))
    panel.paste(ImageOps.invert(enlarged(SEVEN)).convert("RGBA"), (100, 60))
    assert_reads(panel)


def test_ink_at_the_edge_is_read():
    """On rough paper: the specks are not the digit."""
    paper = np.array(enlarged(SEVEN, 12))[45:, :]
    for row, column in np.random.default_rng(0).integers(0, (280, 320), (15, 2)):
        paper[row : row + 4, column : column + 4] //= 2
    image, _ = handwriting.prepare(Image.fromarray(paper))
    assert likeness(image, SEVEN) > 0.7


LINES = [(60, 60), (160, 60), (100, 230)]
SMALL = [(120, 100), (165, 100), (135, 185)]
TIGHT = [(30, 50), (36, 14), (140, 10), (110, 297)]
FOUR = [(120, 60), (100, 180), (175, 175)], [(205, 85), (195, 260)]
FRAME = [(40, 30), (250, 30), (250, 270), (40, 270), (40, 30)]
ARC = [(100, 130), (180, 130), (200, 190), (170, 240), (100, 245)]
DIGITS = {
    "7 with a bar": sketch(LINES, [(75, 150), (185, 145)]),
    "closed 4": sketch([(170, 250), (170, 50), (80, 170), (215, 170)]),
    "9 like a g": sketch(ring(140, 100, 90, 90), [(185, 70), (180, 255), (95, 240)]),
    "4 in two strokes": sketch(*FOUR),
    "5 with its bar apart": sketch(ARC, [(100, 96), (190, 92)]),
    "7 with a long stem": sketch(TIGHT, size=(180, 310), width=6),
    "thin 1": sketch([(60, 100), (200, 30), (200, 370)], size=(400, 400), width=3),
    "bold 7": sketch([(60, 40), (240, 40), (110, 270)], width=50),
}


@pytest.mark.parametrize("picture", DIGITS.values(), ids=DIGITS)
def test_the_whole_digit_is_found(picture):
    """It looks as the ink alone, scaled, within 2 pixels; thin strokes get thicker."""
    image, doubts = handwriting.prepare(picture)
    found = Image.fromarray(image)
    found = found.crop(found.getbbox())
    ink = picture.point(lambda value: 255 * (value < PAPER))
    ink = ink.crop(ink.getbbox()).resize(found.size, Image.Resampling.BOX)
    ink, found = np.asarray(ink) > 32, np.asarray(found) > 64
    near = np.ones((5, 5))
    assert ndimage.binary_dilation(found, near)[ink].all()
    assert ndimage.binary_dilation(ink, near)[found].all()
    assert found.sum() >= 2 * max(found.shape) == 40
    assert doubts == ()


@pytest.mark.parametrize(
    "picture, doubt",
    [
        (sketch(LINES, [(175, 60), (170, 230)]), "more than one digit"),
        (sketch(LINES, ring(230, 200, 45, 60)), "left out"),  # a small 0
        (sketch(LINES, [(215, 218), (227, 218)]), "a dot, a dash or a line"),
        (sketch(ring(80, 150, 120, 160), ring(200, 150, 120, 160)), "wide"),
        (sketch([(60, 30), (940, 30)], size=(1000, 60), width=2), "wide"),
        (sketch([(150, 140), (150, 160)], width=24), "an area rather than strokes"),
        (sketch(LINES, [(294, 40), (294, 260)]), "edge"),
        (sketch(LINES, [(60, 270), (165, 270)]), "stands below it"),
        (sketch(SMALL, ring(140, 145, 270, 280)), "a ring or a frame"),
        (sketch(SMALL, FRAME), "a ring or a frame"),
        (enlarged(np.tile(SEVEN, (12, 12)), 4), "more than one digit"),
    ],
)
def test_anything_more_than_one_digit_is_a_doubt(picture, doubt):
    _, doubts = handwriting.prepare(picture)
    assert any(doubt in found for found in doubts), doubts


def test_paper_without_ink_is_refused():
    blank = np.zeros((28, 28), np.uint8)
    unevenly_lit = [photograph(blank, np.random.default_rng(seed)) for seed in range(4)]
    even = [Image.new("L", (8, 8), 0), Image.new("L", (300, 400), 255)]
    ruled = sketch(*([(0, y), (300, y)] for y in range(20, 300, 40)), width=2)
    for picture in [*even, ruled, *unevenly_lit]:
        with pytest.raises(ValueError, match="no ink"):
            handwriting.prepare(picture)


def test_unusable_files_are_named(tmp_path, recwarn):
    Image.effect_noise((99, 99), 50).save(tmp_path / "cut.png")
    os.truncate(tmp_path / "cut.png", 4000)
    (tmp_path / "page.pdf").write_bytes(b"%PDF-1.7 and so on")
    (tmp_path / "drawn.SVG").write_bytes(b"<svg></svg>")
    Image.new("1", (10_000, 10_000)).save(tmp_path / "large.png")
    Image.new("L", (7, 300)).save(tmp_path / "narrow.png")
    for name, message in (
        ("cut.png", "not a readable picture .*truncated"),
        ("page.pdf", "open it, and save the page as a PNG file"),
        ("drawn.SVG", "open it, and save the page as a PNG file"),
        ("large.png", "no ink"),
        ("narrow.png", "smaller than 8×8"),
        ("none.png", "no such file"),
    ):
        path = tmp_path / name
        with pytest.raises((OSError, ValueError), match=message) as error:
            handwriting.read(path)
        assert str(error.value).startswith(f"{path}: ")
    assert not recwarn


@settings(max_examples=50, deadline=None)
@given(pixels=arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_any_pixels_give_an_image_or_a_clear_error(pixels):
    try:
        image, _ = handwriting.prepare(handwriting.flatten(Image.fromarray(pixels)))
    except ValueError:
        return
    assert image.dtype == np.uint8
    assert image.shape == (28, 28)
    assert image.any()
