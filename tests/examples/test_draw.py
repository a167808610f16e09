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


@pytest.fixture
def open_page(models, tmp_path):
    """A function that opens a page in Chromium, which must load and report nothing."""
    playwright = pytest.importorskip(
        "playwright.sync_api",
        reason="needs playwright: pip install -r requirements/all-tests.txt",
    )
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.skip("needs Chromium: apt install chromium")
    file, requests, faults = tmp_path / "page.html", [], []

    def open_file(lesson="hello_mnist", width=1400, **options):
        export_model.main(
            argparse.Namespace(model=models[lesson], format="html", output=file)
        )
        viewport = {"width": width, "height": 890}
        page = browser.new_page(viewport=viewport, offline=True, **options)
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: faults.append(error))
        page.on("console", lambda line: line.type == "error" and faults.append(line))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width
        return page

    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program)
        yield open_file
    assert not faults
    assert {url.partition(":")[0] for url in requests} <= {"file", "data"}


def draw(page, digit, touch=False):
    """Draw a digit in the middle of the canvas, with mouse or finger."""
    events = page.context.new_cdp_session(page)

    def send(kind, *fingers):
        event = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in fingers]}
        events.send("Input.dispatchTouchEvent", event)

    box = page.locator("#drawing").bounding_box()
    for corners in STROKES[digit]:
        points = np.array([corner.split(",") for corner in corners.split()], float)
        points = [box["x"], box["y"]] + box["width"] * (0.2 + 0.6 * points / 100)
        first, *others = points.tolist()
        if touch:
            send("touchStart", first)
            for point in others:
                send("touchMove", point)
            send("touchEnd")
        else:
            page.mouse.move(*first)
            page.mouse.down()
            for point in others:
                page.mouse.move(*point)
            page.mouse.up()


def shown(page):
    """Return the prediction, what is spoken, and the network's input, (28, 28, 3)."""
    frame = "await new Promise(requestAnimationFrame);"
    page.evaluate(f"async () => {{ {frame} {frame} }}")  # by then it is up to date
    pixels = page.evaluate("[...seen.getImageData(0, 0, 28, 28).data]")
    return (
        page.locator("#prediction b").inner_text(),
        page.get_by_role("status").inner_text(),
        np.array(pixels, np.uint8).reshape(28, 28, 4)[..., :3],
    )


@pytest.mark.parametrize("lesson", ["hello_mnist", "binary_zero_one"])
def test_numbers(lesson, open_page, models):
    """Probabilities are Keras's; contributions are the gradient times the pixel."""
    page = open_page(lesson)
    images = data.load(SOURCE).x_test
    returned = page.evaluate(
        """(base64) => {
          const all = bytes(base64), count = all.length / 784;
          return Array.from({ length: count }, (_, i) =>
            probabilities(all.subarray(784 * i, 784 * (i + 1))));
        }""",
        base64.b64encode(images.tobytes()).decode(),
    )
    expected = model.load(models[lesson]).probabilities(images)
    assert np.abs(np.array(returned) - expected).max() < 0.0005

    draw(page, 0)
    assert shown(page)[0] == "0"
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


def test_on_a_phone(open_page):
    """Digits are prepared as examples/handwriting.py does it, and classified."""
    page = open_page(width=360, has_touch=True, color_scheme="dark")
    right = 0
    for digit in STROKES:
        page.keyboard.press("Escape")
        draw(page, digit, touch=True)
        predicted, _, pixels = shown(page)
        right += predicted == str(digit)
        assert page.evaluate("scrollY") == 0

        url = page.locator("#drawing").evaluate("canvas => canvas.toDataURL()")
        picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
        (other,) = handwriting.prepare(handwriting.flatten(picture)).images
        shifted = [  # the centre of mass may lie between two pixels
            np.roll(other, (y, x), (0, 1)).ravel()
            for y in (-1, 0, 1)
            for x in (-1, 0, 1)
        ]
        own = pixels[..., 0].ravel()
        assert np.corrcoef([own, *shifted])[0, 1:].max() > 0.98, digit
    # A network trained on optdigits alone may misclassify one.
    assert right >= len(STROKES) - (SOURCE == "optdigits")

    images = data.load(SOURCE).x_test
    buttons = page.get_by_role("button", name="Load test image").all()
    assert len(buttons) == export_model.MOST_MISTAKES
    for button in buttons:
        label = button.get_attribute("aria-label")
        index, y_true, y_pred = map(int, re.findall(r"\d+", label))
        button.press("Enter")
        predicted, spoken, pixels = shown(page)
        assert predicted == str(y_pred)
        assert (pixels[..., 0] == images[index]).all()
        assert f"its label is {y_true}" in spoken


def test_keys_buttons_and_what_is_spoken(open_page):
    page = open_page()
    draw(page, 7)
    predicted, spoken, drawn = shown(page)
    assert spoken.startswith(f"{predicted}, probability ")
    assert np.ptp(drawn, axis=2).max() == 0  # grey
    for undo, clear in (("Control+z", "Escape"), ("z", "Delete")):
        page.keyboard.press(clear)
        predicted, spoken, pixels = shown(page)
        assert (predicted, spoken) == ("", "The drawing is empty.")
        assert not pixels.any()
        page.keyboard.press(undo)
        assert (shown(page)[2] == drawn).all()
    page.get_by_label("Pixels for and against").check()
    assert np.ptp(shown(page)[2], axis=2).max() > 50
    assert page.locator("#legend").is_visible()
    for button in ("Clear", *["Undo"] * 4):  # in the end there is nothing left to undo
        page.get_by_role("button", name=button).click()
    assert shown(page)[1] == "The drawing is empty."
    page.locator("#drawing").click()  # a dot
    assert shown(page)[2].any()
