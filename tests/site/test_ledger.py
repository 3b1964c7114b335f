"""The ledger is folded by chapter; its address keeps filters and finds any claim."""

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

READER = Callable[..., BrowserContext]
SOURCE = Path(__file__).parents[2] / "src/allyouneed/claims.toml"
CLAIMS = {
    claim["id"]: claim["en"]
    for claim in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["claim"]
}


@pytest.fixture(scope="module")
def page(reader: READER) -> Iterator[Page]:
    page = reader().new_page()
    yield page
    page.close()


def test_a_chapter_is_one_line_until_it_is_opened(page: Page) -> None:
    page.goto("/ledger.html")
    expect(page.locator(".ledger-shown")).to_have_text("421 of 421 claims")
    assert not page.locator(".ledger-row:visible").count()
    masks = page.locator("#ledger-masks")
    expect(masks.locator("h2")).to_contain_text("8. Masks")
    fold = masks.locator("summary")
    claims, wrong = re.findall(r"\d+", fold.inner_text())
    fold.click()
    assert masks.locator(".ledger-row:visible").count() == int(claims)
    assert masks.locator(".ledger-row.ledger-is-false").count() == int(wrong)


def test_an_address_chooses_what_is_shown(page: Page) -> None:
    page.goto("/ledger.html?verdict=false&note=003&decided=nonsense")
    rows = page.locator(".ledger-row:visible")
    assert 0 < rows.count() < 60
    assert (
        rows.count()
        == page.locator(
            ".ledger-row.ledger-is-false.ledger-is-note-003:visible"
        ).count()
    )
    expect(page.get_by_label("Verdict")).to_have_value("false")
    expect(page.get_by_label("Decided")).to_have_value("")


def test_what_is_chosen_stands_in_the_address(page: Page) -> None:
    page.get_by_label("Words").fill("head mask")
    page.get_by_label("Verdict").select_option("")
    assert page.evaluate("location.search") == "?note=003&text=head+mask"
    page.get_by_label("Words").fill("marmalade")
    expect(page.locator(".ledger-shown")).to_have_text(
        "No claim fits. Loosen a choice, or show all."
    )
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".ledger-shown")).to_have_text("421 of 421 claims")
    assert page.evaluate("location.search") == ""
    expect(page.locator(".ledger-row:visible")).to_have_count(0)


def test_a_link_to_a_claim_finds_it_behind_a_filter(page: Page) -> None:
    page.goto("/ledger.html?verdict=false#at-003-formula")
    expect(page.locator("#at-003-formula")).to_be_in_viewport()
    expect(page.get_by_label("Verdict")).to_have_value("")


def test_a_claim_can_be_doubted_where_the_book_is_made(page: Page) -> None:
    page.goto("/ledger.html#at-003-formula")  # else its chapter may be folded
    doubt = page.locator("#at-003-formula").get_by_role("link", name="I doubt it")
    address = urlsplit(doubt.get_attribute("href"))
    assert address.hostname == "github.com"
    assert address.path.endswith("/issues/new")
    asked = dict(parse_qsl(address.query))
    assert asked["title"] == "Doubt about at-003-formula"
    row = page.locator("#at-003-formula")
    verdict = row.locator(".ledger-verdict strong").text_content()
    claim, said, *heads = asked["body"].strip().split("\n\n")
    assert claim == f"The claim: {CLAIMS['at-003-formula']}"
    assert said == f"The book says: {verdict}"
    assert heads == ["### What I ran", "### What came out"]


@pytest.mark.parametrize("folder", ["", "zh/"])
def test_nothing_is_offered_that_no_claim_is(
    site: Path, open_page: Callable[..., Page], folder: str
) -> None:
    page = open_page()
    page.goto((site / f"{folder}ledger.html").as_uri())
    for name in ("verdict", "decided"):
        offered = page.locator(f"select[name={name}] option:not([value=''])")
        marks = [option.get_attribute("value") for option in offered.all()]
        assert len(marks) > 3
        for mark in marks:
            assert page.locator(f".ledger-row.ledger-is-{mark}").count() > 0


def test_the_choices_are_folded_on_a_telephone(reader: READER) -> None:
    page = reader(viewport={"width": 390, "height": 844}).new_page()
    page.goto("/ledger.html")
    chapter = page.get_by_label("Chapter")
    expect(chapter).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight") < 20_000
    page.locator(".ledger-choices > summary").click()
    chapter.select_option(label="8. Masks")
    expect(page.locator("#ledger-masks .ledger-row").first).to_be_visible()
    page.goto("/ledger.html?verdict=false")
    expect(chapter).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_every_claim_is_there(reader: READER, scripts: bool) -> None:
    page = reader(java_script_enabled=scripts).new_page()
    page.goto("/ledger.html")
    row = page.locator("#ledger-masks .ledger-row").first
    expect(row).to_be_hidden()
    page.emulate_media(media="print")
    expect(row).to_be_visible()
