"""What systems cost, in squares of one price, beside how well they translate."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allyouneed.book.drawings.panel import INK, LEARNED, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

TOP, SIDE, LEFT, ROW = 58, 8, 190, 22  # first row, a square's place, its column, a row
MOST = 21  # squares in a line; it ends within the panel


@dataclass(frozen=True)
class Shelf:
    """Systems with their scores and prices, and the one whose price is a square.

    Attributes:
        title: what the panel shows.
        systems: score and price of each, by its name.
        unit: the system whose price is one square.
        lit: the systems that the drawing is about.
    """

    title: str
    systems: Mapping[str, tuple[float, float]]
    unit: str
    lit: Sequence[str]

    def __post_init__(self) -> None:
        missing = [n for n in (self.unit, *self.lit) if n not in self.systems]
        if missing:
            raise ValueError(f"{missing} are none of {', '.join(self.systems)}")
        if not 1 < len(self.systems) < 11:
            raise ValueError(f"{len(self.systems)} systems: give 2 to 10")
        low, high = min(self.prices.values()), max(self.prices.values())
        if not 0 < low <= high <= 4 * MOST:
            raise ValueError(
                f"prices of {low:.3g} to {high:.3g} {self.unit}: there is room for "
                f"{4 * MOST} squares; choose a dearer unit"
            )

    @property
    def prices(self) -> dict[str, float]:
        """The price of each system in squares, the best system first."""
        ranked = sorted(self.systems.items(), key=lambda row: -row[1][0])
        return {name: cost / self.systems[self.unit][1] for name, (_, cost) in ranked}


def price_squares(*shelves: Shelf) -> Sketch:
    """Draw one or two shelves of systems, the best on top of each.

    Raises:
        ValueError: there is no shelf, or there are more than two.
    """
    if not 1 <= len(shelves) <= 2:
        raise ValueError(f"{len(shelves)} shelves: give one or two")
    ends = " and ".join(
        f"{shelf.title}: {', '.join(list(shelf.prices)[:2])} on top"
        for shelf in shelves
    )
    alt = (
        "Systems in the order of their scores, each with a square for every time that "
        f"its training costs the price of one Transformer. {ends}. Ensembles have the "
        "longest rows of squares."
    )
    return sketch(*(_panel(shelf) for shelf in shelves), alt=alt)


def _panel(shelf: Shelf) -> Panel:
    lines = {name: math.ceil(price / MOST) for name, price in shelf.prices.items()}
    heights = {name: max(ROW, 8 + SIDE * n + 2) for name, n in lines.items()}
    panel = Panel(360, TOP + sum(heights.values()) + 6, title=shelf.title)
    head = TOP - 14
    panel.text(4, head, "system", size=SMALL, align="start", faint=True)
    panel.text(180, head, "BLEU", size=SMALL, align="end", faint=True)
    panel.text(LEFT, head, _rate(shelf), size=SMALL, align="start", faint=True)
    y = TOP
    for name, price in shelf.prices.items():
        lit = name in shelf.lit
        if lit:
            panel.card(0, y - 1, 360, heights[name] - 2)
        panel.text(6, y + 14, name, align="start", bold=lit)
        score = f"{shelf.systems[name][0]:g}"
        panel.text(180, y + 14, score, align="end", bold=lit)
        _squares(panel, y + 6, price, LEARNED if lit else INK)
        y += heights[name]
    return panel


def _rate(shelf: Shelf) -> str:
    """What a square is, and how many of a cheaper system that the drawing is about."""
    cheap = [name for name in shelf.lit if shelf.prices[name] < 1]
    if not cheap:
        return f"a square: the price of {shelf.unit}"
    return f"a square: 1 {shelf.unit} = {1 / shelf.prices[cheap[0]]:.0f} {cheap[0]}"


def _squares(panel: Panel, top: float, price: float, role: str) -> None:
    """So many squares, the last one as wide as the rest."""
    for number in range(math.ceil(price)):
        line, place = divmod(number, MOST)
        wide = min(1, price - number) * (SIDE - 1.5)
        panel.shape(
            "rect",
            x=LEFT + SIDE * place,
            y=top + SIDE * line,
            width=round(max(wide, 1), 1),
            height=SIDE - 1.5,
            fill=role,
            opacity=1 if role == LEARNED else 0.45,
        )
