"""Sphinx extension: the landing page's claim to vote on and its contents with pictures.

`vote` shows a stored card with its verdict folded; `gallery` shows every chapter of the
table of contents with a figure that it stores. Neither can say what no notebook stores.
"""

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from pictures import picture
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from stored import outputs
from words import say

CARD = '<div class="verdict [^>]*id="card-{}">.*?\n</div>'
CLAIM = re.compile(r'<p class="verdict-claim">.*?</p>', re.DOTALL)
FIGURE = re.compile(r'<(svg|div) role="img".*?</\1>', re.DOTALL)
PANEL = re.compile(r"<svg .*?</svg>", re.DOTALL)  # a drawing has one or two
CHAPTER = "chapters/"


class VoteCard(nodes.General, nodes.Element):
    """A card that asks before it tells, on any page."""


class GalleryPart(nodes.General, nodes.Element):
    """The cards of one part of the book."""


class GalleryCard(nodes.General, nodes.Element):
    """One chapter's card."""


class Vote(SphinxDirective):
    """A claim of the notes, its verdict folded: `{vote} chapters/08-masks ID`."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Divide a stored card into its claim and the rest."""
        page, claim = self.arguments
        path = Path(self.env.srcdir, f"{page}.ipynb")
        self.env.note_dependency(str(path))
        html = "\n".join(shown for _, shown in outputs(path)) if path.exists() else ""
        found = re.search(CARD.format(re.escape(claim)), html, re.DOTALL)
        if not found:
            raise self.error(f"{path.name} stores no card of {claim}")
        stored = found[0]
        opening, words, rest = CLAIM.split(stored)[0], CLAIM.search(stored), ""
        rest = stored[words.end() :].rpartition("</div>")[0] if words else ""
        up = "../" * self.env.docname.count("/")
        card = VoteCard(page=page, claim=claim, words=words[0] if words else "")
        card["rest"] = rest.replace("../ledger.html", f"{up}ledger.html")
        card["verdict"] = re.findall(r"verdict-\w+", opening)[0]
        if 'class="math"' in stored:  # else Sphinx leaves MathJax out of the page
            equations = self.env.get_domain("math").data["has_equations"]
            equations[self.env.docname] = True
        return [card]


class Gallery(SphinxDirective):
    """Every chapter as a card; lines `page: figure` choose another than its first."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Read the table of contents and the stored figures."""
        chosen = dict(line.split(": ", 1) for line in self.content if ": " in line)
        path = Path(self.env.srcdir, self.config.external_toc_path)
        self.env.note_dependency(str(path))
        toc = yaml.safe_load(path.read_text(encoding="utf-8"))
        made: list[nodes.Node] = []
        for part in toc["parts"]:
            files = [chapter["file"] for chapter in part["chapters"]]
            pages = [name for name in files if name.startswith(CHAPTER)]
            if pages:
                cards = [self.card(page, chosen.pop(page, "")) for page in pages]
                made.append(GalleryPart("", *cards, caption=part["caption"]))
        if chosen:
            raise self.error(f"no chapter of the contents is named {', '.join(chosen)}")
        return made

    def card(self, page: str, wanted: str) -> GalleryCard:
        """One chapter: picture, title, question."""
        path = Path(self.env.srcdir, f"{page}.ipynb")
        self.env.note_dependency(str(path))
        figures = [
            (name, svg[0])
            for name, html in outputs(path)
            if (svg := FIGURE.search(html)) and wanted in ("", name)
        ]
        if wanted and not figures:
            raise self.error(f"{path.name} stores no figure named {wanted}")
        panels = PANEL.findall(figures[0][1]) if figures else []
        drawn = max(map(picture, panels), key=len, default="")  # what shows most
        name, question = title(path)
        return GalleryCard(page=page, name=name, question=question, picture=drawn)


def title(notebook: Path) -> tuple[str, str]:
    """The chapter's title, and its question where a colon divides the two."""
    first = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]
    heading = "".join(first["source"]).split("\n")[0].removeprefix("# ")
    name, question, *_ = [*re.split(": |：", heading, maxsplit=1), ""]
    return name, question[:1].upper() + question[1:]


def open_vote(self: Any, node: VoteCard) -> None:
    """Write the card with a native fold; the way to its chapter stands last."""
    target = self.builder.get_relative_uri(self.builder.current_docname, node["page"])
    claim = node["claim"]
    came, see = (
        say(self.builder, words) for words in ("What came out", "See the experiment")
    )
    self.body.append(
        f'<div class="verdict {node["verdict"]} ask" data-claim="{claim}">'
        f'{node["words"]}<details class="vote-fold"><summary>{came}</summary>'
        f'{node["rest"]}<p><a href="{target}#card-{claim}">{see}</a></p>'
        "</details>"
    )


def open_part(self: Any, node: GalleryPart) -> None:
    """Write a list: a screen reader says how many cards there are."""
    self.body.append(f'<h3 class="gallery-part">{escape(node["caption"])}</h3>\n')
    self.body.append('<ul class="gallery">\n')


def open_card(self: Any, node: GalleryCard) -> None:
    """Write the card as one link."""
    target = self.builder.get_relative_uri(self.builder.current_docname, node["page"])
    number = re.search(r"/0*(\d+)-", node["page"])
    self.body.append(
        f'<li><a href="{target}"><span class="gallery-picture">{node["picture"]}</span>'
        f'<span class="gallery-title">{number[1] + "." if number else ""} '
        f"{escape(node['name'])}</span> "
        f'<span class="gallery-question">{escape(node["question"])}</span></a></li>\n'
    )


def closing(tag: str) -> Any:
    """Make a function that ends an element."""
    return lambda self, _node: self.body.append(tag)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(VoteCard, html=(open_vote, closing("</div>\n")))
    app.add_node(GalleryPart, html=(open_part, closing("</ul>\n")))
    app.add_node(GalleryCard, html=(open_card, closing("")))
    app.add_directive("vote", Vote)
    app.add_directive("gallery", Gallery)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
