"""One attention head on four words, step by step, with every number shown.

Each product is laid out so that a result stands where its row meets its column.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from allyouneed.book.drawings.head_numbers import Head, counted, said
from allyouneed.book.drawings.matrices import grid
from allyouneed.book.drawings.panel import INK, KEY, LEARNED, QUERY, SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

STEPS = ("words", "queries", "keys, values", "scores", "÷ √d", "softmax", "mix")
H, TOP, ABOVE = 22, 142, 132  # a cell; where rows of words begin; what is above ends
AT_X, AT_W = 36, (136, 206, 276)  # left panel: X, then Q, K, V under their matrices
AT_Q, AT_S, AT_O = 34, 96, 262  # right panel: queries, scores, output
C_X, C_W, C_Q, C_S, C_O = 30, 32, 28, 40, 33  # how wide a cell is in each


def one_head(head: Head, *, step: str = "mix", word: str = "") -> Sketch:
    """Draw the head up to one of `STEPS`, followed for one of its words (the last).

    Raises:
        ValueError: no such step, or no such word.
    """
    for name, value, known in (("step", step, STEPS), ("word", word, head.words)):
        if value and value not in known:
            raise ValueError(f"{name}={value!r}: choose one of {', '.join(known)}")
    at, row = STEPS.index(step), [*head.words].index(word or head.words[-1])
    left, right = _projections(head, at, row), _looking(head, at, row)
    (left if at < 3 else right).text(4, 277, counted(head, at, row), align="start")
    alt = f"{said(head, at, row)} Step {at + 1} of {len(STEPS)} of one attention head."
    return sketch(left, right, alt=alt)


def _projections(head: Head, at: int, row: int) -> Panel:
    """X, three learned matrices over it, and what they make of it."""
    panel = Panel(360, 284, title="From words to queries, keys, values")
    _rows_of(panel, head.words, row)
    _matrix(panel, "$X$", AT_X, TOP, head.x, role=INK, wide=C_X, form=".0f")
    parts = (
        ("Q", head.w_q, head.q, QUERY),
        ("K", head.w_k, head.k, KEY),
        ("V", head.w_v, head.v, VALUE),
    )
    for x, (name, w, y, role) in zip(AT_W, parts, strict=True):
        top = ABOVE - 3 * H
        grid(panel, x, top, w.tolist(), role=LEARNED, cell=(C_W, H), learned=True)
        panel.text(x + C_W, top - 8, f"$W^{name}$")
        seen = at >= (1 if name == "Q" else 2)
        _matrix(panel, f"${name}$", x, TOP, y, role=role, wide=C_W, seen=seen)
    if at < 3:
        _mark(panel, AT_X, TOP + row * H, 3 * C_X, H)
    for i in {1: [0], 2: [1, 2]}.get(at, []):
        _mark(panel, AT_W[i], ABOVE - 3 * H, C_W, 3 * H)
        _mark(panel, AT_W[i], TOP + row * H, C_W, H)
    return panel


def _looking(head: Head, at: int, row: int) -> Panel:
    """Queries beside keys make scores; weights beside values make the output."""
    panel, best = (
        Panel(360, 284, title="Look, then mix"),
        int(head.weights[row].argmax()),
    )
    _rows_of(panel, head.words, row)
    for j, word in enumerate(head.words):
        x, bold = AT_S + (j + 0.5) * C_S, at in (3, 4) and j == best
        panel.text(x, ABOVE - 8 - 2 * H, word, size=SMALL, bold=bold)
        y = ABOVE + (j - 3.3) * H
        panel.text(AT_O + 2 * C_O + 4, y, word, size=SMALL, align="start")
    _matrix(panel, "$Q$", AT_Q, TOP, head.q, role=QUERY, wide=C_Q, seen=at > 2)
    panel.text(AT_S - 8, ABOVE + 4 - H, "$K^T$", align="end")
    _matrix(panel, "", AT_S, ABOVE - 2 * H, head.k.T, role=KEY, wide=C_S, seen=at > 2)
    name, table = ("scores", head.scores) if at < 4 else ("weights", head.weights)
    name, table = ("scores / $√d_k$", head.scaled) if at == 4 else (name, table)
    form = ".3f" if at > 4 else ".2f"  # so that printed shares sum to 1
    look: dict[str, Any] = {"wide": C_S, "form": form, "ink": at > 4}
    _matrix(panel, name, AT_S, TOP, table, role=INK, seen=at > 2, **look)
    _values(panel, head, row if at == 6 else None, seen=at > 5)
    look = {"wide": C_O, "form": ".2f"}
    _matrix(panel, "output", AT_O, TOP, head.out, role=VALUE, seen=at > 5, **look)
    _marks(panel, at, row, best)
    return panel


def _marks(panel: Panel, at: int, row: int, best: int) -> None:
    """Frames around what is multiplied, and around the result."""
    y, key = TOP + row * H, AT_S + best * C_S
    if at == 3:
        _mark(panel, AT_Q, y, 2 * C_Q, H)
        _mark(panel, key, ABOVE - 2 * H, C_S, 2 * H)
    if at in (3, 4):
        _mark(panel, key, y, C_S, H)
    if at in (5, 6):
        _mark(panel, AT_S, y, 4 * C_S, H)
    if at == 6:
        _mark(panel, AT_O, ABOVE - 4 * H, C_O, 4 * H)
        _mark(panel, AT_O, y, C_O, H)


def _values(panel: Panel, head: Head, row: int | None, *, seen: bool) -> None:
    """V over the output; with a row, each value has as much colour as its weight."""
    top, wide = ABOVE - 4 * H, 2 * C_O
    panel.text(AT_O + C_O, top - 7, "$V$")
    for j, weight in enumerate(head.weights[row].tolist() if row is not None else []):
        box = {"x": AT_O + 1, "y": top + j * H + 1, "width": wide - 2, "height": H - 2}
        panel.shape("rect", **box, rx=4, fill=VALUE, fill_opacity=0.6 * weight)
    look: dict[str, Any] = {"wide": C_O, "tint": row is None}
    _matrix(panel, "", AT_O, top, head.v, role=VALUE, seen=seen, **look)


def _matrix(
    panel: Panel,
    name: str,
    x: float,
    y: float,
    values: np.ndarray,
    *,
    role: str,
    wide: float,
    seen: bool = True,
    form: str = ".1f",
    ink: bool = False,
    tint: bool = True,
) -> None:
    """A matrix over its name, or the dashed place where it will stand."""
    w, h = values.shape[1] * wide, values.shape[0] * H
    if seen:
        look: dict[str, Any] = {
            "cell": (wide, H),
            "form": form,
            "ink": ink,
            "tint": tint,
        }
        grid(panel, x, y, values.tolist(), role=role, **look)
    else:
        panel.ghost(x + w / 2, y + h / 2, w, h, role=role)
    if name:
        panel.text(x + w / 2, y + h + 18, name)


def _rows_of(panel: Panel, words: Sequence[str], row: int) -> None:
    for i, word in enumerate(words):
        y = TOP + (i + 0.7) * H
        panel.text(28, y, word, size=SMALL, align="end", bold=i == row)


def _mark(panel: Panel, x: float, y: float, w: float, h: float) -> None:
    panel.lit(x + w / 2, y + h / 2, w - 6, h - 6)
