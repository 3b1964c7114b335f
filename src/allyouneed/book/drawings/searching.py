"""Greedy and beam search as trees: what stays open, and what is dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from allyouneed.book.drawings.panel import INK, KEY, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

COLUMNS = (76, 193, 310)  # the middles of three steps
WIDE, TALL, ROOT, TOP, ROW = 86, 25, 12, 66, 60
MOST = 4  # candidates have room in a column


@dataclass(frozen=True)
class Candidate:
    """One continuation: its text, the probability so far, and what it continues.

    Attributes:
        text: what stands after the root, the piece that it adds included.
        probability: of the whole beginning, this piece included.
        parent: which of the open beginnings of the step before it continues.
        kept: its place among the open beginnings after this step, None if dropped.
    """

    text: str
    probability: float
    parent: int
    kept: int | None


Steps = Sequence[Sequence[Candidate]]


def search_trees(root: str, greedy: Steps, beams: Steps) -> Sketch:
    """Draw three steps of two searches that start from one beginning.

    Raises:
        ValueError: not three steps, more than four candidates, or a parent that the
            step before has dropped.
    """
    for steps in (greedy, beams):
        _checked(steps)
    kept = max(sum(c.kept is not None for c in step) for step in beams)
    alt = (
        f"After “{root}” greedy search keeps the likeliest piece of each step and "
        f"loses the rest; beam search keeps {kept}, and the one that was second at "
        "first leads in the end."
    )
    panels = (
        _tree("Greedy: what is dropped is lost", root, greedy),
        _tree("Beam: the second may overtake", root, beams),
    )
    return sketch(*panels, alt=alt)


def _checked(steps: Steps) -> None:
    sizes = [len(step) for step in steps]
    if len(steps) != len(COLUMNS) or max(sizes) > MOST:
        raise ValueError(f"steps of {sizes} candidates: give three of up to {MOST}")
    for before, after in pairwise(steps):
        opened = {candidate.kept for candidate in before} - {None}
        lost = {candidate.parent for candidate in after} - opened
        if lost:
            raise ValueError(f"parents {sorted(lost)} are none of the open {opened}")


def _tree(title: str, root: str, steps: Steps) -> Panel:
    rows = max(map(len, steps))
    panel = Panel(360, TOP + ROW * (rows - 1) + 52, title=title)
    panel.text(4, TOP - 22, f"{root} …", align="start", faint=True)
    panel.dot(ROOT, TOP)
    opened: dict[int, tuple[float, float]] = {0: (ROOT, TOP)}
    best = _best(steps)
    for x, step, winner in zip(COLUMNS, steps, best, strict=True):
        later: dict[int, tuple[float, float]] = {}
        for row, candidate in enumerate(step):
            y, role = TOP + ROW * row, KEY if row == winner else INK
            start = opened[candidate.parent]
            _branch(panel, start, (x - WIDE / 2, y), candidate, role)
            _leaf(panel, x, y, candidate, role)
            if candidate.kept is not None:
                later[candidate.kept] = (x + WIDE / 2, y)
        opened = later
    panel.lit(COLUMNS[-1], TOP + ROW * best[-1], WIDE, TALL)
    return panel


def _best(steps: Steps) -> list[int]:
    """The likeliest text of the last step, and which row it came through in each."""
    row = max(range(len(steps[-1])), key=lambda i: steps[-1][i].probability)
    path = [row]
    for step, after in reversed([*pairwise(steps)]):
        kept = [candidate.kept for candidate in step]
        path.append(kept.index(after[path[-1]].parent))
    return path[::-1]


def _branch(
    panel: Panel,
    start: tuple[float, float],
    end: tuple[float, float],
    candidate: Candidate,
    role: str,
) -> None:
    """A line as wide as its beginning is likely; dashed where it ends."""
    (x0, y0), (x1, y1) = start, end
    wide = {"stroke_width": round(1 + 9 * candidate.probability, 2)}
    gone = {"stroke_width": 1.2, "stroke_dasharray": "3 4", "opacity": 0.7}
    look = gone if candidate.kept is None else wide
    panel.shape("path", d=f"M{x0:g} {y0:g}L{x1:g} {y1:g}", stroke=role, **look)


def _leaf(panel: Panel, x: float, y: float, candidate: Candidate, role: str) -> None:
    if candidate.kept is None:
        panel.ghost(x, y, WIDE, TALL)
        panel.text(x, y + 4.5, candidate.text, faint=True)
    else:
        panel.data(x, y, WIDE, TALL, candidate.text, role=role)
    likely = f"{candidate.probability:.2f}"
    panel.text(x, y + TALL / 2 + 15, likely, size=SMALL, faint=candidate.kept is None)
