"""A claim on its way through five stations, and the seeds that attacked it."""

from collections.abc import Sequence
from dataclasses import dataclass

from allyouneed.book.drawings.panel import KEY, MASK, QUERY, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

NAMES = ("found", "sharpened", "tested", "attacked", "decided")
ROW, TOP, ZERO, REACH = 21.0, 70.0, 196.0, 118.0  # of the right panel, in units


@dataclass(frozen=True)
class Way:
    """One claim and its numbers.

    Attributes:
        said: at each of the five stations, one or two lines.
        gaps: of each seed, updates of one model minus those of the other.
        first: how many of these seeds were there at first.
        sides: who is sooner on the left, and on the right.
    """

    said: Sequence[str]
    gaps: Sequence[float]
    first: int
    sides: tuple[str, str]

    def __post_init__(self) -> None:
        if len(self.said) != len(NAMES):
            raise ValueError(f"said has {len(self.said)} texts: give {len(NAMES)}")
        if not 0 < self.first < len(self.gaps):
            raise ValueError(
                f"first={self.first}: give fewer than the {len(self.gaps)} gaps, not 0"
            )
        if not any(self.gaps):
            raise ValueError("gaps are all 0: give one that can be drawn")


def claim_stations(way: Way) -> Sketch:
    """Draw the five stations, and the seeds that the attack added."""
    left = sum(gap < 0 for gap in way.gaps)
    right = sum(gap > 0 for gap in way.gaps)
    alt = (
        "A claim goes through five stations: found, sharpened, tested, attacked, "
        f"decided. Beside it {len(way.gaps)} seeds: {way.sides[0]} in {left}, "
        f"{way.sides[1]} in {right}; the first {way.first} seeds alone tell another "
        "story than all."
    )
    return sketch(_stations(way), _seeds(way), alt=alt)


def _stations(way: Way) -> Panel:
    panel = Panel(360, 306, title="One claim, five stations")
    panel.wire((16, 44), (16, 296), role=MASK, head=False)
    for row, (name, words) in enumerate(zip(NAMES, way.said, strict=True)):
        y = 46 + 56 * row
        panel.dot(16, y - 5, role=QUERY if name == "attacked" else KEY)
        panel.text(32, y, name, align="start", bold=True)
        for line, text in enumerate(words.split("\n")):
            panel.text(32, y + 17 + 15 * line, text, align="start")
    return panel


def _seeds(way: Way) -> Panel:
    bottom = TOP + ROW * len(way.gaps)
    panel = Panel(360, bottom + 26, title="What more seeds say")
    panel.text(ZERO - 10, 46, way.sides[0], align="end")
    panel.text(ZERO + 10, 46, way.sides[1], align="start")
    panel.wire((ZERO, 34), (ZERO, bottom - 6), role=MASK, head=False)
    longest = max(abs(gap) for gap in way.gaps)
    for seed, gap in enumerate(way.gaps):
        y, at_first = TOP + ROW * seed, seed < way.first
        wide = REACH * abs(gap) / longest
        middle = ZERO + (wide if gap > 0 else -wide) / 2
        role = KEY if at_first else MASK
        panel.box(middle, y, max(wide, 3), 12, role=role, rx=2, tint=0.6)
        panel.text(4, y + 4.5, f"seed {seed}", align="start", size=SMALL)
        end = ZERO + (wide + 6 if gap > 0 else -wide - 6)
        side = "start" if gap > 0 else "end"
        number = f"{gap:+g}".replace("-", "−") if gap else "0"
        panel.text(end, y + 4.5, number, align=side, size=SMALL)
    words = f"blue: the first {way.first} seeds; updates more (+) or fewer"
    panel.text(4, bottom + 14, words, align="start", size=SMALL, faint=True)
    return panel
