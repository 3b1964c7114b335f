"""One knob turned at a time, and how far the score moves when none is turned."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allyouneed.book.drawings.panel import INK, LEARNED, MASK, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

TOP, ROW, LEFT, RIGHT = 34, 47, 128, 336  # the first rail, a row, the rails' ends
MOST, WIDEST = 8, 5  # knobs in a board, settings on a rail
MIDDLE, HALF, DOT = 180, 150, 9  # of the axis: its centre, half of it, a dot's room


@dataclass(frozen=True)
class Knob:
    """A setting of the model, the values tried, and what each changed.

    Attributes:
        name: what is turned.
        changes: score minus base for each setting, in their order; None at the base.
    """

    name: str
    changes: Mapping[str, float | None]

    def __post_init__(self) -> None:
        bases = [label for label, by in self.changes.items() if by is None]
        if len(bases) != 1 or not 1 < len(self.changes) <= WIDEST:
            raise ValueError(
                f"{self.name!r} has {len(self.changes)} settings and {len(bases)} of "
                f"base: give 2 to {WIDEST}, and one of base"
            )

    @property
    def turned(self) -> list[float]:
        """The changes of all settings but that of the base."""
        return [by for by in self.changes.values() if by is not None]


def one_knob_turned(
    knobs: Sequence[Knob], seeds: Sequence[float], *, small: float
) -> Sketch:
    """Draw what each knob changed in one run, and base's own scores by seed.

    Args:
        knobs: the settings, each turned alone.
        seeds: score of base for each seed, nothing turned.
        small: changes up to this size are drawn hollow.

    Raises:
        ValueError: too many knobs for the board, or fewer than two seeds.
    """
    if not 1 <= len(knobs) <= MOST or len(seeds) < 2:
        raise ValueError(
            f"{len(knobs)} knobs, {len(seeds)} seeds: give 1 to {MOST}, two or more"
        )
    alt = (
        "A board of knobs. Each row of the table turns one of them and leaves the "
        "others at the base; beside it, the differences of the table and the scores "
        "of one model that was trained several times with nothing turned: its own "
        "scores lie as far apart as many of the differences."
    )
    return sketch(_board(knobs, small), _scatter(knobs, seeds, small), alt=alt)


def _board(knobs: Sequence[Knob], small: float) -> Panel:
    panel = Panel(360, TOP + ROW * len(knobs), title="The table: one knob turned")
    for row, knob in enumerate(knobs):
        y = TOP + ROW * row + 22
        panel.text(4, y + 4, knob.name, align="start")
        panel.wire((LEFT, y), (RIGHT, y), head=False, faint=0.4)
        step = (RIGHT - LEFT) / (len(knob.changes) - 1)
        for place, (setting, by) in enumerate(knob.changes.items()):
            _stop(panel, LEFT + step * place, y, setting, by, small)
    return panel


def _stop(
    panel: Panel, x: float, y: float, setting: str, by: float | None, small: float
) -> None:
    """A setting on a rail: the base as a knob, the others as filled as they matter."""
    base = by is None
    panel.text(x, y - 11, setting, size=SMALL, bold=base)
    if base:
        panel.shape("circle", cx=x, cy=y, r=8, fill=LEARNED)
        panel.text(x, y + 21, "base", size=SMALL, faint=True)
    elif by is not None:
        near = abs(by) <= small
        look = {"fill": "none", "stroke": INK} if near else {"fill": INK}
        panel.shape("circle", cx=x, cy=y, r=4.5, **look)
        panel.text(x, y + 20, _signed(by), size=SMALL, bold=not near, faint=near)


def _scatter(knobs: Sequence[Knob], seeds: Sequence[float], small: float) -> Panel:
    changes = [by for knob in knobs for by in knob.turned]
    centre = sum(seeds) / len(seeds)
    alone = [score - centre for score in seeds]
    reach = max(map(abs, [*changes, *alone, small])) * 1.08
    panel = Panel(360, TOP + 230, title="Turn nothing: it moves as well")
    panel.shape(
        "rect",
        x=MIDDLE - HALF * small / reach,
        y=TOP + 12,
        width=2 * HALF * small / reach,
        height=184,
        fill=MASK,
        fill_opacity=0.2,
    )
    within = f"within {small:g}"
    panel.text(MIDDLE, TOP + 8, within, size=SMALL, faint=True)
    told = f"the table: {len(changes)} rows, one run each"
    _strip(panel, TOP + 96, told, changes, reach, role=INK)
    told = f"our base: {len(seeds)} seeds, nothing turned"
    _strip(panel, TOP + 178, told, alone, reach, role=LEARNED)
    _axis(panel, TOP + 196, reach)
    return panel


def _strip(
    panel: Panel,
    y: float,
    told: str,
    values: Sequence[float],
    reach: float,
    *,
    role: str,
) -> None:
    """Dots on one line; those that would lie on each other are stacked."""
    panel.text(4, y + 16, told, size=SMALL, align="start")
    panel.wire((MIDDLE - HALF, y), (MIDDLE + HALF, y), head=False, faint=0.3)
    stacked: Counter[int] = Counter()
    for value in sorted(values):
        x = MIDDLE + HALF * value / reach
        place = round(x / DOT)
        panel.shape("circle", cx=x, cy=y - 5 - DOT * stacked[place], r=4, fill=role)
        stacked[place] += 1


def _axis(panel: Panel, y: float, reach: float) -> None:
    for mark in range(-int(reach), int(reach) + 1):
        x = MIDDLE + HALF * mark / reach
        panel.wire((x, y), (x, y + 5), head=False)
        panel.text(x, y + 18, _signed(mark), size=SMALL)
    panel.text(
        MIDDLE, y + 33, "BLEU minus base (the table), minus the mean (ours)", size=SMALL
    )


def _signed(value: float) -> str:
    return f"{value:+.2g}".replace("-", "−") if value else "0"
