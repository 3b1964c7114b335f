"""No link of the built site leads nowhere; nothing is loaded from elsewhere."""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from lxml import etree

ROOT = Path(__file__).parents[2]
LOADED = (
    "//script/@src | //img/@src | //iframe/@src"
    " | //link[@rel = 'stylesheet' or @rel = 'preload']/@href"
)


def tree(path: Path) -> etree._ElementTree:
    return etree.parse(path, etree.HTMLParser(encoding="utf-8", huge_tree=True))


@cache
def read(path: Path, what: str) -> list[str]:
    """Attributes of the page that an XPath finds."""
    return list(map(str, tree(path).xpath(what)))


def words_of(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


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


def test_a_work_is_called_in_the_list_as_where_it_is_cited(
    written: list[Path], site: Path
) -> None:
    called = {}
    for listed in (site / "references.html", site / "zh/references.html"):
        for work in tree(listed).xpath("//*[@role = 'doc-biblioentry']"):
            called[listed, work.get("id")] = words_of(work.find("span"))
    assert len(called) > 300
    cited = set()
    for page in written:
        for link in tree(page).xpath("//*[@class = 'bibtex-citation']//a"):
            address, _, place = link.get("href").partition("#")
            listed = (page.parent / address).resolve()
            label = called[listed, place].strip("[]")
            year = label.rpartition(", ")[2]  # alone where a sentence names the authors
            assert words_of(link) in (label, year)
            cited.add((listed, place))
    assert len(cited) > 250


def test_the_page_for_lost_readers_works_from_any_depth(site: Path) -> None:
    lost = site / "404.html"
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    base = urlsplit(config["html"]["baseurl"]).path + "/"
    assert read(lost, "//base/@href") == [base]
    assert not read(lost, "//@href[starts-with(., '#')]")
    assert read(lost, "//form/@action") == ["search.html", "zh/search.html"]
    assert len(read(lost, "//section[@lang = 'zh-CN']//li/a/@href")) >= 3
    assert not list(site.glob("zh/404.html"))


def test_no_page_needs_a_widget_library(written: list[Path]) -> None:
    wanted = '<script type="application/vnd.jupyter.widget'
    assert not [path.name for path in written if wanted in path.read_text("utf8")]
