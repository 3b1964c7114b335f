"""A word in the plane, and where what it fetches from each sentence moves it."""

from collections.abc import Mapping

from allyouneed.book.drawings.panel import INK, SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

Point = tuple[float, float]
UNIT, ROOM = 130, 2  # of an axis in the panel; how far it goes
LEFT, FOOT, HIGH = 70, 284, 326  # where both axes begin; height of the panel


def moved_word(
    word: str,
    table: Mapping[str, Point],
    sentences: Mapping[str, Point],
    axes: tuple[str, str],
) -> Sketch:
    """Draw words where a table puts them, and an arrow of one for each sentence.

    Args:
        word: the one that moves.
        table: of each word, this one among them, its two numbers.
        sentences: of each, where the word has come to stand in it.
        axes: what the two numbers stand for.

    Raises:
        ValueError: the word is not in the table, or a point lies outside of 0 to 2.
    """
    if word not in table:
        raise ValueError(f"word={word!r}: choose one of {', '.join(table)}")
    for text, point in (*table.items(), *sentences.items()):
        if min(point) < 0 or max(point) > ROOM:
            raise ValueError(
                f"{text!r} is at ({_two(point)}): the panel has room from 0 to {ROOM}"
            )
    panel = Panel(360, HIGH)
    _axes(panel, axes)
    for other, point in table.items():
        _word(panel, other, _at(*point), moves=other == word)
    for sentence, end in sentences.items():
        x, y = _at(*end)
        panel.wire(_at(*table[word]), (x, y), role=VALUE, width=2.5)
        panel.text(x + 8, y + 4, sentence, align="start")
    said = "; ".join(f"in “{text}” to ({_two(end)})" for text, end in sentences.items())
    alt = (
        f"“{word}” in the plane of {axes[0]} and {axes[1]}. Attention moves it from "
        f"({_two(table[word])}) {said}."
    )
    return sketch(panel, alt=alt)


def _word(panel: Panel, word: str, at: Point, *, moves: bool) -> None:
    """A dot with its name: left of an upright axis, else below."""
    x, y = at
    panel.dot(x, y)
    place = (x - 9, y + 5, "end") if x == LEFT else (x, y + 20, "middle")
    panel.text(*place[:2], word, align=place[2], bold=moves, faint=not moves)


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


def _at(right: float, up: float) -> Point:
    """The place in the panel of a point of the plane."""
    return round(LEFT + UNIT * right, 1), round(FOOT - UNIT * up, 1)


def _two(point: Point) -> str:
    return ", ".join(f"{number:.3g}" for number in point)
