"""What waiting costs one core: many calls with little in each, or one that is full."""

from allyouneed.book.drawings.panel import INK, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

MOST = 64  # steps that a panel has room for
LEFT, WIDE, HIGH = 8, 344, 46  # of the time line, and of a core that is full
ROWS = (74, 166)  # tops of the two time lines
SHARE = 0.9  # of a step's time that is the product itself, where it is full
LITTLE = 0.12  # of the core's height that one vector takes


def steps_that_wait(*, words: int, sentences: int) -> Sketch:
    """Draw a recurrent layer on one core, in turn and at once, by the batch.

    Time runs to the right, the height of a box is how full the core is; neither is to
    scale, and each panel has its own clock.

    Raises:
        ValueError: there is no room for so many words, or only one sentence to compare.
    """
    if not 1 < words <= MOST or sentences < 2:
        raise ValueError(
            f"{words=}, {sentences=}: give 2 to {MOST} words, and 2 sentences or more"
        )
    alt = (
        f"One core over time. One sentence: {words} states in turn are {words} calls "
        "that hardly fill the core; all at once they are one short call that fills it. "
        f"{sentences} sentences: each of {words} calls fills the core already, and one "
        "long call takes hardly less time."
    )
    lone = _panel("One sentence: the core is nearly empty", words, 1)
    many = _panel(f"{sentences} sentences: each step fills it", words, sentences)
    return sketch(lone, many, alt=alt)


def _panel(title: str, words: int, sentences: int) -> Panel:
    panel = Panel(360, 254, title=title)
    pitch, fill = WIDE / words, 1 if sentences > 1 else LITTLE
    each = "1 vector" if sentences == 1 else f"{sentences} vectors"
    panel.text(LEFT, 58, f"in turn: {words} calls of {each}", align="start")
    _core(panel, ROWS[0], WIDE)
    for word in range(words):
        _work(panel, LEFT + pitch * word, ROWS[0], pitch * SHARE, fill)
    panel.text(
        LEFT, 150, f"at once: 1 call of {words * sentences:,} vectors", align="start"
    )
    long = WIDE * SHARE * fill
    _core(panel, ROWS[1], WIDE)
    _work(panel, LEFT, ROWS[1], long, 1)
    panel.text(LEFT + long + 8, ROWS[1] + HIGH / 2 + 4, "done", size=SMALL,
               align="start", faint=True)  # fmt: skip
    panel.wire((LEFT, 228), (LEFT + WIDE, 228), faint=0.6)
    panel.text(LEFT + WIDE, 246, "time", size=SMALL, align="end", faint=True)
    return panel


def _core(panel: Panel, y: float, wide: float) -> None:
    """What the core could do: as high as a box that fills it."""
    for at in (y, y + HIGH):
        panel.wire((LEFT, at), (LEFT + wide, at), head=False, faint=0.25)


def _work(panel: Panel, x: float, y: float, wide: float, fill: float) -> None:
    look = {"fill": INK, "fill_opacity": 0.5, "rx": 1}
    high = HIGH * fill
    panel.shape("rect", x=x, y=y + HIGH - high, width=wide, height=high, **look)
