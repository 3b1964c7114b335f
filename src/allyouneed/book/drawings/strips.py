"""Where the time of a call goes: a strip for each code, to one scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allyouneed.book.drawings.panel import INK, LEARNED, MASK, MEMORY, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

TOP, ROW, HIGH = 36, 50, 22  # the first strip, a row, a strip
LEFT, WIDE = 4, 344
MOST = 4  # strips have room
# What the parts look like, the first of each strip first: products, then the rest.
LOOKS: tuple[dict[str, Any], ...] = (
    {"fill": LEARNED, "fill_opacity": 0.5, "stroke": LEARNED},
    {"fill": INK, "fill_opacity": 0.55, "stroke": INK},
    {"fill": MASK, "fill_opacity": 0.35, "stroke": MASK},
    {"fill": MEMORY, "fill_opacity": 0.55, "stroke": MEMORY},
    {"fill": "none", "stroke": INK},
)


@dataclass(frozen=True)
class Strips:
    """One comparison: what each code needs for a call, and for what.

    Attributes:
        title: what the panel shows.
        milliseconds: of a call, by who makes it.
        shares: of that time by part, for each of them; they add up to 1.
    """

    title: str
    milliseconds: Mapping[str, float]
    shares: Mapping[str, Mapping[str, float]]

    def __post_init__(self) -> None:
        if not 1 <= len(self.milliseconds) <= MOST or {*self.shares} != {
            *self.milliseconds
        }:
            raise ValueError(
                f"times of {list(self.milliseconds)}, shares of {list(self.shares)}: "
                f"give both for 1 to {MOST}"
            )
        for who, parts in self.shares.items():
            if len(parts) > len(LOOKS) or abs(sum(parts.values()) - 1) > 0.01:
                raise ValueError(
                    f"{who} has {len(parts)} parts that add up to "
                    f"{sum(parts.values()):.2f}: give at most {len(LOOKS)}, of 1 in all"
                )


def time_strips(*boards: Strips) -> Sketch:
    """Draw one or two comparisons; the dashed line is the least that products take.

    Raises:
        ValueError: there is no comparison, or there are more than two.
    """
    if not 1 <= len(boards) <= 2:
        raise ValueError(f"{len(boards)} comparisons: give one or two")
    longest = max(ms for board in boards for ms in board.milliseconds.values())
    told = "; ".join(
        f"{board.title}: "
        + ", ".join(f"{who} {ms:,.0f} ms" for who, ms in board.milliseconds.items())
        for board in boards
    )
    alt = (
        "Strips of time, one for each code, cut by what the time is for. The longest "
        f"piece of each is matrix products. {told}."
    )
    return sketch(*(_panel(board, longest) for board in boards), alt=alt)


def _panel(board: Strips, longest: float) -> Panel:
    rows = list(board.milliseconds)
    ground = TOP + ROW * len(rows)
    names = list(board.shares[rows[0]])
    panel = Panel(360, ground + 20 * ((len(names) + 1) // 2) + 30, title=board.title)
    scale = WIDE / longest
    for row, who in enumerate(rows):
        _strip(panel, TOP + ROW * row, who, board, scale)
    products = [
        board.milliseconds[who] * next(iter(board.shares[who].values())) for who in rows
    ]
    end = LEFT + scale * min(products)
    dashes = {"stroke": INK, "stroke_dasharray": "3 4", "fill": "none"}
    for row in range(len(rows)):
        y = TOP + ROW * row + 16
        panel.shape("path", d=f"M{end:.1f} {y}v{HIGH + 8}", **dashes)
    align = "end" if end > 180 else "start"
    panel.text(
        end, ground + 17, "the fewest products take so long", size=SMALL, align=align
    )
    _legend(panel, ground + 34, names)
    return panel


def _strip(panel: Panel, y: float, who: str, board: Strips, scale: float) -> None:
    ms, shares = board.milliseconds[who], board.shares[who]
    first = next(iter(shares.values()))
    panel.text(LEFT, y + 12, who, align="start", bold=who == next(iter(board.shares)))
    told = f"{ms:,.0f} ms, {first:.0%} products"
    panel.text(356, y + 12, told, size=SMALL, align="end", faint=True)
    x = float(LEFT)
    for share, look in zip(shares.values(), LOOKS, strict=False):
        wide = share * ms * scale
        panel.shape(
            "rect",
            x=x,
            y=y + 20,
            width=round(wide, 2),
            height=HIGH,
            stroke_width=1,
            **look,
        )
        x += wide


def _legend(panel: Panel, y: float, names: Sequence[str]) -> None:
    """What the pieces mean, two in a line."""
    for number, (name, look) in enumerate(zip(names, LOOKS, strict=False)):
        x, line = LEFT + 176 * (number % 2), y + 20 * (number // 2)
        panel.shape("rect", x=x, y=line, width=12, height=12, stroke_width=1, **look)
        panel.text(x + 18, line + 10.5, name, size=SMALL, align="start")
