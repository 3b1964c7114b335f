"""One head brings home a mean; two heads bring home two vectors."""

from collections.abc import Sequence

from allyouneed.book.drawings.matrices import grid
from allyouneed.book.drawings.panel import SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

PLACES = (90, 180, 270)  # the middles of a sentence's words
TALL, CELL, NUMBERS = 148, 34, 3  # a sentence's height; a vector's cells
Vector = Sequence[float]


def mean_or_pair(
    sentences: Sequence[Sequence[str]],
    means: Sequence[Vector],
    pairs: Sequence[Sequence[Vector]],
    *,
    shares: Vector,
    unequal: Sequence[Vector],
    coordinates: Sequence[str],
) -> Sketch:
    """Draw what one head and two heads bring home from the ends of two sentences.

    One head is drawn twice, with equal and with unequal weights.

    Args:
        sentences: two sentences of three words.
        means: for each, the mean of the vectors of its first and last word (2, 3).
        pairs: for each, the two vectors themselves (2, 2, 3).
        shares: unequal weights of the first and the last word (2).
        unequal: for each sentence, the mean with these weights (2, 3).
        coordinates: the names of a vector's numbers (3).

    Raises:
        ValueError: there are not two sentences of three words, with three numbers each.
    """
    vectors = [*means, *unequal, *(vector for pair in pairs for vector in pair)]
    _check([len(sentences), len(means), len(unequal)], [*sentences, *vectors])
    _check([2], [coordinates])
    brought: dict[str, tuple[Vector, Sequence[Sequence[Vector]]]] = {
        "One head: the same mean twice": ((0.5, 0.5), [[mean] for mean in means]),
        "Two heads: who, and whom": ((1, 1), pairs),
        "Unequal shares: two means": (shares, [[mean] for mean in unequal]),
    }
    panels = [
        _panel(title, sentences, found, weights, coordinates)
        for title, (weights, found) in brought.items()
    ]
    said = " and ".join(f"“{' '.join(words)}”" for words in sentences)
    alt = (
        f"In {said} one head that looks at both ends brings home the same mean; two "
        "heads bring home two vectors, whose order differs. With unequal weights the "
        "means of one head differ, too."
    )
    return sketch(*panels, alt=alt)


def _check(counts: Sequence[int], parts: Sequence[Sequence[object]]) -> None:
    """Refuse what the panels have no room for."""
    sizes = {len(part) for part in parts}
    if {*counts} != {2} or sizes != {NUMBERS}:
        raise ValueError(
            f"{counts} sentences and means, parts of {sizes}: give "
            "two sentences of three words, with three numbers a vector"
        )


def _panel(
    title: str,
    sentences: Sequence[Sequence[str]],
    found: Sequence[Sequence[Vector]],
    weights: Vector,
    coordinates: Sequence[str],
) -> Panel:
    """Both sentences, and what a head or two bring home from each."""
    panel = Panel(360, 330, title=title)
    for number, (words, vectors) in enumerate(zip(sentences, found, strict=True)):
        y, heads = 56 + TALL * number, len(vectors)
        middles = (108, 252) if heads > 1 else (180,)
        ends = middles if heads > 1 else (164, 196)
        for x, word in zip(PLACES, words, strict=True):
            panel.data(x, y, 74, 26, word)
        looks = zip(PLACES[::2], ends, (-10, 10), weights, strict=True)
        for x, end, out, weight in looks:
            wire = (x, y + 15), (end, y + 53)
            panel.wire(*wire, role=VALUE, width=4 * weight)
            panel.text(x + out, y + 36, f"{weight:g}", size=SMALL)
        _brought(panel, y, middles, vectors, coordinates)
    return panel


def _brought(
    panel: Panel,
    y: float,
    middles: Sequence[float],
    vectors: Sequence[Vector],
    coordinates: Sequence[str],
) -> None:
    """Vectors below a sentence, with the names of their numbers."""
    for head, (x, vector) in enumerate(zip(middles, vectors, strict=True), start=1):
        left = x - CELL * NUMBERS / 2
        grid(panel, left, y + 57, [vector], role=VALUE, cell=(CELL, 24), form="g")
        for i, name in enumerate(coordinates):
            panel.text(left + (i + 0.5) * CELL, y + 96, name, size=SMALL, faint=True)
        if len(vectors) > 1:
            asks = ("who?", "whom?")[head - 1]
            panel.text(x, y + 114, f"head {head}: {asks}", size=SMALL)
