"""The residual stream: layers read from it and add to it, and nothing is replaced."""

from collections.abc import Mapping, Sequence

from allyouneed.book.drawings.panel import (
    INK,
    MEMORY,
    SMALL,
    STREAM,
    Panel,
)
from allyouneed.book.drawings.sketches import Sketch, sketch

Vector = Sequence[float]
TWO, MOST = 2, 12  # layers of the example, parts that a panel has room for
TOP, PITCH = 62, 31  # of the parts of a trained stream
ONE = 46  # units that a bar as long as the stream takes


def residual_stream(
    states: Sequence[Vector],
    answers: Sequence[Vector],
    replaced: Sequence[Vector],
    written: Sequence[Mapping[str, float]],
) -> Sketch:
    """Draw two layers with and without a plus sign, and what trained layers add.

    Args:
        states: what stands on the stream: at first, after layer 1, after layer 2.
        answers: what the two layers add to it.
        replaced: the same without plus signs: at first, after layer 1, after layer 2.
        written: of each layer of a trained stack, how long a part's answer is, with the
            stream that it read as 1.

    Raises:
        ValueError: the example has other than two layers, or the stack too many parts.
    """
    if (len(states), len(answers), len(replaced)) != (TWO + 1, TWO, TWO + 1):
        raise ValueError(
            f"{len(states)} states, {len(answers)} answers, {len(replaced)} replaced: "
            "two layers have 3, 2 and 3"
        )
    parts = sum(map(len, written))
    if not 0 < parts <= MOST:
        raise ValueError(f"{parts} parts written: the panel has room for 1 to {MOST}")
    alt = (
        "Left: with plus signs each layer's answer is added to the stream and both "
        "numbers are kept; without, the second layer never sees the first number. "
        "Right: how much each part of a trained stack adds, next to its stream."
    )
    return sketch(_example(states, answers, replaced), _trained(written), alt=alt)


def _vector(values: Vector) -> str:
    return f"({', '.join(f'{value:g}' for value in values)})".replace("-", "−")


def _example(
    states: Sequence[Vector], answers: Sequence[Vector], replaced: Sequence[Vector]
) -> Panel:
    panel = Panel(360, 470, title="The plus sign keeps what came in")
    panel.text(12, 46, "with plus signs", size=SMALL, align="start", faint=True)
    panel.text(262, 46, "without", size=SMALL, align="start", faint=True)
    x, side = 48, 156
    for i, state in enumerate(states):
        y = 74 + 180 * i
        panel.data(x, y, 72, 30, _vector(state))
        if i < TWO:
            panel.wire((x, y + 15), (x, y + 119.5), width=STREAM, head=False)
            panel.dot(x, y + 40)
            panel.wire((x, y + 40), (side, y + 40), (side, y + 57))
            panel.text(x + 14, y + 34, "reads", size=SMALL, align="start")
            panel.learned(side, y + 72, 84, 30, f"layer {i + 1}")
            panel.wire((side, y + 87), (side, y + 130), (x + 10.5, y + 130))
            panel.text(
                x + 14,
                y + 124,
                f"adds {_vector(answers[i])}",
                size=SMALL,
                align="start",
            )
            panel.point(x, y + 130, "+")
            panel.wire((x, y + 140.5), (x, y + 165), width=STREAM)
    _chain(panel, 292, replaced)
    return panel


def _chain(panel: Panel, x: float, replaced: Sequence[Vector]) -> None:
    for i, state in enumerate(replaced):
        y = 74 + 180 * i
        panel.data(x, y, 72, 30, _vector(state))
        if i < TWO:
            panel.wire((x, y + 15), (x, y + 57))
            panel.learned(x, y + 72, 84, 30, f"layer {i + 1}")
            panel.wire((x, y + 87), (x, y + 165))


def _trained(written: Sequence[Mapping[str, float]]) -> Panel:
    panel = Panel(360, 470, title="What each part adds, after training")
    panel.text(4, 40, "length of the answer; the stream is 1", size=SMALL,
               align="start", faint=True)  # fmt: skip
    x, left, y = 30, 172, float(TOP)
    panel.wire((x, 48), (x, 466), width=STREAM)
    for number, layer in enumerate(written, start=1):
        panel.card(46, y - 7, 310, PITCH * len(layer) + 2, f"layer {number}")
        for name, size in layer.items():
            middle = y + PITCH / 2 - 6
            panel.learned(110, middle, 92, 22, name)
            panel.wire((64, middle), (x + 3, middle))
            role = MEMORY if name == "source" else INK
            panel.box(left + size * ONE / 2, middle, size * ONE, 14, role=role,
                      rx=2, tint=0.36)  # fmt: skip
            panel.text(
                left + max(size, 1) * ONE + 6, middle + 4.5, f"{size:.1f}", size=SMALL,
                align="start",
            )  # fmt: skip
            y += PITCH
        y += 8
    panel.wire((left + ONE, 52), (left + ONE, y - 10), head=False, faint=0.4)
    return panel
