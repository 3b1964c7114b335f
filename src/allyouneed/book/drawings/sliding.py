"""Two ways to remember: a window that slides, and a state that passes all words."""

from collections.abc import Sequence

from allyouneed.book.drawings.masking import hatch
from allyouneed.book.drawings.panel import INK, MEMORY, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

WIDE = 51  # from word to word
AT = tuple(26 + WIDE * i for i in range(7))  # where the words stand
WINDOW = 3
WORDS, FIRST, STEP = 50, 82, 40  # heights: words, first card, from card to card
LINE, ROW = 116, 200  # heights: the state, the row of numbers
Found = tuple[int, int]


def window_and_state(
    words: Sequence[str], found: Sequence[Found], felt: Sequence[float]
) -> Sketch:
    """Draw a card that slides over three words, and a state that passes all of them.

    Args:
        words: seven of them, in the order of reading.
        found: for each place of the card: how often its words stood in the text that
            was counted, and how often the next word followed them there.
        felt: how much the state at the end feels each word, from 0 to 1.

    Raises:
        ValueError: not seven words, not four places, not seven numbers, or a next
            word that follows more often than the card stood.
    """
    if len(words) != len(AT) or len(felt) != len(AT):
        raise ValueError(
            f"{len(words)} words, {len(felt)} numbers felt: give {len(AT)} of each"
        )
    if len(found) != len(AT) - WINDOW or any(then > stood for stood, then in found):
        raise ValueError(
            f"found={list(found)}: give {len(AT) - WINDOW} pairs (stood, then), "
            "none with more then than stood"
        )
    alt = (
        f"Two ways to remember “{' '.join(words)}”. A window is a card over {WINDOW} "
        "words that slides: the model counts how often they stood and what followed, "
        "and what lies outside is forgotten. A state is a line that every word writes "
        "to: it has no edge, but early words fade."
    )
    return sketch(_window(words, found), _state(words, felt), alt=alt)


def _window(words: Sequence[str], found: Sequence[Found]) -> Panel:
    """A card for each place, one below the other, and the next word's box."""
    panel = Panel(360, 290, title="A window slides, and forgets")
    for x, word in zip(AT, words, strict=True):
        panel.text(x, WORDS, word)
    for i, (stood, then) in enumerate(found):
        y, left = FIRST + STEP * i, AT[i] - WIDE / 2
        card = (AT[i + 1], y, WINDOW * WIDE - 8, 28)
        panel.data(*card, "once" if stood == 1 else f"{stood:,} times")
        edge = left + WINDOW * WIDE
        panel.wire((edge - 4, y), (edge + 7, y))
        panel.data(edge + WIDE / 2 + 2, y, WIDE - 14, 28, f"{then:,}")
        if i:
            hatch(panel, 4, y - 14, left - 4, 28)
    _notes(
        panel,
        "In the card: how often its three words were read.",
        "After it: how often the next word followed.",
        "Hatched: outside the card, forgotten.",
    )
    return panel


def _state(words: Sequence[str], felt: Sequence[float]) -> Panel:
    """The stream, a dot for each word, and what is left of each in the end."""
    panel = Panel(360, 290, title="A state passes all words, and fades")
    panel.wire((2, LINE), (359, LINE), role=MEMORY, width=STREAM)
    for x, word in zip(AT, words, strict=True):
        panel.text(x, WORDS, word)
        panel.wire((x, WORDS + 9), (x, LINE - 8))
        panel.shape("circle", cx=x, cy=LINE, r=6.5, fill=MEMORY)
    panel.text(4, LINE + 27, "the state: of one size, whatever was read", align="start")
    panel.text(4, ROW - 23, "What it feels of each word in the end:", align="start")
    for x, value in zip(AT, felt, strict=True):
        square = {"x": x - WIDE / 2 + 2, "y": ROW - 12, "width": WIDE - 4, "height": 24}
        ink = 0.36 * min(max(value, 0), 1)
        panel.shape("rect", **square, rx=3, fill=INK, fill_opacity=round(ink, 3))
        panel.text(x, ROW + 4, f"{value:.2f}", size=SMALL)
    middle, wide = (AT[0] + AT[-1]) / 2, WIDE * len(AT)
    panel.box(middle, ROW, wide - 2, 26, role=INK, rx=4, tint=0)
    _notes(
        panel,
        "One dot a word: the state is read and written.",
        "An early word fades; no edge cuts it off.",
    )
    return panel


def _notes(panel: Panel, *lines: str) -> None:
    for i, line in enumerate(lines):
        panel.text(4, 244 + 19 * i, line, align="start")
