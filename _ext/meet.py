"""Sphinx extension: a page with the questions of all chapters, for a group that meets.

Without a script it is a list to unfold; meet.js takes the lines of the members and
draws how their votes are spread.
"""

from itertools import product
from typing import Any

from docutils import nodes
from folds import Fold
from guess import Question, Score, asking_pages
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from words import say


class Meet(nodes.General, nodes.Element):
    """The place where the questions are gathered."""


class MeetDirective(SphinxDirective):
    """All questions of the book by chapter: `{meet}`."""

    def run(self) -> list[nodes.Node]:
        """Leave a place, filled when every page has been read."""
        meeting_pages(self.env).add(self.env.docname)
        return [Meet()]


def meeting_pages(env: BuildEnvironment) -> set[str]:
    """The pages on which questions are gathered."""
    if not hasattr(env, "meeting_pages"):
        env.meeting_pages = set()  # type: ignore[attr-defined]
    return env.meeting_pages  # type: ignore[attr-defined]


def gather(app: Sphinx, document: nodes.document, page: str) -> None:
    """Put every chapter's questions where `meet` stands; tell a chapter where it is."""
    for score, meeting in product(document.findall(Score), meeting_pages(app.env)):
        score["meet"] = app.builder.get_relative_uri(page, meeting)
    for place in list(document.findall(Meet)):
        place[:] = [chapter(app, name, page) for name in sorted(asking_pages(app.env))]
        if any(isinstance(n, nodes.math | nodes.math_block) for n in place.findall()):
            # else Sphinx leaves MathJax out of the page
            app.env.get_domain("math").data["has_equations"][page] = True


def chapter(app: Sphinx, name: str, page: str) -> nodes.section:
    """The questions of one chapter, as they stand there, under its title."""
    tree = app.env.get_doctree(name)
    asked = [node.deepcopy() for node in tree.findall(Question)]
    for question in asked:
        for node in question.findall(nodes.Element):
            node["ids"] = []  # they belong to the chapter
    address = app.builder.get_relative_uri(page, name)
    for question in asked:
        question.insert(0, standing(app, question, len(asked), address))
    section = nodes.section(classes=["meet-chapter"])
    section["ids"] = [f"meet-{asked[0]['chapter']}"]
    label = say(app, "{} question" if len(asked) == 1 else "{} questions", len(asked))
    fold = Fold("", *asked, classes=["more-fold", "meet-fold"], label=label)
    section += [heading(app, name, asked[0]["number"], address), fold]
    holder = nodes.document(tree.settings, tree.reporter)
    holder += section
    app.env.resolve_references(holder, name, app.builder)
    for reference in holder.findall(nodes.reference):
        lead_back(reference, address)
    return section


def heading(app: Sphinx, name: str, number: str, address: str) -> nodes.title:
    """A chapter's title behind the number that its lines begin with."""
    link = nodes.reference(
        "", app.env.titles[name].astext(), internal=True, refuri=address
    )
    said = nodes.inline("", f"ch {number}", classes=["meet-number"])
    return nodes.title("", "", said, nodes.Text(" · "), link)


def standing(app: Sphinx, asked: Question, of: int, address: str) -> nodes.paragraph:
    """Which question it is, and the way to where it points at its chapter's figures."""
    index = asked["index"] + 1
    said = nodes.Text(say(app, "Question {} of {}", index, of) + " · ")
    words = say(app, "in its chapter")
    link = nodes.reference("", words, internal=True, refuri=f"{address}#guess-{index}")
    return nodes.paragraph("", "", said, link, classes=["guess-place"])


def lead_back(link: nodes.reference, address: str) -> None:
    """Point a link within the chapter to the chapter."""
    place = link.attributes.pop("refid", "") or link.get("refuri", "")
    if place.startswith("#") or "refuri" not in link:
        link["refuri"] = f"{address}#{place.lstrip('#')}"


def updated(_: Sphinx, env: BuildEnvironment) -> set[str]:
    """Write the meeting page again whenever a page was read."""
    return meeting_pages(env)


def purge(_: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Forget a page that is read again or gone."""
    meeting_pages(env).discard(page)


def merge(_: Sphinx, env: BuildEnvironment, pages: list[str], other: Any) -> None:
    """Take over from a parallel reader where the questions are gathered."""
    meeting_pages(env).update(meeting_pages(other) & set(pages))


def open_meet(self: Any, node: Meet) -> None:
    """Write the box that the script turns into a form and bars."""
    self.body.append(self.starttag(node, "div", CLASS="meet"))


def close_meet(self: Any, _node: Meet) -> None:
    """End the box."""
    self.body.append("</div>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the place and when it is filled."""
    app.setup_extension("guess")
    app.add_node(Meet, html=(open_meet, close_meet))
    app.add_directive("meet", MeetDirective)
    app.connect("doctree-resolved", gather)
    app.connect("env-updated", updated)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
