"""Matrices with their numbers, as drawings show them."""

from collections.abc import Sequence

from allyouneed.book.drawings.panel import INK, SMALL, Panel
from allyouneed.book.drawings.typesetting import Point


def grid(
    panel: Panel,
    x: float,
    y: float,
    rows: Sequence[Sequence[float | None]],
    *,
    role: str = INK,
    cell: Point = (32, 22),
    form: str = ".1f",
    learned: bool = False,
    ink: bool = False,
    tint: bool = True,
) -> None:
    """A matrix with every number shown, (x, y) its top left; None leaves a cell empty.

    With `ink`, a cell has as much ink as its number says, from 0 to 1.
    """
    w, h = cell
    wide, high = w * len(rows[0]), h * len(rows)
    look = {"rx": 1.5 if learned else 6, "tint": 0.16 if tint and role != INK else 0}
    panel.box(x + wide / 2, y + high / 2, wide, high, role=role, **look)
    for i, j, value in _cells(rows) if ink else []:
        left, top = x + j * w + 1.5, y + i * h + 1.5
        square = {"x": left, "y": top, "width": w - 3, "height": h - 3, "rx": 3}
        panel.shape("rect", **square, fill=INK, fill_opacity=0.36 * value)
    lines = [f"M{x + j * w:g} {y}v{high}" for j in range(1, len(rows[0]))]
    lines += [f"M{x} {y + i * h:g}h{wide}" for i in range(1, len(rows))]
    panel.shape("path", d="".join(lines), stroke=role, stroke_width=0.5, opacity=0.6)
    for i, j, value in _cells(rows):
        words = format(value, form).replace("-", "−")
        panel.text(x + (j + 0.5) * w, y + (i + 0.5) * h + 4, words, size=SMALL)


def _cells(rows: Sequence[Sequence[float | None]]) -> list[tuple[int, int, float]]:
    numbered = ((i, j, v) for i, row in enumerate(rows) for j, v in enumerate(row))
    return [(i, j, float(value)) for i, j, value in numbered if value is not None]
