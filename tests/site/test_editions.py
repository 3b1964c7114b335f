"""The Chinese edition in a browser: there and back, its words, its search."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from conftest import Quiet
from layout import beyond
from playwright.sync_api import Page, expect
from translated import KEPT, parts, promised

ROOT = Path(__file__).parents[2]
PAGES = promised(ROOT)
CHAPTERS = [page for page in PAGES if page.startswith("chapters/")]
UNTRANSLATED = sorted(
    {f"chapters/{path.stem}" for path in (ROOT / "chapters").glob("*.ipynb")}
    - set(PAGES)
)

# A page of each kind, where a reader's click is tried.
CLICKED = ["index", "ledger", "translator", CHAPTERS[0], "chapters/13-the-whole-model"]
OPEN = Callable[..., Page]
SETTLED = 1000  # milliseconds
HAN = re.compile("[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{4,}")


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The built site over http."""
    handler = partial(Quiet, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def expect_page(page: Page, path: str) -> None:
    """Wait until the browser shows this page of the site, at any section."""
    expect(page).to_have_url(re.compile(f"/_build/html/{re.escape(path)}(#.+)?$"))


@dataclass
class Visit:
    """A Chinese page, open on a telephone, and what went wrong while it loaded."""

    name: str
    page: Page
    wrong: list[str]


@pytest.fixture(scope="module", params=PAGES, ids=str)
def visit(
    request: pytest.FixtureRequest, new_page: OPEN, address: str
) -> Iterator[Visit]:
    page = new_page(viewport={"width": 390, "height": 844})
    wrong: list[str] = []
    page.on("requestfailed", lambda sent: wrong.append(sent.url))
    page.on("response", lambda got: wrong.append(got.url) if got.status > 399 else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{address}/zh/{request.param}.html")
    page.evaluate("window.MathJax && MathJax.startup.promise.then(() => null)")
    page.wait_for_load_state("networkidle")
    yield Visit(request.param, page, wrong)
    page.close()


def test_over_http_nothing_fails_and_a_telephone_is_wide_enough(visit: Visit) -> None:
    assert visit.wrong == []
    assert beyond(visit.page) == []


def test_what_a_page_says_of_itself_is_chinese(visit: Visit) -> None:
    own = ":not([lang=en], [lang=en] *, [lang=de], [lang=de] *)"  # not its sentences
    spoken = "summary, button, .guess-place, .guess-title, .vote-told"
    said = visit.page.locator(f".bd-article :is({spoken}){own}").all_text_contents()
    said += visit.page.locator(f".bd-article [aria-label]{own}").evaluate_all(
        "all => all.map(e => e.getAttribute('aria-label'))"
    )
    assert said or visit.name not in CHAPTERS
    english = [text for text in said if LATIN.search(text) and not HAN.search(text)]
    assert english == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_itself_in_the_other_edition(site: Path, name: str) -> None:
    up = "../" * name.count("/")
    for folder, language, other in (
        ("", "en", f"{up}zh/{name}.html"),
        ("zh", "zh-CN", f"{up}../{name}.html"),
    ):
        html = (site / folder / f"{name}.html").read_text(encoding="utf-8")
        assert f'<html lang="{language}"' in html
        tags = re.findall(r'<a\b[^>]*class="[^"]*\bedition\b[^>]*>', html)
        assert tags
        for tag in tags:
            assert f'href="{other}"' in tag


@pytest.mark.parametrize("name", CLICKED)
def test_a_page_leads_to_itself_in_the_other_edition_and_back(
    site: Path, open_page: OPEN, name: str
) -> None:
    page = open_page()
    page.goto((site / f"{name}.html").as_uri())
    page.locator("a.edition").click()
    expect_page(page, f"zh/{name}.html")
    page.locator("a.edition").click()
    expect_page(page, f"{name}.html")
    page.close()


@pytest.mark.parametrize("name", ["library/nn", "genindex", *UNTRANSLATED[:1]])
def test_what_has_no_chinese_leads_to_the_chinese_landing_page(
    site: Path, open_page: OPEN, name: str
) -> None:
    page = open_page()
    page.goto((site / f"{name}.html").as_uri())
    switch = page.locator("a.edition")
    assert "还没有中文版" in (switch.get_attribute("title") or "")
    switch.click()
    expect_page(page, "zh/index.html")
    page.close()


@pytest.mark.parametrize("name", [c for c in CLICKED if c in CHAPTERS])
def test_the_switch_keeps_the_section(site: Path, open_page: OPEN, name: str) -> None:
    page = open_page()
    page.goto((site / f"{name}.html").as_uri())
    headings = page.locator(".bd-article section[id]").evaluate_all(
        "all => all.map(s => s.id)"
    )
    middle = headings[len(headings) // 2]
    page.evaluate("window.MathJax && MathJax.startup.promise.then(() => null)")
    page.evaluate("document.fonts.ready.then(() => null)")
    page.wait_for_timeout(SETTLED)  # formulas that are drawn late push the text down
    page.evaluate("id => document.getElementById(id).scrollIntoView()", middle)
    # A click of Playwright's own scrolls before it, as the header is sticky.
    with page.expect_navigation():
        page.evaluate("document.querySelector('a.edition').click()")
    assert page.url.endswith(f"zh/{name}.html#{middle}")
    expect(page.locator(f"#{middle}")).to_be_in_viewport()
    page.close()


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_same_chapter_has_the_same_sections_and_numbers(
    site: Path, name: str
) -> None:
    english, chinese = (
        (site / folder / f"{name}.html").read_text(encoding="utf-8")
        for folder in ("", "zh")
    )
    sections = re.compile(r'<section id="([^"]+)"')
    assert sections.findall(english) == sections.findall(chinese) != []
    number = re.compile(r'<h1><span class="section-number">([\d.]+)|eqno">\((.*?)\)')
    assert number.findall(english) == number.findall(chinese)
    figures = re.findall(r'caption-number">Figure ([\d.]+)', english)
    assert figures == re.findall(r'caption-number">图 ([\d.]+)', chinese)
    measured = [
        re.findall(r'<div class="highlight.*?</div>', text, re.DOTALL)
        for text in (english, chinese)
    ]
    assert measured[0] == measured[1]


def stretches() -> list[tuple[str, str]]:
    """Runs of characters from the middle of sentences, drawn at random."""
    chosen = random.Random(0)
    found = []
    for _ in range(11):
        name = chosen.choice(CHAPTERS)
        prose = parts((ROOT / f"zh/{name}.md").read_text(encoding="utf-8"))
        text = KEPT.sub(" ", "\n".join(part.chinese for part in prose.values()))
        run = chosen.choice(re.findall("[\u3400-\u9fff]{6,}", text))
        start = chosen.randrange(len(run) - 3)
        found.append((name, run[start : start + chosen.randint(2, 4)]))
    return found


def test_the_search_finds_what_stands_in_the_middle_of_sentences(
    site: Path, open_page: OPEN
) -> None:
    page = open_page()
    for name, words in stretches():
        page.goto(f"{(site / 'zh/search.html').as_uri()}?q={words}")
        found = page.locator(f"#search-results a[href*='{name}.html']")
        expect(found.first, words).to_be_visible()
    page.goto(f"{(site / 'zh/search.html').as_uri()}?q=乒乓球拍")
    expect(
        page.locator("#search-results .search-summary, p.search-summary")
    ).to_be_visible()
    assert not page.locator("#search-results li").count()
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_search_engines_are_told_of_both(site: Path, name: str) -> None:
    base = "https://allyouneed-book.github.io/allyouneed"
    tags = [
        f'<link rel="alternate" hreflang="{code}" href="{base}/{folder}{name}.html">'
        for code, folder in (("en", ""), ("zh-CN", "zh/"), ("x-default", ""))
    ]
    for folder in ("", "zh/"):
        html = (site / folder / f"{name}.html").read_text(encoding="utf-8")
        assert all(tag in html for tag in tags)
        assert f'<link rel="canonical" href="{base}/{folder}{name}.html"' in html
        assert f'property="og:url" content="{base}/{folder}{name}.html"' in html


def test_colab_opens_the_woven_notebook(site: Path) -> None:
    html = (site / f"zh/{CHAPTERS[0]}.html").read_text(encoding="utf-8")
    assert re.search(
        rf"colab\.research\.google\.com/github/[\w/-]+/blob/zh/{CHAPTERS[0]}", html
    )
    assert f'_sources/{CHAPTERS[0]}.ipynb" target="_blank"' in html


def test_a_group_meets_in_chinese(site: Path, open_page: OPEN) -> None:
    page = open_page()
    page.goto((site / "zh/meet.html").as_uri())
    page.locator(".meet textarea").fill("小安, ch 6: c b a\nch 6: c c a")
    expect(page.locator(".meet-read")).to_have_text("读到 2 行。")
    expect(page.locator(".meet-votes").first).to_contain_text("2 人中")
    page.close()


def test_guesses_in_two_languages_do_not_erase_each_other(
    new_page: OPEN, address: str
) -> None:
    page = new_page()
    for folder, commit in (("", "Commit"), ("zh/", "就猜这个")):
        page.goto(f"{address}/{folder}{CHAPTERS[0]}.html")
        page.locator(".guess-form input").first.check()
        page.get_by_role("button", name=commit).first.click()
        expect(page.locator(".guess-said").first).not_to_be_empty()
    page.goto(f"{address}/{CHAPTERS[0]}.html")
    expect(page.locator(".guess-said").first).to_contain_text("You said")
    page.close()


INTERFACE = (
    "button, .headerlink, .bd-header-article [aria-label], .bd-header-article i,"
    ".bd-search input, .prev-next-area .prev-next-subtitle, footer p"
)


def test_the_words_round_a_chinese_page_are_chinese(
    site: Path, open_page: OPEN
) -> None:
    page = open_page()
    page.goto((site / "zh/chapters/06-scaled-attention.html").as_uri())
    said = page.locator(INTERFACE).evaluate_all(
        """parts => parts.flatMap((part) => [part.title, part.dataset.bsTitle,
          part.dataset.bsOriginalTitle, part.placeholder, part.ariaLabel,
          part.matches("p") ? part.innerText : ""])"""
    )
    page.close()
    said = {words.strip() for words in said if words}
    assert len(said) > 12
    assert not [
        words for words in said if LATIN.search(words) and not HAN.search(words)
    ]
    assert not [words for words in said if "列印" in words or "： " in words]
