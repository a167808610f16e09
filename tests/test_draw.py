"""The page that python -m draw makes: its file, and in headless Chromium, offline."""

import argparse
import base64
import json
import os
import re
import shutil
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from conftest import PROJECT
from PIL import Image

from digits import load_data
from draw import make
from examples import handwriting, saved
from from_scratch import hello_numpy

PAGE = PROJECT / "docs" / "draw.html"
# Strokes as corners x,y in percent of the square they are drawn in.
STROKES = {
    0: ["50,0 34,2 26,12 22,50 26,88 34,98 50,100 66,98 74,88 78,50 74,12 66,2 50,0"],
    1: ["50,0 50,100"],
    2: ["24,22 28,10 40,0 60,0 72,10 74,26 62,48 20,100", "20,100 80,98"],
    3: ["24,8 36,0 58,0 72,12 70,28 60,40 42,46", "42,46 74,52 78,80 52,98 20,92"],
    4: ["32,0 20,62", "20,62 80,60", "64,30 60,100"],
    5: ["72,0 28,0", "26,12 24,44 44,38 66,42 78,62 74,84 56,100 34,98 20,88"],
    6: ["64,0 42,18 28,44 24,70 32,92 50,100 68,94 76,76 68,58 50,52 34,58 25,74"],
    7: ["20,0 78,0", "78,0 56,50 44,100"],
    8: ["66,8 50,0 34,8 30,24 60,56 72,74 66,92 50,100 34,92 28,74 40,56 70,24 66,8"],
    9: ["70,24 60,42 44,46 30,38 26,22 34,6 50,0 64,6 70,24", "70,24 66,62 54,100"],
    "minus": ["0,50 100,50"],
}
EMPTY = "Draw a digit, or load a test image."


# ---- The file


def test_the_committed_page_is_made_from_the_sources():
    """After a change of a source: python -m draw docs/draw.html"""
    page = PAGE.read_text(encoding="utf-8")
    assert page == make.assembled(make.content_of(PAGE))
    policy = re.search(r'Policy" content="(.*?)">', page, re.DOTALL)[1]
    assert "unsafe" not in policy
    found = json.loads(make.content_of(PAGE))
    assert "CC BY-SA 3.0" in found["source"]
    assert found["correct"] >= 9700 and found["tested"] == 10_000


def test_what_the_page_holds(
    saved_models, optdigits_file, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("MNIST_DATA", str(optdigits_file))
    path = shutil.copy(saved_models["hello_mnist"], tmp_path / "mine.keras")
    monkeypatch.setattr(sys, "argv", ["draw", str(path)])
    make.main(make.parse())
    file = tmp_path / "mine.html"
    assert capsys.readouterr() == (f"Written: {file}\n", "")
    page = file.read_text(encoding="utf-8")
    found = json.loads(make.content_of(file))
    (x_train, y_train), (x_test, y_test) = load_data()
    predictions = saved.load(path).probabilities(x_test).argmax(axis=1)
    assert found["tested"] == len(y_test)
    assert found["correct"] == np.sum(predictions == y_test)
    images = np.concatenate([x_train, x_test]).reshape(-1, 784).astype(int)
    pairs = zlib.decompress(base64.b64decode(found["images"]), wbits=-15)
    pairs = np.frombuffer(pairs, np.uint8)
    levels = np.stack([pairs >> 4, pairs & 15], axis=1).reshape(-1, 784)
    assert np.abs(17 * levels.astype(int) - images).max() <= 8
    assert found["trainLabels"] == y_train.tolist()
    assert found["testLabels"] == y_test.tolist()
    assert found["source"].startswith("not MNIST")
    assert str(tmp_path) not in page and str(PROJECT) not in page

    with pytest.raises(SystemExit, match="exists already"):
        make.main(make.parse())
    monkeypatch.setattr(sys, "argv", ["draw", str(file)])
    file.write_text(page.replace("function", "FUNCTION"), encoding="utf-8")
    make.main(make.parse())  # a page is made anew, with its own network and images
    assert file.read_text(encoding="utf-8") == page


def test_files_that_make_no_page(tmp_path):
    import keras

    def error(name):
        with pytest.raises(SystemExit) as stopped:
            make.main(argparse.Namespace(model=tmp_path / name, output=None))
        return str(stopped.value)

    layers = [keras.layers.Dense(3, "tanh"), keras.layers.Dense(10, "softmax")]
    keras.Sequential([keras.Input((784,)), *layers]).save(tmp_path / "own.keras")
    (tmp_path / "other.html").write_text("<html></html>")
    before = {*tmp_path.iterdir()}
    assert "one hidden layer with relu" in error("own.keras")
    assert "no such file" in error("none.html")
    assert "not a page that" in error("other.html")
    assert {*tmp_path.iterdir()} == before


# ---- In a browser: docs/draw.html, whose network was trained on MNIST


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api",
        reason="needs playwright: pip install -r requirements/all.txt",
    )
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.skip("needs Chromium: apt install chromium")
    with playwright.sync_playwright() as running:
        # Chromium's own sandbox does not start as root, as in many containers.
        yield running.chromium.launch(executable_path=program, args=["--no-sandbox"])


@pytest.fixture
def open_page(browser):
    """A function that opens a page, which must report nothing and ask for nothing."""
    requests, faults = [], []

    def open_file(file=PAGE, address="", width=1400, height=890, before="", **options):
        viewport = {"width": width, "height": height}
        page = browser.new_page(viewport=viewport, offline=True, **options)
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: faults.append(error))
        page.on("console", lambda line: line.type == "error" and faults.append(line))
        page.add_init_script(before)
        page.goto(file.as_uri() + address)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        return page

    yield open_file
    assert not [str(fault) for fault in faults]
    assert {url.partition(":")[0] for url in requests} <= {"file", "data", "blob"}


def draw(page, digit, size=0.6, middle=(0.5, 0.5), touch=False):
    """Draw a digit on the canvas, with mouse or finger; sizes are parts of its side."""
    events = page.context.new_cdp_session(page)

    def send(kind, *fingers):
        event = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in fingers]}
        events.send("Input.dispatchTouchEvent", event)

    box = page.locator("#drawing").bounding_box()
    for corners in STROKES[digit]:
        points = np.array([corner.split(",") for corner in corners.split()], float)
        points = np.add(middle, size * (points / 100 - 0.5))
        points = [box["x"], box["y"]] + box["width"] * points
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
    wait_for_frame(page)


def wait(page, condition):
    """Wait for a minute at most; Playwright's own way needs eval, which is refused."""
    for _ in range(1200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"in a minute it was never true: {condition}")


def learn(page, condition):
    """Train until the condition is true; then pause."""
    page.click("#train")
    wait(page, condition)
    page.click("#train")


def wait_for_frame(page):
    """Wait until the page shows what it knows."""
    frame = "await new Promise(requestAnimationFrame);"
    page.evaluate(f"async () => {{ {frame} {frame} }}")


def shown(page):
    """Return the prediction, what is spoken, and the network's input, (28, 28, 3)."""
    wait_for_frame(page)
    pixels = page.evaluate("[...seen.getImageData(0, 0, 28, 28).data]")
    return (
        page.locator("#prediction b").text_content(),
        page.get_by_role("status").inner_text(),
        np.array(pixels, np.uint8).reshape(28, 28, 4)[..., :3],
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hello_mnist", "binary_zero_one"])
def test_numbers(name, open_page, saved_models, optdigits_file, tmp_path, monkeypatch):
    """Probabilities are Keras's; contributions are the gradient times the pixel."""
    monkeypatch.setenv("MNIST_DATA", str(optdigits_file))
    file = tmp_path / f"{name}.html"
    make.main(argparse.Namespace(model=saved_models[name], output=file))
    page = open_page(file)
    images = load_data()[1][0].reshape(-1, 784)
    returned = page.evaluate(
        "(images) => images.map((image) => [...probabilities(image, TRAINED)])",
        images.tolist(),
    )
    expected = saved.load(saved_models[name]).probabilities(images)
    assert np.abs(np.array(returned) - expected).max() < 0.0005

    assert "Draw a digit first" in page.inner_text("#how")
    draw(page, 0)
    assert shown(page)[0] == "0"
    assert page.inner_text("#how-title") == "How it came to this: a 0"
    classes = 10 if name == "hello_mnist" else 2
    assert len(returned[0]) == page.locator("#bars tr").count() == classes
    assert page.locator("#training").is_visible() == (classes == 10)
    counted, numerical = page.evaluate(
        """() => {
          const image = Array.from(input().image);
          const logit = (factor) => {
            const x = image.map((pixel) => factor * pixel);
            const { z } = forward(scaled(x, TRAINED), TRAINED);
            return CLASSES > 2 ? z[0] : -z[0];
          };
          const counted = contributions(image, 0, TRAINED).reduce((a, b) => a + b);
          return [counted, (logit(1.001) - logit(0.999)) / 0.002];
        }"""
    )
    assert counted == pytest.approx(numerical, rel=0.01)

    # The sums that are shown lead to the probabilities.
    z = []
    for button in page.locator("th button").all():
        button.press("Enter")
        wait_for_frame(page)
        total = page.inner_text("#total").replace("−", "-")
        z.append(float(re.search(r"z = (-?[\d.]+\d)", total)[1]))
    assert "why not a" in page.inner_text("#how-title")
    log_p = np.log(page.evaluate("[...state.shown.p]"))
    outputs = 1 if classes == 10 else 2  # one output shows as z and -z
    differences = np.subtract(z, z[0]) / outputs
    np.testing.assert_allclose(differences, log_p - log_p[0], atol=0.02)


@pytest.mark.slow
def test_learns_as_hello_numpy(open_page):
    """32 updates from the same weights on a batch come to the same weights."""
    rng = np.random.default_rng(0)
    x = rng.random((128, 784), np.float32)
    x[:, ::3] = 0
    labels = rng.integers(10, size=128)
    weights = hello_numpy.first_parameters(rng, 24)
    returned = open_page().evaluate(
        """([x, labels, weights]) => {
          const names = ["W1", "b1", "W2", "b2"];
          const net = {}, meanSquares = {};
          names.forEach((name, i) => {
            net[name] = Float32Array.from(weights[i]);
            meanSquares[name] = new Float32Array(weights[i].length);
          });
          for (let i = 0; i < 32; i++)
            rmsprop(net, meanSquares, gradients(x, labels, net), 0.001);
          return names.map((name) => [...net[name]]);
        }""",
        [x.tolist(), labels.tolist(), [w.ravel().tolist() for w in weights]],
    )
    mean_squares = [np.zeros_like(w) for w in weights]
    for _ in range(32):
        hidden, log_p = hello_numpy.forward(weights, x)
        d_logits = hello_numpy.d_loss(log_p, labels)
        gradient = hello_numpy.backward(weights, x, hidden, d_logits)
        hello_numpy.rmsprop(weights, mean_squares, gradient)
    for found, expected in zip(returned, weights, strict=True):
        np.testing.assert_allclose(found, expected.ravel(), rtol=0, atol=2e-6)


@pytest.mark.slow
def test_training(open_page):
    """It learns, forgets, starts anew, and the trained network comes back."""
    page = open_page()
    draw(page, 7)
    assert page.locator("#progress").is_hidden()
    page.click("#train")
    wait(page, "panel.points.length > 3")
    # The first epoch is spoken; later ones are not, but a pause is.
    assert re.search(r"Epoch 1\. Right", page.locator("#spoken").text_content())
    page.get_by_role("button", name="Pause").click()
    loss = page.evaluate("panel.points.map(({ train }) => train.loss)")
    assert loss[3] < loss[1] < loss[0]
    assert not page.evaluate("panel.points.some((point) => point.network)")  # 1.6 MB
    assert page.inner_text("#reading").startswith("Your network reads your drawing as")
    # What the curves show was measured: from 0 to 1, and from 0 to a highest loss.
    wait_for_frame(page)
    for key, highest in (("accuracy", 1), ("loss", np.ceil(2 * loss[0]) / 2)):
        path, measured = page.evaluate(
            """(key) => [
              find(`#${key} path.test`).getAttribute("d"),
              panel.points.map((point) => point.test[key]),
            ]""",
            key,
        )
        heights = [float(point.split()[1]) for point in path[1:].split("L")]
        drawn = [highest * (150 - height) / 138 for height in heights]
        np.testing.assert_allclose(drawn, measured, atol=1e-6)

    page.click("#back")
    assert shown(page)[0] == "7" and page.locator("#reading").is_hidden()
    page.get_by_role("button", name="Your network back").click()
    wait_for_frame(page)
    assert "paused" in page.inner_text("#reader")

    page.click("#train")
    page.click("#forget")  # pauses
    wait(page, "state.updates === 0 && panel.points.length === 1")
    assert page.inner_text("#state").startswith("The weights are random")
    assert page.get_by_role("button", name="Train", exact=True).is_visible()


@pytest.mark.slow
def test_what_is_chosen_is_trained(open_page):
    """Whenever it is chosen: also before the worker has answered."""
    page = open_page()
    page.evaluate(
        """() => {
          find("#train").click();
          for (const [id, value] of [["#count", "500"], ["#width", "16"]]) {
            find(id).value = value;
            find(id).dispatchEvent(new Event("change"));
          }
        }"""
    )
    wait(page, "panel.last?.count === 500 && state.updates > 9")
    assert page.evaluate("state.own.b1.length") == 16


@pytest.mark.slow
def test_what_is_said_of_a_training(open_page):
    page = open_page()

    def said(updates, epoch, gap=0, losses=(), position=0):
        return page.evaluate(
            """([updates, epoch, gap, losses, position]) => {
              panel.last = { updates, epoch, position, count: 4000 };
              panel.points = losses.map((loss, epoch) => ({ epoch,
                train: { accuracy: 0.9 + gap, loss, count: 1000 },
                test: { accuracy: 0.9, loss, count: 1000 } }));
              return stateText();
            }""",
            [updates, epoch, gap, losses, position],
        )

    falling = [2.3, 1.0, 0.5, 0.4]
    first = said(11, 0, 0, [2.3], 1408)
    assert first.endswith("In the first epoch: it has seen 1,408 of 4,000 images.")
    assert "Gap: 10.0 percentage points (training" in said(99, 3, 0.1, falling)
    assert "100.0\u00a0% of the first 1,000" in said(99, 3, 0.1, falling)
    assert "No harm" in said(99, 7, 0.1, [*falling, 0.5, 0.5, 0.5, 0.5])
    later = said(99, 8, 0.1, [*falling, 0.5, 0.5, 0.5, 0.5, 0.5])
    assert later.endswith("The test loss has risen since epoch 3.")


@pytest.mark.slow
def test_browsers_that_cannot_do_all(open_page):
    refuse = "window.Worker = class { constructor() { throw Error('refused'); } };"
    page = open_page(before=refuse)
    page.click("#train")
    wait(page, "find('#train').disabled")
    assert "2023 or later" in page.inner_text("#state")

    old = "delete Array.prototype.at; delete window.DecompressionStream;"
    page = open_page(before=old)
    draw(page, 7)
    assert shown(page)[0] == "7" and page.locator("#sample").is_hidden()
    assert "2023 or later" in page.inner_text("#state")
    assert page.locator("#not-started").count() == 0

    page = open_page(java_script_enabled=False)
    assert "program has not started" in page.inner_text("#not-started")


@pytest.mark.slow
def test_drawings_of_three_sizes(open_page):
    """Each is read, and prepared as examples/handwriting.py does it."""
    page = open_page(width=360, height=740, has_touch=True, color_scheme="dark")
    wrong = []
    for digit in range(10):
        for size in (0.6, 0.2, 0.125):
            page.keyboard.press("Escape")
            draw(page, digit, size, touch=True)
            predicted = shown(page)[0]
            if predicted != str(digit) or page.locator("#doubt").is_visible():
                wrong.append((digit, size, predicted, page.inner_text("#doubt")))
            assert page.evaluate("scrollY") == 0
            if size < 0.6:
                continue
            ink, own = page.evaluate(
                """() => {
                  const { data } = pen.getImageData(0, 0, SIDE, SIDE);
                  const ink = data.filter((_, i) => i % 4 === 3);
                  return [[...ink], [...prepare(ink, SIDE)]];
                }"""
            )
            picture = Image.fromarray(255 - np.array(ink, np.uint8).reshape(420, 420))
            other = handwriting.prepare(picture).image
            moved = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
            # The centre of mass may lie between two pixels.
            shifted = [np.roll(other, by, (0, 1)).ravel() for by in moved]
            assert np.corrcoef([own, *shifted])[0, 1:].max() > 0.98, digit
    assert not wrong


@pytest.mark.slow
def test_what_is_no_digit_gets_a_warning(open_page):
    page = open_page()
    for first, second, size, warning in (
        ((1, 0.3, 0.5), (2, 0.7, 0.5), 0.4, "more than one digit"),
        ((1, 0.5, 0.25), (0, 0.5, 0.75), 0.35, "more than one digit"),
        ((3, 0.35, 0.5), (2, 0.6, 0.5), 0.45, "not sure. Or two digits"),
    ):
        for digit, *middle in (first, second):
            draw(page, digit, size, middle)
        assert warning in shown(page)[1]
        page.keyboard.press("Delete")
    draw(page, "minus")
    assert "wider than high, unlike most digits: perhaps two" in shown(page)[1]
    page.keyboard.press("Delete")
    page.locator("#drawing").click()  # a dot
    assert "hardly any ink" in shown(page)[1] and shown(page)[2].any()


@pytest.mark.slow
def test_keys_buttons_and_what_is_spoken(open_page):
    page = open_page()
    assert page.locator("#prediction").inner_text() == EMPTY
    draw(page, 7)
    predicted, spoken, drawn = shown(page)
    assert spoken.startswith(f"{predicted}, probability ")
    page.keyboard.press("z")  # letters alone do nothing
    assert (shown(page)[2] == drawn).all()
    page.keyboard.press("Delete")
    predicted, spoken, pixels = shown(page)
    assert (predicted, spoken) == ("", EMPTY) and not pixels.any()
    page.keyboard.press("Control+z")
    assert (shown(page)[2] == drawn).all()
    page.keyboard.press("Control+y")
    assert shown(page)[0] == ""
    page.click("#undo")
    page.get_by_label("Pixels for and against").check()
    assert np.ptp(shown(page)[2], axis=2).max() > 50
    assert "raises the 7’s logit" in page.inner_text("#legend")
    page.get_by_role("button", name="Show a test image").press("Enter")
    wait(page, "marks[0]?.label !== undefined")
    assert re.search(r"; its label is \d", shown(page)[1])
    draw(page, 1)
    assert "label" not in shown(page)[1]


@pytest.mark.slow
def test_ink_is_read_only_where_it_is_seen(open_page):
    page = open_page()
    draw(page, 1, size=0.8, middle=(0.5, 0.9))
    corners = np.array(page.evaluate("marks.flat()"))
    assert corners.min() >= 0 and corners.max() <= 420.02
    # A release that the page was not told of ends the stroke.
    box = page.locator("#drawing").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.evaluate(
        """canvas.dispatchEvent(new PointerEvent("pointermove",
          { pointerId: pointer, clientX: 300, clientY: 300, buttons: 0 }))"""
    )
    assert page.evaluate("[pointer, marks.at(-1).length]") == [None, 2]
    page.mouse.up()


@pytest.mark.slow
def test_on_paper(open_page):
    """Ink is dark and bars are printed, also from a dark screen."""
    page = open_page(color_scheme="dark")
    draw(page, 1)
    colour = "[...pen.getImageData(210, 210, 1, 1).data]"
    assert min(page.evaluate(colour)[:3]) > 200
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert max(page.evaluate(colour)[:3]) < 60
    page.emulate_media(media="print", color_scheme="dark")
    style = "getComputedStyle(document.querySelector('.best b'))"
    assert page.evaluate(f"{style}.printColorAdjust") == "exact"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(255, 255, 255)"


@pytest.mark.slow
def test_small_windows(open_page):
    """Canvas and predicted digit are in view, upright and on the side."""
    for width, height in ((740, 360), (360, 740), (320, 568)):
        page = open_page(width=width, height=height)
        draw(page, 7)
        assert shown(page)[0] == "7"
        for element in ("#drawing", "#clear", "#prediction b"):
            box = page.locator(element).bounding_box()
            assert box["y"] + box["height"] <= height, (width, element)
        page.evaluate("find('#how').open = true")
        wait_for_frame(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.slow
def test_both_languages(open_page):
    page = open_page(locale="zh-CN")
    assert page.inner_text("h1") == "写一个数字" == page.title()
    for key, (english, chinese) in page.evaluate("Object.entries(TEXTS)"):
        used = set(re.findall(r"{\w+}", english))
        assert set(re.findall(r"{\w+}", chinese)) == used, key
    # Each text of page.html is translated, and nothing else is.
    english = page.evaluate("MARKUP.map(([, english]) => english)")
    assert set(english) == set(page.evaluate("Object.keys(CHINESE)"))
    draw(page, 3)
    learn(page, "panel.last?.epoch > 0")
    page.get_by_role("link", name="English").click()  # and the training stays
    wait_for_frame(page)
    assert page.inner_text("h1") == "Draw a digit" == page.title()
    assert not re.search("[\u4e00-\u9fff]", page.inner_text("main"))
    assert open_page(address="#zh").inner_text("h1") == "写一个数字"


@pytest.mark.slow
def test_nothing_for_axe_to_find(open_page):
    script = os.environ.get("AXE_CORE")  # npm install axe-core: its file axe.min.js
    if not script:
        pytest.skip("needs AXE_CORE, the path of axe-core's axe.min.js")
    source = Path(script).read_text(encoding="utf-8")
    for width, height, scheme in ((1400, 890, "light"), (360, 740, "dark")):
        page = open_page(width=width, height=height, color_scheme=scheme)
        page.evaluate(source)
        for prepare in (
            "0",
            "load({ pixels: input().image ?? new Uint8Array(784).fill(99), label: 1 })",
            "document.querySelectorAll('details').forEach((each) => each.open = true)",
            "table.cells[4][9].click()",
            "find('#step').click()",
            "find('#train').click()",
        ):
            page.evaluate(prepare)
            page.wait_for_timeout(300)
            found = page.evaluate("axe.run().then((result) => result.violations)")
            assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []


@pytest.mark.slow
def test_wrong_labels(open_page):
    page = open_page(address="#images=500&wrong=0.5&rate=0.01")
    labels = np.array(page.evaluate("withWrongLabels(Array(5000).fill(3), 0.2)"))
    assert abs(np.mean(labels != 3) - 0.2) < 0.04
    page.click("#train")
    wait(page, "panel.points.at(-1)?.train.accuracy > 0.75")
    assert "agree with 50.0\u00a0% of the labels" in page.inner_text("#state")


@pytest.mark.slow
def test_own_drawings_are_learnt(open_page):
    page = open_page(width=360, height=740)
    teach = page.get_by_role("group", name="Teach it your drawing. This is a")
    two = teach.get_by_role("button", name="2", exact=True)
    assert two.is_disabled()
    draw(page, 7)
    for _ in range(2):
        two.press("Enter")
    assert "your drawings, 2 of a 2. Press Train" in page.inner_text("#taught")
    page.click("#step")
    wait(page, "panel.step !== null")
    assert page.inner_text("#examples").count("yours") == 2
    page.click("#train")
    wait(page, "panel.last?.epoch > 5 && state.shown.digit === 2")
    page.get_by_role("button", name="Take them out").press("Enter")
    assert page.inner_text("#taught") == ""
    wait(page, "state.shown.digit === 7")


@pytest.mark.slow
def test_one_step(open_page):
    """It lowers the loss of its batch, and says by which numbers."""
    page = open_page()
    draw(page, 3)
    page.get_by_role("button", name="One step").press("Enter")
    wait(page, "panel.step !== null")
    assert page.locator("#loss circle").count() == 1
    step = page.evaluate("panel.step")
    assert step["size"] == 128 and step["lossAfter"] < step["lossBefore"]
    text = f"before the step and is {step['lossAfter']:.3f} after it"
    assert text in page.inner_text("#batch-loss")
    assert page.locator("#examples li").count() == 16
    before, after, gradient = (
        step["neuron"][key] for key in ("before", "after", "gradient")
    )
    i = np.abs(gradient).argmax()
    numbers = page.inner_text("#one-weight").replace("−", "-")
    assert f"row {i // 28 + 1}, column {i % 28 + 1}" in numbers
    assert f"from {before[i]:.5f} to {after[i]:.5f}" in numbers

    page.select_option("#batch", "Infinity")
    page.get_by_role("button", name="One step").click()
    wait(page, "panel.last.epoch === 1")  # the rest of this epoch, 872 images
    assert "It is the rest of the epoch." in page.inner_text("#batch-loss")
    page.click("#train")
    wait(page, "panel.last.epoch > 1")
    assert page.locator("#one-step").is_hidden()
    assert page.locator("#loss circle").count() == 0


@pytest.mark.slow
def test_which_digits_are_mixed_up(open_page):
    page = open_page()
    labels = np.array(page.evaluate("MODEL.testLabels"))
    page.get_by_text("Which digits the trained network mixes up").click()
    wait(page, "table.trained !== null")
    predictions = np.array(page.evaluate("table.trained"))
    wrong = np.sum(predictions != labels)
    wait(page, f"find('#mixed').textContent.startsWith('{wrong} of the 1,000 test')")
    first = np.flatnonzero(predictions != labels)[0]
    label, digit = labels[first], predictions[first]
    count = np.sum((labels == label) & (predictions == digit))
    cell = f"{count}: label {label}, read as {digit}"
    page.get_by_role("button", name=cell, exact=True).press("Enter")
    wait(page, f"find('#members').children.length === {count}")
    page.locator("#members button").first.press("Enter")
    predicted, spoken, _ = shown(page)
    assert predicted == str(digit) and f"its label is {label}" in spoken

    learn(page, "panel.last?.epoch > 1")  # from now on the table is of this network
    wait(
        page,
        """find("#mixed").textContent.includes("whole epoch "
          + `${Math.round(1000 - 1000 * panel.points.at(-1).test.accuracy)} of the`)""",
    )


@pytest.mark.slow
def test_the_address_holds_what_is_chosen(open_page):
    address = "#zh&images=500&neurons=16&batch=8&wrong=0.2&distort=true&rate=7&x=1"
    page = open_page(address=address)
    chosen = "[...document.querySelectorAll('#settings select')].map((s) => s.value)"
    assert page.evaluate(chosen) == ["500", "16", "0.2", "relu", "0.001", "8"]
    assert page.locator("#distort").is_checked()
    page.select_option("#rate", "0.01")
    assert page.evaluate("location.hash") == (
        "#zh&images=500&neurons=16&rate=0.01&batch=8&wrong=0.2&distort=true"
    )
    page.evaluate("location.hash = '#en&neurons=512'")  # as a link of a teacher's
    wait(page, "find('#width').value === '512'")


@pytest.mark.slow
def test_a_network_as_a_file(open_page, tmp_path):
    page = open_page(address="#neurons=16&images=500&activation=none")
    learn(page, "panel.last?.epoch > 3")
    draw(page, 7)
    p = page.evaluate("state.shown.p")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save your network as a file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    page = open_page()
    draw(page, 7)
    cut = tmp_path / "cut.json"
    cut.write_text(file.read_text()[:-300] + '"}')
    page.set_input_files("#load", cut)
    wait(page, "!find('#not-loaded').hidden")
    page.set_input_files("#load", file)
    wait(page, "state.own?.b1.length === 16 && panel.points.length === 1")
    assert page.inner_text("#state").startswith("A network from a file, with 16")
    wait_for_frame(page)
    assert page.evaluate("state.shown.p") == p
    learn(page, "panel.last.epoch > 0")
    assert page.evaluate("state.own.activation") == "none"


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["relu", "none"])
def test_the_wildest_settings_stay_finite(activation, open_page):
    chosen = "images=500&neurons=16&rate=0.01&batch=1&wrong=0.5&distort=true"
    page = open_page(address=f"#{chosen}&activation={activation}")
    learn(page, "panel.last?.epoch > 1")
    numbers = "panel.points.flatMap(({ train, test }) => [train.loss, test.loss])"
    assert np.isfinite(page.evaluate(numbers)).all()
