"""A slider moves its own figure and no other, by mouse and by keyboard."""

import re
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from playwright.sync_api import Page, expect

from allyouneed.book.figures import Drawing, show
from allyouneed.book.widgets import explore

OPEN = Callable[..., Page]


def line(k: int = 2, phase: int = 0) -> Drawing:
    with plt.style.context("allyouneed.book"):
        figure, axes = plt.subplots(figsize=(4, 1))
        axes.plot([0, k], [phase, 1])
        return show(figure, alt=f"A line to {k} from {phase}.")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three outputs of a notebook on one page; the first and the second are alike."""
    one, two = explore(line, k=[1, 2, 4]), explore(line, k=[1, 2], phase=[0, 1])
    page = tmp_path_factory.mktemp("notebook") / "page.html"
    outputs = "".join(f"<div>{f.html()}</div>" for f in (one, one, two))
    page.write_text(f"<!doctype html><title>x</title>{outputs}", encoding="utf-8")
    return page


@pytest.fixture
def page(open_page: OPEN, notebook: Path) -> Page:
    page = open_page()
    page.goto(notebook.as_uri())
    return page


def pictures(page: Page) -> list[str | None]:
    """What each figure of the page shows now."""
    found = page.locator(".explore-stage > svg").all()
    return [figure.get_attribute("aria-label") for figure in found]


def test_arrow_keys_move_the_figure_they_are_pressed_in(page: Page) -> None:
    page.locator("input").nth(1).press("ArrowRight")
    assert pictures(page) == [
        "A line to 2 from 0.",
        "A line to 4 from 0.",
        "A line to 2 from 0.",
    ]
    page.locator("input").nth(1).press("Home")
    assert pictures(page)[1] == "A line to 1 from 0."


# As Firefox does after a reload, before the script beside the slider runs.
FILLED_IN = """new MutationObserver(() =>
  document.querySelectorAll(".explore:not([data-ready]) input").forEach((slider) => {
    slider.value = slider.max;
  })).observe(document, { childList: true, subtree: true })"""


def test_a_form_that_is_filled_in_again_shifts_no_frame(
    open_page: OPEN, notebook: Path
) -> None:
    page = open_page()
    page.add_init_script(FILLED_IN)
    page.goto(notebook.as_uri())
    slider = page.locator("input").first
    expect(slider).to_have_value("2")
    for key, k in (("Home", 1), ("ArrowRight", 2), ("ArrowRight", 4)):
        slider.press(key)
        assert pictures(page)[0] == f"A line to {k} from 0."


def test_the_mouse_moves_it(page: Page) -> None:
    slider = page.locator("input").first
    size = slider.bounding_box()
    assert size
    slider.click(position={"x": size["width"] - 4, "y": size["height"] / 2})
    assert pictures(page)[0] == "A line to 4 from 0."


def test_two_sliders_choose_together(page: Page) -> None:
    page.locator("input").nth(2).press("ArrowLeft")
    page.locator("input").nth(3).press("ArrowRight")
    assert pictures(page)[2] == "A line to 1 from 1."
    page.locator("input").nth(2).press("ArrowRight")
    assert pictures(page)[2] == "A line to 2 from 1."


def test_the_value_is_shown_and_spoken(page: Page) -> None:
    slider = page.locator("input").first
    assert slider.get_attribute("aria-valuetext") == "2"
    slider.press("End")
    assert slider.get_attribute("aria-valuetext") == "4"
    expect(page.locator("output").first).to_have_text("4")
    expect(page.get_by_role("slider", name=re.compile("^k"))).to_have_count(3)


def test_frames_are_drawn_whole(page: Page) -> None:
    """Glyphs are found, whichever frames have been shown before."""
    slider = page.locator("input").first
    for key in ("Home", "ArrowRight", "ArrowRight", "Home"):
        slider.press(key)
        sizes = page.locator(".explore-stage").first.evaluate(GLYPH_SIZES)
        assert sizes
        assert min(sizes) > 0


GLYPH_SIZES = """stage => [...stage.querySelectorAll("use")]
  .filter(use => document.querySelector(use.getAttribute("xlink:href"))
    .getAttribute("d"))
  .map(use => use.getBoundingClientRect())
  .map(box => Math.max(box.width, box.height))"""


def test_notebook_shortcuts_do_not_see_the_arrow_keys(page: Page) -> None:
    page.evaluate("() => { document.onkeydown = () => { window.eaten = true; }; }")
    page.locator("input").first.press("ArrowRight")
    assert page.evaluate("window.eaten") is None


def test_a_script_that_runs_again_changes_nothing(page: Page) -> None:
    slider = page.locator("input").first
    untouched = pictures(page)[1:]
    slider.press("ArrowRight")
    page.evaluate("new Function(document.querySelector('script').textContent)()")
    for key, k in (("Home", 1), ("ArrowRight", 2), ("ArrowRight", 4)):
        slider.press(key)
        assert pictures(page) == [f"A line to {k} from 0.", *untouched]
