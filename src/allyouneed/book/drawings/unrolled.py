"""A recurrent layer twice: as a loop, and unrolled, one step for each word."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from allyouneed.book.drawings.panel import INK, MEMORY, NAME, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

AT = (107, 160, 213, 266, 319)  # where the words stand
CELL, WORD, ROWS = 96, 164, 216  # heights: layers, words, first row of numbers
BOX = (34, 34)


def rnn_unrolled(words: Sequence[str], felt: Mapping[str, Sequence[float]]) -> Sketch:
    """Draw the loop and its steps, and under each word what is left of it at the end.

    Args:
        words: five of them, in the order of reading.
        felt: one to three rows, by name: how much the last state feels each word.

    Raises:
        ValueError: not five words, not one to three rows, or a row of another length.
    """
    if len(words) != len(AT):
        raise ValueError(f"words={words!r}: this drawing has room for {len(AT)}")
    if not 1 <= len(felt) <= 3 or {len(row) for row in felt.values()} != {len(AT)}:
        raise ValueError(f"felt={felt!r}: give one to three rows of {len(AT)} numbers")
    alt = (
        "A recurrent layer is a loop: its state goes back into it with the next word. "
        f"Unrolled, its cell is used once a word on “{' '.join(words)}”, and the state "
        f"runs through all steps. Rows show how much the last state feels each word: "
        f"{', '.join(felt)}."
    )
    return sketch(_loop(), _unrolled(words, felt), alt=alt)


def _loop() -> Panel:
    """The layer, a word from below, and the state that comes back around."""
    panel = Panel(360, 272, title="A recurrent layer is a loop")
    panel.wire(
        *((218, 116), (292, 116), (292, 52), (44, 52), (44, 116), (108, 116)),
        role=MEMORY,
        width=STREAM,
    )
    panel.wire((292, 116), (352, 116), role=MEMORY, width=STREAM)
    panel.dot(292, 116, role=MEMORY)
    panel.learned(163, 116, 110, 48, "one cell,\nsame weights")
    panel.wire((163, 190), (163, 140))
    panel.data(163, 207, 110, 34, "word  $x_t$")
    panel.text(168, 43, "state: what is carried on", size=SMALL)
    panel.text(62, 102, "$h_{t-1}$", size=NAME, align="start")
    panel.text(352, 102, "$h_t$", size=NAME, align="end")
    panel.text(4, 262, "Few weights, any length, one word at a time.", align="start")
    return panel


def _unrolled(words: Sequence[str], felt: Mapping[str, Sequence[float]]) -> Panel:
    panel = Panel(360, 212 + 30 * len(felt), title="Unrolled: one step for each word")
    panel.text(58, CELL + 4.5, "$h_0$", size=NAME, align="end")
    ends = [64, *(edge for x in AT for edge in (x - 17, x + 17)), 359]
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        panel.wire((a, CELL), (b, CELL), role=MEMORY, width=STREAM)
    for x, word in zip(AT, words, strict=True):
        panel.learned(x, CELL, *BOX, "cell")
        panel.wire((x, WORD - 14), (x, CELL + 17))
        panel.text(x, WORD, word)
    left, right = AT[0] - 17, AT[-1] + 17
    panel.shape("path", d=f"M{left} 64v-8H{right}v8", stroke=INK, fill="none")
    panel.text((left + right) / 2, 47, "the same weights five times", size=SMALL)
    panel.text(358, CELL - 16, "$h_5$", size=NAME, align="end")
    panel.text(2, ROWS - 23, "What the last state still feels of it:", align="start")
    for i, (name, row) in enumerate(felt.items()):
        _row(panel, ROWS + 30 * i, name, row)
    return panel


def _row(panel: Panel, y: float, name: str, row: Sequence[float]) -> None:
    """A square of ink for each word, as dark as its number."""
    panel.text(2, y + 4, name, size=SMALL, align="start", bold=True)
    left, wide = AT[0] - 26, AT[1] - AT[0]
    panel.box(AT[2], y, wide * len(AT) - 2, 24, role=INK, rx=6, tint=0)
    for a, b in pairwise(AT):
        x = (a + b) / 2
        panel.shape("path", d=f"M{x:g} {y - 12}v24", stroke=INK, stroke_width=0.5)
    for i, value in enumerate(row):
        square = {"x": left + i * wide + 1.5, "y": y - 10.5, "width": wide - 5}
        ink = 0.36 * min(max(value, 0), 1)
        panel.shape("rect", **square, height=21, rx=3, fill=INK, fill_opacity=ink)
        panel.text(AT[i], y + 4, f"{value:.2f}", size=SMALL)
