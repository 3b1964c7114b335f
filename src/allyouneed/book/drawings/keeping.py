"""Who may look at whom in a long sequence, and what has to be kept for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allyouneed.book.drawings.masking import Allowed, hatch
from allyouneed.book.drawings.panel import INK, KEY, MEMORY, SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

SQUARES, MOST = 6, 12  # pictures, and rows of one
SIDE, ACROSS, DOWN, LEFT, TOP = 90, 118, 140, 16, 54
ROWS, KEPT, PITCH = 6, 140, 12  # of the right panel; its first box, and the next
HIGH = 18  # of a kept key and value together


@dataclass(frozen=True)
class Kept:
    """What one kind has in memory for the next word.

    Attributes:
        name: of the kind; two lines have room.
        places: of each word so far, whether it is kept; none: a state stands for all.
        numbers: how many numbers that is, for a layer.
        share: height of a kept word, 1 for keys and values of all heads.
    """

    name: str
    places: Sequence[bool]
    numbers: int
    share: float = 1.0


def seen_and_kept(patterns: Mapping[str, Allowed], kept: Sequence[Kept]) -> Sketch:
    """Draw six patterns with their scores, and what each way keeps for the next word.

    Args:
        patterns: six squares by name, True where a row may look.
        kept: up to six ways, a line each.

    Raises:
        ValueError: not six squares of 2 to 12 rows, not 1 to 6 ways, or ways of
            different lengths.
    """
    sizes = {len(line) for rows in patterns.values() for line in (rows, *rows)}
    if len(patterns) != SQUARES or len(sizes) != 1 or not 2 <= min(sizes) <= MOST:
        raise ValueError(
            f"{len(patterns)} patterns of sizes {sorted(sizes)}: give {SQUARES} "
            f"squares of one size, 2 to {MOST} rows"
        )
    lengths = {len(way.places) for way in kept if way.places}
    if not 1 <= len(kept) <= ROWS or len(lengths) > 1 or max(lengths, default=0) > MOST:
        raise ValueError(
            f"{len(kept)} ways of {sorted(lengths)} words: give 1 to {ROWS} ways of "
            f"one length, at most {MOST}"
        )
    alt = (
        "Six squares of who may look at whom: "
        + ", ".join(f"{name} {_scores(rows)}" for name, rows in patterns.items())
        + " scores. Numbers kept for the next word: "
        + ", ".join(f"{' '.join(way.name.split())} {way.numbers:,}" for way in kept)
        + "."
    )
    return sketch(_squares(patterns), _memory(kept), alt=alt)


def _scores(rows: Allowed) -> int:
    return sum(map(sum, rows))


def _squares(patterns: Mapping[str, Allowed]) -> Panel:
    panel = Panel(360, TOP + 2 * DOWN - 6, title="Row looks at column: which scores?")
    for place, (name, rows) in enumerate(patterns.items()):
        x, y = LEFT + place % 3 * ACROSS, TOP + place // 3 * DOWN
        panel.text(x + SIDE / 2, y - 8, name, size=SMALL)
        _square(panel, x, y, rows)
        said = f"{_scores(rows)} scores"
        panel.text(x + SIDE / 2, y + SIDE + 16, said, size=SMALL, bold=True)
    return panel


def _square(panel: Panel, x: float, y: float, rows: Allowed) -> None:
    """Rows of runs: ink where a row may look, hatched where not."""
    cell = SIDE / len(rows)
    look = {"fill": INK, "fill_opacity": 0.45}
    for i, row in enumerate(rows):
        start = 0
        for j in range(1, len(row) + 1):
            if j < len(row) and row[j] == row[start]:
                continue
            left, wide = x + start * cell, (j - start) * cell
            if row[start]:
                sides = {"width": wide - 1, "height": cell - 1}
                panel.shape("rect", x=left + 0.5, y=y + i * cell + 0.5, **sides, **look)
            else:
                hatch(panel, left, y + i * cell, wide, cell)
            start = j
    panel.box(x + SIDE / 2, y + SIDE / 2, SIDE, SIDE, role=INK, rx=3, tint=0)


def _memory(kept: Sequence[Kept]) -> Panel:
    panel = Panel(360, TOP + 2 * DOWN - 6, title="What is kept for the next word")
    panel.text(354, 42, "numbers", size=SMALL, align="end", faint=True)
    for row, way in enumerate(kept):
        y = TOP + 14 + row * 40
        lines = way.name.split("\n")
        for i, line in enumerate(lines):
            low = y + 4.5 + 15 * (i - (len(lines) - 1) / 2)
            panel.text(4, low, line, align="start", size=SMALL)
        for i, stays in enumerate(way.places):
            x = KEPT + PITCH * i
            if stays:
                _word(panel, x, y, HIGH * way.share)
            else:
                _dropped(panel, x, y)
        if not way.places:
            panel.data(KEPT + 24, y, 58, 26, "$S$, $z$", role=MEMORY)
        panel.text(354, y + 4.5, f"{way.numbers:,}", align="end", bold=True)
    y = TOP + 2 * DOWN - 16
    _word(panel, 12, y - 4, HIGH)
    panel.text(22, y, "key and value of a word", align="start", size=SMALL)
    _dropped(panel, 192, y - 4)
    panel.text(202, y, "dropped", align="start", size=SMALL)
    return panel


def _dropped(panel: Panel, x: float, y: float) -> None:
    """Where a word was, (x, y) the centre."""
    hatch(panel, x - (PITCH - 3) / 2, y - HIGH / 2, PITCH - 3, HIGH, gap=4)


def _word(panel: Panel, x: float, y: float, high: float) -> None:
    """A key above its value, so high together."""
    for role, middle in ((KEY, y - high / 4), (VALUE, y + high / 4)):
        look = {"width": PITCH - 3, "height": high / 2, "fill": role}
        panel.shape("rect", x=x - (PITCH - 3) / 2, y=middle - high / 4, **look)
