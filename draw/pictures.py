"""Draw docs/pictures/draw_*.png anew: docs/draw.html as a reader sees it.

    python draw/pictures.py

It needs playwright (pip install -r requirements/all.txt) and Chromium. In the pictures
of training a network learns while they are taken, so its numbers differ a little each
time.
"""

import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).resolve().parents[1] / "docs"
THREE = "36,20 44,12 58,12 66,20 66,34 50,44 68,54 68,74 58,84 32,80"  # in percent
NAMES = {"en": "draw_training.png", "zh": "draw_training.zh.png"}


def main() -> None:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"]
        )

        def open_page(language: str, width: int, height: int, theme: str) -> Page:
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=theme
            )
            page.goto(f"{(DOCS / 'draw.html').as_uri()}#{language}")
            draw(page)
            return page

        for language, name in NAMES.items():
            page = open_page(language, 1200, 900, "light")
            page.locator("#how").evaluate("details => { details.open = false; }")
            train(page, epochs=25)
            # As far as all that belongs to training; the guide is longer.
            steps = page.locator("#steps > ol > li").all()
            boxes = [each.bounding_box() for each in [page.locator("#file"), *steps]]
            training, *ends = [box["y"] + box["height"] for box in boxes]
            height = 8 + min(end for end in ends if end > training)
            clip = {"x": 0, "y": 0, "width": 1200, "height": height}
            save(page, name, clip=clip, full_page=True)
        page = open_page("en", 1400, 605, "light")
        page.locator("#overlay").check()
        save(page, "draw_1400.png")
        save(open_page("en", 360, 910, "dark"), "draw_360.png")


def draw(page: Page) -> None:
    box = page.locator("#drawing").bounding_box()
    for i, corner in enumerate(THREE.split()):
        x, y = (float(part) / 100 for part in corner.split(","))
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if i == 0:
            page.mouse.down()
    page.mouse.up()


def train(page: Page, epochs: int) -> None:
    page.locator("#train").click()
    while page.evaluate("panel.last ? panel.last.epoch : 0") < epochs:
        page.wait_for_timeout(50)
    page.locator("#train").click()


def save(page: Page, name: str, **options) -> None:
    page.evaluate("new Promise((done) => setTimeout(done, 500))")
    page.screenshot(path=DOCS / "pictures" / name, **options)
    page.close()
    print("Written:", name)


if __name__ == "__main__":
    main()
