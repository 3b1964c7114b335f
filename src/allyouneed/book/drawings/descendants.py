"""BERT, GPT and ViT as Figure 1 with parts taken away: one stack each."""

from collections.abc import Sequence
from typing import NamedTuple

from allyouneed.book.drawings.panel import (
    INK,
    KEY,
    MASK,
    MEMORY,
    SMALL,
    STREAM,
    VALUE,
    Panel,
)
from allyouneed.book.drawings.sketches import Sketch, sketch

WORDS, PIXELS = 4, 8  # of a square, and of an image
CELL, DOT = 8, 4  # their sides, as drawn
ENTER, FIRST, LOOK, THINK, SCORES, TALL = 104, 166, 236, 286, 336, 386
WIDE, BOX, SIDE = 116, 92, 50  # a stack's ground, its boxes, its stream beside them
Square = Sequence[Sequence[bool]]
Image = Sequence[Sequence[float]]


class Column(NamedTuple):
    """A stack: its name, what it reads, how it enters, whom it sees, what it says."""

    x: float
    name: str
    reads: str
    enters: str
    sees: Square
    last: str
    says: str


def three_descendants(full: Square, past: Square, image: Image) -> Sketch:
    """Draw the paper's model, and three that keep one stack: who sees whom (4, 4).

    The image (8, 8), from 0 to 1, is what the third reads, in four patches.

    Raises:
        ValueError: a square is not of four words, the past shows a later word, or the
            image has another size.
    """
    for name, table, side in (
        ("full", full, WORDS),
        ("past", past, WORDS),
        ("image", image, PIXELS),
    ):
        if len(table) != side or {len(row) for row in table} != {side}:
            raise ValueError(f"{name} has {len(table)} rows: give {side} by {side}")
    if any(past[i][j] for i in range(WORDS) for j in range(i + 1, WORDS)):
        raise ValueError("past shows a word what comes later: give a causal mask")
    alt = (
        "Left: the paper's encoder, whose words see all of the source, and its "
        "decoder, which sees its own past and looks at the encoder. Right: BERT keeps "
        "the encoder and fills gaps; GPT keeps the decoder without the look at the "
        "source and says the next word; ViT keeps the encoder and reads image patches."
    )
    return sketch(_paper(full, past), _kept(full, past, image), alt=alt)


def _paper(full: Square, past: Square) -> Panel:
    panel = Panel(360, TALL, title="The paper: two stacks")
    left = Column(90, "encoder", "source", "embed", full, "", "")
    right = Column(
        270, "decoder", "target so far", "embed", past, "scores", "next word"
    )
    for column in (left, right):
        _stack(panel, column)
    panel.learned(276, LOOK, BOX, 36, "look at\nthe source")
    _tap(panel, 270, LOOK)
    panel.wire(
        (90 - SIDE, THINK + 30),
        (90 - SIDE, SCORES),
        (180, SCORES),
        (180, LOOK - 8),
        role=MEMORY,
        width=STREAM,
        head=False,
    )
    for y, role in ((LOOK - 6, KEY), (LOOK + 6, VALUE)):
        panel.wire((182, y), (276 - BOX / 2 - 1, y), role=role, hops=[(220, y)])
    panel.text(110, SCORES + 20, "memory", size=SMALL)
    return panel


def _kept(full: Square, past: Square, image: Image) -> Panel:
    panel = Panel(360, TALL, title="One stack is kept, parts go")
    columns = (
        Column(60, "BERT", "the [MASK] sat on", "embed", full, "scores", "hidden word"),
        Column(180, "GPT", "the cat sat on", "embed", past, "scores", "next word"),
        Column(300, "ViT", "", "linear", full, "classes", "which digit"),
    )
    for column in columns:
        _stack(panel, column)
    panel.ghost(186, LOOK, BOX, 36)
    panel.text(186, LOOK + 4.5, "no source", size=SMALL)
    panel.lit(300, ENTER, 60, 24)
    panel.lit(60, SCORES + 33, 84, 18)
    _patches(panel, 300, image)
    return panel


def _stack(panel: Panel, column: Column) -> None:
    """What all have: a way in, attention under its mask, a network, scores."""
    x = column.x
    panel.text(x, 42, column.name, bold=True)
    if column.reads:
        panel.text(x, 72, column.reads, size=SMALL)
    panel.card(x - WIDE / 2, 124, WIDE, THINK - 102)
    panel.learned(x, ENTER, 60, 24, column.enters)
    side = x - SIDE
    panel.wire((side, ENTER), (side, THINK + 30), width=STREAM, head=False)
    panel.wire((x - 30, ENTER), (side, ENTER), head=False)
    panel.learned(x + 6, FIRST + 20, BOX, 24, "attention")
    _square(panel, x + 6 - WORDS * CELL / 2, FIRST - 32, column.sees)
    panel.learned(x + 6, THINK, BOX, 24, "feed-forward")
    for y in (FIRST + 20, THINK):
        _tap(panel, x, y)
    if column.last:
        panel.wire((side, THINK + 30), (side, SCORES), (x - 31, SCORES))
        panel.learned(x, SCORES, 60, 24, column.last)
        panel.text(x, SCORES + 38, column.says, size=SMALL)


def _tap(panel: Panel, x: float, y: float) -> None:
    """A box reads the stream, and writes to it."""
    panel.dot(x - SIDE, y)
    panel.wire((x - SIDE, y), (x + 6 - BOX / 2, y), head=False)


def _square(panel: Panel, left: float, top: float, sees: Square) -> None:
    """Ink where a row's word sees a column's word, hatching where it must not."""
    for i, row in enumerate(sees):
        for j, seen in enumerate(row):
            x, y, side = left + j * CELL + 0.5, top + i * CELL + 0.5, CELL - 1
            if seen:
                look = {"fill": INK, "fill_opacity": 0.4, "rx": 2}
                panel.shape("rect", x=x, y=y, width=side, height=side, **look)
            else:
                lines = f"M{x:g} {y + side:g}l{side} -{side}"
                panel.shape("path", d=lines, stroke=MASK, stroke_width=1)


def _patches(panel: Panel, x: float, image: Image) -> None:
    """The image in four patches of sixteen pixels, pulled apart."""
    for i, row in enumerate(image):
        for j, ink in enumerate(row):
            gap = 3 * (j // 4), 2 * (i // 4)
            look = {"fill": INK, "fill_opacity": round(0.85 * float(ink), 2)}
            panel.shape(
                "rect",
                x=x - 18 + j * DOT + gap[0],
                y=48 + i * DOT + gap[1],
                width=DOT,
                height=DOT,
                **look,
            )
