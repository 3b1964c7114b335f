"""How far it is from the first word to the last: a chain, a tree, all to all."""

from collections.abc import Iterable

from allyouneed.book.drawings.panel import INK, NAME, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

WORDS = 8  # a power of two: the tree is full
LEFT, STEP, TOP, LOW = 22, 24, 66, 222
Spot = tuple[float, float]


def three_paths(*, recurrent: int, dilated: int, attention: int) -> Sketch:
    """Draw the ways from the first of eight words to the last, the longest one lit.

    Args:
        recurrent: hand-overs of the state.
        dilated: layers of a dilated convolution over two positions.
        attention: layers of attention.

    Raises:
        ValueError: a number is not what eight words need.
    """
    given = (recurrent, dilated, attention)
    needed = (WORDS - 1, WORDS.bit_length() - 1, 1)
    if given != needed:
        raise ValueError(
            f"paths of {given}: between {WORDS} words a chain, a tree of two and all "
            f"to all are {needed} long"
        )
    alt = (
        f"From the first to the last of {WORDS} words: {recurrent} hand-overs through "
        f"a chain of states, {dilated} layers of a dilated convolution, {attention} "
        "layer of attention, in which every word is joined to every other."
    )
    return sketch(_chain(recurrent), _tree(dilated), _all(attention), alt=alt)


def _x(word: int) -> float:
    return LEFT + STEP * word


def _start(title: str, said: str) -> Panel:
    panel = Panel(242, 276, title=title)
    panel.text(4, 40, said, align="start")
    for word in range(WORDS):
        panel.text(_x(word), TOP - 9, str(word + 1), size=SMALL, faint=True)
    return panel


def _lines(panel: Panel, pairs: Iterable[tuple[Spot, Spot]]) -> None:
    """Thin wires, all of them in one path."""
    d = "".join(f"M{a:g} {b:g}L{c:g} {e:g}" for (a, b), (c, e) in pairs)
    panel.shape("path", d=d, stroke=INK, stroke_width=0.75, opacity=0.45, fill="none")


def _lit(panel: Panel, *spots: Spot) -> None:
    panel.wire(*spots, width=STREAM, head=False)


def _dots(panel: Panel, y: float, name: str) -> None:
    """A row: one dot a word, and what the row is."""
    for word in range(WORDS):
        panel.dot(_x(word), y)
    panel.text(_x(WORDS - 1) + 10, y + 4, name, size=SMALL, align="start", faint=True)


def _foot(panel: Panel, number: int, unit: str) -> None:
    panel.text(
        _x(WORDS - 1) + 8, 262, f"{number} {unit}", size=NAME, align="end", bold=True
    )


def _chain(length: int) -> Panel:
    panel = _start("Chain: recurrent", "each state waits for the one before")
    middle = (TOP + LOW) / 2
    _lines(panel, (((_x(i), TOP), (_x(i), middle)) for i in range(WORDS)))
    _lines(panel, (((_x(i), middle), (_x(i), LOW)) for i in range(WORDS)))
    _lit(panel, (_x(0), TOP), (_x(0), middle), (_x(WORDS - 1), middle))
    _lit(panel, (_x(WORDS - 1), middle), (_x(WORDS - 1), LOW))
    for y, name in ((TOP, "in"), (middle, "states"), (LOW, "out")):
        _dots(panel, y, name)
    _foot(panel, length, "hand-overs")
    return panel


def _tree(length: int) -> Panel:
    panel = _start("Tree: dilated convolution", "each layer looks twice as far")
    rows = [TOP + (LOW - TOP) * layer / length for layer in range(length + 1)]
    for layer in range(length):
        back = 2**layer
        pairs = [(i - hop, i) for i in range(WORDS) for hop in (0, back) if i >= hop]
        _lines(
            panel, (((_x(a), rows[layer]), (_x(b), rows[layer + 1])) for a, b in pairs)
        )
    _lit(panel, *((_x(2**layer - 1), y) for layer, y in enumerate(rows)))
    for layer, y in enumerate(rows):
        _dots(panel, y, f"layer {layer}" if layer else "in")
    _foot(panel, length, "layers")
    return panel


def _all(length: int) -> Panel:
    panel = _start("All to all: attention", "each word looks at every word")
    words = range(WORDS)
    _lines(panel, (((_x(i), TOP), (_x(j), LOW)) for i in words for j in words))
    _lit(panel, (_x(0), TOP), (_x(WORDS - 1), LOW))
    for y, name in ((TOP, "in"), (LOW, "out")):
        _dots(panel, y, name)
    _foot(panel, length, "layer")
    return panel
