"""Sphinx extension: two editions of one book, English at /, Chinese at /zh/.

Every page links to itself in the other edition, for readers and for search engines.
Page names, ids of headings and numbers of chapters are the same in both, so no table is
needed; a page that has no Chinese yet leads to the Chinese landing page.
"""

import json
import re
from functools import wraps
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import locale
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles as Collector

CHINESE = "zh_CN"
OTHER = {  # of an edition: the way to the other, its code, its name, a tooltip in it
    "en": ("zh/", "zh-CN", "中文", "本页的中文版"),
    CHINESE: ("../", "en", "English", "This page in English"),
}
NOT_YET = "本页还没有中文版：去中文版首页"
THEME = ("general", "booktheme")  # its catalogue
EVERYWHERE = ("search",)  # pages that Sphinx writes in each edition
HAN = re.compile("[\u3400-\u9fff]")
CHAPTER = re.compile(r"chapters/0*(\d+)-")


class SameAnchors(SphinxTransform):
    """Give the headings of a translated page the ids of the English ones.

    tools/weaving.py notes the English headings in headings.json.
    """

    default_priority = 20  # before anything asks for the ids

    def apply(self, **_: Any) -> None:
        """Rename the sections in their order, and what links within the page go by."""
        noted = Path(self.env.srcdir, "headings.json")
        known = json.loads(noted.read_text(encoding="utf-8")) if noted.exists() else {}
        english = known.get(self.env.docname, [])
        sections = list(self.document.findall(nodes.section))
        if len(english) != len(sections):
            return
        slugs: dict[str, tuple[int | None, str, str]] = {}
        for section, title in zip(sections, english, strict=True):
            name = nodes.make_id(title)
            if name not in self.document.ids:
                self._rename(section, name)
            words = section.children[0].astext()
            slugs[slug(title, slugs)] = (section.line, section["ids"][0], words)
        self.document.myst_slugs = slugs
        self.env.metadata[self.env.docname]["myst_slugs"] = slugs

    def _rename(self, section: nodes.section, name: str) -> None:
        for old in section["ids"]:
            self.document.ids.pop(old, None)
            for title, known in self.document.nameids.items():
                if known == old:
                    self.document.nameids[title] = name
        section["ids"] = [name]
        self.document.ids[name] = section


def slug(title: str, taken: dict[str, Any]) -> str:
    """What MyST calls a heading in links, as GitHub does."""
    name = re.sub(r"[^\w\u4e00-\u9fff\- ]", "", title.lower()).replace(" ", "-")
    number = 1
    while (unique := name if number == 1 else f"{name}-{number - 1}") in taken:
        number += 1
    return unique


def renumber(env: BuildEnvironment) -> None:
    """Number a chapter as its file is, whatever stands before it in the contents."""
    for page, numbers in env.toc_secnumbers.items():
        found = CHAPTER.match(page)
        if not found:
            continue
        first = int(found[1])
        env.toc_secnumbers[page] = {
            anchor: number and (first, *number[1:])
            for anchor, number in numbers.items()
        }
        for node in (env.titles[page], *env.tocs[page].findall(nodes.reference)):
            if node.get("secnumber"):
                node["secnumber"] = [first, *node["secnumber"][1:]]


def number_by_name() -> None:
    """Let the collector of the table of contents number by the names of files."""
    in_order = Collector.assign_section_numbers
    if hasattr(in_order, "__wrapped__"):  # by another build of this process
        return

    @wraps(in_order)
    def by_name(self: Collector, env: BuildEnvironment) -> list[str]:
        changed = in_order(self, env)
        renumber(env)
        return changed

    Collector.assign_section_numbers = by_name  # type: ignore[method-assign]


def slant(app: Sphinx, tree: nodes.document, _page: str) -> None:
    """Mark emphasis in Latin letters, which slants; Chinese has dots below it."""
    for node in tree.findall(nodes.emphasis):
        if app.config.language == CHINESE and not HAN.search(node.astext()):
            node["classes"].append("latin")


def exists_there(app: Sphinx, page: str) -> bool:
    """Whether the other edition has this page."""
    if app.config.language == CHINESE or page in EVERYWHERE:
        return True
    return Path(app.srcdir, "zh", f"{page}.md").exists()


def offer(app: Sphinx, page: str, _t: str, context: dict[str, Any], _d: object) -> None:
    """Put the switch beside the theme's buttons, and the links for search engines."""
    to, code, name, tip = OTHER[app.config.language]
    there = exists_there(app, page)
    target = app.builder.get_target_uri(page if there else app.config.root_doc)
    link = "../" * page.count("/") + to + target
    context["edition"] = {
        "href": link,
        "lang": code,
        "name": name,
        "tip": tip if there else NOT_YET,
    }
    base = app.config.html_baseurl.rstrip("/").removesuffix("/zh")
    if there and base and page not in EVERYWHERE:
        tags = "".join(
            f'<link rel="alternate" hreflang="{lang}" href="{base}/{folder}{target}">\n'
            for lang, folder in (("en", ""), ("zh-CN", "zh/"), ("x-default", ""))
        )
        context["metatags"] = context.get("metatags", "") + tags


def speak(app: Sphinx) -> None:
    """Let the book's theme ask the catalogue of zh/locale before its own."""
    theirs = locale.translators.get(THEME)
    if theirs and theirs is not app.translator:
        app.translator.add_fallback(theirs)
        locale.translators[THEME] = app.translator


def prepare(app: Sphinx, config: Any) -> None:
    """What only the Chinese edition has: English ids, and words for the scripts."""
    if config.language != CHINESE:
        return
    app.add_transform(SameAnchors)
    speak(app)
    script = Path(app.srcdir, "words.js").read_text(encoding="utf-8")
    app.add_js_file(None, body=script, priority=400)  # before the scripts that ask


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    number_by_name()
    app.connect("config-inited", prepare)
    app.connect("doctree-resolved", slant)
    app.connect("html-page-context", offer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
