"""Which numbers of a batch share a mean: one norm beside the other."""

from collections.abc import Mapping, Sequence
from itertools import product

from allyouneed.book.drawings.panel import INK, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

CELL, GAP, TOP = (19, 15), 13, 66  # of a sheet's cells, between sheets, of the first
MIDDLES = (132, 290)  # of the two norms of a panel
MOST, PER_PANEL = 4, 2
Cube = Sequence[Sequence[Sequence[bool]]]  # sentences, positions, features


def shared_means(sets: Mapping[str, Cube], *, dot: tuple[int, int, int]) -> Sketch:
    """Draw up to four norms: True where a number shares its mean with that at `dot`.

    Raises:
        ValueError: no norm or too many, cubes of several sizes, a dot outside of them
            or one that does not share its own mean.
    """
    if not 0 < len(sets) <= MOST:
        raise ValueError(f"{len(sets)} norms: the panels have room for 1 to {MOST}")
    sizes = {(len(c), len(c[0]), len(c[0][0])) for c in sets.values()}
    if len(sizes) > 1 or any(i >= n for i, n in zip(dot, min(sizes), strict=True)):
        raise ValueError(f"{dot=}, sizes {sorted(sizes)}: give cubes of one size")
    s, t, f = dot
    for name, cube in sets.items():
        if not cube[s][t][f]:
            raise ValueError(f"{name}: the number at {dot=} must share its own mean")
    alt = "Which numbers share a mean. " + " ".join(
        f"{name}: {_count(cube)} numbers, {_reach(cube, dot)}."
        for name, cube in sets.items()
    )
    named = list(sets.items())
    groups = [named[i : i + PER_PANEL] for i in range(0, len(named), PER_PANEL)]
    return sketch(*(_panel(group, dot) for group in groups), alt=alt)


def _count(cube: Cube) -> int:
    return sum(sum(map(sum, sheet)) for sheet in cube)


def _reach(cube: Cube, dot: tuple[int, int, int]) -> str:
    """The farthest that a number of the set lies from the dot, in words."""
    s, t, _ = dot
    reached = [i for i, sheet in enumerate(cube) if any(map(any, sheet))]
    if reached != [s]:
        return "other sentences too"
    rows = [j for j, row in enumerate(cube[s]) if any(row)]
    return "later words too" if max(rows) > t else "this word alone"


def _panel(group: list[tuple[str, Cube]], dot: tuple[int, int, int]) -> Panel:
    sheets, rows, columns = (len(group[0][1]), len(group[0][1][0]),
                             len(group[0][1][0][0]))  # fmt: skip
    w, h = CELL
    high = sheets * (rows * h + GAP)
    panel = Panel(360, TOP + high + 44)
    for x, (name, cube) in zip(MIDDLES, group, strict=False):
        left = x - columns * w / 2
        panel.text(x, 22, name, bold=True)
        panel.text(x, TOP - 10, "features", size=SMALL, faint=True)
        for i in range(sheets):
            y = TOP + i * (rows * h + GAP)
            if x == MIDDLES[0]:
                panel.text(left - 8, y + rows * h / 2 + 4, _sentence(i), size=SMALL,
                           align="end", faint=True)  # fmt: skip
            for j, k in product(range(rows), range(columns)):
                at = left + k * w, y + j * h
                _cell(panel, *at, shared=cube[i][j][k], lit=(i, j, k) == dot)
        panel.text(x, TOP + high + 12, f"{_count(cube)} numbers", bold=True)
        panel.text(x, TOP + high + 31, _reach(cube, dot))
    return panel


def _sentence(i: int) -> str:
    return f"sentence {i + 1}"


def _cell(panel: Panel, x: float, y: float, *, shared: bool, lit: bool) -> None:
    """One number: inked where it shares the mean, with a dot where we look."""
    w, h = CELL
    look = {"fill": INK, "fill_opacity": 0.36 if shared else 0.05, "rx": 2}
    panel.shape("rect", x=x + 1, y=y + 1, width=w - 2, height=h - 2, **look)
    if lit:
        panel.shape("circle", cx=x + w / 2, cy=y + h / 2, r=4.5, fill=INK)
