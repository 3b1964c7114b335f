"""A tree, the line of brackets that says it, and how two readings are compared."""

from collections import Counter
from itertools import count
from textwrap import wrap
from typing import Any

from allyouneed.book.drawings.panel import INK, KEY, QUERY, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

MOST_WORDS, MOST_LEVELS, MOST_BRACKETS = 8, 5, 6  # with room
LEFT, COLUMN, TOP, LEVEL = 30, 41, 62, 46  # of the tree
FIRST, PLACE, ROW = 30, 46, 23  # of the brackets, in the panel on the right
SIGNS = 46  # of the line, in one row
STAR = "* the other has no such bracket"

Tree = tuple[Any, ...]  # a label, then words and trees
Brackets = Counter[tuple[str, int, int]]  # label, first word, end


def tree_and_brackets(tree: Tree, line: str, gold: Brackets, found: Brackets) -> Sketch:
    """Draw a tree over its line, and its brackets beside those of another reading.

    Args:
        tree: a label, then what it holds: words and trees.
        line: the tree with its words, as a line of brackets.
        gold: the tree's brackets: label, first word, end.
        found: those of the other reading.

    Raises:
        ValueError: more words, levels or brackets than have room.
    """
    words, levels = _words(tree), _depth(tree)
    if len(words) > MOST_WORDS or levels > MOST_LEVELS:
        raise ValueError(
            f"{len(words)} words and {levels} levels: give at most {MOST_WORDS} and "
            f"{MOST_LEVELS}"
        )
    if not 0 < gold.total() <= MOST_BRACKETS or not 0 < found.total() <= MOST_BRACKETS:
        raise ValueError(
            f"{gold.total()} and {found.total()} brackets: give 1 to {MOST_BRACKETS} "
            "of either reading"
        )
    same = (gold & found).total()
    alt = (
        f"Left: a tree of {levels} levels over {len(words)} words, and the same tree "
        "as a line, each constituent an opening and a closing bracket. Right: the "
        f"brackets of two readings as spans over the words; {same} of {gold.total()} "
        "agree."
    )
    return sketch(_tree(tree, line), _readings(words, gold, found), alt=alt)


def _words(tree: Tree) -> list[str]:
    found: list[str] = []
    for child in tree[1:]:
        found += [child] if isinstance(child, str) else _words(child)
    return found


def _depth(tree: Tree) -> int:
    return 1 + max((_depth(c) for c in tree[1:] if not isinstance(c, str)), default=0)


def _tree(tree: Tree, line: str) -> Panel:
    panel = Panel(360, 420, title="A tree is a line of brackets")
    panel.text(4, 40, "open brackets", size=SMALL, align="start", faint=True)
    for level in range(_depth(tree)):
        y = TOP + LEVEL * level
        panel.text(8, y + 4, str(level + 1), size=SMALL, align="start", faint=True)
    _grow(panel, tree, 0, count())
    for i, row in enumerate(wrap(line, SIGNS)):
        panel.text(4, 372 + 20 * i, row, size=SMALL, align="start", mono=True)
    return panel


def _grow(panel: Panel, tree: Tree, level: int, places: "count[int]") -> float:
    """Draw what hangs under a label, then the label in its middle, and say where."""
    y, below = TOP + LEVEL * level, []
    for child in tree[1:]:
        if isinstance(child, str):
            below.append(LEFT + COLUMN * (next(places) + 0.5))
            panel.card(below[-1] - 19.5, y + LEVEL - 10, 39, 20)  # a full stop, too
            panel.text(below[-1], y + LEVEL + 4, child)
        else:
            below.append(_grow(panel, child, level + 1, places))
    x = (below[0] + below[-1]) / 2
    for child, end in zip(tree[1:], below, strict=True):
        gap = 11 if isinstance(child, str) else 12
        panel.wire((x, y + 12), (end, y + LEVEL - gap), head=False, faint=0.6)
    panel.data(x, y, 34, 24, tree[0], role=KEY)
    return x


def _readings(words: list[str], gold: Brackets, found: Brackets) -> Panel:
    same = (gold & found).total()
    title = f"{same} of {gold.total()} brackets agree"
    panel = Panel(360, 420, title=title)
    panel.text(356, 46, STAR, size=SMALL, align="end", faint=True)
    spoken = max(end for _, _, end in gold)
    half = ROW * MOST_BRACKETS + 34
    for i, (name, brackets, other) in enumerate(
        (("the tree", gold, found), ("a parser's answer", found, gold))
    ):
        top = 46 + half * i
        panel.text(4, top, name, align="start", bold=True)
        _spans(panel, top + 20, brackets, other)
    for i, word in enumerate(words[:spoken]):
        x = FIRST + PLACE * (i + 0.5)
        panel.text(x, 46 + 2 * half + 4, word)
        panel.text(x, 46 + 2 * half + 20, str(i), size=SMALL, faint=True)
    return panel


def _spans(panel: Panel, top: float, brackets: Brackets, other: Brackets) -> None:
    """Each bracket from its first word to its end; dashed if the other lacks it."""
    rows = sorted(brackets.elements(), key=lambda b: (b[1], -b[2]))
    for i, bracket in enumerate(rows):
        label, start, end = bracket
        x, y = FIRST + PLACE * (start + end) / 2, top + ROW * i
        wide = PLACE * (end - start) - 4
        if bracket in other:
            panel.data(x, y, wide, ROW - 5, label, role=KEY)
        else:
            panel.ghost(x, y, wide, ROW - 5, role=QUERY)
            panel.text(x, y + 4.5, label)
            panel.text(14, y + 4.5, "*")
    panel.wire(
        (FIRST, top + ROW * len(rows) - 8),
        (FIRST + PLACE * max(b[2] for b in rows), top + ROW * len(rows) - 8),
        role=INK,
        head=False,
        faint=0.3,
    )
