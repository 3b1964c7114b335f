"""Masks: who may look at whom, and how a hidden score leaves the softmax."""

from collections.abc import Sequence
from dataclasses import dataclass

from allyouneed.book.drawings.matrices import grid
from allyouneed.book.drawings.panel import INK, MASK, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch
from allyouneed.book.drawings.typesetting import short

Allowed = Sequence[Sequence[bool]]
SIDE, TOP, LOW = 28, 62, 222  # a cell, and where the rows of squares begin
PLACES = ((38, TOP), (232, TOP), (38, LOW))
ROOM = 4  # words across a square


@dataclass(frozen=True)
class MaskTable:
    """A mask with its words: `allowed[i][j]` says whether word i may look at word j.

    Raises:
        ValueError: the table is not square, or has not four words.
    """

    name: str
    words: Sequence[str]
    allowed: Allowed

    def __post_init__(self) -> None:
        sides = [len(self.words), len(self.allowed), *map(len, self.allowed)]
        if set(sides) != {ROOM}:
            raise ValueError(
                f"{self.name!r} has {len(self.words)} words and {len(self.allowed)} "
                f"rows: there is room for {ROOM} words that look at each other"
            )


def who_sees_whom(
    masks: Sequence[MaskTable],
    exponentials: Sequence[Sequence[float]],
    weights: Sequence[Sequence[float]],
) -> Sketch:
    """Draw three masks, and what the first of them does to a softmax.

    Args:
        masks: causal, padding, and both.
        exponentials: exp of each score under the first mask (4, 4).
        weights: the attention weights that follow (4, 4).

    Raises:
        ValueError: there are not three masks, or a hidden word has a weight.
    """
    if len(masks) != len(PLACES):
        raise ValueError(f"{len(masks)} masks: give causal, padding and both")
    first = masks[0]
    hidden = [
        weight
        for row, seen in zip(weights, first.allowed, strict=True)
        for weight, may_look in zip(row, seen, strict=True)
        if not may_look
    ]
    if any(hidden):
        raise ValueError(
            f"a hidden word has the weight {max(hidden):g}: give weights made under "
            f"the mask {first.name!r}"
        )
    alt = (
        "Three masks as squares: causal hides what comes later, padding hides the "
        "filler's column, both hide either; beside them the hidden numbers leave the "
        "sum of their row before it divides, so that they get no weight."
    )
    return sketch(_masks(masks), _softmax(first, exponentials, weights), alt=alt)


def hatch(panel: Panel, x: float, y: float, w: float, h: float, gap: int = 6) -> None:
    """Grey lines over a cell, (x, y) its top left: masked. Lines of neighbours meet."""
    lines = ""
    for c in range(int((x + y) // gap + 1) * gap, int(x + y + w + h) + 1, gap):
        left, right = max(x, c - y - h), min(x + w, c - y)
        if right > left:
            lines += f"M{short(left)} {short(c - left)}"
            lines += f"L{short(right)} {short(c - right)}"
    panel.shape("path", d=lines, stroke=MASK, stroke_width=1, fill="none")


def square(
    panel: Panel, x: float, y: float, allowed: Allowed, *, cell: float = SIDE
) -> None:
    """A mask, (x, y) its top left: ink where a row may look, hatched where not."""
    wide, high = cell * len(allowed[0]), cell * len(allowed)
    panel.box(x + wide / 2, y + high / 2, wide, high, role=INK, rx=4, tint=0)
    for i, row in enumerate(allowed):
        for j, may_look in enumerate(row):
            left, top = x + j * cell, y + i * cell
            if may_look:
                ink(panel, left, top, cell, cell, 1)
            else:
                hatch(panel, left, top, cell, cell)


def ink(panel: Panel, x: float, y: float, w: float, h: float, share: float) -> None:
    """A cell with as much ink as a share from 0 to 1 says, (x, y) its top left."""
    look = {"x": x + 1.5, "y": y + 1.5, "width": w - 3, "height": h - 3, "rx": 3}
    panel.shape("rect", **look, fill=INK, fill_opacity=round(0.36 * share, 3))


def beside(panel: Panel, x: float, y: float, words: Sequence[str]) -> None:
    """Words at the rows of a square whose top left is (x, y)."""
    for i, word in enumerate(words):
        panel.text(x - 5, y + (i + 0.5) * SIDE + 4, word, size=SMALL, align="end")


def above(
    panel: Panel, x: float, y: float, words: Sequence[str], *, cell: float = SIDE
) -> None:
    """Words at the columns of a square whose top left is (x, y)."""
    for j, word in enumerate(words):
        panel.text(x + (j + 0.5) * cell, y - 5, word, size=SMALL)


def _masks(masks: Sequence[MaskTable]) -> Panel:
    panel = Panel(360, 344, title="Row looks at column: who may?")
    for (x, y), mask in zip(PLACES, masks, strict=True):
        panel.text(x + 2 * SIDE, y - 23, mask.name, bold=True)
        beside(panel, x, y, mask.words)
        above(panel, x, y, mask.words)
        square(panel, x, y, mask.allowed)
    x, y = 186, LOW + 12
    ink(panel, x, y, SIDE, SIDE, 1)
    panel.text(x + 38, y + 18, "may look", align="start")
    hatch(panel, x + 1.5, y + 37.5, SIDE - 3, SIDE - 3)
    panel.text(x + 38, y + 54, "hidden", align="start")
    names = [mask.name for mask in masks]
    panel.text(x, y + 92, f"{names[2]} = {names[0]} & {names[1]}", align="start")
    return panel


def _softmax(
    mask: MaskTable,
    exponentials: Sequence[Sequence[float]],
    weights: Sequence[Sequence[float]],
) -> Panel:
    panel = Panel(360, 344, title="Hidden scores leave the sum")
    (left, _), right, wide = PLACES[0], 196, 4 * SIDE
    kept = [
        [number if may_look else None for number, may_look in zip(*rows, strict=True)]
        for rows in zip(exponentials, mask.allowed, strict=True)
    ]
    panel.text(left + wide / 2, TOP - 23, "exp of each score", bold=True)
    above(panel, left, TOP, mask.words)
    beside(panel, left, TOP, mask.words)
    grid(panel, left, TOP, exponentials, cell=(SIDE, SIDE), form=".0f")
    panel.wire((left + wide + 8, TOP + wide / 2), (right - 8, TOP + wide / 2))
    panel.text(right + wide / 2, TOP - 23, f"{mask.name} mask", bold=True)
    _hatched(panel, right, mask.allowed, SIDE, TOP)
    grid(panel, right, TOP, kept, cell=(SIDE, SIDE), form=".0f")
    panel.text(right + wide + 22, TOP - 5, "sum", size=SMALL)
    for i, row in enumerate(kept):
        total = sum(number for number in row if number is not None)
        height = TOP + (i + 0.5) * SIDE + 4.5
        panel.text(right + wide + 22, height, f"{total:.0f}", bold=True)
    panel.wire((right + wide / 2, TOP + wide + 6), (right + wide / 2, LOW - 22))
    _weights(panel, mask, kept, weights)
    return panel


def _weights(
    panel: Panel,
    mask: MaskTable,
    kept: Sequence[Sequence[float | None]],
    weights: Sequence[Sequence[float]],
) -> None:
    """Below: each number over its row's sum, and one row in words."""
    x, cell, row = 196, 37, 2
    panel.text(x + 68, LOW - 27, "÷ row’s sum", align="start")
    above(panel, x, LOW, mask.words, cell=cell)
    beside(panel, x, LOW, mask.words)
    _hatched(panel, x, mask.allowed, cell, LOW)
    shown = [
        [weight if may_look else None for weight, may_look in zip(*rows, strict=True)]
        for rows in zip(weights, mask.allowed, strict=True)
    ]
    grid(panel, x, LOW, shown, cell=(cell, SIDE), form=".2f", ink=True)
    seen = [f"{number:.0f}" for number in kept[row] if number is not None]
    total = sum(number for number in kept[row] if number is not None)
    panel.text(8, LOW + 28, f"row “{mask.words[row]}”:", align="start")
    panel.text(8, LOW + 50, f"{', '.join(seen)} of {total:.0f}", align="start")
    found = [f"{weight:.2f}" for weight in weights[row] if weight]
    panel.text(8, LOW + 72, ", ".join(found), align="start", bold=True)


def _hatched(panel: Panel, x: float, allowed: Allowed, cell: float, top: float) -> None:
    for i, row in enumerate(allowed):
        for j, may_look in enumerate(row):
            if not may_look:
                hatch(panel, x + j * cell, top + i * SIDE, cell, SIDE)
