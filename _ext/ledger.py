"""Sphinx extension: the ledger of claims, with the cards of all stored notebooks.

Beside each card stands how often it held when all seeds of its chapter were shifted
(`tools/attack.py`), as long as the chapter's code is what was attacked.

`ledger` lists every claim of claims.toml by chapter; `ledger-score` counts them.
Both read the notebooks as they are stored, so the site needs neither kernel nor torch.
"""

import re
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from docutils import nodes
from entries import BASES, VERDICTS, Claim, outcome, phrase, pieces
from folds import Fold
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective, SphinxRole
from stored import Card, attacks, cards, notebooks
from words import say

NOTES_PAGE = "using"  # says under "The notes" what they are
CLAIMS = "src/allyouneed/claims.toml"
ATTACK = "src/allyouneed/records/attack.jsonl"
NOTED = {
    "doubt": "Not checked: {}.",
    "contradicts": "Against it: {}",
    "limits": "How far it goes: {}",
}


def basis(claim: Claim, stored: dict[str, Card]) -> str:
    """Say how a claim is decided so far: a key of BASES."""
    if claim["id"] in stored:
        return "tested"
    if claim["verdict"] == "opinion":
        return "untestable"
    return claim["how"] if claim["how"] in BASES else "waiting"


class LedgerDirective(SphinxDirective):
    """Common ground: read the claims and cards, and note what the page depends on."""

    def read(self) -> tuple[dict[str, Any], dict[str, Card]]:
        """Load the ledger and the stored cards."""
        pages = notebooks(self.env)
        source = Path(self.env.srcdir, CLAIMS)
        record = Path(self.env.srcdir, ATTACK)
        for path in (source, record, *pages.values()):
            self.env.note_dependency(str(path))
        ledger_pages(self.env)[self.env.docname] = tuple(pages)
        ledger = tomllib.loads(source.read_text(encoding="utf-8"))
        found = dict(c for page, path in pages.items() for c in cards(page, path))
        for name, times in attacks(record, pages.values()).items():
            if name in found:
                found[name] = replace(found[name], attacked=times)
        return ledger, found

    def text(self, words: str, kind: str) -> nodes.paragraph:
        """Make a paragraph that gettext can translate."""
        paragraph = nodes.paragraph(words, "", *pieces(words))
        paragraph["classes"] = [f"ledger-{kind}"]
        self.set_source_info(paragraph)
        return paragraph


class LedgerScore(LedgerDirective):
    """How the claims came out and how they are decided: two bars and two lists."""

    def run(self) -> list[nodes.Node]:
        """Count the claims by verdict and by basis."""
        ledger, stored = self.read()
        claims = ledger["claim"]
        box = nodes.container(classes=["ledger-score"])
        box += self.bar(Counter(claim["verdict"] for claim in claims), VERDICTS)
        box += self.bar(Counter(basis(claim, stored) for claim in claims), BASES)
        return [box]

    def bar(
        self, counts: Counter[str], words: dict[str, tuple[str, str]]
    ) -> list[nodes.Node]:
        """Draw one bar and, for every reader, the same counts as a list."""
        present = [kind for kind in words if counts[kind]]
        pieces = "".join(
            f'<span class="ledger-is-{kind}" style="flex:{counts[kind]}"></span>'
            for kind in present
        )
        drawn = f'<div class="ledger-bar" aria-hidden="true">{pieces}</div>'
        listed = nodes.bullet_list(classes=["ledger-counts"])
        for kind in present:
            count = say(self.env, "{} " + words[kind][1], counts[kind])
            line = self.text(count, "count")
            listed += nodes.list_item("", line, classes=[f"ledger-is-{kind}"])
        return [nodes.raw("", drawn, format="html"), listed]


class Ledger(LedgerDirective):
    """Every claim in a section for each chapter, folded below its heading."""

    def run(self) -> list[nodes.Node]:
        """List the claims by chapter, in reading order."""
        ledger, stored = self.read()
        by_chapter: dict[str, list[Claim]] = {}
        for claim in ledger["claim"]:
            by_chapter.setdefault(claim["chapter"], []).append(claim)
        return [
            self.chapter(chapter, by_chapter[chapter["slug"]], stored)
            for chapter in ledger["chapter"]
        ]

    def chapter(
        self, chapter: dict[str, Any], claims: list[Claim], stored: dict[str, Card]
    ) -> nodes.section:
        """List the claims of one chapter."""
        section = nodes.section(
            ids=[f"ledger-{chapter['slug']}"], classes=["ledger-chapter"]
        )
        number = f"{chapter['number']}. " if "number" in chapter else ""
        title = nodes.title("", number + chapter["title"])
        self.set_source_info(title)
        rows = nodes.bullet_list(classes=["ledger-rows"])
        rows += [self.row(claim, stored) for claim in claims]
        wrong = sum(claim["verdict"] == "false" for claim in claims)
        label = say(self.env, "{} claims, {} wrong", len(claims), wrong)
        if len(claims) == 1:
            label = say(self.env, "One claim, {} wrong", wrong)
        section += [title, Fold("", rows, classes=["ledger-fold"], label=label)]
        return section

    def row(self, claim: Claim, stored: dict[str, Card]) -> nodes.list_item:
        """Show one claim: its words, the verdict with its basis, the reason."""
        kind = basis(claim, stored)
        marks = [claim["verdict"], f"note-{claim['note']}", kind]
        item = nodes.list_item(
            ids=[claim["id"]],
            classes=["ledger-row", *(f"ledger-is-{mark}" for mark in marks)],
        )
        item += [self.text(claim["en"], "claim"), phrase(self.env, claim)]
        item += outcome(self.env, claim, kind, stored.get(claim["id"]))
        item += self.text(claim["why"], "why")
        item += self.ask(claim)
        for key, words in NOTED.items():
            if key in claim:
                item += self.text(say(self.env, words, claim[key]), "doubt")
        return item

    def ask(self, claim: Claim) -> list[nodes.Node]:
        """Offer to doubt a claim where the book is made, if that is known."""
        address = self.config.html_theme_options.get("repository_url")
        if not address:
            return []
        said = say(self.env, VERDICTS[claim["verdict"]][0])
        body = [
            say(self.env, "The claim: {}", claim["en"]),
            say(self.env, "The book says: {}", said),
            "### " + say(self.env, "What I ran"),
            "### " + say(self.env, "What came out"),
        ]
        title = f"Doubt about {claim['id']}"
        query = urlencode({"title": title, "body": "\n\n".join([*body, ""])})
        doubt = f"{address}/issues/new?{query}"
        link = nodes.reference(
            "", say(self.env, "I doubt it"), refuri=doubt, internal=False
        )
        return [nodes.paragraph("", "", link, classes=["ledger-ask"])]


def resolve(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Point each row to its card, each card to what the notes are and to its row."""
    for link in doctree.findall(nodes.reference):
        if "ledger_card" in link:
            target, name = link["ledger_card"]
            address = place(app, page, target)
            if target not in app.env.found_docs:
                link["classes"].append("english")
            link["refuri"] = f"{address}#card-{name}"
    single = app.builder.name == "singlehtml"
    for raw in doctree.findall(nodes.raw):
        inside = raw.astext()
        if '<div class="verdict ' not in inside:
            continue
        if single:
            inside = inside.replace('href="../ledger.html#', 'href="#')
        elif NOTES_PAGE in app.env.found_docs:
            address = app.builder.get_relative_uri(page, NOTES_PAGE)
            before, after = say(app, "Note {}: ", "\n").rstrip().split("\n")
            link_to_notes = rf'<small><a href="{address}#the-notes">\1</a>{after}'
            label = rf"<small>({before}\d{{3}}){after}"
            inside = re.sub(label, link_to_notes, inside)
        raw.children = [nodes.Text(inside)]


def place(app: Sphinx, page: str, target: str) -> str:
    """Where a chapter stands: in the English edition if this one has it not yet."""
    if target in app.env.found_docs:
        return app.builder.get_relative_uri(page, target)
    return "../" * (page.count("/") + 1) + app.builder.get_target_uri(target)


def ledger_pages(env: BuildEnvironment) -> dict[str, tuple[str, ...]]:
    """Remember, by page, the notebooks that its ledger was read from."""
    if not hasattr(env, "ledger_pages"):
        env.ledger_pages = {}  # type: ignore[attr-defined]
    return env.ledger_pages  # type: ignore[attr-defined]


def outdated(_: Sphinx, env: BuildEnvironment, *__: set[str]) -> list[str]:
    """Read a ledger again when notebooks came or went; Sphinx itself sees changes."""
    now = tuple(notebooks(env))
    return [page for page, before in ledger_pages(env).items() if before != now]


def purge(_: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Forget a page that is read again or gone."""
    ledger_pages(env).pop(page, None)


def merge(
    _: Sphinx, env: BuildEnvironment, pages: list[str], other: BuildEnvironment
) -> None:
    """Take over what a parallel reader noted."""
    theirs = ledger_pages(other)
    ledger_pages(env).update({page: theirs[page] for page in pages if page in theirs})


class LedgerCount(SphinxRole):
    """How many claims there are, all or of one verdict: `{ledger-count}` false."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Count the claims.

        Raises:
            ValueError: the verdict is none of the ledger's.
        """
        if self.text not in {"all", *VERDICTS}:
            raise ValueError(f"{self.text=}: say all or one of {', '.join(VERDICTS)}")
        source = Path(self.env.srcdir, CLAIMS)
        self.env.note_dependency(str(source))
        claims = tomllib.loads(source.read_text(encoding="utf-8"))["claim"]
        count = sum(self.text in ("all", claim["verdict"]) for claim in claims)
        return [nodes.Text(str(count))], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives and keep the ledger up to date."""
    app.setup_extension("folds")
    app.add_directive("ledger", Ledger)
    app.add_directive("ledger-score", LedgerScore)
    app.add_role("ledger-count", LedgerCount())
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("doctree-resolved", resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
