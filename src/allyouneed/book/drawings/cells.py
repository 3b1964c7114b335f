"""The LSTM: a line of memory with three taps. The GRU: one line, and one blend."""

from collections.abc import Callable

from allyouneed.book.drawings.panel import MEMORY, NAME, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

# Heights of stream, ×, gates, input, and of what passes below the cell.
LINE, MIDDLE, GATES, FLOOR, BELOW = 84, 134, 184, 236, 252
# Places of the LSTM's gates and candidate, and of where it is added to and read.
FORGET, INPUT, NEW, OUTPUT, ADD, READ = 84, 140, 196, 248, 168, 304
TAPS = ("forget", "write", "add", "read")


def _gate(panel: Panel, x: float, words: str) -> None:
    """A learned box over the input line, fed from it."""
    panel.dot(x, FLOOR)
    panel.wire((x, FLOOR), (x, GATES + 13))
    panel.learned(x, GATES, 38, 26, words)


def _tap(panel: Panel, x: float, words: str) -> None:
    panel.text(x, LINE - 22, words, bold=True, size=SMALL)


def _before(panel: Panel, carried: str) -> None:
    panel.text(2, LINE - 12, f"${carried}_{{t-1}}$", size=NAME, align="start")


def _after(panel: Panel, carried: str) -> None:
    panel.text(358, LINE - 12, f"${carried}_t$", size=NAME, align="end")


def _word(panel: Panel) -> None:
    """The word, from below."""
    panel.wire((56, 292), (56, FLOOR), head=False)
    panel.text(66, 290, "$x_t$", size=NAME, align="start")


def _stream(panel: Panel, a: float, b: float, *, head: bool = False) -> None:
    """A stretch of the memory's line."""
    panel.wire((a, LINE), (b, LINE), role=MEMORY, width=STREAM, head=head)


def frame(title: str, *, high: float = 300) -> Panel:
    """A panel with the ground of a cell."""
    panel = Panel(360, high, title=title)
    panel.card(40, 36, 292, 230)
    return panel


def draw_lstm(panel: Panel, lit: str = "") -> None:
    """The cell on the ground of `frame`; all pale but what one of `TAPS` computes.

    Raises:
        ValueError: no such tap.
    """
    if lit and lit not in TAPS:
        raise ValueError(f"lit={lit!r}: choose one of {', '.join(TAPS)}")
    if lit:
        with panel.pale():
            for draw, taps in PIECES:
                if lit not in taps:
                    draw(panel)
    for draw, taps in PIECES:
        if not lit or lit in taps:
            draw(panel)


def lstm() -> Panel:
    """The cell state runs straight through; forget, write and read tap it."""
    panel = frame("LSTM")
    draw_lstm(panel)
    return panel


def _inputs(panel: Panel) -> None:
    """The word and the state before, as far as the first gate."""
    _word(panel)
    panel.text(2, FLOOR - 12, "$h_{t-1}$", size=NAME, align="start")
    panel.dot(56, FLOOR)
    panel.wire((2, FLOOR), (FORGET, FLOOR), head=False)


def _inputs_on(panel: Panel) -> None:
    panel.wire((FORGET, FLOOR), (NEW, FLOOR), head=False)


def _inputs_to_the_end(panel: Panel) -> None:
    panel.wire((NEW, FLOOR), (OUTPUT, FLOOR), head=False)


def _line(panel: Panel) -> None:
    """The memory as it comes, multiplied, then added to."""
    _before(panel, "c")
    _stream(panel, 2, FORGET - 10.5)
    panel.point(FORGET, LINE, "×")
    _stream(panel, FORGET + 10.5, ADD - 10.5)
    panel.point(ADD, LINE, "+")


def _line_on(panel: Panel) -> None:
    """The new memory."""
    _stream(panel, ADD + 10.5, 358, head=True)
    _after(panel, "c")


def _forget(panel: Panel) -> None:
    _tap(panel, FORGET, "forget")
    _gate(panel, FORGET, "σ")


def _forgotten(panel: Panel) -> None:
    panel.wire((FORGET, GATES - 13), (FORGET, LINE + 10.5))
    panel.text(FORGET + 7, 156, "$f_t$", align="start")


def _write(panel: Panel) -> None:
    _tap(panel, ADD, "write")
    _gate(panel, INPUT, "σ")
    _gate(panel, NEW, "tanh")


def _written(panel: Panel) -> None:
    panel.wire((INPUT, GATES - 13), (INPUT, MIDDLE), (ADD - 10.5, MIDDLE))
    panel.wire((NEW, GATES - 13), (NEW, MIDDLE), (ADD + 10.5, MIDDLE))
    panel.text(INPUT - 14, 156, "$i_t$", align="start")
    panel.text(NEW + 7, 156, "$c̃_t$", align="start")


def _added(panel: Panel) -> None:
    panel.point(ADD, MIDDLE, "×")
    panel.wire((ADD, MIDDLE - 10.5), (ADD, LINE + 10.5))


def _read(panel: Panel) -> None:
    """Down from the line through tanh and the output gate, and out."""
    _tap(panel, READ, "read")
    _gate(panel, OUTPUT, "σ")
    panel.dot(READ, LINE, role=MEMORY)
    panel.wire((READ, LINE), (READ, 114), role=MEMORY)
    panel.op(READ, 126, 40, 22, "tanh")
    panel.wire((READ, 137), (READ, GATES - 10.5))
    panel.point(READ, GATES, "×")
    panel.wire((OUTPUT + 19, GATES), (READ - 10.5, GATES))
    panel.wire((READ, GATES + 10.5), (READ, FLOOR), (358, FLOOR))
    panel.text(OUTPUT + 25, 177, "$o_t$", align="start")
    panel.text(358, FLOOR - 12, "$h_t$", size=NAME, align="end")


# What the LSTM is made of, each with the taps in whose equations it stands.
PIECES: tuple[tuple[Callable[[Panel], None], tuple[str, ...]], ...] = (
    (_inputs, ("forget", "write", "read")),
    (_inputs_on, ("write", "read")),
    (_inputs_to_the_end, ("read",)),
    (_line, ("add",)),
    (_line_on, ("add", "read")),
    (_forget, ("forget",)),
    (_forgotten, ("forget", "add")),
    (_write, ("write",)),
    (_written, ("write", "add")),
    (_added, ("add",)),
    (_read, ("read",)),
)


def gru() -> Panel:
    """One stream; a single gate z says how much of the old stays, 1 - z of the new."""
    panel = frame("GRU")
    _word(panel)
    _before(panel, "h")
    _after(panel, "h")
    for a, b in ((2, 199.5), (220.5, 269.5), (290.5, 358)):
        _stream(panel, a, b, head=b == 358)
    panel.point(210, LINE, "×")
    panel.point(280, LINE, "+")
    for x, words in ((106, "reset"), (210, "keep"), (280, "write")):
        _tap(panel, x, words)
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
