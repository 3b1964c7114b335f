"""One step of an LSTM with its numbers: what each tap does to the line of memory."""

from math import tanh

from allyouneed.book.drawings.cells import GATES, LINE, MIDDLE, TAPS, lstm
from allyouneed.book.drawings.panel import INK, MEMORY, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

LIT = {  # centres and sizes of what is at work in the picture of the cell
    "forget": ((84, GATES, 34, 22), (84, LINE, 17, 17)),
    "write": ((140, GATES, 34, 22), (196, GATES, 34, 22), (168, MIDDLE, 17, 17)),
    "add": ((168, LINE, 17, 17),),
    "read": ((248, GATES, 34, 22), (304, 126, 36, 18), (304, GATES, 17, 17)),
}
ZERO, UNIT, TOP, PITCH = 80, 220, 44, 50  # where bars begin, how long 1 is; rows


def lstm_taps(
    *, c: float, f: float, i: float, g: float, o: float, tap: str = "read"
) -> Sketch:
    """Draw one unit's step up to one of `TAPS`, its memory as a bar.

    Args:
        c: the cell state before, from 0 to 1.
        f: the forget gate, from 0 to 1.
        i: the input gate, from 0 to 1.
        g: the candidate, from 0 to 1.
        o: the output gate, from 0 to 1.
        tap: how far the step has come.

    Raises:
        ValueError: a number that has no room, or no such tap.
    """
    if tap not in TAPS:
        raise ValueError(f"{tap=}: choose one of {', '.join(TAPS)}")
    for name, value in {"c": c, "f": f, "i": i, "g": g, "o": o}.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name}={value}: give a number from 0 to 1")
    if f * c + i * g > 1:
        raise ValueError(f"the new cell state is {f * c + i * g:g}: give at most 1")
    cell, alt = lstm(), _said(c, f, i, g, o)
    for x, y, w, h in LIT[tap]:
        cell.lit(x, y, w, h)
    alt += f" Tap {TAPS.index(tap) + 1} of {len(TAPS)}: {tap}."
    return sketch(cell, _numbers(c, f, i, g, o, TAPS.index(tap)), alt=alt)


def _said(c: float, f: float, i: float, g: float, o: float) -> str:
    return (
        "An LSTM's memory runs along a line. The forget gate multiplies it, the input "
        "gate lets a candidate be added, the output gate reads it: "
        f"{f:g} times {c:g} plus {i:g} times {g:g}, read with {o:g}."
    )


def _numbers(c: float, f: float, i: float, g: float, o: float, at: int) -> Panel:
    """The memory after each tap, as a bar; rows not reached are dashed."""
    kept, new = f * c, f * c + i * g
    rows = (
        ("before", 0.0, c, f"$c_{{t-1}}$ = {c:g}"),
        ("forget", 0.0, kept, f"$f_t$ · $c_{{t-1}}$ = {f:g} · {c:g} = {kept:g}"),
        ("write", kept, new, f"$i_t$ · $c̃_t$ = {i:g} · {g:g} = {i * g:g}"),
        ("add", 0.0, new, f"$c_t$ = {kept:g} + {i * g:g} = {new:g}"),
        ("read", 0.0, o * tanh(new), _read(o, new)),
    )
    panel = Panel(360, 300, title="One unit, one word, in numbers")
    for row, (name, begin, end, words) in enumerate(rows):
        y, seen = TOP + PITCH * row, row <= at + 1
        panel.text(2, y + 16, name, align="start", bold=row == at + 1, faint=not seen)
        if not seen:
            panel.ghost(ZERO + UNIT / 2, y + 12, UNIT, 22)
            continue
        role = INK if name == "read" else MEMORY
        _bar(panel, ZERO, y, begin, end, role, filled=name != "write")
        panel.text(ZERO, y + 39, words, size=SMALL, align="start")
    return panel


def _bar(
    panel: Panel, x: float, y: float, a: float, b: float, role: str, *, filled: bool
) -> None:
    """A bar from a to b over an outline that ends at 1."""
    outline = {"x": x, "y": y + 1, "width": UNIT, "height": 22, "rx": 3}
    panel.shape("rect", **outline, fill="none", stroke=INK, opacity=0.3)
    look = {"fill": role, "fill_opacity": 0.5 if filled else 0.2, "stroke": role}
    wide = max((b - a) * UNIT, 0.5)
    panel.shape("rect", x=x + a * UNIT, y=y + 1, width=wide, height=22, rx=3, **look)
    panel.text(x + UNIT + 8, y + 16, f"{b - a:.2f}", size=SMALL, align="start")


def _read(o: float, new: float) -> str:
    inside = tanh(new)
    return f"$h_t$ = $o_t$ · tanh($c_t$) = {o:g} · {inside:.2f} = {o * inside:.2f}"
