"""Sphinx extension: in the English edition a card folds what a note says in Chinese.

Few readers of that edition know the notes, or Chinese: the claim is their sentence, and
the note's own words are one click away, as they are in the ledger.
"""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

QUOTATION = re.compile(
    r'<br><small>(?P<note>(?:(?!</small>).)*?): (?P<words><q lang="zh">.*?</q>)'
    r'</small></p>(?P<evidence>.*?)(?=<p class="verdict-why">)',
    re.DOTALL,
)


def fold_quotations(html: str) -> str:
    """Put the name of a card's note behind the claim, and its Chinese into a fold."""
    fold = r"<summary>The note’s words</summary><p>\g<words></p>"
    fold = rf'<details class="verdict-details">{fold}</details>'
    return QUOTATION.sub(rf" <small>\g<note></small></p>\g<evidence>{fold}\n", html)


def quieten(app: Sphinx, tree: nodes.document, _page: str) -> None:
    """Fold the quotations of a page's cards."""
    if app.config.language != "en":
        return
    for raw in tree.findall(nodes.raw):
        inside = raw.astext()
        if '<div class="verdict ' in inside:
            raw.children = [nodes.Text(fold_quotations(inside))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, behind what links the note's name."""
    app.setup_extension("ledger")
    app.connect("doctree-resolved", quieten, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
