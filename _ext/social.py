"""Sphinx extension: what a shared link shows, on every page.

A page may say `description: ...` in its front matter; else its first long paragraph
speaks. Addresses are whole, because others read them: they begin with `html_baseurl`.
"""

import re
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

SHORTEST, LONGEST = 60, 160  # characters that search engines and messengers show
PREVIEW = "_static/preview.png"  # drawn by tools/preview.py
SIZE = {"og:image:width": "1200", "og:image:height": "630"}


def description(doctree: nodes.document | None, meta: dict[str, Any]) -> str:
    """One or two sentences about a page; nothing if it has none."""
    if meta.get("description"):
        return str(meta["description"])
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        text = " ".join(paragraph.astext().split())
        if width(text) >= SHORTEST:
            return shortened(text)
    return ""


def width(text: str) -> int:
    """How wide a text is, in Latin letters: a Chinese character is as wide as two."""
    return len(text) + len(re.findall("[\u3000-\u9fff\uff00-\uffef]", text))


def shortened(text: str) -> str:
    """The text up to the last whole word, or the last Chinese pause, that fits."""
    if width(text) <= LONGEST:
        return text
    kept = text[: LONGEST - 1]
    while width(kept) >= LONGEST:
        kept = kept[:-1]
    chinese = width(kept) > 1.5 * len(kept)
    cut = re.sub("[^，。；：、]*$", "", kept) if chinese else kept.rsplit(" ", 1)[0]
    return (cut or kept).rstrip(",;:.，。；：、") + " …"


def tags(app: Sphinx, page: str, title: str, words: str) -> str:
    """The `<meta>` lines of one page."""
    said = {"og:type": "website" if page == app.config.root_doc else "article"}
    said |= {"og:site_name": app.config.html_title, "og:title": title}
    said |= {"og:description": words} if words else {}
    base = app.config.html_baseurl.rstrip("/")
    if base:
        address = f"{base}/{app.builder.get_target_uri(page)}"
        said |= {"og:url": address, "og:image": f"{base}/{PREVIEW}"} | SIZE
    lines = [f'<meta property="{k}" content="{escape(v)}">' for k, v in said.items()]
    if words:
        lines.insert(0, f'<meta name="description" content="{escape(words)}">')
    kind = "summary_large_image" if base else "summary"
    lines.append(f'<meta name="twitter:card" content="{kind}">')
    return "\n".join(lines) + "\n"


def describe(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Add the lines to the head of a page."""
    words = description(doctree, app.env.metadata.get(page, {}))
    words = words or description(None, app.env.metadata.get(app.config.root_doc, {}))
    title = re.sub("<.*?>", "", context.get("title", "")) or app.config.html_title
    added = tags(app, page, title, words)
    context["metatags"] = context.get("metatags", "") + added


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", describe)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
