"""digits/images.py: pictures of all kinds to MNIST's form, or a clear error."""

import io
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from benchmarks.own_handwriting import photograph
from digits import dataset, images
from digits.errors import UnusableInput


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


def likeness(image: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two images' pixels."""
    return np.corrcoef(image.ravel(), other.ravel())[0, 1]


def enlarged(seven: np.ndarray, size: int = 280) -> Image.Image:
    """Dark ink on white paper, `size` pixels wide and high."""
    return Image.fromarray(255 - seven).resize((size, size), Image.Resampling.BICUBIC)


def test_mnist_form_comes_through_as_it_is(seven):
    image, doubts = images.prepare(Image.fromarray(seven))
    assert image.dtype == np.uint8 and image.shape == (28, 28)
    assert np.abs(image.astype(int) - seven).max() <= 3
    assert doubts == ()


@pytest.mark.parametrize("size", [28, 56, 100, 280, 1000])
def test_dark_ink_on_light_paper_of_any_size(seven, size):
    assert likeness(images.prepare(enlarged(seven, size)).image, seven) > 0.9


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "HSV", "LAB"])
def test_modes(seven, mode, tmp_path):
    picture = enlarged(seven)
    picture = picture if mode == "L" else picture.convert("RGB").convert(mode)
    assert likeness(images.prepare(images.flatten(picture)).image, seven) > 0.9


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_more_than_8_bits(seven, dtype):
    picture = Image.fromarray((np.asarray(enlarged(seven)) / 255 * 3000).astype(dtype))
    assert likeness(images.prepare(images.flatten(picture)).image, seven) > 0.9


@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (0, 0, 160)])
def test_transparent_paper(seven, ink):
    picture = Image.new("RGBA", (280, 280), (*ink, 0))
    picture.paste(ink, mask=Image.fromarray(seven).resize((280, 280)))
    assert likeness(images.prepare(images.flatten(picture)).image, seven) > 0.9


def test_exif_rotation(seven, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise to be seen upright
    lying = enlarged(seven).transpose(Image.Transpose.ROTATE_90)
    lying.save(tmp_path / "lying.jpg", exif=exif)
    assert likeness(images.read(tmp_path / "lying.jpg").image, seven) > 0.9


def test_photo_with_shadow_specks_and_squares(seven):
    rng = np.random.default_rng(0)
    page = np.full((480, 360), 0.8)
    page[::40] *= 0.6
    page[:, ::40] *= 0.6
    ink = np.asarray(Image.fromarray(seven).resize((200, 200))) / 255
    page[150:350, 85:285] *= 1 - 0.85 * ink
    for row, column in rng.integers(0, (470, 350), (20, 2)):
        page[row : row + 3, column : column + 3] = 0.1
    page *= np.where(np.add.outer(np.arange(480), np.arange(360)) > 420, 1, 0.5)
    picture = Image.fromarray((255 * page).astype(np.uint8))
    image, doubts = images.prepare(picture)
    assert likeness(image, seven) > 0.8  # it lies a pixel further left
    assert doubts == ()


def test_thin_pencil_is_thickened():
    page = np.full((400, 400), 200, np.uint8)
    page[50:350, 199:202] = 120
    image, _ = images.prepare(Image.fromarray(page))
    assert image.sum() / 255 / 20 > images.THIN  # pixels of ink in each row


@pytest.mark.parametrize("length", [60, 120])
def test_centre_of_mass_lies_at_the_centre(length):
    page = np.full((300, 300), 255, np.uint8)
    page[40 : 40 + length, 30:45] = 0
    page[40:55, 30:90] = 0
    image, _ = images.prepare(Image.fromarray(page))
    assert ndimage.center_of_mass(image) == pytest.approx((14, 14), abs=0.51)
    assert max(np.ptp(np.nonzero(image), axis=1)) + 1 == 20


@pytest.mark.parametrize("level", [0, 100, 255])
@pytest.mark.parametrize("size", [(8, 8), (28, 28), (300, 400)])
def test_blank_pictures_are_refused(level, size):
    with pytest.raises(UnusableInput, match="no ink"):
        images.prepare(Image.new("L", size, level))


@pytest.mark.parametrize("seed", range(5))
def test_unevenly_lit_noisy_blank_paper_is_refused(seed):
    blank = photograph(np.zeros((28, 28), np.uint8), np.random.default_rng(seed))
    with pytest.raises(UnusableInput, match="no ink"):
        images.prepare(images.flatten(blank))


def test_doubts(seven):
    two = np.concatenate([seven, seven], axis=1)
    assert "wider than high" in images.prepare(Image.fromarray(two)).doubts[0]
    patch = np.zeros((100, 100), np.uint8)
    patch[40:60, 40:60] = 255
    assert "patch" in images.prepare(Image.fromarray(patch)).doubts[0]


def file_bytes(picture: Image.Image, name: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, name)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a readable picture"),
        (b"GIF, I say", "not a readable picture"),
        (file_bytes(Image.effect_noise((99, 99), 50), "PNG")[:4000], "truncated"),
        (file_bytes(Image.effect_noise((99, 99), 50), "JPEG")[:900], "truncated"),
        (file_bytes(Image.new("1", (20_000, 10_000)), "PNG"), "more than 89 million"),
        (file_bytes(Image.new("1", (10_000, 10_000)), "PNG"), "more than 89 million"),
        (file_bytes(Image.new("L", (7, 300)), "PNG"), "smaller than 8×8"),
    ],
    ids=["empty", "text", "cut png", "cut jpeg", "bomb", "large", "tiny"],
)
def test_unusable_files_are_named(content, message, tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(content)
    with pytest.raises(UnusableInput, match=message) as error:
        images.read(path)
    assert str(error.value).startswith(str(path))


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(UnusableInput, match="no such file"):
        images.read(tmp_path / "none.png")
    with pytest.raises(UnusableInput, match="not a readable picture"):
        images.read(tmp_path)


def test_fifty_megapixels(seven, tmp_path):
    path = tmp_path / "large.jpg"
    enlarged(seven, 7070).save(path)
    assert likeness(images.read(path).image, seven) > 0.9


QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@QUICK
@given(data=st.data())
def test_any_pixels_give_an_image_or_a_clear_error(data):
    height, width = data.draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
    pixels = data.draw(st.binary(min_size=height * width, max_size=height * width))
    picture = Image.frombytes("L", (width, height), pixels)
    try:
        image, _ = images.prepare(images.flatten(picture))
    except UnusableInput:
        return
    assert image.dtype == np.uint8 and image.shape == (28, 28) and image.any()


@QUICK
@given(cut=st.integers(0, 2000), flips=st.lists(st.integers(0, 1500), max_size=4))
def test_any_broken_png_gives_an_image_or_a_clear_error(cut, flips, seven, tmp_path):
    content = bytearray(file_bytes(enlarged(seven, 60), "PNG"))
    for flip in flips:
        content[flip % len(content)] ^= 0x55
    path = tmp_path / "picture.png"
    path.write_bytes(content[: max(1, len(content) - cut)] if cut else content)
    try:
        images.read(path)
    except UnusableInput as error:
        assert str(path) in str(error)


def test_mnist_as_png_loses_at_most_half_a_point(mnist, saved_models):
    """All 10,000 with FULL=1; else 2,000 of them."""
    from examples import reader

    trained = reader.load(saved_models["hello_mnist"])
    data = dataset.load(str(mnist))
    step = 1 if os.environ.get("FULL") else 5
    clean, true = data.x_test[::step], data.y_test[::step]
    prepared = np.stack(
        [
            images.prepare(Image.open(io.BytesIO(file_bytes(picture, "PNG")))).image
            for picture in map(Image.fromarray, clean)
        ]
    )
    before, after = (
        (trained.probabilities(form).argmax(axis=1) == true).mean()
        for form in (clean, prepared)
    )
    assert before > 0.97
    assert after > before - 0.005
