"""How a page is read: cards that ask, switches, folds, sliders, paper."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from layout import beyond
from playwright.sync_api import BrowserContext, Page, expect

READER = Callable[..., BrowserContext]
MASKS = "/chapters/08-masks.html"
FOLDED = "A marmalade stands here and nowhere else."  # under "More from the notes"
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"


@pytest.fixture
def page(reader: READER) -> Iterator[Page]:
    context = reader()
    page = context.new_page()
    page.goto(MASKS)
    yield page
    context.close()


def colour_of_edge(page: Page) -> str:
    edge = "getComputedStyle(document.querySelector('.verdict')).borderLeftColor"
    return page.evaluate(edge)


def test_guess_mode_hides_all_that_tells_until_a_vote(page: Page) -> None:
    card, plain = (
        page.locator(".verdict").first,
        page.locator(".verdict").first.inner_text(),
    )
    cell, green = page.locator(".cell:has(.verdict)").first, colour_of_edge(page)
    page.get_by_role("button", name="Guess mode: off").click()
    expect(card.get_by_role("button")).to_have_text(
        ["holds", "with a condition", "wrong"]
    )
    seen = cell.inner_text()
    for told in ("Verdict", "95%", "In the ledger", "The experiment", "leak"):
        assert told not in seen
    assert "The weights are computed" in seen
    assert colour_of_edge(page) != green
    card.get_by_role("button", name="wrong").click()
    expect(card.get_by_role("status")).to_have_text(
        "You said: wrong. The ledger says: holds."
    )
    expect(card.get_by_role("status")).to_be_focused()
    expect(card.get_by_text("95%")).to_be_visible()
    expect(cell.get_by_text("The experiment (2 lines)")).to_be_visible()
    assert colour_of_edge(page) == green
    page.reload()
    expect(card.get_by_text("You said: wrong.")).to_be_visible()
    page.get_by_role("button", name="Guess mode: on").click()
    assert card.inner_text() == plain


def test_the_landing_card_asks_in_any_mode(page: Page) -> None:
    page.goto("/index.html")
    card = page.locator(".verdict.ask")
    expect(card.get_by_text("Verdict")).to_be_hidden()
    card.get_by_role("button", name="holds").click()
    expect(card.get_by_role("status")).to_have_text(
        "You said: holds. So does the ledger."
    )
    expect(card.get_by_text("Verdict")).to_be_visible()
    see = card.get_by_role("link", name="See the experiment")
    assert (
        see.get_attribute("href") == "chapters/08-masks.html#card-mk-003-zero-weights"
    )
    expect(page.locator(".gallery a")).to_have_count(2)
    expect(page.locator(".gallery svg")).to_have_count(1)


def test_the_code_switch_folds_all_code_and_is_remembered(page: Page) -> None:
    code = page.locator(".code-fold pre")
    expect(code).to_be_visible()
    page.get_by_role("button", name="Code: shown").click()
    expect(code).to_be_hidden()
    expect(page.get_by_text("The code (1 line)")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Code: folded")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(code).to_be_hidden()
    page.get_by_text("The code (1 line)").click()
    expect(code).to_be_visible()
    page.get_by_role("button", name="Code: folded").click()
    expect(page.get_by_text("The code (1 line)")).to_be_hidden()


def test_every_fold_says_what_is_in_it(page: Page) -> None:
    names = page.locator(".bd-article details.hide > summary").all_inner_texts()
    assert names == [
        "The set-up (2 lines)",
        "The drawing (1 line)",
        "The experiment (2 lines)",
        "",  # in a closed fold
        "A solution (1 line)",
    ]
    more = page.locator(".more-fold > summary")
    expect(more).to_have_text("One claim with its experiment")
    heading = page.get_by_role("heading", name="More from the notes")
    expect(heading).to_be_visible()
    assert "Show code cell" not in page.content()
    assert not page.locator("summary[aria-label]").locator("visible=true").count()


@pytest.mark.parametrize("way", ["ledger", "hash", "search"])
def test_who_is_sent_into_a_fold_finds_it_open(page: Page, way: str) -> None:
    expect(page.get_by_text(FOLDED)).to_be_hidden()
    if way == "ledger":
        page.goto("/ledger.html#mk-002-mask-hides")
        page.locator("#mk-002-mask-hides").get_by_role("link", name="see it").click()
        expect(page.locator("#card-mk-002-mask-hides")).to_be_in_viewport()
    elif way == "hash":
        page.evaluate("location.hash = 'hidden-from-whom'")
        expect(page.locator("#hidden-from-whom")).to_be_in_viewport()
    else:
        page.goto("/search.html?q=marmalade")
        page.locator("#search-results a").first.click()
        expect(page.get_by_text(FOLDED)).to_be_in_viewport()
    expect(page.get_by_text(FOLDED)).to_be_visible()


@pytest.mark.parametrize("words", ["权重", "权重设为", "zero weights"])
def test_the_search_finds_chinese_and_english(page: Page, words: str) -> None:
    page.goto(f"/search.html?q={words}")
    expect(page.locator("#search-results a[href*='masks']").first).to_be_visible()


def test_the_search_finds_no_chinese_that_is_not_there(page: Page) -> None:
    page.goto("/search.html?q=重权")
    expect(page.locator("#search-results")).to_contain_text(
        "did not match any documents"
    )


def test_a_slider_that_the_browser_filled_in_moves_its_figure(page: Page) -> None:
    slider = page.get_by_role("slider")
    slider.press("End")
    page.goto("/index.html")
    page.go_back()
    expect(slider).to_have_value("2")
    expect(page.locator(".explore output")).to_have_text("4")
    assert slider.get_attribute("aria-valuetext") == "4"
    figure = page.locator(".explore-stage > svg")
    expect(figure).to_have_attribute("aria-label", "A line to 4.")


def test_on_paper_answers_stand_and_no_button(page: Page) -> None:
    page.get_by_role("button", name="Guess mode: off").click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    seen = page.locator(".bd-article").inner_text()
    for said in (
        "Answer: c · note 003: a",
        FOLDED,
        "Verdict: holds",
        "95%",
        "explore(",
    ):
        assert said in seen
    for gone in ("Commit", "The set-up", "answer = 4", "Does it hold?", "Guess mode"):
        assert gone not in seen
    expect(page.locator("h1").locator("visible=true")).to_have_count(1)
    frames = page.evaluate(FRAMES_THAT_MAY_STAY_EMPTY)
    assert frames == []
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.get_by_text(FOLDED)).to_be_hidden()
    expect(page.get_by_role("button", name="Commit").first).to_be_visible()


# A frame that must stay whole moves on, and leaves an empty one behind.
FRAMES_THAT_MAY_STAY_EMPTY = """() =>
  [...document.querySelectorAll(".cell_input, .highlight, [class*=highlight-]")]
    .map(getComputedStyle)
    .filter((style) => style.breakInside !== "auto" || style.display === "flex"
      || style.borderTopWidth !== "0px")
    .map((style) => `${style.breakInside} ${style.display} ${style.borderTopWidth}`)"""


def test_on_a_telephone_all_fits_and_the_ways_on_are_whole_lines(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    assert beyond(page) == []
    expect(page.locator(".bd-article .reading")).to_be_visible()
    ways = [way.bounding_box() for way in page.locator(".prev-next-area a").all()]
    assert ways[0]["y"] + ways[0]["height"] <= ways[1]["y"]
    assert min(way["width"] for way in ways) > 300


def test_a_page_describes_itself(page: Page) -> None:
    head = page.locator("head")
    said = head.locator("meta[name=description]")
    expect(said).to_have_count(1)
    assert said.get_attribute("content") == (
        "You will be able to say what a mask hides, and from whom, "
        "and when it has to be there."
    )
    names = {
        tag.get_attribute("property"): tag.get_attribute("content")
        for tag in head.locator("meta[property^=og]").all()
    }
    assert names["og:title"] == "8. Masks: what may each position see?"
    assert names["og:url"].endswith("/allyouneed/chapters/08-masks.html")
    picture = re.sub("^https://.*?/allyouneed", "", names["og:image"])
    assert page.request.get(picture).ok


def test_the_first_use_of_a_term_leads_to_its_line_in_the_glossary(page: Page) -> None:
    terms = page.locator(".bd-article a.term")
    expect(terms).to_have_text(["causal mask"])
    assert terms.get_attribute("title").startswith("因果掩码. The mask that lets each")
    terms.click()
    expect(page.locator(":target")).to_be_in_viewport()
    expect(page.locator(":target")).to_contain_text("causal mask")
    expect(page.locator(":target + dd [lang=zh]")).to_have_text("因果掩码")


def complaints(page: Page) -> list[str]:
    page.wait_for_timeout(600)  # the theme fades its colours
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found["violations"]]


def test_axe_finds_nothing_before_and_after(page: Page) -> None:
    page.get_by_role("button", name="Guess mode: off").click()
    assert complaints(page) == []
    page.get_by_role("button", name="wrong").first.click()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Commit").first.click()
    page.get_by_role("button", name="Show the answer").last.click()
    page.locator(".more-fold > summary").click()
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    assert complaints(page) == []
    page.goto("/meet.html")
    page.get_by_role("textbox").last.fill("Ann ch 8: a b")
    page.get_by_text("Answer", exact=True).locator("visible=true").first.click()
    assert complaints(page) == []
    page.goto("/index.html")
    expect(page.get_by_text("You said: wrong.")).to_be_visible()
    assert complaints(page) == []
