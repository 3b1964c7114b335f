"""Three families of models from the same layers: they differ in who may see whom."""

from collections.abc import Sequence
from typing import NamedTuple

from allyouneed.book.drawings.panel import (
    INK,
    MASK,
    MEMORY,
    QUERY,
    SMALL,
    Panel,
)
from allyouneed.book.drawings.sketches import Sketch, sketch

WORDS, CELL, TOP = 6, 16, 58  # a square's words, the side of a cell, where it begins
MIDDLES = (60, 180, 300)  # of the three columns
Square = Sequence[Sequence[bool]]


class Family(NamedTuple):
    """A family: its name, what it is asked to do, and a model that belongs to it."""

    name: str
    tasks: tuple[str, str]
    model: str


FAMILIES = (
    Family("Encoder only", ("fills gaps,", "sorts, searches"), "BERT"),
    Family("Decoder only", ("says what", "comes next"), "GPT"),
    Family("Both", ("reads it all,", "then writes"), "the paper, T5"),
)


def three_families(*seen: Square, source: int = 3) -> Sketch:
    """Draw who sees whom (6, 6) in each family; of the last, the first rows read.

    Raises:
        ValueError: not three squares of six words, or a source that leaves no target.
    """
    shapes = [(len(square), {len(row) for row in square}) for square in seen]
    if shapes != [(WORDS, {WORDS})] * len(FAMILIES):
        raise ValueError(f"{len(seen)} squares: give 3, each of 6 rows of 6 words")
    if not 0 < source < WORDS:
        raise ValueError(f"source={source}: choose from 1 to {WORDS - 1} of 6 words")
    alt = (
        "Encoder only: every word sees every word. Decoder only: a word sees itself "
        "and what stands before it. Both: source words see the source; target words "
        "see all of the source, and of the target only what was said so far."
    )
    panel = Panel(360, 244)
    for x, family, square in zip(MIDDLES, FAMILIES, seen, strict=True):
        panel.text(x, 18, family.name, bold=True)
        panel.text(x, 38, family.model, size=SMALL, faint=True)
        _square(panel, x - WORDS * CELL / 2, square)
        for i, task in enumerate(family.tasks):
            panel.text(x, TOP + WORDS * CELL + 48 + 18 * i, task)
    _sides(panel, source)
    return sketch(panel, alt=alt)


def _square(panel: Panel, left: float, square: Square) -> None:
    """Ink where a row's word sees a column's word, hatching where it must not."""
    for i, row in enumerate(square):
        for j, sees in enumerate(row):
            x, y, side = left + j * CELL + 1, TOP + i * CELL + 1, CELL - 2
            if sees:
                look = {"fill": INK, "fill_opacity": 0.36, "rx": 3}
                panel.shape("rect", x=x, y=y, width=side, height=side, **look)
            else:
                lines = f"M{x:g} {y + 8:g}l8 -8M{x:g} {y + side:g}l{side} -{side}"
                lines += f"M{x + 6:g} {y + side:g}l8 -8"
                panel.shape("path", d=lines, stroke=MASK, stroke_width=1)


def _sides(panel: Panel, source: int) -> None:
    """Below each square whose words its columns are."""
    y = TOP + WORDS * CELL + 6
    for x in MIDDLES[:2]:
        _under(panel, x, y, WORDS, QUERY, "text")
    left = MIDDLES[2] - WORDS * CELL / 2
    _under(panel, left + source * CELL / 2, y, source, MEMORY, "source")
    rest = WORDS - source
    _under(panel, left + (source + rest / 2) * CELL, y, rest, QUERY, "target")


def _under(panel: Panel, x: float, y: float, words: int, role: str, name: str) -> None:
    half = words * CELL / 2 - 2
    panel.wire((x - half, y), (x + half, y), role=role, width=3, head=False)
    panel.text(x, y + 16, name, size=SMALL)
