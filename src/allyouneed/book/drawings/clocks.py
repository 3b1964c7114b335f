"""Positions as clocks: hands that turn, each slower than the last, and rotary pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin

from allyouneed.book.drawings.panel import INK, KEY, QUERY, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch
from allyouneed.book.drawings.typesetting import Point, short

COLUMNS, ROWS = 4, 6  # clocks that have room in a panel
TWICE = 2  # turns are compared


@dataclass(frozen=True)
class Turn:
    """A query and a key, each turned by its place: two numbers of either."""

    query: Point
    key: Point
    places: tuple[int, int]

    @property
    def product(self) -> float:
        """What this pair of numbers adds to the score."""
        return self.query[0] * self.key[0] + self.query[1] * self.key[1]


def clock_hands(
    places: Sequence[int], paces: Sequence[float], turns: Sequence[Turn]
) -> Sketch:
    """Draw the clocks of some places, and a query and a key that are turned alike.

    Args:
        places: up to six positions, a row of clocks each.
        paces: up to four speeds in radians a place, a column each.
        turns: the same query and key, equally far apart at two places.

    Raises:
        ValueError: more clocks than have room, or not two turns.
    """
    if len(places) > ROWS or len(paces) > COLUMNS or len(turns) != TWICE:
        raise ValueError(
            f"{len(places)} places, {len(paces)} paces, {len(turns)} turns: there is "
            f"room for {ROWS} places, {COLUMNS} paces and two turns"
        )
    alt = (
        "Left: each position is read off several clocks, whose hands turn ever more "
        "slowly from left to right. Right: a query and a key are turned by their "
        "positions; further on both have turned alike, so their angle and score stay."
    )
    return sketch(_clocks(places, paces), _turned(turns), alt=alt)


def rotary_pairs(turns: Sequence[Turn], paces: Sequence[float]) -> Sketch:
    """Draw each pair of numbers of one query and one key, and the sum of products.

    Raises:
        ValueError: not as many turns as paces, or more than four.
    """
    if len(turns) != len(paces) or not 0 < len(turns) <= COLUMNS:
        raise ValueError(
            f"{len(turns)} turns and {len(paces)} paces: give as many, up to {COLUMNS}"
        )
    here, there = turns[0].places
    panel = Panel(360, 240, title=f"Query at {here}, key at {there}")
    total = sum(turn.product for turn in turns)
    for column, (turn, pace) in enumerate(zip(turns, paces, strict=True)):
        x = 47 + 89 * column
        panel.text(x, 44, f"pair {column + 1}", bold=True, size=SMALL)
        panel.text(x, 60, f"{pace:g} a place", size=SMALL, faint=True)
        _hands(panel, x, 126, 34, turn)
        panel.text(x, 200, _signed(turn.product))
        if column:
            panel.text(x - 44, 200, "+")
    products = " + ".join(_signed(turn.product) for turn in turns)
    panel.text(176, 230, "score:", align="end", bold=True)
    panel.text(182, 230, _signed(total), align="start", bold=True)
    alt = (
        f"A query at {here} and a key at {there}, each pair of numbers turned at its "
        f"own pace; the products {products} add up to {_signed(total)}."
    )
    return sketch(panel, alt=alt)


def _clocks(places: Sequence[int], paces: Sequence[float]) -> Panel:
    panel = Panel(360, 344, title="A place is read off many clocks")
    panel.text(4, 46, "radians a place", size=SMALL, align="start", faint=True)
    for column, pace in enumerate(paces):
        x = 130 + 64 * column
        panel.text(x, 46, f"{pace:g}", bold=True)
        for row, place in enumerate(places):
            y, r, angle = 76 + 49 * row, 19, place * pace
            panel.shape("circle", cx=x, cy=y, r=r, fill="none", stroke=INK)
            panel.shape("path", d=f"M{x} {y - r}v4", stroke=INK, stroke_width=1)
            panel.wire((x, y), (x + 15 * sin(angle), y - 15 * cos(angle)), width=2)
    for row, place in enumerate(places):
        panel.text(4, 76 + 49 * row + 4.5, f"place {place:,}", align="start")
    return panel


def _turned(turns: Sequence[Turn]) -> Panel:
    panel = Panel(360, 344, title="Rotary: turn both, keep their angle")
    for x, turn in zip((92, 268), turns, strict=True):
        panel.text(x, 58, f"query at {turn.places[0]}")
        panel.text(x, 76, f"key at {turn.places[1]}")
        _hands(panel, x, 172, 62, turn)
        _angle(panel, x, 172, turn)
        panel.text(x, 286, f"score {_signed(turn.product)}", bold=True)
    later = turns[1].places[0] - turns[0].places[0]
    panel.text(180, 326, f"{later} places on: the same angle, the same score")
    return panel


def _hands(panel: Panel, x: float, y: float, r: float, turn: Turn) -> None:
    """A query and a key on one circle, as long as they are beside each other."""
    panel.shape("circle", cx=x, cy=y, r=r, fill="none", stroke=INK, stroke_width=0.75)
    longest = max(hypot(*turn.query), hypot(*turn.key)) or 1
    for (across, up), role, name in ((turn.query, QUERY, "q"), (turn.key, KEY, "k")):
        length = hypot(across, up) or 1
        scale = (r - 3) / longest
        tip = (x + across * scale, y - up * scale)
        panel.wire((x, y), tip, role=role, width=2.5)
        out = (r + 11) / length
        panel.text(x + across * out, y - up * out + 4.5, f"${name}$")
    panel.dot(x, y)


def _angle(panel: Panel, x: float, y: float, turn: Turn, *, r: float = 24) -> None:
    """An arc from the key to the query, the shorter way round."""
    ends = [atan2(up, across) for across, up in (turn.key, turn.query)]
    left = (ends[1] - ends[0]) % (2 * pi) < pi  # anticlockwise is shorter
    (x0, y0), (x1, y1) = ((x + r * cos(a), y - r * sin(a)) for a in ends)
    d = f"M{short(x0)} {short(y0)}A{r} {r} 0 0 {int(not left)} {short(x1)} {short(y1)}"
    panel.shape("path", d=d, stroke=INK, fill="none")


def _signed(number: float) -> str:
    return f"{number:.2f}".replace("-", "−")
