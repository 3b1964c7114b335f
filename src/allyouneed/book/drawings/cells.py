"""The LSTM: a line of memory with three taps. The GRU: one line, and one blend."""

from allyouneed.book.drawings.panel import MEMORY, NAME, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

# Heights of stream, ×, gates, input, and of what passes below the cell.
LINE, MIDDLE, GATES, FLOOR, BELOW = 84, 134, 184, 236, 252


def _gate(panel: Panel, x: float, words: str) -> None:
    """A learned box over the input line, fed from it."""
    panel.dot(x, FLOOR)
    panel.wire((x, FLOOR), (x, GATES + 13))
    panel.learned(x, GATES, 38, 26, words)


def _frame(title: str, carried: str, right: float) -> Panel:
    """The cell's ground, its stream from left to right, and its input from below."""
    panel = Panel(360, 300, title=title)
    panel.card(40, 36, right - 40, 230)
    panel.text(2, LINE - 12, f"${carried}_{{t-1}}$", size=NAME, align="start")
    panel.text(358, LINE - 12, f"${carried}_t$", size=NAME, align="end")
    panel.wire((56, 292), (56, FLOOR), head=False)
    panel.text(66, 290, "$x_t$", size=NAME, align="start")
    return panel


def _stream(panel: Panel, signs: dict[float, str]) -> None:
    """The memory's line, interrupted only where something is done to each number."""
    ends = [2, *(edge for x in signs for edge in (x - 10.5, x + 10.5)), 358]
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        panel.wire((a, LINE), (b, LINE), role=MEMORY, width=STREAM, head=b == 358)
    for x, sign in signs.items():
        panel.point(x, LINE, sign)


def lstm() -> Panel:
    """The cell state runs straight through; forget, write and read tap it."""
    panel = _frame("LSTM", "c", 332)
    _stream(panel, {84: "×", 168: "+"})
    for x, words in ((84, "forget"), (168, "write"), (304, "read")):
        panel.text(x, LINE - 22, words, bold=True, size=SMALL)
    panel.dot(56, FLOOR)
    panel.wire((2, FLOOR), (248, FLOOR), head=False)
    for x, words in ((84, "σ"), (140, "σ"), (196, "tanh"), (248, "σ")):
        _gate(panel, x, words)
    panel.wire((84, GATES - 13), (84, LINE + 10.5))
    panel.wire((140, GATES - 13), (140, MIDDLE), (157.5, MIDDLE))
    panel.wire((196, GATES - 13), (196, MIDDLE), (178.5, MIDDLE))
    panel.point(168, MIDDLE, "×")
    panel.wire((168, MIDDLE - 10.5), (168, LINE + 10.5))
    panel.dot(304, LINE, role=MEMORY)
    panel.wire((304, LINE), (304, 114), role=MEMORY)
    panel.op(304, 126, 40, 22, "tanh")
    panel.wire((304, 137), (304, GATES - 10.5))
    panel.point(304, GATES, "×")
    panel.wire((267, GATES), (293.5, GATES))
    panel.wire((304, GATES + 10.5), (304, FLOOR), (358, FLOOR))
    names = (
        (91, 156, "$f_t$"),
        (126, 156, "$i_t$"),
        (203, 156, "$c̃_t$"),
        (273, 177, "$o_t$"),
    )
    for x, y, words in names:
        panel.text(x, y, words, align="start")
    panel.text(2, FLOOR - 12, "$h_{t-1}$", size=NAME, align="start")
    panel.text(358, FLOOR - 12, "$h_t$", size=NAME, align="end")
    return panel


def gru() -> Panel:
    """One stream; a single gate z says how much of the old stays, 1 - z of the new."""
    panel = _frame("GRU", "h", 332)
    _stream(panel, {210: "×", 280: "+"})
    for x, words in ((106, "reset"), (210, "keep"), (280, "write")):
        panel.text(x, LINE - 22, words, bold=True, size=SMALL)
    panel.dot(76, LINE, role=MEMORY)
    panel.wire((76, LINE), (76, FLOOR), role=MEMORY, head=False)
    panel.dot(76, FLOOR, role=MEMORY)
    panel.wire((56, FLOOR), (210, FLOOR), head=False)
    for x, words in ((106, "σ"), (210, "σ")):
        _gate(panel, x, words)
    panel.dot(106, LINE, role=MEMORY)
    panel.wire((106, LINE), (106, MIDDLE - 10.5), role=MEMORY)
    panel.point(106, MIDDLE, "×")
    panel.wire((106, GATES - 13), (106, MIDDLE + 10.5))
    panel.wire((116.5, MIDDLE), (139, MIDDLE))
    panel.dot(56, BELOW)
    crossed = [(158, FLOOR)]  # the word alone; the state comes by the reset gate
    panel.wire((56, BELOW), (158, BELOW), (158, MIDDLE + 13), hops=crossed)
    panel.learned(158, MIDDLE, 38, 26, "tanh")
    panel.wire((177, MIDDLE), (269.5, MIDDLE))
    panel.point(280, MIDDLE, "×")
    panel.wire((280, MIDDLE - 10.5), (280, LINE + 10.5))
    panel.wire((210, GATES - 13), (210, LINE + 10.5), hops=[(210, MIDDLE)])
    panel.wire((229, GATES), (262, GATES))
    panel.op(280, GATES, 36, 24, "1 −")
    panel.wire((280, GATES - 12), (280, MIDDLE + 10.5))
    for x, y, words in ((113, 164, "$r_t$"), (217, 164, "$z_t$"), (184, 126, "$h̃_t$")):
        panel.text(x, y, words, align="start")
    return panel


def gated_cells() -> Sketch:
    """Draw the LSTM and the GRU side by side: the line of memory, and its taps."""
    alt = (
        "An LSTM carries a cell state along a straight line with three taps: a forget "
        "gate multiplies it, an input gate adds to it, an output gate reads it; a GRU "
        "carries one state and blends old and new with a single gate."
    )
    return sketch(lstm(), gru(), alt=alt)
