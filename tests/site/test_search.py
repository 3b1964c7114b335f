"""Search works from the disk; over http it quotes the article and names its section."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

OPEN = Callable[..., Page]
READER = Callable[..., BrowserContext]
CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))


def word_from_the_middle(chapter: Path) -> str:
    """The longest plain word of the chapter's middle paragraph."""
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    prose = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    middle = "\n".join(prose[len(prose) // 2 :])
    words = re.findall(r"(?<= )[a-z]{6,}(?=[ .,])", middle)
    return max(words[:40], key=len)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_word_from_the_middle_finds_its_chapter(
    site: Path, open_page: OPEN, chapter: Path
) -> None:
    page = open_page()
    word = word_from_the_middle(chapter)
    page.goto(f"{(site / 'search.html').as_uri()}?q={word}")
    found = page.locator(f"#search-results a[href*='{chapter.stem}.html']")
    expect(found.first).to_be_visible()
    page.close()


@pytest.mark.parametrize("word", ["掩码", "梯度", "多头"])
def test_a_chinese_word_of_two_characters_finds_the_ledger(
    site: Path, open_page: OPEN, word: str
) -> None:
    page = open_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q={word}")
    expect(page.locator("#search-results a[href*='ledger.html']").first).to_be_visible()
    page.close()


def test_the_search_field_of_a_page_leads_there(site: Path, open_page: OPEN) -> None:
    page = open_page()
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("memory stick")
    page.keyboard.press("Enter")
    found = page.locator("#search-results a[href*='using.html']")
    expect(found.first).to_be_visible()
    page.close()


@pytest.fixture(scope="module")
def page(reader: READER) -> Iterator[Page]:
    page = reader().new_page()
    yield page
    page.close()


def hit(page: Page, words: str, address: str) -> Locator:
    """What the search shows of a page for these words."""
    page.goto(f"/search.html?q={words}")
    found = page.locator("#search-results li").filter(
        has=page.locator(f"a[href*='{address}']")
    )
    expect(found.locator(".context")).to_be_visible()
    return found


def test_a_hit_quotes_the_sentence_and_leads_to_its_section(page: Page) -> None:
    found = hit(page, "marmalade", "chapters/08-masks")
    expect(found.locator(".context")).to_have_text(
        "A marmalade stands here and nowhere else."
    )
    link = found.locator("a")
    expect(link).to_have_attribute("href", re.compile("masks.html#hidden-from-whom$"))
    expect(link).to_contain_text("› Hidden from whom?")


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("width", "How often is the next coin right, with width d_k = 8?"),
        ("torch", "import torch"),
    ],
)
def test_neither_tex_nor_a_whole_cell_is_quoted(
    page: Page, word: str, quoted: str
) -> None:
    expect(hit(page, word, "chapters/08").locator(".context")).to_have_text(quoted)


def test_a_hit_in_the_glossary_is_called_by_its_term_and_shown_once(page: Page) -> None:
    found = hit(page, "causal mask", "glossary")
    expect(found).to_have_count(1)
    expect(found.locator("a")).to_have_text("Glossary › causal mask")
    expect(found.locator(".context")).to_contain_text("因果掩码. The mask that lets")


def test_a_claim_is_found_in_the_ledger(page: Page) -> None:
    link = hit(page, "denominator", "ledger.html").first.locator("a")
    expect(link).to_have_attribute("href", re.compile(r"ledger.html#\w+-\d{3}-"))
