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
# A stroke of corners x, y on the canvas, which has 420 × 420 pixels
THREE = "151,84 185,50 244,50 277,84 277,143 210,185 286,227 286,311 244,353 134,336"


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
            stroke = [[*map(int, corner.split(","))] for corner in THREE.split()]
            page.evaluate("(stroke) => change([stroke])", stroke)
            return page

        for language, name in ("en", "draw_training"), ("zh", "draw_training.zh"):
            page = open_page(language, 1200, 900, "light")
            page.locator("#how").evaluate("details => { details.open = false; }")
            page.locator("#train").click()
            while not page.evaluate("panel.last?.epoch >= 25"):
                page.wait_for_timeout(50)
            page.locator("#train").click()
            # As far as all that belongs to training; the guide is longer.
            steps = page.locator("#steps > ol > li").all()
            boxes = [each.bounding_box() for each in [page.locator("#file"), *steps]]
            training, *ends = [box["y"] + box["height"] for box in boxes]
            height = 8 + min(end for end in ends if end > training)
            clip = {"x": 0, "y": 0, "width": 1200, "height": height}
            save(page, f"{name}.png", clip=clip, full_page=True)
        page = open_page("en", 1400, 605, "light")
        page.locator("#overlay").check()
        save(page, "draw_1400.png")
        save(open_page("en", 360, 910, "dark"), "draw_360.png")


def save(page: Page, name: str, **options) -> None:
    page.wait_for_timeout(500)
    page.screenshot(path=DOCS / "pictures" / name, **options)
    page.close()
    print("Written:", name)


if __name__ == "__main__":
    main()
