"""examples/handwriting.py: pictures of all kinds to MNIST's form, or a clear error."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageDraw, ImageOps

pytest.importorskip("skimage", reason="needs requirements/examples.txt")

from scipy import ndimage

from benchmarks.handwriting import photograph
from examples import handwriting


@pytest.fixture(scope="module")
def seven() -> np.ndarray:
    """A 7 in MNIST's form: two strokes, 20 pixels high, uint8 (28, 28)."""
    image = np.zeros((28, 28), np.uint8)
    image[4:7, 8:21] = 255
    for row in range(7, 24):
        image[row, 18 - (row - 4) // 2 :][:3] = 255
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
    # Even where the digit is broken in two, or a blot.
    for columns in ([8, 9, 10, 17, 18, 19], [*range(4, 24)]):
        unusual = np.zeros_like(seven)
        unusual[4:24, columns] = 255
        (found,) = handwriting.prepare(Image.fromarray(unusual)).images
        assert np.corrcoef(found.ravel(), unusual.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("scale", [1, 3.5, 36])
def test_any_size_dark_on_light_or_light_on_dark(seven, scale):
    picture = enlarged(seven, scale)
    assert_reads(picture, seven)
    assert_reads(ImageOps.invert(picture), seven)


def test_forms_of_files(seven, tmp_path):
    picture = enlarged(seven)
    assert_reads(picture.convert("P"), seven)
    values = np.asarray(picture) / 255 * 3000
    assert_reads(Image.fromarray(values.astype(np.uint16)), seven)
    for ink in ((0, 0, 0), (255, 255, 255)):
        transparent = Image.new("RGBA", (280, 280), (*ink, 0))
        transparent.paste(ink, mask=Image.fromarray(seven).resize((280, 280)))
        assert_reads(transparent, seven)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise to be seen upright
    lying = picture.transpose(Image.Transpose.ROTATE_90)
    lying.save(tmp_path / "lying.jpg", exif=exif)
    assert_reads(handwriting.open_picture(tmp_path / "lying.jpg"), seven)
    pytest.importorskip("pillow_heif", reason="needs requirements/examples.txt")
    picture.save(tmp_path / "phone.HEIC")
    assert_reads(handwriting.open_picture(tmp_path / "phone.HEIC"), seven)


def test_bold_strokes_are_not_taken_for_the_paper():
    """Much black beside little white, the rim white: dark ink on light paper."""
    page = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(page).line([(60, 40), (240, 40), (110, 270)], 0, 70)
    images, _ = handwriting.prepare(page)
    assert images[0, 14].max() > 200  # of the stroke's middle; not hollow
    assert images[0][[0, -1]].max() == 0


def test_shadow_specks_and_squares(seven):
    page = np.full((480, 360), 0.8)
    for start in range(3):  # the lines are three pixels wide
        page[start::40] *= 0.6
        page[:, start::40] *= 0.6
    ink = np.asarray(enlarged(255 - seven, 200 / 28)) / 255
    page[150:350, 85:285] *= 1 - 0.85 * ink
    for row, column in np.random.default_rng(0).integers(0, (470, 350), (20, 2)):
        page[row : row + 3, column : column + 3] = 0.1
    page *= np.where(np.add.outer(np.arange(480), np.arange(360)) > 420, 1, 0.5)
    lower = np.roll(seven, (1, -1), (0, 1))  # its centre of mass lies between pixels
    picture = Image.fromarray((255 * page).astype(np.uint8))
    assert_reads(picture, lower, likeness=0.85)


def test_uneven_light_on_dark(seven):
    """As chalk on a board, one side of which is darker; the rim has no one level."""
    board = 0.1 + 0.35 * np.linspace(0, 1, 280)
    ink = np.asarray(enlarged(255 - seven)) / 255
    page = board + (0.9 - board) * ink
    assert_reads(Image.fromarray((255 * page).astype(np.uint8)), seven, likeness=0.85)


def test_thin_strokes_are_thickened_and_a_long_stem_is_no_ruled_line():
    page = Image.new("L", (400, 400), 220)
    ImageDraw.Draw(page).line([(60, 100), (200, 30), (200, 370)], 120, 3)
    images, _ = handwriting.prepare(page)
    inked = images[0] > 64
    assert inked.any(axis=1).sum() >= 19  # all of the stem's height
    assert np.median(inked[4:24].sum(axis=1)) >= 2


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
    assert np.corrcoef(images[1].ravel(), np.roll(five, 1, 1).ravel())[0, 1] > 0.6


def test_doubts(seven):
    bar = np.zeros_like(seven)
    bar[13:16, 7:22] = 255
    plus = np.maximum(bar, bar.T)
    touching = np.pad(seven[:, 8:21], ((0, 0), (0, 2)), "edge")
    for parts, doubt in (
        ([seven, plus, seven], "it is a plus sign"),
        ([seven, bar, seven], "some of the ink was left out"),
        ([np.vstack([seven, seven])], "there is more than one row"),
        ([touching, touching], "it is wide, as digits that touch"),
    ):
        picture = enlarged(np.pad(np.hstack(parts), 8))
        _, doubts = handwriting.prepare(picture)
        assert any(found.startswith(doubt) for found in doubts), doubt


def test_half_of_an_unusual_slant_is_removed():
    page = Image.new("L", (300, 400), 255)
    ImageDraw.Draw(page).line([(90, 80), (210, 320)], 0, 20)  # 0.5 columns per row
    ((image,), _) = handwriting.prepare(page)
    rows, columns = np.nonzero(image > 128)
    slant, _ = np.polyfit(rows, columns, 1)
    assert slant == pytest.approx((0.5 + handwriting.SLANT) / 2, abs=0.03)


def test_paper_without_ink_is_refused():
    blank = np.zeros((28, 28), np.uint8)
    seeds = (0, 1, 11, 20, 21)  # of the last three the shading looks like ink
    unevenly_lit = [photograph(blank, np.random.default_rng(seed)) for seed in seeds]
    even = [Image.new("L", (8, 8), 0), Image.new("L", (300, 400), 255)]
    for picture in even + unevenly_lit:
        with pytest.raises(ValueError, match="no ink"):
            handwriting.prepare(picture)


def test_unusable_files_are_named(tmp_path, recwarn):
    noise = io.BytesIO()
    Image.effect_noise((99, 99), 50).save(noise, "PNG")
    (tmp_path / "text.png").write_bytes(b"GIF and so on")
    (tmp_path / "cut.png").write_bytes(noise.getvalue()[:4000])
    Image.new("1", (14_000, 14_000)).save(tmp_path / "large.png")
    Image.new("L", (7, 300)).save(tmp_path / "narrow.png")
    for name, message in (
        ("text.png", "not a readable picture"),
        ("cut.png", "truncated"),
        ("large.png", "not a readable picture .*exceeds limit of 178956970 pixels"),
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
def test_any_pixels_give_images_or_a_clear_error(pixels):
    try:
        images, _ = handwriting.prepare(handwriting.flatten(Image.fromarray(pixels)))
    except ValueError:
        return
    assert images.dtype == np.uint8
    assert images.shape[1:] == (28, 28)
    assert images.any(axis=(1, 2)).all()
