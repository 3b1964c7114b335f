"""How a page lies on a screen."""

from contextlib import suppress

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

LAID_OUT = 10_000  # milliseconds: on a busy machine a page answers a resize late
FITS = "width => document.documentElement.scrollWidth <= width"
BEYOND = """width => {
  const whole = document.documentElement.scrollWidth;
  const cut = (element) => {
    for (let e = element.parentElement; e && e !== document.body; e = e.parentElement)
      if (getComputedStyle(e).overflowX !== "visible") return true;
    return false;
  };
  const name = (e) => `${e.outerHTML.slice(0, 80)} ends at ` +
    Math.round(e.getBoundingClientRect().right);
  return whole <= width ? [] : [`the page is ${whole} wide`]
    .concat([...document.querySelectorAll("body *")]
      .filter((e) => e.getBoundingClientRect().right > width && !cut(e))
      .map(name)).slice(0, 8);
}"""


def beyond(page: Page, width: int = 390) -> list[str]:
    """What stands out of the screen to the right: nothing, where the page fits."""
    with suppress(PlaywrightTimeout):
        page.wait_for_function(FITS, arg=width, timeout=LAID_OUT)
    return page.evaluate(BEYOND, width)
