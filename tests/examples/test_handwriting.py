"""examples/handwriting.py: pictures of all kinds to MNIST's form, or a clear error."""

import io
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

pytest.importorskip("skimage", reason="needs requirements/examples.txt")

from scipy import ndimage

from benchmarks.handwriting import photograph
from digits.errors import InputError
from examples import handwriting


@pytest.fixture
def seven() -> np.ndarray:
    """A 7 in MNIST's form: two strokes, 20 pixels high, uint8 (28, 28)."""
    image = np.zeros((28, 28), np.uint8)
    image[4:7, 8:21] = 255
    for row in range(7, 24):
        column = 20 - (row - 4) // 2
        image[row, column - 2 : column + 1] = 255
    moved = np.round(14 - np.array(ndimage.center_of_mass(image))).astype(int)
    return np.roll(image, moved, (0, 1))


def enlarged(image: np.ndarray, scale: float = 10) -> Image.Image:
    """Return dark ink on white paper, `scale` times as large."""
    picture = Image.fromarray(255 - image)
    size = [round(scale * side) for side in picture.size]
    return picture.resize(size, Image.Resampling.BICUBIC)


def assert_reads(picture: Image.Image, *images: np.ndarray, likeness=0.9) -> None:
    """Check what is prepared, by correlation, and that there are no doubts."""
    prepared = handwriting.prepare(handwriting.flatten(picture))
    assert prepared.images.shape == (len(images), 28, 28)
    for found, wanted in zip(prepared.images, images, strict=True):
        assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > likeness
    assert prepared.doubts == ()


def test_mnist_form_comes_through_as_it_is(seven):
    images, doubts = handwriting.prepare(Image.fromarray(seven))
    assert images.dtype == np.uint8
    assert images.shape == (1, 28, 28)
    assert np.abs(images[0].astype(int) - seven).max() <= 3
    assert doubts == ()


@pytest.mark.parametrize("scale", [1, 2, 3.5, 10, 36])
def test_dark_ink_on_light_paper_of_any_size(seven, scale):
    assert_reads(enlarged(seven, scale), seven)


@pytest.mark.parametrize("mode", ["1", "P", "CMYK", "HSV", "LAB"])
def test_modes(seven, mode):
    assert_reads(enlarged(seven).convert("RGB").convert(mode), seven)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_more_than_8_bits(seven, dtype):
    values = np.asarray(enlarged(seven)) / 255 * 3000
    assert_reads(Image.fromarray(values.astype(dtype)), seven)


@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255)])
def test_transparent_paper(seven, ink):
    picture = Image.new("RGBA", (280, 280), (*ink, 0))
    picture.paste(ink, mask=Image.fromarray(seven).resize((280, 280)))
    assert_reads(picture, seven)


def test_a_photo_is_turned_upright(seven, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise to be seen upright
    lying = enlarged(seven).transpose(Image.Transpose.ROTATE_90)
    lying.save(tmp_path / "lying.jpg", exif=exif)
    assert_reads(handwriting.open_picture(tmp_path / "lying.jpg"), seven)


def test_heic(seven, tmp_path):
    pytest.importorskip("pillow_heif", reason="needs requirements/examples.txt")
    enlarged(seven).save(tmp_path / "phone.HEIC")
    assert_reads(handwriting.open_picture(tmp_path / "phone.HEIC"), seven)


def test_bold_strokes_are_not_taken_for_the_paper():
    """Much black beside little white, the rim white: dark ink on light paper."""
    page = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(page).line([(60, 40), (240, 40), (110, 270)], 0, 70)
    images, _ = handwriting.prepare(page)
    assert images[0, 14].max() > 200  # of the stroke's middle; it was hollow before
    assert images[0][[0, -1]].max() == 0


def ruled_page(seven: np.ndarray) -> np.ndarray:
    """Return a 7 on squared paper, 0.0 to 1.0, float (480, 360)."""
    page = np.full((480, 360), 0.8)
    page[::40] *= 0.6
    page[:, ::40] *= 0.6
    ink = np.asarray(Image.fromarray(seven).resize((200, 200))) / 255
    page[150:350, 85:285] *= 1 - 0.85 * ink
    return page


def test_shadow_specks_and_squares(seven):
    page = ruled_page(seven)
    for row, column in np.random.default_rng(0).integers(0, (470, 350), (20, 2)):
        page[row : row + 3, column : column + 3] = 0.1
    page *= np.where(np.add.outer(np.arange(480), np.arange(360)) > 420, 1, 0.5)
    # It lies a pixel further left.
    assert_reads(Image.fromarray((255 * page).astype(np.uint8)), seven, likeness=0.8)


def test_a_long_stem_is_no_ruled_line():
    page = Image.new("L", (400, 400), 220)
    ImageDraw.Draw(page).line([(120, 100), (200, 30), (200, 370)], 40, 12)
    images, _ = handwriting.prepare(page)
    assert (images[0].max(axis=1) > 128).sum() >= 19  # all of the stem's height


def test_thin_pencil_is_thickened():
    page = np.full((400, 400), 200, np.uint8)
    page[50:350, 199:202] = 120
    images, _ = handwriting.prepare(Image.fromarray(page))
    assert images.sum() / 255 / 20 > handwriting.THIN  # pixels of ink in each row


def test_centre_of_mass_lies_at_the_centre():
    page = np.full((300, 300), 255, np.uint8)
    page[40:160, 30:45] = 0
    page[40:55, 30:90] = 0
    image = handwriting.prepare(Image.fromarray(page)).images[0]
    assert ndimage.center_of_mass(image) == pytest.approx((14, 14), abs=0.51)
    assert max(np.ptp(np.nonzero(image), axis=1)) + 1 == 20


# ---- Rows ----------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1, 5])
def test_a_row_is_read_from_left_to_right(seven, scale):
    one = np.zeros_like(seven)
    one[4:24, 13:16] = 255
    low = np.roll(one, 3, axis=0)
    picture = enlarged(np.hstack([seven, low, seven, one]), scale)
    assert_reads(picture, seven, one, seven, one, likeness=0.8)


def test_pieces_of_one_digit_stay_together(seven):
    five = Image.new("L", (28, 28))
    draw = ImageDraw.Draw(five)
    draw.arc((7, 11, 19, 23), -110, 150, 255, 3)
    draw.line([(9, 5), (19, 5)], 255, 2)  # apart from the rest
    five = np.asarray(five)
    images, _ = handwriting.prepare(enlarged(np.hstack([seven, five])))
    assert len(images) == 2
    assert (images[1] > 128).any(axis=1).sum() >= 14
    assert np.corrcoef(images[1].ravel(), np.roll(five, 1, 1).ravel())[0, 1] > 0.6


def plus() -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[13:16, 7:22] = image[7:22, 13:16] = 255
    return image


def bar() -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[13:16, 7:22] = 255
    return image


@pytest.mark.parametrize(
    ("parts", "doubt"),
    [
        (lambda seven: [seven, plus(), seven], "it is a plus sign"),
        (lambda seven: [seven, bar(), seven], "some of the ink was left out"),
        (lambda seven: [np.vstack([seven, seven])], "there is more than one row"),
        (lambda seven: [seven[:, 8:21]] * 2, "it is wide, as digits that touch"),
    ],
    ids=["plus", "minus", "two rows", "touching"],
)
def test_doubts(seven, parts, doubt):
    picture = enlarged(np.pad(np.hstack(parts(seven)), 8))
    assert any(found.startswith(doubt) for found in handwriting.prepare(picture).doubts)


# ---- Errors --------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 100, 255])
@pytest.mark.parametrize("size", [(8, 8), (300, 400)])
def test_blank_pictures_are_refused(level, size):
    with pytest.raises(InputError, match="no ink"):
        handwriting.prepare(Image.new("L", size, level))


@pytest.mark.parametrize("seed", range(5))
def test_unevenly_lit_noisy_blank_paper_is_refused(seed):
    blank = photograph(np.zeros((28, 28), np.uint8), np.random.default_rng(seed))
    with pytest.raises(InputError, match="no ink"):
        handwriting.prepare(blank)


def file_bytes(picture: Image.Image, name: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, name)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a readable picture"),
        (b"GIF and so on", "not a readable picture"),
        (file_bytes(Image.effect_noise((99, 99), 50), "PNG")[:4000], "truncated"),
        (file_bytes(Image.effect_noise((99, 99), 50), "JPEG")[:900], "truncated"),
        (file_bytes(Image.new("1", (20_000, 10_000)), "PNG"), "more than 89 million"),
        (file_bytes(Image.new("1", (10_000, 10_000)), "PNG"), "more than 89 million"),
        (file_bytes(Image.new("L", (7, 300)), "PNG"), "smaller than 8×8"),
    ],
    ids=["empty", "text", "cut png", "cut jpeg", "bomb", "large", "tiny"],
)
def test_unusable_files_are_named(content, message, tmp_path, recwarn):
    path = tmp_path / "picture.png"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        handwriting.read(path)
    assert str(error.value).startswith(str(path))
    assert not recwarn


def test_only_regular_files_are_read(tmp_path):
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(InputError, match=r"pipe\.png: not a regular file"):
            handwriting.read(tmp_path / "pipe.png")
    with pytest.raises(InputError, match=r"none\.png: No such file"):
        handwriting.read(tmp_path / "none.png")


QUICK = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@QUICK
@given(data=st.data())
def test_any_pixels_give_images_or_a_clear_error(data):
    height, width = data.draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
    pixels = data.draw(st.binary(min_size=height * width, max_size=height * width))
    picture = Image.frombytes("L", (width, height), pixels)
    try:
        images, _ = handwriting.prepare(handwriting.flatten(picture))
    except InputError:
        return
    assert images.dtype == np.uint8
    assert images.shape[1:] == (28, 28)
    assert images.any(axis=(1, 2)).all()


@QUICK
@given(cut=st.integers(0, 2000), flips=st.lists(st.integers(0, 1500), max_size=4))
def test_any_broken_png_gives_images_or_a_clear_error(cut, flips, seven, tmp_path):
    content = bytearray(file_bytes(enlarged(seven, 2), "PNG"))
    for flip in flips:
        content[flip % len(content)] ^= 0x55
    path = tmp_path / "picture.png"
    path.write_bytes(content[: max(1, len(content) - cut)])
    try:
        handwriting.read(path)
    except InputError as error:
        assert str(path) in str(error)
