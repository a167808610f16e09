"""The page to draw on, in headless Chromium.

SCREENSHOTS=docs before the test command keeps its pictures in that folder.
"""

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT, lesson_environment

# Strokes from corner to corner: x,y in percent of the square they are drawn in.
STROKES = {
    0: ["50,0 30,10 22,50 30,90 50,100 70,90 78,50 70,10 50,0"],
    1: ["50,0 50,100"],
    2: ["25,20 40,0 65,3 72,25 60,50 20,100 80,97"],
    3: ["25,10 50,0 70,15 65,35 45,46 70,60 72,85 50,100 22,92"],
    4: ["30,0 22,50 75,50", "68,5 62,100"],
    7: ["20,0 78,0 42,100"],
}
WIDTHS = {"desktop": (1100, 640), "phone": (390, 1110)}
DRAWN = {"desktop": STROKES, "phone": (2, 7)}


@pytest.fixture(scope="module")
def address(saved_models):
    """Where the page is served, as long as the tests run."""
    for package in ("gradio", "playwright"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"needs {package}: pip install -r requirements/demo.txt")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "examples.draw_digit", "--port", str(port)]
    command += ["--model", str(saved_models["hello_mnist"])]
    server = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=lesson_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    line = server.stdout.readline()
    assert line.startswith("Open http://127.0.0.1:"), line
    yield line.split()[1]
    server.terminate()
    server.wait(30)


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, as Debian's package installs it."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.skip("needs Chromium: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with playwright.sync_playwright() as running:
        yield running.chromium.launch(executable_path=program, args=options)


def draw(page, strokes):
    """Draw the strokes with the mouse, in the middle of the canvas."""
    box = page.locator("canvas").first.bounding_box()
    side = 0.5 * min(box["width"], box["height"])
    left, top = (
        box[start] + (box[size] - side) / 2
        for start, size in (("x", "width"), ("y", "height"))
    )
    for stroke in strokes:
        corners = [tuple(map(int, corner.split(","))) for corner in stroke.split()]
        points = [(left + x / 100 * side, top + y / 100 * side) for x, y in corners]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=8)
        page.mouse.up()
        page.wait_for_timeout(800)


@pytest.mark.parametrize("width", WIDTHS)
def test_drawn_digits_are_read(width, address, browser, saved_models):
    page = browser.new_page(
        viewport=dict(zip(("width", "height"), WIDTHS[width], strict=True))
    )
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    read = {}
    for digit in DRAWN[width]:
        page.goto(address)
        page.wait_for_selector("button[aria-label=Brush]")
        page.wait_for_timeout(1500)  # the brush is taken, the canvas drawn
        draw(page, STROKES[digit])
        page.wait_for_selector(".line.best", timeout=10_000)
        page.wait_for_timeout(700)
        read[digit] = int(page.locator(".line.best b").inner_text())
        assert page.locator(".line").count() == 10
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder).resolve() / f"draw_digit_{width}.png")
    page.close()
    assert not errors
    elsewhere = [url for url in asked if not re.match(r"(data|blob):", url)]
    assert elsewhere and all(url.startswith(address) for url in elsewhere)
    wrong = {digit: answer for digit, answer in read.items() if digit != answer}
    # A network trained on optdigits alone may miss one.
    assert len(wrong) <= ("optdigits" in saved_models["hello_mnist"].name), wrong
