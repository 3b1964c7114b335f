"""What the last output of a stack of causal layers sees: a tree over the inputs."""

from collections.abc import Mapping, Sequence

from allyouneed.book.drawings.panel import INK, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

POSITIONS, LAYERS = 16, 4  # inputs, and the most layers there is room for
LEFT, PITCH, TOP, HIGH = 22, 21, 54, 184  # where dots stand


def dilation_trees(plans: Mapping[str, Sequence[int]]) -> Sketch:
    """Draw what the last of 16 outputs depends on, through layers of width 2.

    Args:
        plans: one stack or two, by name: the dilation of each layer, the first lowest.

    Raises:
        ValueError: no plan or more than two, or a stack of no or too many layers.
    """
    if not 1 <= len(plans) <= 2:
        raise ValueError(f"{len(plans)} plans: this drawing has room for two")
    for name, plan in plans.items():
        if not 1 <= len(plan) <= LAYERS:
            raise ValueError(f"{name}={plan!r}: give 1 to {LAYERS} layers")
    seen = {name: levels(plan)[-1] for name, plan in plans.items()}
    told = ", ".join(f"{name} {len(leaves)}" for name, leaves in seen.items())
    alt = (
        "A tree from the last output down to the inputs it depends on, through layers "
        f"that each read two positions. Inputs seen of {POSITIONS}: {told}."
    )
    return sketch(*(_tree(name, plan) for name, plan in plans.items()), alt=alt)


def levels(plan: Sequence[int]) -> list[list[int]]:
    """The positions that the last output needs, from the output down to the inputs."""
    found = [[POSITIONS - 1]]
    for dilation in reversed(plan):
        needed = {t - gap for t in found[-1] for gap in (0, dilation)}
        found.append(sorted(t for t in needed if t >= 0))
    return found


def _tree(name: str, plan: Sequence[int]) -> Panel:
    found = levels(plan)
    title = f"{name}: sees {len(found[-1])} of {POSITIONS}"
    floor, deep = TOP + HIGH, HIGH / len(plan)
    panel = Panel(360, floor + 46, title=title)
    for depth, dilation in enumerate(reversed(plan)):
        y = TOP + deep * depth
        for t in found[depth]:
            for back in (t, t - dilation):
                if back >= 0:
                    panel.wire((_x(back), y + deep - 5), (_x(t), y + 5), head=False)
        words = f"dilation {dilation}"
        panel.text(2, y + deep / 2 + 4, words, size=SMALL, align="start")
    for depth in range(len(plan) + 1):
        y, needed = TOP + deep * depth, found[depth]
        for t in range(POSITIONS):
            _dot(panel, t, y, used=t in needed, leaf=depth == len(plan))
    panel.text(_x(0), floor + 26, "first input", size=SMALL, align="start")
    panel.text(_x(POSITIONS - 1) + 8, floor + 26, "last", size=SMALL, align="end")
    panel.text(_x(POSITIONS - 1) + 8, TOP - 14, "output", size=SMALL, align="end")
    return panel


def _x(position: int) -> float:
    return LEFT + PITCH * position


def _dot(panel: Panel, t: int, y: float, *, used: bool, leaf: bool) -> None:
    look = {"fill": INK} if used else {"fill": "none", "stroke": INK, "opacity": 0.35}
    size = (7 if leaf else 5) if used else 3.5
    panel.shape("circle", cx=_x(t), cy=y, r=size, **look)
