"""The page that examples/export_model.py writes, in headless Chromium, offline."""

import argparse
import base64
import io
import os
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from digits import data
from examples import export_model, handwriting, model

pytestmark = pytest.mark.slow
SOURCE = os.environ.get("MNIST_DATA") or "optdigits"
LESSONS = ["hello_mnist", "binary_zero_one"]
# Strokes as corners x,y in percent of the square they are drawn in.
STROKES = {
    0: ["50,0 34,2 26,12 22,50 26,88 34,98 50,100 66,98 74,88 78,50 74,12 66,2 50,0"],
    1: ["50,0 50,100"],
    2: ["24,22 28,10 40,0 60,0 72,10 74,26 62,48 20,100", "20,100 80,98"],
    3: ["24,8 36,0 58,0 72,12 70,28 60,40 42,46", "42,46 74,52 78,80 52,98 20,92"],
    4: ["32,0 20,62", "20,62 80,60", "64,30 60,100"],
    7: ["20,0 78,0", "78,0 56,50 44,100"],
}


@pytest.fixture(scope="module")
def models(request):
    """The lessons' models, trained on MNIST if there is any."""
    name = "saved_models" if SOURCE == "optdigits" else "mnist_models"
    return request.getfixturevalue(name)


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, as Debian's package installs it."""
    playwright = pytest.importorskip(
        "playwright.sync_api",
        reason="needs playwright: pip install -r requirements/all-tests.txt",
    )
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.skip("needs Chromium: apt install chromium")
    with playwright.sync_playwright() as running:
        yield running.chromium.launch(executable_path=program)


@pytest.fixture
def open_page(browser, models, tmp_path):
    """A function that opens a page. It must load nothing, and print no error."""
    requests, faults = [], []

    def open_file(lesson="hello_mnist", width=1400, **options):
        file = tmp_path / "page.html"
        export_model.main(
            argparse.Namespace(model=models[lesson], format="html", output=file)
        )
        viewport = {"width": width, "height": 890}
        page = browser.new_page(viewport=viewport, offline=True, **options)
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console", lambda line: line.type == "error" and faults.append(line.text)
        )
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width
        return page

    yield open_file
    assert not faults
    assert {url.partition(":")[0] for url in requests} <= {"file", "data"}


def draw(page, digit, touch=False):
    """Draw a digit in the middle of the canvas, with mouse or finger."""
    box = page.locator("#drawing").bounding_box()
    events = page.context.new_cdp_session(page)
    for corners in STROKES[digit]:
        points = np.array([corner.split(",") for corner in corners.split()], float)
        points = [box["x"], box["y"]] + box["width"] * (0.2 + 0.6 * points / 100)
        if touch:
            touches = [[{"x": x, "y": y}] for x, y in points.tolist()] + [[]]
            kinds = ["touchStart", *["touchMove"] * len(points[1:]), "touchEnd"]
            for kind, fingers in zip(kinds, touches, strict=True):
                event = {"type": kind, "touchPoints": fingers}
                events.send("Input.dispatchTouchEvent", event)
        else:
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point)
            page.mouse.up()
    wait(page)


def wait(page):
    """Wait for two frames: by then the page shows what was drawn."""
    frame = "await new Promise(requestAnimationFrame);"
    page.evaluate(f"async () => {{ {frame} {frame} }}")


def press(page, key):
    page.keyboard.press(key)
    wait(page)


def prediction(page):
    return page.locator("#prediction b").inner_text()


def seen(page):
    """Return what the page shows in 28×28, (28, 28, 3)."""
    pixels = page.evaluate("[...seen.getImageData(0, 0, 28, 28).data]")
    return np.array(pixels, np.uint8).reshape(28, 28, 4)[..., :3]


@pytest.mark.parametrize("lesson", LESSONS)
def test_javascript_and_keras_compute_the_same(lesson, open_page, models):
    dataset = data.load(SOURCE)
    if lesson == "binary_zero_one":
        dataset = dataset.keep((0, 1))
    images = dataset.x_test
    expected = model.load(models[lesson]).probabilities(images)
    returned = open_page(lesson).evaluate(
        """(base64) => {
          const all = bytes(base64), count = all.length / 784;
          return Array.from({ length: count }, (_, i) =>
            probabilities(all.subarray(784 * i, 784 * (i + 1))));
        }""",
        base64.b64encode(images.tobytes()).decode(),
    )
    assert np.abs(np.array(returned) - expected).max() < 0.0005


def test_digits_drawn_on_a_phone(open_page):
    """They are prepared as examples/handwriting.py does it, and classified."""
    page = open_page(width=360, has_touch=True, color_scheme="dark")
    wrong = []
    for digit in STROKES:
        press(page, "Escape")
        draw(page, digit, touch=True)
        assert page.evaluate("scrollY") == 0
        if prediction(page) != str(digit):
            wrong.append(digit)

        url = page.locator("#drawing").evaluate("canvas => canvas.toDataURL()")
        picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
        (other,) = handwriting.prepare(handwriting.flatten(picture)).images
        shifted = [  # the centre of mass may lie between two pixels
            np.roll(other, (down, right), (0, 1)).ravel()
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
        ]
        own = seen(page)[..., 0].ravel()
        assert np.corrcoef([own, *shifted])[0, 1:].max() > 0.98, digit
    # A network trained on optdigits alone may misclassify one.
    assert len(wrong) <= (SOURCE == "optdigits"), wrong


def test_undo_clear_and_what_is_spoken(open_page):
    page = open_page()
    spoken = page.get_by_role("status")
    draw(page, 7)
    assert spoken.inner_text().startswith(f"{prediction(page)}, probability ")
    drawn = seen(page)
    for undo, clear in (("Control+z", "Escape"), ("z", "Delete")):
        press(page, clear)
        assert spoken.inner_text() == "The drawing is empty."
        assert prediction(page) == "" and not seen(page).any()
        press(page, undo)
        assert (seen(page) == drawn).all()
    for button in ("Clear", "Undo", "Undo", "Undo"):  # in the end there is nothing left
        page.get_by_role("button", name=button).click()
    wait(page)
    assert spoken.inner_text() == "The drawing is empty."
    page.locator("#drawing").click()  # a dot
    wait(page)
    assert seen(page).any()


@pytest.mark.parametrize("lesson", LESSONS)
def test_contributions_are_the_gradient_times_the_pixel(lesson, open_page):
    page = open_page(lesson)
    draw(page, 0)
    assert prediction(page) == "0"
    assert page.locator("tr").count() == (10 if lesson == "hello_mnist" else 2)
    counted, numerical = page.evaluate(
        """() => {
          const image = Array.from(input());
          const logit = (x) => classes.length > 2 ? logits(x)[0] : -logits(x)[0];
          const scaled = (i, factor) => logit(image.with(i, factor * image[i]));
          const numerical = image.map((_, i) =>
            (scaled(i, 1.001) - scaled(i, 0.999)) / 0.002);
          return [contributions(image, 0), numerical];
        }"""
    )
    difference = np.abs(np.subtract(counted, numerical)) / np.abs(counted).max()
    assert np.median(difference) < 1e-6 and difference.max() < 0.02

    assert np.ptp(seen(page), axis=2).max() == 0  # grey
    page.get_by_label("Pixels for and against").check()
    wait(page)
    assert np.ptp(seen(page), axis=2).max() > 50
    assert page.locator("#legend").is_visible()


def test_misclassified_test_images_can_be_loaded(open_page):
    page = open_page(width=360)
    images = data.load(SOURCE).x_test
    buttons = page.get_by_role("button", name="Load test image").all()
    assert len(buttons) == export_model.MOST_MISTAKES
    for button in buttons:
        label = button.get_attribute("aria-label")
        index, y_true, y_pred = map(int, re.findall(r"\d+", label))
        button.press("Enter")
        wait(page)
        assert prediction(page) == str(y_pred)
        assert (seen(page)[..., 0] == images[index]).all()
        assert f"its label is {y_true}" in page.get_by_role("status").inner_text()
