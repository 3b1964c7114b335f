"""Two ways to write the next word: read the prefix again, or keep keys and values."""

from collections.abc import Sequence

from allyouneed.book.drawings.masking import SIDE, above, beside, square
from allyouneed.book.drawings.panel import KEY, SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

LEFT, TOP, NOTES = 56, 62, 204  # the square, and what is said beside it
MOST = 4  # words have room beside what is said of them


def prefix_or_cache(words: Sequence[str]) -> Sketch:
    """Draw the step that has just read the last of `words`, in both ways.

    Raises:
        ValueError: there are not two to four words.
    """
    n = len(words)
    if not 1 < n <= MOST:
        raise ValueError(f"{n} words: give two to four")
    causal = [[j <= i for j in range(n)] for i in range(n)]
    again = _table("The whole prefix again: mask it", words, causal)
    _say(again, f"{n * n} scores", "The rows above", "need the mask:", "the next layer")
    _say(again, "", "", "", "", "reads them.")
    cached = _table("Keys and values kept: no mask", words, [[True] * n])
    _say(
        cached, f"{n} scores", "One row, and every", "key is past:", "nothing to hide."
    )
    alt = (
        "Read again, the prefix gives a square of scores whose rows above need the "
        "causal mask. With keys and values kept there is one row of scores, and "
        "nothing in it is hidden."
    )
    return sketch(again, cached, alt=alt)


def _table(title: str, words: Sequence[str], allowed: list[list[bool]]) -> Panel:
    n = len(words)
    panel = Panel(360, TOP + n * SIDE + 14, title=title)
    above(panel, LEFT, TOP, words)
    skipped = n - len(allowed)
    y = TOP + skipped * SIDE
    for row in range(skipped):
        middle = TOP + (row + 0.5) * SIDE
        panel.ghost(LEFT + n * SIDE / 2, middle, n * SIDE, SIDE - 10)
    beside(panel, LEFT - 6, y, words[skipped:])
    square(panel, LEFT, y, allowed)
    panel.lit(LEFT + n * SIDE / 2, TOP + (n - 0.5) * SIDE, n * SIDE, SIDE)
    if skipped:
        for place, (name, role) in enumerate((("K", KEY), ("V", VALUE))):
            panel.data(
                NOTES + 35 + 78 * place, TOP - 10, 70, 24, f"{name} kept", role=role
            )
    return panel


def _say(panel: Panel, *lines: str) -> None:
    for number, line in enumerate(lines):
        if line:
            size = {"bold": True} if not number else {"size": SMALL}
            panel.text(NOTES, TOP + 30 + 20 * number, line, align="start", **size)
