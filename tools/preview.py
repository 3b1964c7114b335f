"""Draw the picture that stands beside a shared link: the head of the landing page.

Run it after `make book`; it writes _static/preview.png, for the next build to take.
"""

import argparse
import io
import subprocess
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "_static/preview.png"
SIZE: ViewportSize = {
    "width": 1120,
    "height": 588,
}  # in messengers it is 1200 by 630, and small
SCALE = 1200 / SIZE["width"]
COLOURS = 128  # enough for text and lines; a third of the bytes
QUIET = """
  .bd-sidebar, .bd-header-article, .bd-footer, .prev-next-area, #pst-back-to-top,
  .skip-link, .headerlink, .bd-article section section { display: none !important; }
  .bd-main .bd-article-container { max-width: none !important; padding: 1rem 2.5rem; }
  .bd-article { padding-top: 1.5rem !important; }
"""


def quiet(page: Page) -> None:
    """Leave the page's own words and figure, without the theme's frame."""
    page.add_style_tag(content=QUIET)
    page.evaluate("window.MathJax && MathJax.startup.promise.then(() => null)")
    page.evaluate("document.fonts.ready.then(() => null)")
    page.wait_for_timeout(500)


def photograph(address: str) -> bytes:
    """The head of a page as PNG, 1200 by 630 pixels."""
    browser = [ROOT / "tools/browser.sh"]
    found = subprocess.run(browser, capture_output=True, text=True, check=True)
    with sync_playwright() as playwright:
        path = found.stdout.split("\n")[0]
        chromium = playwright.chromium.launch(executable_path=path)
        page = chromium.new_page(
            viewport=SIZE, device_scale_factor=SCALE, color_scheme="light"
        )
        page.goto(address)
        quiet(page)
        return page.screenshot()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    page = ROOT / "_build/html/index.html"
    parser.add_argument("page", type=Path, nargs="?", default=page, help="a built page")
    picture = Image.open(io.BytesIO(photograph(parser.parse_args().page.as_uri())))
    picture.convert("RGB").quantize(COLOURS).save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
