"""Every page of the book: alone with itself, readable, and light."""

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import axe_playwright_python
import pytest
import yaml
from layout import beyond
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

ROOT = Path(__file__).parents[2]
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
FIRST_VISIT_BYTES, NEXT_CHAPTER_BYTES = 1_000_000, 160_000
SETTLED = 600  # milliseconds: the theme fades colours and answers a resize late
OPEN = Callable[..., Page]
# axe-core looks at each word's colours: the first few of many alike are enough. The
# others are taken out, and the strokes of drawings that are nothing else, as what is
# left in costs time even where no rule looks at it.
ALIKE = [
    ".ledger-row:nth-child(n+4)",
    "dl.py ~ dl.py ~ dl.py",
    ".genindextable li:nth-child(n+4)",
    ".bd-toc-nav li:nth-child(n+4)",
    "svg.ink:not(:has(a, text, title, [tabindex])) > *",
]


def pages() -> list[str]:
    """Names of the book's pages, in the order of its table of contents."""
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    files = re.findall(r"^\s*- file: (\S+)$", toc, re.MULTILINE)
    return [yaml.safe_load(toc)["root"], *files, "search", "genindex"]


CHAPTERS = [page for page in pages() if page.startswith("chapters/")]
# Of the Chinese edition, whose code and templates are the same, a page of each kind.
IN_CHINESE = [
    f"zh/{page}"
    for page in (
        *("index", "meet", "translator", "ledger", "glossary"),
        "chapters/06-scaled-attention",
    )
]


@dataclass
class Visit:
    """A page as it stands open, and what happened while it loaded."""

    name: str
    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)

    def note_file(self, url: str) -> None:
        if url.startswith("file:"):
            self.files.add(Path(unquote(urlsplit(url).path)))


@pytest.fixture(scope="module", params=[*pages(), *IN_CHINESE], ids=str)
def visit(
    request: pytest.FixtureRequest, site: Path, open_page: OPEN
) -> Iterator[Visit]:
    """The page, opened from the disk on a wide screen and drawn to the end."""
    asked: list[str] = []
    page = open_page(asked=asked)
    visit = Visit(request.param, page, asked)
    page.on("request", lambda sent: visit.note_file(sent.url))
    page.on("pageerror", lambda error: visit.said.append(str(error)))
    page.on(
        "console",
        lambda message: (
            visit.said.append(message.text)
            if message.type in ("error", "warning")
            else None
        ),
    )
    page.goto((site / f"{request.param}.html").as_uri())
    page.evaluate("window.MathJax && MathJax.startup.promise.then(() => null)")
    page.evaluate("document.fonts.ready.then(() => null)")
    yield visit
    page.close()


def weight(files: set[Path]) -> int:
    """Bytes on the wire: fonts and bitmaps as they are, the rest compressed."""
    packed = {".woff", ".woff2", ".png", ".jpg"}
    contents = ((path.suffix in packed, path.read_bytes()) for path in files)
    return sum(len(b if done else gzip.compress(b)) for done, b in contents)


def wide(visit: Visit, theme: str) -> None:
    """Put the page on a wide screen in the light or dark theme."""
    visit.page.emulate_media(color_scheme=theme)
    visit.page.set_viewport_size({"width": 1440, "height": 900})


def narrow(visit: Visit) -> None:
    """Put the page on a telephone, dark."""
    visit.page.emulate_media(color_scheme="dark")
    visit.page.set_viewport_size({"width": 390, "height": 844})


def settle(page: Page) -> None:
    """Wait until colours have faded and what scrolls can be reached by keyboard.

    On a busy machine both come later than they would. What never comes is for axe-core.
    """
    page.wait_for_timeout(SETTLED)
    page.evaluate(FADED)
    with suppress(PlaywrightTimeout):
        page.wait_for_function(REACHABLE, timeout=60_000)


def complaints(page: Page) -> list[str]:
    """What axe-core finds wrong: impact, rule and first element."""
    page.evaluate(PLAIN_CODE)
    page.evaluate(FEWER_ALIKE, ALIKE)
    settle(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{v['impact']} {v['id']}: {v['nodes'][0]['html'][:120]}"
        for v in found["violations"]
        if v["impact"] != "minor"
    ]


PLAIN_CODE = """() => [...document.querySelectorAll("pre")].slice(6)
  .forEach((code) => { code.textContent = code.textContent; })"""
FEWER_ALIKE = """alike => document.querySelectorAll(alike.join())
  .forEach((element) => element.remove())"""
# What lies in a closed fold does not fade on, so nobody waits for it.
FADED = """() => Promise.race([
  new Promise((late) => setTimeout(late, 5000)),
  Promise.allSettled(document.getAnimations()
    .filter((fade) => fade instanceof CSSTransition)
    .filter((fade) => fade.effect.target.checkVisibility())
    .map((fade) => fade.finished)),
])"""
REACHABLE = """() => [...document.querySelectorAll("pre, .cell_output > .output")]
  .every((e) => e.tabIndex === 0
    || (e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight))"""


def test_it_asks_no_other_computer(visit: Visit) -> None:
    assert not visit.asked


def test_the_console_is_silent(visit: Visit) -> None:
    assert not visit.said


def test_mathematics_is_drawn(visit: Visit) -> None:
    formulas = visit.page.locator(".math").count()
    assert visit.page.locator(".math mjx-container").count() >= formulas
    assert not visit.page.locator("mjx-merror").count()


def test_every_button_shows_its_icon(visit: Visit) -> None:
    icons = visit.page.locator("svg.svg-inline--fa")
    assert icons.count()
    assert icons.count() == icons.locator("path[d^=M]").count()


def test_figures_take_the_ink_of_the_page(visit: Visit) -> None:
    for theme, light_ink in (("light", False), ("dark", True)):
        wide(visit, theme)
        visit.page.wait_for_timeout(SETTLED)
        visit.page.evaluate(FADED)
        for figure in visit.page.locator("svg.ink").all():
            ink, ground = figure.evaluate(INK_AND_GROUND)
            assert (ink > 150) == light_ink
            assert (ground < 60) == light_ink


INK_AND_GROUND = """figure => {
  const grey = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
    return (r + g + b) / 3;
  };
  const clear = (element) =>
    /transparent|, 0\\)/.test(getComputedStyle(element).backgroundColor);
  let behind = figure;
  while (behind.parentElement && clear(behind)) behind = behind.parentElement;
  const inked = figure.querySelector('[style*="fill: currentColor"]');
  const ink = getComputedStyle(inked || figure)[inked ? "fill" : "color"];
  return [grey(ink), grey(getComputedStyle(behind).backgroundColor)];
}"""


def test_a_slider_moves_its_figure(visit: Visit) -> None:
    visit.page.evaluate(
        "document.querySelectorAll('details').forEach(f => f.open = true)"
    )
    for figure in visit.page.locator(".explore").all():
        for slider in figure.locator("input").all():
            before = figure.locator(".explore-stage").inner_html()
            slider.press("Home" if slider.input_value() != "0" else "End")
            assert figure.locator(".explore-stage").inner_html() != before


def test_it_fits_a_telephone(visit: Visit) -> None:
    narrow(visit)
    assert beyond(visit.page) == []


def test_axe_finds_nothing_on_a_wide_light_screen(visit: Visit) -> None:
    wide(visit, "light")
    assert complaints(visit.page) == []


def test_axe_finds_nothing_on_a_narrow_dark_one(visit: Visit) -> None:
    narrow(visit)
    assert complaints(visit.page) == []


def test_it_is_light(visit: Visit, site: Path) -> None:
    own = {site / f"{visit.name}.html"}
    assert weight(visit.files) < FIRST_VISIT_BYTES
    assert weight(own & visit.files) < NEXT_CHAPTER_BYTES


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_a_slider_and_a_way_to_run_it(site: Path, chapter: str) -> None:
    html = (site / f"{chapter}.html").read_text(encoding="utf-8")
    assert 'class="explore"' in html
    address = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    name = address.removeprefix("https://github.com/")
    assert (
        f"https://colab.research.google.com/github/{name}/blob/main/{chapter}.ipynb"
        in html
    )
    assert f'_sources/{chapter}.ipynb" target="_blank"' in html


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_shows_its_number_and_no_section_has_one(
    site: Path, chapter: str
) -> None:
    html = (site / f"{chapter}.html").read_text(encoding="utf-8")
    shown = re.findall(r'<h(\d)><span class="section-number">([\d.]+) ?<', html)
    number = re.search(r"/0*(\d+)-", chapter)
    assert shown == ([("1", f"{number[1]}.")] if number else [])
