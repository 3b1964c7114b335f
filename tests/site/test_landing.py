"""The landing page: what it is, for whom, where to begin, on the first screen."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

OPEN = Callable[..., Page]
TOC = yaml.safe_load((Path(__file__).parents[2] / "_toc.yml").read_text("utf-8"))
LISTED = [page["file"] for part in TOC["parts"] for page in part["chapters"]]
CHAPTERS = [page for page in LISTED if page.startswith("chapters/")]


@pytest.fixture(scope="module")
def page(site: Path, open_page: OPEN) -> Iterator[Page]:
    page = open_page()
    page.goto((site / "index.html").as_uri())
    yield page
    page.close()


def test_the_first_screen_says_what_for_whom_and_where_to_begin(page: Page) -> None:
    for said in ("Write the Transformer", "For everybody who", "Start: how attention"):
        expect(page.get_by_text(said).first).to_be_in_viewport(ratio=1)
    expect(page.locator(".hero .live-fan")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="wrong")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Verdict:")).to_be_hidden()
    words = page.locator(".hero-words").inner_text()
    assert re.search(r"in 421 sentences\. .* \d+ are wrong\.", words, re.DOTALL)


def test_every_chapter_has_a_card_with_a_picture(page: Page) -> None:
    cards = page.locator(".gallery a")
    links = [card.get_attribute("href") for card in cards.all()]
    assert links == [f"{page}.html" for page in CHAPTERS]
    assert page.locator(".gallery svg").count() == len(CHAPTERS)
    for picture in page.locator(".gallery svg").all():
        box = picture.bounding_box()
        assert box["height"] < 120


def test_no_count_is_zero(page: Page) -> None:
    counts = page.locator(".ledger-counts li").all_inner_texts()
    assert len(counts) > 5
    assert [count for count in counts if int(count.split()[0]) == 0] == []


@pytest.mark.parametrize("width", [390, 1440])
def test_both_panels_of_the_slider_are_seen(
    site: Path, open_page: OPEN, width: int
) -> None:
    page = open_page(width=width)
    page.goto((site / "index.html").as_uri())
    slider = page.locator(".showcase input")
    slider.press("End")
    panels = page.locator(".showcase .halves > svg")
    expect(panels).to_have_count(2)
    left, right = (panel.bounding_box() for panel in panels.all())
    for panel in (left, right):
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= width
        assert panel["width"] > 300
    assert (left["y"] == right["y"]) == (width == 1440)
    drawn = panels.nth(1).locator("use").evaluate("use => use.getBBox().width")
    assert drawn > 400  # of the whole drawing, half of which the window shows
    expect(page.get_by_role("img", name="d_k = 1024")).to_be_visible()
    page.close()


def test_the_vote_opens_verdict_and_way_to_its_chapter(page: Page) -> None:
    page.get_by_role("button", name="holds").click()
    expect(page.get_by_text("Verdict:")).to_be_visible()
    card = page.locator(".verdict.ask")
    expect(card.locator("mjx-container")).to_have_count(6)  # W^Q and W^K twice, x1, x2
    assert not re.search(r"W\^|x1", card.inner_text())
    see = page.get_by_role("link", name="See the experiment")
    see.click()
    expect(page.locator(":target")).to_be_in_viewport()
