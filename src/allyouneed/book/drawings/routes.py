"""Two layers with plus signs are four routes, and half of them need neither layer."""

from collections.abc import Sequence

from allyouneed.book.drawings.panel import LABEL, NAME, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

Vector = Sequence[float]
# Which of the two layers a route passes, and its name.
ROUTES = (
    ((), "around both"),
    ((1,), "through 1"),
    ((2,), "through 2"),
    ((1, 2), "through both"),
)
TOP, PITCH = 72, 56  # of the routes
START, LAYERS, END = 36, (134, 222), 316  # middles of the columns
FADED = 0.35


def four_routes(x: Vector, answers: Sequence[Vector], *, gone: int) -> Sketch:
    """Draw what two linear layers add up, and what is left without one of them.

    Args:
        x: what comes in.
        answers: what arrives around both layers, through 1, through 2, through both.
        gone: the layer that is taken out, 1 or 2.

    Raises:
        ValueError: there are other than four answers, or no such layer.
    """
    if len(answers) != len(ROUTES) or gone not in (1, 2):
        raise ValueError(
            f"{len(answers)} answers, {gone=}: give 4 answers and layer 1 or 2"
        )
    alt = (
        "Two layers with plus signs are a sum of four routes: around both, through the "
        f"first, through the second, through both. Without layer {gone} the two routes "
        "that do not pass it still arrive."
    )
    whole = _panel("Two layers, four routes", x, answers, gone=0)
    rest = _panel(f"Without layer {gone} two are left", x, answers, gone=gone)
    return sketch(whole, rest, alt=alt)


def _vector(values: Vector) -> str:
    return f"({', '.join(f'{value:g}' for value in values)})".replace("-", "−")


def _panel(title: str, x: Vector, answers: Sequence[Vector], *, gone: int) -> Panel:
    panel = Panel(360, 318, title=title)
    kept = []
    for i, ((layers, name), answer) in enumerate(zip(ROUTES, answers, strict=True)):
        y = TOP + PITCH * i
        lost = gone in layers
        panel.text(START - 29, y - 20, name, size=SMALL, align="start", faint=True)
        panel.data(START, y, 58, 28, _vector(x))
        _route(panel, y, layers, faint=FADED if lost else 1)
        for layer in layers:
            if layer == gone:
                panel.ghost(LAYERS[layer - 1], y, 62, 28)
            else:
                panel.learned(LAYERS[layer - 1], y, 62, 28, f"layer {layer}")
        if lost:
            panel.ghost(END, y, 58, 28)
        else:
            panel.data(END, y, 58, 28, _vector(answer))
            kept.append(answer)
    total = [sum(column) for column in zip(*kept, strict=True)]
    foot = TOP + PITCH * len(ROUTES) - 24
    panel.wire((END - 36, foot), (END + 36, foot), head=False)
    panel.text(END - 44, foot + 24, "sum", size=LABEL, align="end")
    panel.text(END, foot + 25, _vector(total), size=NAME, bold=True)
    return panel


def _route(panel: Panel, y: float, layers: Sequence[int], *, faint: float) -> None:
    """From the start to the end, interrupted by the boxes that stand on the way."""
    ends = [START + 29.0]
    for layer in layers:
        ends += [LAYERS[layer - 1] - 31, LAYERS[layer - 1] + 31]
    ends.append(END - 29)
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        panel.wire((a, y), (b, y), faint=faint)
