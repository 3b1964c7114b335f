"""Sphinx extension: 404.html, what GitHub Pages answers where there is no page.

It stands for both editions and is shown at addresses of any depth: its links start at
the folder where the site lies (`html.baseurl`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx

OFFERED = ("index", "using", "chapters/01-sequences", "ledger")  # where a page is
Page = tuple[str, dict[str, Any], str]


def chinese(app: Sphinx) -> Iterator[tuple[str, str]]:
    """Address and title of each page that is offered and has a Chinese text."""
    for page in OFFERED:
        source = Path(app.srcdir, "zh", f"{page}.md")
        if source.exists():
            lines = source.read_text(encoding="utf-8").split("\n")
            title = next(line for line in lines if line.startswith("# "))
            yield f"zh/{page}.html", title.removeprefix("# ")


def english(app: Sphinx) -> Iterator[tuple[str, str]]:
    """Address and title of each page that is offered."""
    for page in OFFERED:
        if page in app.env.found_docs:
            yield f"{page}.html", app.env.titles[page].astext()


def lost(app: Sphinx) -> Iterator[Page]:
    """The page, in the edition that lies above the other."""
    if app.config.language == "en":
        base = urlsplit(app.config.html_baseurl).path.rstrip("/") + "/"
        offered = {"english": list(english(app)), "chinese": list(chinese(app))}
        yield "404", {"base": base, **offered}, "404.html"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-collect-pages", lost)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
