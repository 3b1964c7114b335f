"""Words of a head in the plane, and where what they fetch moves them."""

import numpy as np

from allyouneed.book.drawings.head_numbers import Head
from allyouneed.book.drawings.panel import INK, SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

UNIT, ROOM = 92, 3  # of an axis in the panel; how far it goes
LEFT, FOOT, HIGH = 52, 304, 346  # where both axes begin; height of the panel


def moved_words(head: Head, axes: tuple[str, str]) -> Sketch:
    """Draw each word at its first two numbers, and an arrow for what it fetched.

    Args:
        head: its output has a number for each of the two axes.
        axes: what the first two numbers of a word stand for.

    Raises:
        ValueError: a word stands, or comes to stand, outside of 0 to 3.
    """
    starts = head.x[:, :2]
    ends = starts + head.out
    both = np.stack([starts, ends])
    if both.min() < 0 or both.max() > ROOM:
        raise ValueError(
            f"words stand from {both.min():.3g} to {both.max():.3g}: the panel has "
            f"room from 0 to {ROOM}"
        )
    panel = Panel(360, HIGH)
    _axes(panel, axes)
    moves = list(zip(head.words, starts.tolist(), ends.tolist(), strict=True))
    for word, start, end in moves:
        x, y = _at(*start)
        panel.wire((x, y), _at(*end), role=VALUE, width=2.5)
        panel.dot(x, y)
        if start[0]:
            panel.text(x, y + 20, word, bold=True)
        else:
            panel.text(x - 9, y + 5, word, align="end", bold=True)
    said = "; ".join(
        f"{word} from ({_two(start)}) to ({_two(end)})" for word, start, end in moves
    )
    alt = f"Words in the plane of {axes[0]} and {axes[1]}, moved by attention: {said}."
    return sketch(panel, alt=alt)


def _axes(panel: Panel, axes: tuple[str, str]) -> None:
    """Two axes with their names and a mark at each whole number."""
    far = ROOM + 0.1
    for end in ((far, 0), (0, far)):
        panel.wire(_at(0, 0), _at(*end), faint=0.5)
    for n in range(1, ROOM + 1):
        x, y = _at(n, n)
        marks = f"M{x:g} {FOOT}v-5M{LEFT} {y:g}h5"
        panel.shape("path", d=marks, stroke=INK, fill="none", opacity=0.5)
    x, y = _at(ROOM, ROOM)
    panel.text(x, FOOT + 20, axes[0], size=SMALL, faint=True)
    panel.text(LEFT - 9, y + 5, axes[1], size=SMALL, align="end", faint=True)


def _at(thing: float, action: float) -> tuple[float, float]:
    """The place in the panel of a point of the plane."""
    return round(LEFT + UNIT * thing, 1), round(FOOT - UNIT * action, 1)


def _two(point: list[float]) -> str:
    return ", ".join(f"{number:.3g}" for number in point)
