"""A translator that keeps one vector, and one that looks back at every word."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from allyouneed.book.drawings.panel import MEMORY, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

AT, REST = (46, 116, 186, 256), 326  # where the words stand, and what is not shown
READ, MIX, SAY = 88, 180, 240  # heights: the encoder's states, the sum, the decoder's
BOX = (46, 26)


@dataclass(frozen=True)
class Looks:
    """Who looked at whom: the weights (T, S) of a translation's words at the source's.

    A row may come to less than 1: the rest went to what is not shown.

    Raises:
        ValueError: not four words on either side, or weights of another shape.
    """

    source: Sequence[str]
    target: Sequence[str]
    weights: Sequence[Sequence[float]]

    def __post_init__(self) -> None:
        sizes = {len(self.source), len(self.target), len(self.weights)}
        if sizes | {len(row) for row in self.weights} != {len(AT)}:
            raise ValueError(
                f"source={self.source!r}, target={self.target!r}: give {len(AT)} words "
                f"on either side, and weights of shape ({len(AT)}, {len(AT)})"
            )


def look_back(looks: Looks, word: str) -> Sketch:
    """Draw two translators at the moment when `word` is said.

    The left one keeps one vector of the source, the right one looks back at all words.

    Raises:
        ValueError: `word` is none of the translation's.
    """
    if word not in looks.target:
        raise ValueError(f"word={word!r}: choose one of {', '.join(looks.target)}")
    at = list(looks.target).index(word)
    pairs = zip(looks.weights[at], looks.source, strict=True)
    shares = ", ".join(f"{w:.0%} {s}" for w, s in pairs if w >= 0.01)
    alt = (
        "One translator squeezes a sentence into a single vector and decodes from it; "
        f"the other looks back at all words: for “{word}” it takes {shares}."
    )
    return sketch(_one_vector(looks, at), _looking_back(looks, at), alt=alt)


def _one_vector(looks: Looks, at: int) -> Panel:
    panel = Panel(360, 300, title="One vector for the whole sentence")
    _reads(panel, looks.source)
    for x in AT[1:3]:
        panel.data(x, READ, *BOX)
    for x, *through in (
        (AT[0], (AT[0], READ + 60), (AT[3] - 43, READ + 60)),
        (AT[3], (AT[3], READ + 44)),
    ):  # both directions end somewhere
        panel.data(x, READ, *BOX, role=MEMORY)
        panel.wire((x, READ + 14), *through, role=MEMORY, width=STREAM)
    panel.data(AT[3], READ + 60, 84, 30, "one vector", role=MEMORY)
    panel.wire(
        (AT[3], READ + 76),
        (AT[3], 196),
        (10, 196),
        (10, SAY),
        (AT[0] - 25, SAY),
        role=MEMORY,
        width=STREAM,
    )
    panel.text(AT[1], 187, "all it knows of the source", size=SMALL)
    _says(panel, looks.target, at)
    return panel


def _looking_back(looks: Looks, at: int) -> Panel:
    panel = Panel(360, 300, title="A look back at every word")
    _reads(panel, looks.source)
    weights = looks.weights[at]
    rest = max(0.0, 1 - sum(weights))
    panel.ghost(REST, READ, *BOX, role=MEMORY)
    panel.text(REST, READ + 4.5, f"{rest:.2f}", faint=True)
    panel.text(REST, READ - 22, "rest", faint=True)
    for x, weight in zip((*AT, REST), (*weights, rest), strict=True):
        if x != REST:
            panel.data(x, READ, *BOX, f"{weight:.2f}", role=MEMORY)
        if weight >= 0.01:
            panel.wire(
                (x, READ + 14),
                _toward(x, AT[at]),
                role=MEMORY,
                width=1 + 11 * weight,
                head=False,
            )
    panel.point(AT[at], MIX, "+")
    panel.wire((AT[at], MIX + 10.5), (AT[at], SAY - 18), role=MEMORY, width=STREAM)
    _says(panel, looks.target, at)
    return panel


def _toward(x: float, target: float) -> tuple[float, float]:
    """Where a line from the state over x meets the circle of the sum."""
    a, b = x - target, READ + 14 - MIX
    n = (a * a + b * b) ** 0.5
    return target + 10.5 * a / n, MIX + 10.5 * b / n


def _reads(panel: Panel, words: Sequence[str]) -> None:
    """The words, and how the encoder's states hang together: in both directions."""
    panel.text(4, 42, "reads", size=SMALL, align="start", faint=True)
    for (a, b), word in zip(pairwise((0, *AT)), words, strict=True):
        panel.text(b, READ - 22, word)
        if a:
            panel.wire((a + 25, READ), (b - 25, READ))
            panel.wire((b - 25, READ), (a + 25, READ))


def _says(panel: Panel, words: Sequence[str], at: int) -> None:
    """The decoder's states up to the word that is being said."""
    panel.text(4, 292, "says", size=SMALL, align="start", faint=True)
    for i, (x, word) in enumerate(zip(AT, words, strict=True)):
        (panel.data if i <= at else panel.ghost)(x, SAY, *BOX)
        panel.text(x, SAY + 34, word, bold=i == at, faint=i > at)
        if i and i <= at:
            panel.wire((AT[i - 1] + 25, SAY), (x - 29 if i == at else x - 25, SAY))
    panel.lit(AT[at], SAY, *BOX)
