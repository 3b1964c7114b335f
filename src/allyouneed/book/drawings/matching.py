"""Which runs of words of a sentence stand in another: what BLEU counts."""

from collections import Counter
from collections.abc import Sequence

from allyouneed.book.drawings.panel import INK, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

NAMES = ("words", "pairs", "triples", "fours")
LETTER, AROUND, GAP = 7.4, 11, 4  # widths: of a letter, in a box, between two
THEIRS, OURS, ROWS = 62, 112, 140  # heights: the reference, the translation, the runs
STEP, LABEL = 7, 20  # from line to line, and what their count needs
WIDEST = 352

Words = Sequence[str]


def matched_runs(*pairs: tuple[str, Words, Words]) -> Sketch:
    """Draw one or two translations under their references, and each run that matches.

    A run that the translation has more often than the reference counts as often as
    there, as in BLEU.

    Args:
        pairs: a title, the words of the translation, and those of the reference.

    Raises:
        ValueError: no pair or more than two, fewer than four words, or more than have
            room.
    """
    if not 1 <= len(pairs) <= 2:
        raise ValueError(f"{len(pairs)} pairs of sentences: give one or two")
    for _, *both in pairs:
        for words in both:
            if len(words) < len(NAMES) or _places(words)[-1][1] > WIDEST:
                raise ValueError(
                    f"{' '.join(words)!r}: give four words or more, with room in "
                    f"{WIDEST} units"
                )
    counts = "; ".join(
        f"{title}: " + ", ".join(f"{_told(ours, theirs, n)}" for n in range(1, 5))
        for title, ours, theirs in pairs
    )
    alt = (
        "A reference, a translation below it, and a line under each run of one to "
        f"four words of the translation, solid where the reference has it. {counts}."
    )
    return sketch(*(_panel(*pair) for pair in pairs), alt=alt)


def matches(ours: Words, theirs: Words, n: int) -> list[bool]:
    """For each run of n words of `ours`, whether one of `theirs` is left for it."""
    left = Counter(zip(*(theirs[i:] for i in range(n)), strict=False))
    found = []
    for run in zip(*(ours[i:] for i in range(n)), strict=False):
        found.append(left[run] > 0)
        left[run] -= 1
    return found


def _told(ours: Words, theirs: Words, n: int) -> str:
    found = matches(ours, theirs, n)
    return f"{NAMES[n - 1]}: {sum(found)} of {len(found)}"


def _places(words: Words) -> list[tuple[float, float]]:
    """Left and right edge of the box of each word."""
    places, x = [], 4.0
    for word in words:
        wide = LETTER * len(word) + AROUND
        places.append((x, x + wide))
        x += wide + GAP
    return places


def _panel(title: str, ours: Words, theirs: Words) -> Panel:
    heights = [LABEL + STEP * min(n, len(ours) - n + 1) for n in range(1, 5)]
    panel = Panel(360, ROWS + sum(heights) + 8, title=title)
    for name, y, words in (("reference", THEIRS, theirs), ("translation", OURS, ours)):
        panel.text(4, y - 20, name, size=SMALL, align="start", faint=True)
        for word, (left, right) in zip(words, _places(words), strict=True):
            panel.data((left + right) / 2, y, right - left, 24, word)
    y = ROWS
    for n, height in enumerate(heights, start=1):
        said = _told(ours, theirs, n)
        panel.text(4, y + 8, said, size=SMALL, align="start")
        _lines(panel, y + LABEL - 4, _places(ours), matches(ours, theirs, n))
        y += height
    return panel


def _lines(
    panel: Panel, y: float, places: list[tuple[float, float]], found: list[bool]
) -> None:
    """A line under each run; runs that overlap lie below each other."""
    n = len(places) - len(found) + 1
    for i, same in enumerate(found):
        left, right = places[i][0] + 2, places[i + n - 1][1] - 2
        at = y + STEP * (i % n)
        look = {"stroke_width": 3.5} if same else {"stroke_dasharray": "2 4"}
        faint = {} if same else {"opacity": 0.7}
        d = f"M{left:g} {at:g}H{right:g}"
        panel.shape("path", d=d, stroke=INK, fill="none", **look, **faint)
