"""Sphinx extension: what a page folds, and what a fold says before it is opened.

A section headed "More from the notes" is folded below its heading. Folded code says
what it is and how long; code that stands open lies in a fold that starts open, so that
a reader can fold all of it at once (`reading.js`).
"""

from html import escape
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from words import Placed, say

MORE = "More from the notes"
CARD = '<div class="verdict '
MYST_NB_NAME = "Show code cell {type}"  # where a cell asks for no name of its own


class Fold(nodes.General, nodes.Element):
    """A native fold; `label` is its summary, `open` says whether it starts open."""


def source(cell: nodes.Element) -> str:
    """The code of a cell."""
    return next((code.astext() for code in cell.findall(nodes.literal_block)), "")


def html(cell: nodes.Element) -> str:
    """What a cell shows as HTML."""
    return "".join(raw.astext() for raw in cell.findall(nodes.raw))


def shows(cell: nodes.Element) -> bool:
    """Whether a cell has an output."""
    return any(
        part.get("nb_element") == "cell_code_output"
        for part in cell.findall(nodes.container)
    )


def kind(cell: nodes.Element) -> str:
    """What a folded cell is for: by its tag, then by what it shows."""
    if cell["hide_mode"] == "all":
        return "A solution"
    shown = html(cell)
    if CARD in shown:
        return "The experiment"
    if "<svg" in shown:
        return "The drawing"
    return "The code" if shows(cell) else "The set-up"


def length(where: Placed, code: str) -> str:
    """Say how many lines of code there are, without the empty ones."""
    count = sum(bool(line.strip()) for line in code.split("\n"))
    return say(where, "{} line" if count == 1 else "{} lines", count)


def code_cells(tree: nodes.Element) -> list[nodes.container]:
    """The code cells of a page or of a part of it, in order."""
    return [
        cell
        for cell in tree.findall(nodes.container)
        if cell.get("nb_element") == "cell_code"
    ]


def name_code(app: Sphinx, document: nodes.document) -> None:
    """Name each folded cell, and put open code into a fold that starts open."""
    for cell in code_cells(document):
        lines = length(app, source(cell))
        first = cell.children[0] if cell.children else None
        if cell.get("hide_mode"):
            if cell["prompt_show"] == MYST_NB_NAME:
                cell["prompt_show"] = say(app, kind(cell) + " ({})", lines)
        elif first is not None and first.get("nb_element") == "cell_code_source":
            label = say(app, "The code ({})", lines)
            fold = Fold(classes=["code-fold"], label=label, open=True)
            cell.replace(first, fold)
            fold += first


def fold_more(app: Sphinx, document: nodes.document) -> None:
    """Fold the section of the remaining claims below its heading."""
    for section in list(document.findall(nodes.section)):
        if section.children[0].astext() == say(app, MORE):
            count = sum(html(cell).count(CARD) for cell in code_cells(section))
            label = say(app, "{} claims with their experiments", count)
            if count == 1:
                label = say(app, "One claim with its experiment")
            elif not count:
                label = say(app, "More, without cards")
            fold = Fold(classes=["more-fold"], label=label)
            fold += section.children[1:]
            section[:] = [section.children[0], fold]


def open_fold(self: Any, node: Fold) -> None:
    """Write a native fold."""
    opened = {"open": "open"} if node.get("open") else {}
    self.body.append(self.starttag(node, "details", **opened))
    self.body.append(f"<summary>{escape(node['label'])}</summary>\n")


def close_fold(self: Any, _node: nodes.Element) -> None:
    """End a native fold."""
    self.body.append("</details>\n")


def open_cell(self: Any, node: HideCodeCellNode) -> None:
    """Write a folded cell. Unlike myst-nb's, a screen reader hears its name."""
    classes = " ".join(["hide", *node["classes"]])
    self.body.append(f'<details class="{classes}">\n')
    self.body.append(f"<summary>{escape(node['prompt_show'])}</summary>\n")


def write_content(_self: Any, _node: nodes.Element) -> None:
    """Write nothing around what is folded, where nothing can be folded."""


BESIDE_HTML: dict[str, Any] = dict.fromkeys(
    ["latex", "text", "man"], (write_content, write_content)
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the folds and what is folded."""
    app.add_node(Fold, html=(open_fold, close_fold), **BESIDE_HTML)
    # myst-nb, which knows the node, may come later in the list of extensions.
    app.setup_extension("myst_nb")
    app.add_node(HideCodeCellNode, override=True, html=(open_cell, close_fold))
    app.connect("doctree-read", fold_more)
    app.connect("doctree-read", name_code)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
