"""A causal mask with the shift by one, and without it."""

from collections.abc import Sequence

from allyouneed.book.drawings.masking import hatch
from allyouneed.book.drawings.panel import INK, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

WIDE, TALL, READ, SAID = 62, 28, 78, 158  # boxes, and the heights of the two rows
LEFT = 84  # the middle of the first box
MOST = 4  # words have room in a row


def shift_by_one(words: Sequence[str], *, at: int = 2) -> Sketch:
    """Draw what the prediction at place `at` reads: with the shift, and without it.

    `words` begin with BOS and end with EOS; one fewer stands in each row.

    Raises:
        ValueError: there are more than five words, or `at` is no place of a row.
    """
    places = len(words) - 1
    if not (1 < places <= MOST and 0 <= at < places):
        raise ValueError(
            f"{len(words)} words and at={at}: give three to five words, and a place "
            "from 0"
        )
    alt = (
        "With the shift, a word is predicted from those before it. Without the shift "
        "the word to be predicted is among the words that may be read, so that copying "
        "is enough."
    )
    return sketch(
        _rows("With the shift: say the next word", words[:-1], words[1:], at),
        _rows("Without it: copy what you read", words[1:], words[1:], at),
        alt=alt,
    )


def _rows(title: str, read: Sequence[str], said: Sequence[str], at: int) -> Panel:
    panel = Panel(360, 196, title=title)
    panel.text(46, READ + 4.5, "reads", size=SMALL, align="end")
    panel.text(46, SAID + 4.5, "says", size=SMALL, align="end")
    for place, word in enumerate(read):
        x = LEFT + place * (WIDE + 10)
        panel.data(x, READ, WIDE, TALL, "" if place > at else word)
        if place > at:
            panel.text(x, READ - TALL / 2 - 6, word, size=SMALL, faint=True)
            hatch(panel, x - WIDE / 2, READ - TALL / 2, WIDE, TALL)
        panel.data(x, SAID, WIDE, TALL, said[place])
    goal = LEFT + at * (WIDE + 10)
    for place in range(at + 1):
        x = LEFT + place * (WIDE + 10)
        same = read[place] == said[at]
        start, end = (
            (x, READ + TALL / 2),
            (goal + 9 * (place - at), SAID - TALL / 2 - 5),
        )
        panel.wire(start, end, role=INK, width=4 if same else 1.5)
    panel.lit(goal, SAID, WIDE, TALL)
    return panel
