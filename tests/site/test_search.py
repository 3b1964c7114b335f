"""Search works from the disk, without a server."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

OPEN = Callable[..., Page]
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
