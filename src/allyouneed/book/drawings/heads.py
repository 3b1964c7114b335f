"""Several heads: projections split by column, looked with, and joined again."""

from collections.abc import Sequence

from allyouneed.book.drawings.panel import INK, KEY, QUERY, SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

LEFT, WIDE, GAP = 30, 76, 6  # the heads' columns: where they begin, how wide
FOUR = 4  # heads have room in a panel


Table = Sequence[Sequence[float]]


def split_and_join(weights: Sequence[Table], *, d_model: int) -> Sketch:
    """Draw how heads are split and joined around the weights (H, K, K) of a layer.

    Raises:
        ValueError: there are no four heads, or they do not share d_model evenly.
    """
    heads, n = len(weights), len(weights[0])
    if heads != FOUR or d_model % heads:
        raise ValueError(
            f"{heads} heads, d_model={d_model}: the panel has room for four heads "
            "that share d_model evenly"
        )
    alt = (
        f"Queries, keys and values of {n} pieces, {d_model} numbers each, are split by "
        f"column into {heads} heads of {d_model // heads}; each head looks in its own "
        "way; their outputs stand side by side again and one more matrix mixes them."
    )
    shapes = (f"{n} × {d_model}", f"{n} × {d_model // heads}")
    return sketch(_split(heads, shapes), _join(weights, shapes), alt=alt)


def _split(heads: int, shapes: tuple[str, str]) -> Panel:
    panel = Panel(360, 344, title="Split: each head gets its own columns")
    middle = LEFT + (heads * (WIDE + GAP) - GAP) / 2
    panel.text(LEFT - 8, 52, "$X$", align="end")
    panel.data(middle, 48, heads * (WIDE + GAP) - GAP, 24, shapes[0])
    for i, (name, role) in enumerate((("Q", QUERY), ("K", KEY), ("V", VALUE))):
        x, y = LEFT + WIDE * (0.5 + i * 1.58), 158 + 24 * i
        panel.wire((x, 60), (x, 84))
        panel.learned(x, 98, 56, 28, f"$W^{name}$")
        panel.wire((x, 112), (x, 142), role=role)
        panel.text(LEFT - 8, y + 4.5, f"${name}$", align="end")
        _strips(panel, heads, y, 18, role)
    panel.text(
        middle + 12, 132, f"each {shapes[0]}", size=SMALL, align="start", faint=True
    )
    for h in range(heads):
        x = LEFT + h * (WIDE + GAP) + WIDE / 2
        panel.wire((x, 220), (x, 240))
        panel.card(x - WIDE / 2, 244, WIDE, 94)
        panel.text(x, 262, f"head {h + 1}", bold=True, size=SMALL)
        for i, role in enumerate((QUERY, KEY, VALUE)):
            panel.data(x, 277 + 15 * i, WIDE - 20, 11, role=role)
        panel.text(x, 330, shapes[1], size=SMALL)
    return panel


def _strips(panel: Panel, heads: int, y: float, h: float, role: str) -> None:
    """One matrix across the panel, a strip of its columns over each head."""
    panel.data(
        LEFT + (heads * (WIDE + GAP) - GAP) / 2,
        y,
        heads * (WIDE + GAP) - GAP,
        h,
        role=role,
    )
    cuts = "".join(
        f"M{LEFT + k * (WIDE + GAP) - GAP / 2:g} {y - h / 2:g}v{h:g}"
        for k in range(1, heads)
    )
    panel.shape("path", d=cuts, stroke=role, stroke_dasharray="3 3")


def _join(weights: Sequence[Table], shapes: tuple[str, str]) -> Panel:
    heads = len(weights)
    panel = Panel(360, 344, title="Look, each in its own way, then join")
    wide = heads * (WIDE + GAP) - GAP
    middle = LEFT + wide / 2
    for h, table in enumerate(weights):
        x = LEFT + h * (WIDE + GAP)
        panel.card(x, 34, WIDE, 128)
        panel.text(x + WIDE / 2, 52, f"head {h + 1}", bold=True, size=SMALL)
        _pattern(panel, x + 8, 60, WIDE - 16, table)
        panel.data(x + WIDE / 2, 138, WIDE - 20, 11, role=VALUE)
        panel.text(x + WIDE / 2, 157, shapes[1], size=SMALL)
        panel.wire((x + WIDE / 2, 164), (x + WIDE / 2, 190))
    _strips(panel, heads, 202, 20, VALUE)
    panel.text(middle, 229, f"side by side again: {shapes[0]}", size=SMALL, faint=True)
    panel.wire((middle, 236), (middle, 256))
    panel.learned(middle, 270, 56, 28, "$W^O$")
    panel.wire((middle, 284), (middle, 304))
    panel.data(middle, 318, wide, 24, shapes[0])
    return panel


def _pattern(panel: Panel, x: float, y: float, side: float, table: Table) -> None:
    """Weights as ink: a row for each query, a column for each key."""
    cell = side / len(table)
    panel.shape(
        "rect",
        x=x,
        y=y,
        width=side,
        height=side,
        rx=2,
        fill="none",
        stroke=INK,
        stroke_width=0.75,
    )
    for i, row in enumerate(table):
        for j, weight in enumerate(row):
            if weight >= 0.02:
                panel.shape(
                    "rect",
                    x=x + j * cell + 0.5,
                    y=y + i * cell + 0.5,
                    width=cell - 1,
                    height=cell - 1,
                    fill=INK,
                    fill_opacity=round(weight, 2),
                )
