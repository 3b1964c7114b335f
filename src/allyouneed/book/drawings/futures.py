"""Hide before the softmax or after it: only one of them hides the future."""

from collections.abc import Sequence

from allyouneed.book.drawings.masking import hatch, ink
from allyouneed.book.drawings.panel import INK, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

LEFT, WIDE, TALL = 12, 336, 34  # the bar of one row of weights
TWO = 2  # futures are compared, and so many words are visible


def two_futures(exponentials: Sequence[Sequence[float]], *, visible: int) -> Sketch:
    """Draw one past with two futures, hidden before the softmax and after it.

    `exponentials` holds exp of the scores of one row for each future (2, K); its first
    `visible` numbers may be looked at.

    Raises:
        ValueError: there are not two futures of one past.
    """
    pasts = {tuple(row[:visible]) for row in exponentials}
    if len(exponentials) != TWO or len(pasts) != 1 or not 0 < visible < WIDE:
        raise ValueError(
            f"{len(exponentials)} rows with {len(pasts)} pasts of {visible} numbers: "
            "give two futures of one past"
        )
    before = [row[:visible] for row in exponentials]
    alt = (
        "One past with two futures. Hidden before the softmax, the visible words get "
        "the same weights in both; set to zero after it, they get smaller weights "
        "the larger the hidden numbers are, so the future shows."
    )
    return sketch(
        _panel("Hide first: the future leaves no trace", before, visible, exponentials),
        _panel("Zero after: the future shows", exponentials, visible, exponentials),
        alt=alt,
    )


def _panel(
    title: str,
    divided: Sequence[Sequence[float]],
    visible: int,
    exponentials: Sequence[Sequence[float]],
) -> Panel:
    panel = Panel(360, 214, title=title)
    for number, (row, whole) in enumerate(zip(divided, exponentials, strict=True)):
        y = 56 + 86 * number
        future = " and ".join(f"{value:g}" for value in whole[visible:])
        panel.text(
            LEFT, y - 10, f"future {number + 1}: {future}", size=SMALL, align="start"
        )
        total = f"sum: {sum(row):g}"
        panel.text(LEFT + WIDE, y - 10, total, size=SMALL, align="end", bold=True)
        _bar(panel, y, row, visible)
    return panel


def _bar(panel: Panel, y: float, row: Sequence[float], visible: int) -> None:
    """A row's sum as a bar, a piece for each word, the weight of what is visible."""
    panel.box(LEFT + WIDE / 2, y + TALL / 2, WIDE, TALL, role=INK, rx=4, tint=0)
    x: float = LEFT
    for number, value in enumerate(row):
        wide = WIDE * value / sum(row)
        if number < visible:
            ink(panel, x, y, wide, TALL, 1)
        else:
            hatch(panel, x, y, wide, TALL)
        x += wide
    seen = ", ".join(f"{value / sum(row):.3g}" for value in row[:visible])
    panel.text(LEFT, y + TALL + 17, f"visible weights: {seen}", align="start")
