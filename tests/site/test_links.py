"""No link of the built site leads nowhere; nothing is loaded from elsewhere."""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import etree

LOADED = (
    "//script/@src | //img/@src | //iframe/@src"
    " | //link[@rel = 'stylesheet' or @rel = 'preload']/@href"
)


@cache
def read(path: Path, what: str) -> list[str]:
    """Attributes of the page that an XPath finds."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    return list(map(str, etree.parse(path, parser).xpath(what)))


@cache
def anchors(path: Path) -> set[str]:
    return {*read(path, "//@id | //@name")}


@pytest.fixture(scope="module")
def written(site: Path) -> list[Path]:
    """Every page, those that show the library's source too."""
    return sorted(set(site.rglob("*.html")) - set(site.rglob("_static/**/*.html")))


def dead(page: Path, address: str) -> bool:
    """Whether a link within the site leads to no file, or to no place in it."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return False
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.exists():
        return True
    place = unquote(parts.fragment)
    if target.name == "translator.html" and place.startswith("model="):
        return False  # no place but a view: see test_live_page.py
    return bool(place) and target.suffix == ".html" and place not in anchors(target)


def test_links_within_the_site_lead_somewhere(written: list[Path]) -> None:
    assert written
    wrong = [
        f"{page.name}: {address}"
        for page in written
        for address in read(page, "//a/@href")
        if dead(page, address)
    ]
    assert not wrong
    assert sum(len(read(page, "//a/@href")) for page in written) > 1000


def test_everything_a_page_loads_lies_beside_it(written: list[Path]) -> None:
    wrong = []
    for page in written:
        for address in read(page, LOADED):
            parts = urlsplit(address)
            beside = (page.parent / unquote(parts.path)).exists()
            if parts.scheme != "data" and (parts.scheme or parts.netloc or not beside):
                wrong.append(f"{page.name}: {address}")
    assert not wrong


def test_no_page_needs_a_widget_library(written: list[Path]) -> None:
    wanted = '<script type="application/vnd.jupyter.widget'
    assert not [path.name for path in written if wanted in path.read_text("utf8")]
