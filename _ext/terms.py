"""Sphinx extension: the first use of a term in a chapter leads to the glossary.

Its line there, with the Chinese word, is shown to whoever points at it. Chapters need
no markup for it: what glossary.md lists is found in their running text.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY = "glossary"
CHAPTERS = "chapters/"


@dataclass(frozen=True)
class Term:
    """An entry of the glossary: its words, its anchor, its line."""

    words: str
    anchor: str
    line: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Find the term or its plural, where it is a word of its own.

        Chinese has no spaces between words, and no plurals.
        """
        if re.search("[\u4e00-\u9fff]", self.words):
            return re.compile(re.escape(self.words))
        return re.compile(rf"(?<![\w-]){re.escape(self.words)}s?(?![\w-])", re.I)


def entries(glossary: nodes.document) -> list[Term]:
    """The terms of the glossary, the longest first: one may be a part of another."""
    found = []
    for item in glossary.findall(nodes.definition_list_item):
        term = next(iter(item.findall(nodes.term)))
        words = next(iter(term.findall(nodes.Text))).astext()
        line = next(iter(item.findall(nodes.paragraph))).astext()
        found.append(Term(words, term["ids"][0], " ".join(line.split())))
    return sorted(found, key=lambda term: -len(term.words))


def running_text(tree: nodes.document) -> list[nodes.Text]:
    """The pieces of text that stand plainly in a section's own paragraphs."""
    return [
        text
        for paragraph in tree.findall(nodes.paragraph)
        if isinstance(paragraph.parent, nodes.section)
        for text in paragraph.children
        if isinstance(text, nodes.Text)
    ]


def link_first(texts: list[nodes.Text], term: Term, address: str) -> None:
    """Make the first use of a term in running text a link to its entry."""
    for at, text in enumerate(texts):
        said = text.astext()
        if use := term.pattern.search(said):
            link = nodes.reference("", use[0], internal=True, classes=["term"])
            link["refuri"] = f"{address}#{term.anchor}"
            link["reftitle"] = term.line
            ends = said[: use.start()], said[use.end() :]
            before, after = ([nodes.Text(end)] * bool(end) for end in ends)
            text.parent.replace(text, [*before, link, *after])
            texts[at : at + 1] = before + after
            return


def explain(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Link a chapter's terms."""
    if not page.startswith(CHAPTERS) or GLOSSARY not in app.env.found_docs:
        return
    address = app.builder.get_relative_uri(page, GLOSSARY)
    texts = running_text(tree)
    for term in entries(app.env.get_doctree(GLOSSARY)):
        link_first(texts, term, address)


def mark_chinese(app: Sphinx, glossary: nodes.document) -> None:
    """Say of the Chinese word that begins a line that it is Chinese."""
    if app.env.docname != GLOSSARY or app.config.language != "en":
        return
    for definition in glossary.findall(nodes.definition):
        text = next(iter(definition.findall(nodes.Text)))
        word, stop, rest = text.astext().partition(". ")
        chinese = nodes.inline(word, word, classes=["language-zh"])
        text.parent.replace(text, [chinese, nodes.Text(stop + rest)])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("doctree-read", mark_chinese)
    app.connect("doctree-resolved", explain)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
