"""Three ways for symbols to meet, and small questions that tell them apart."""

from collections.abc import Mapping
from itertools import pairwise

from allyouneed.book.drawings.panel import INK, MEMORY, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

MOST, LONGEST, SAID = 8, 12, 6  # rows, symbols of a question, symbols of an answer
LEFT, STEP = 122, 39  # of the left panel: where the first symbol stands, and the next
ASKED, ANSWERED, CELL = 112, 262, 11.2  # of the right one; how wide a symbol is


def ways_to_meet(
    symbols: str, questions: Mapping[str, tuple[str, str]], *, width: int = 3
) -> Sketch:
    """Draw how recurrence, convolution and attention join symbols; and questions.

    Args:
        symbols: what is read, up to six; the answer is due at the last.
        questions: at most MOST, by name: what is asked, what is to be said.
        width: symbols under the convolution's kernel.

    Raises:
        ValueError: more symbols, questions or longer ones than there is room for.
    """
    if not 2 <= len(symbols) <= 6:
        raise ValueError(f"symbols={symbols!r}: give from 2 to 6")
    for name, (asked, said) in questions.items():
        if len(asked) > LONGEST or len(said) > SAID:
            raise ValueError(
                f"{name}: {asked!r} has room for {LONGEST} symbols, {said!r} for {SAID}"
            )
    if not 1 <= len(questions) <= MOST:
        raise ValueError(f"{len(questions)} questions: give from 1 to {MOST}")
    alt = (
        "A recurrent layer hands one state from symbol to symbol, a convolution joins "
        f"a window of {width}, attention joins each symbol with all before it. Small "
        f"questions tell them apart: {', '.join(questions)}."
    )
    return sketch(_ways(symbols, width), _questions(questions), alt=alt)


def _ways(symbols: str, width: int) -> Panel:
    panel = Panel(360, 316, title="How do symbols meet?")
    places = [LEFT + STEP * i for i in range(len(symbols))]
    told = (
        ("recurrence", "one state,", "step by step"),
        ("convolution", "a window,", "fixed weights"),
        ("attention", "all before it,", "chosen weights"),
    )
    for row, (name, *notes) in enumerate(told):
        high, low = 56 + 94 * row, 100 + 94 * row
        panel.text(4, high + 4, name, align="start", bold=True)
        for i, note in enumerate(notes):
            panel.text(4, high + 22 + 16 * i, note, size=SMALL, align="start")
        for x, symbol in zip(places, symbols, strict=True):
            panel.data(x, low, 26, 20)
            panel.text(x, low + 4.5, symbol, mono=True)
            panel.learned(x, high, 24, 20)
        _wires(panel, name, places, high, low, width)
        panel.wire((places[-1] + 12, high), (places[-1] + 36, high))
    return panel


def _wires(
    panel: Panel, name: str, places: list[int], high: int, low: int, width: int
) -> None:
    """What the last symbol can know, as lines that reach it."""
    if name == "recurrence":
        for a, b in pairwise(places):
            panel.wire((a + 12, high), (b - 12, high), role=MEMORY, width=STREAM)
        for x in places:
            panel.wire((x, low - 10), (x, high + 10))
        return
    reach = width if name == "convolution" else len(places)
    for i, x in enumerate(places):
        for source in places[max(0, i - reach + 1) : i + 1]:
            last = i == len(places) - 1
            ends = (source, low - 10), (x, high + 10)
            panel.wire(*ends, head=last, faint=1 if last else 0.3)


def _questions(questions: Mapping[str, tuple[str, str]]) -> Panel:
    panel = Panel(360, 316, title="Small questions with exact answers")
    panel.text(ASKED, 42, "question", size=SMALL, align="start", faint=True)
    panel.text(ANSWERED, 42, "answer", size=SMALL, align="start", faint=True)
    for row, (name, (asked, said)) in enumerate(questions.items()):
        y = 64 + 32 * row
        panel.text(4, y + 4.5, name, align="start")
        _spelled(panel, ASKED, y, asked)
        panel.wire((ASKED + CELL * LONGEST + 2, y), (ANSWERED - 3, y))
        _spelled(panel, ANSWERED, y, said)
    return panel


def _spelled(panel: Panel, x: float, y: float, symbols: str) -> None:
    """Symbols at equal distances in a box of their own."""
    wide = CELL * len(symbols) + 8
    panel.box(x + wide / 2, y, wide, 22, role=INK, rx=6, tint=0)
    for i, symbol in enumerate(symbols):
        at = x + 4 + CELL * (i + 0.5)
        panel.text(at, y + 4.5, symbol, mono=True)
