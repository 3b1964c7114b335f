"""Sphinx extension: what Chinese typesetting keeps together, and what it keeps apart.

No line begins with a full stop, also where a formula stands before it. And there is no
space around Chinese words that are a link or bold: it only keeps marks apart in the
source.
"""

import re
from typing import Any

from docutils import nodes
from editions import CHINESE, HAN
from sphinx.application import Sphinx

CLOSING = re.compile("[，。、；：？！）》」』”’%]+")
WORD = "[\u3400-\u9fff，。、；：（）]"  # or a mark, which has its own room
BEFORE = re.compile(f"(?<={WORD}) $")
AFTER = re.compile(f"^ (?={WORD})")


def hold_closing(tree: nodes.Element) -> None:
    """Keep the punctuation behind a formula on the formula's line."""
    for formula in list(tree.findall(nodes.math)):
        after = formula.next_node(descend=False, siblings=True)
        if not isinstance(after, nodes.Text):
            continue
        if closing := CLOSING.match(after.astext()):
            held = nodes.inline(classes=["joined"])
            formula.replace_self(held)
            held += [formula, nodes.Text(closing[0])]
            rest = after.astext()[closing.end() :]
            after.parent.replace(after, [nodes.Text(rest)] * bool(rest))


def close_up(tree: nodes.Element) -> None:
    """Take away spaces between Chinese words and a Chinese link or bold word."""
    for node in list(tree.findall(is_marked)):
        said, at = node.astext(), node.parent.index(node)
        before = node.parent[at - 1] if at else None
        if isinstance(before, nodes.Text) and HAN.match(said):
            node.parent[at - 1] = nodes.Text(BEFORE.sub("", before.astext()))
        after = node.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.Text) and HAN.match(said[-1:]):
            node.parent[at + 1] = nodes.Text(AFTER.sub("", after.astext()))


def is_marked(node: nodes.Node) -> bool:
    """Whether it is a link or bold."""
    return isinstance(node, nodes.reference | nodes.strong)


def close_up_card(html: str) -> str:
    """Do the same for the bold words of a card."""
    html = re.sub(f"({WORD}) (<strong>{HAN.pattern})", r"\1\2", html)
    return re.sub(f"({HAN.pattern}</strong>) (?={WORD})", r"\1", html)


def typeset(app: Sphinx, tree: nodes.document, _page: str) -> None:
    """Do both, in the Chinese edition."""
    if app.config.language == CHINESE:
        hold_closing(tree)
        close_up(tree)
        for raw in tree.findall(nodes.raw):
            if '<div class="verdict ' in (card := raw.astext()):
                raw.children = [nodes.Text(close_up_card(card))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, behind what adds links and formulas to a page."""
    app.setup_extension("editions")
    app.connect("doctree-resolved", typeset, priority=700)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
