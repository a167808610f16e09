"""The page that examples/export_model.py writes, in headless Chromium, offline.

SCREENSHOTS=docs before the test command keeps two pictures of it in that folder.
"""

import argparse
import base64
import io
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digits import data
from examples import export_model, handwriting, model

pytestmark = pytest.mark.slow
SIZES = {1400: 810, 360: 890}
# Strokes as corners x,y in percent of the square they are drawn in; drawn rounded.
STROKES = {
    0: ["50,0 30,5 22,50 30,95 50,100 70,95 78,50 70,5 50,0"],
    1: ["50,0 50,100"],
    2: ["24,22 35,0 65,0 76,28 55,60 20,100", "20,100 80,98"],
    3: ["24,8 50,-4 74,12 66,42 42,46", "42,46 74,48 80,84 52,106 20,92"],
    4: ["32,0 20,62", "20,62 80,60", "64,30 60,100"],
    7: ["20,0 78,0", "78,0 56,50 44,100"],
}


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, as Debian's package installs it, without any name server."""
    playwright = pytest.importorskip(
        "playwright.sync_api",
        reason="needs playwright: pip install -r requirements/examples.txt",
    )
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.skip("needs Chromium: apt install chromium")
    quiet = ("background-networking", "component-update", "sync", "gpu")
    options = [
        "--no-sandbox",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ]
    options += [f"--disable-{part}" for part in quiet]
    with playwright.sync_playwright() as running:
        yield running.chromium.launch(executable_path=program, args=options)


@pytest.fixture(scope="module")
def source():
    return os.environ.get("MNIST_DATA") or "optdigits"


@pytest.fixture(scope="module")
def models(request, source):
    """The lessons' models, trained on MNIST if there is any."""
    name = "saved_models" if source == "optdigits" else "mnist_models"
    return request.getfixturevalue(name)


@pytest.fixture(scope="module")
def files(models, tmp_path_factory):
    """The page of each lesson's model."""
    folder = tmp_path_factory.mktemp("pages")
    for lesson, path in models.items():
        options = {"model": path, "output": folder / f"{lesson}.html", "data": None}
        export_model.main(argparse.Namespace(format="html", **options))
    return {lesson: folder / f"{lesson}.html" for lesson in models}


@pytest.fixture
def open_page(browser, files):
    """A function that opens a page; in the end no request and no error may be there."""
    contexts, requests, faults = [], [], []

    def open_file(lesson="hello_mnist", width=1400, **options):
        viewport = {"width": width, "height": SIZES[width]}
        context = browser.new_context(viewport=viewport, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console", lambda line: line.type == "error" and faults.append(line.text)
        )
        page.goto(files[lesson].as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert not faults
    elsewhere = [url for url in requests if not url.startswith(("file:", "data:"))]
    assert requests and not elsewhere


def rounded(corners):
    """Return a stroke's points with its corners cut off three times."""
    points = np.array([corner.split(",") for corner in corners.split()], float)
    for _ in range(3):
        before, after = points[:-1], points[1:]
        cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], 1)
        points = np.concatenate([points[:1], cut.reshape(-1, 2), points[-1:]])
    return points / 100


def draw(page, digit, device="mouse", size=0.6):
    """Draw a digit in the middle of the canvas, with real events of the device."""
    wait(page)
    box = page.locator("#drawing").bounding_box()
    start = np.array([box["x"], box["y"]]) + (1 - size) / 2 * box["width"]
    events = page.context.new_cdp_session(page)

    def send(kind, x, y):
        if device == "touch":
            kind = {"Pressed": "Start", "Moved": "Move", "Released": "End"}[kind]
            points = [] if kind == "End" else [{"x": x, "y": y}]
            event = {"type": f"touch{kind}", "touchPoints": points}
            events.send("Input.dispatchTouchEvent", event)
        else:
            event = {"type": f"mouse{kind}", "x": x, "y": y, "pointerType": device}
            button = {"button": "left", "buttons": 1, "clickCount": 1}
            events.send("Input.dispatchMouseEvent", event | button)

    for corners in STROKES[digit]:
        points = (start + size * box["width"] * rounded(corners)).tolist()
        send("Pressed", *points[0])
        for point in points[1:]:
            send("Moved", *point)
        send("Released", *points[-1])
    wait(page)


def wait(page):
    """Wait for two frames: by then the page shows what was drawn."""
    frame = "await new Promise(requestAnimationFrame);"
    page.evaluate(f"async () => {{ {frame} {frame} }}")


def prediction(page):
    return page.locator("#prediction b").inner_text()


def seen(page):
    """Return what the page shows in 28×28, (28, 28, 3)."""
    pixels = page.evaluate("[...seen.getImageData(0, 0, 28, 28).data]")
    return np.array(pixels, np.uint8).reshape(28, 28, 4)[..., :3]


@pytest.mark.parametrize("lesson", ["hello_mnist", "binary_zero_one"])
def test_javascript_and_keras_compute_the_same(lesson, open_page, models, source):
    dataset = data.load(source)
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
    difference = np.abs(np.array(returned) - expected).max()
    print(f"{lesson}: {len(images)} images, largest difference {difference:.6f}")
    assert difference < 0.002
    same = np.argmax(returned, axis=1) == expected.argmax(axis=1)
    first, second = np.sort(expected, axis=1)[:, [-1, -2]].T
    assert same[first - second > 0.0005].all()  # closer ones are a matter of rounding
    assert same.mean() > 0.9995


@pytest.mark.parametrize(
    ("width", "device", "scheme"),
    [(1400, "mouse", "light"), (360, "touch", "light"), (1400, "pen", "dark")],
)
def test_drawn_digits_are_classified(width, device, scheme, open_page, source):
    page = open_page(width=width, has_touch=device == "touch", color_scheme=scheme)
    tall = page.evaluate("document.documentElement.scrollHeight > innerHeight")
    assert tall or width == 1400
    found = {}
    for digit in STROKES:
        page.keyboard.press("Escape")
        draw(page, digit, device)
        found[digit] = int(prediction(page))
        assert page.evaluate("scrollY") == 0
    wrong = {digit: result for digit, result in found.items() if digit != result}
    # A network trained on optdigits alone may miss one.
    assert len(wrong) <= (source == "optdigits"), wrong
    if (folder := os.environ.get("SCREENSHOTS")) and scheme == "light":
        page.keyboard.press("Escape")
        draw(page, 3, device)
        page.locator("#overlay").check()
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        wait(page)
        page.screenshot(path=Path(folder).resolve() / f"draw_{width}.png")


def test_zero_and_one(open_page):
    page = open_page("binary_zero_one", 360)
    assert page.locator("tr").count() == 2
    for digit in (0, 1):
        page.keyboard.press("Escape")
        draw(page, digit)
        assert prediction(page) == str(digit)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_drawing_is_prepared_as_a_photo_is(scheme, open_page):
    page = open_page(color_scheme=scheme)
    for digit in STROKES:
        page.keyboard.press("Escape")
        draw(page, digit)
        url = page.locator("#drawing").evaluate("canvas => canvas.toDataURL()")
        picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
        (other,) = handwriting.prepare(handwriting.flatten(picture)).images
        own = seen(page)[..., 0]
        shifted = [  # the centre of mass may lie between two pixels
            np.roll(other, (down, right), (0, 1)).ravel()
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
        ]
        assert np.corrcoef([own.ravel(), *shifted])[0, 1:].max() > 0.98, digit
        p = page.evaluate("probabilities", other.ravel().tolist())
        assert prediction(page) == str(np.argmax(p))


def test_undo_clear_and_what_is_spoken(open_page):
    page = open_page()
    spoken = page.get_by_role("status")
    assert spoken.inner_text() == "The drawing is empty."
    assert prediction(page) == ""
    draw(page, 7)
    assert spoken.inner_text().startswith(f"{prediction(page)}, probability ")
    assert page.locator("tr").count() == 10
    drawn = seen(page)
    for undo, clear in (
        (
            lambda: page.keyboard.press("Control+z"),
            lambda: page.keyboard.press("Escape"),
        ),
        (lambda: page.keyboard.press("z"), lambda: page.keyboard.press("Delete")),
        *[[page.get_by_role("button", name=name).click for name in ("Undo", "Clear")]],
    ):
        clear()
        wait(page)
        assert spoken.inner_text() == "The drawing is empty." and not seen(page).any()
        undo()
        wait(page)
        assert (seen(page) == drawn).all()
    for _ in range(3):  # two strokes, and nothing left to undo
        page.keyboard.press("z")
    wait(page)
    assert spoken.inner_text() == "The drawing is empty."
    page.locator("#drawing").click()  # a dot
    wait(page)
    assert seen(page).any()


def test_contributions_are_the_gradient_times_the_pixel(open_page, files):
    for lesson in files:
        page = open_page(lesson)
        draw(page, 0)
        counted, numerical = page.evaluate(
            """() => {
              const image = Float64Array.from(input()), best = 0;
              const logit = (x) => x.length > 1 ? x[best] : -x[0];
              const numerical = Array.from(image, (pixel, i) => {
                const [up, down] = [0.01, -0.01].map((change) => {
                  const moved = image.slice();
                  moved[i] += change;
                  return logit(logits(moved));
                });
                return (pixel * (up - down)) / 0.02;
              });
              return [contributions(image, best), numerical];
            }"""
        )
        largest = np.abs(counted).max()
        assert largest > 0.01
        assert np.median(np.abs(np.subtract(counted, numerical))) < 1e-6 * largest
        assert np.abs(np.subtract(counted, numerical)).max() < 0.02 * largest
        grey = seen(page)
        page.get_by_label("Pixels for and against").check()
        wait(page)
        colours = seen(page)
        assert (grey.max(2) == grey.min(2)).all()
        assert (colours.max(2) > colours.min(2) + 50).any()
        assert page.locator("#legend").is_visible()


def test_misclassified_test_images_can_be_loaded(open_page, source):
    page = open_page(width=360)
    images = data.load(source).x_test
    buttons = page.get_by_role("button", name="Load test image")
    assert 0 < buttons.count() <= export_model.MOST_MISTAKES
    for button in buttons.all():
        label = button.get_attribute("aria-label")
        index, y_true, y_pred = map(int, re.findall(r"\d+", label))
        button.focus()
        page.keyboard.press("Enter")
        wait(page)
        assert prediction(page) == str(y_pred)
        assert (seen(page)[..., 0] == images[index]).all()
        assert f"its label is {y_true}" in page.get_by_role("status").inner_text()
    page.keyboard.press("Escape")
    wait(page)
    assert not seen(page).any()
