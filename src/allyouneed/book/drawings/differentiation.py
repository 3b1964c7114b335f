"""The slopes of one small function, carried forward and back: (x1 + x2) times x2."""

from collections.abc import Sequence
from dataclasses import dataclass

from allyouneed.book.drawings.matrices import grid
from allyouneed.book.drawings.panel import KEY, QUERY, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch
from allyouneed.book.drawings.typesetting import Point

PLACES = {"$x_1$": (52, 62), "$x_2$": (52, 176), "$s$": (182, 62), "$y$": (306, 118)}
WIDE, HIGH, CELL = 76, 28, (38, 22)


@dataclass(frozen=True)
class Slopes:
    """Values of x1, x2, s = x1 + x2 and y = s x2, and what their slopes come to.

    Attributes:
        values: the four numbers, in this order.
        forward: for each input a pass: how the four change when it alone moves.
        reverse: how y changes when one of the four moves, found by one sweep back.
    """

    values: Sequence[float]
    forward: Sequence[Sequence[float]]
    reverse: Sequence[float]

    def __post_init__(self) -> None:
        sizes = [len(row) for row in (self.values, self.reverse, *self.forward)]
        if sizes != [4] * 4:
            raise ValueError(
                f"rows of {sizes} numbers: give values, reverse and two passes of 4"
            )
        ends = [row[3] for row in self.forward]
        if max(abs(a - b) for a, b in zip(ends, self.reverse, strict=False)) > 1e-4:
            raise ValueError(
                f"the passes end at {ends}, the sweep at {list(self.reverse[:2])}: "
                "give slopes of one function"
            )


def two_directions(slopes: Slopes) -> Sketch:
    """Draw both ways to the slopes: a pass for each input, or one sweep back."""
    alt = (
        "The graph of y = (x1 + x2) times x2, twice. Each edge has its own slope. "
        "Forward, one pass for each input carries slopes along the edges to y. In "
        "reverse, one sweep carries them from y to both inputs; where two edges leave "
        "a number, their parts add up. Both ways give the same two slopes."
    )
    return sketch(_forward(slopes), _reverse(slopes), alt=alt)


def _forward(slopes: Slopes) -> Panel:
    panel = _graph("Forward: one pass for each input", slopes, back=False)
    for i, (x, y) in enumerate(PLACES.values()):
        for side, role in enumerate((QUERY, KEY)):
            at = (x + CELL[0] * (side - 1), y + 18)
            grid(
                panel, *at, [[slopes.forward[side][i]]], role=role, cell=CELL, form="g"
            )
    panel.text(180, 236, "left: $x_1$ moves, right: $x_2$ moves")
    return panel


def _reverse(slopes: Slopes) -> Panel:
    panel = _graph("Reverse: one sweep for all inputs", slopes, back=True)
    for slope, (x, y) in zip(slopes.reverse, PLACES.values(), strict=True):
        at = (x - CELL[0] / 2, y + 18)
        grid(panel, *at, [[slope]], role=QUERY, cell=CELL, form="g")
    _, x2, s, _ = slopes.values
    parts = f"{s:g} + 1·{x2:g}".replace("-", "−")
    panel.text(180, 236, f"at $x_2$ two edges meet: {parts} = {slopes.reverse[1]:g}")
    return panel


def _graph(title: str, slopes: Slopes, *, back: bool) -> Panel:
    """The four numbers, and the edges with the slope of each."""
    panel = Panel(360, 246, title=title)
    for (name, (x, y)), value in zip(PLACES.items(), slopes.values, strict=True):
        panel.data(x, y, WIDE, HIGH, f"{name} = {value:g}".replace("-", "−"))
    _, x2, s, _ = slopes.values
    edges: list[tuple[Point, Point, float, Point]] = [
        ((92, 62), (142, 62), 1, (117, 55)),
        ((84, 160), (142, 74), 1, (104, 118)),
        ((222, 66), (286, 102), x2, (262, 80)),
        ((92, 176), (268, 132), s, (190, 168)),
    ]
    for start, end, slope, label in edges:
        panel.wire(*((end, start) if back else (start, end)))
        panel.text(*label, f"{slope:g}".replace("-", "−"), size=SMALL, bold=True)
    return panel
