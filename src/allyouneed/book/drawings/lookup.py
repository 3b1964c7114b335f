"""A table that is read by row and scored by row, and a network with a wide middle."""

from collections.abc import Sequence

from allyouneed.book.drawings.matrices import grid
from allyouneed.book.drawings.panel import INK, LEARNED, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

MOST_WORDS, MOST_UNITS = 4, 5  # rows of the table and hidden units with room
LEFT, TOP, CELL = 138, 92, (36, 30)  # of the table
MIDDLE = 160  # of the network
SCALE = 300 / 2048  # units a feature, where bars are to scale


def table_and_network(
    table: Sequence[Sequence[float]],
    word: int,
    hidden: Sequence[float],
    values: Sequence[Sequence[float]],
    scores: Sequence[float],
    *,
    d_model: int = 512,
    d_ff: int = 2048,
) -> Sketch:
    """Draw one word through a table (V, d), a network, and the same table back.

    Args:
        table: one row a word.
        word: the row that is looked up, from 0.
        hidden: what the hidden units say before the ReLU.
        values: the rows of W2, one for each hidden unit (units, d).
        scores: what the network answers, times each row of the table (V,).
        d_model: width of a real model, drawn to scale.
        d_ff: its hidden units.

    Raises:
        ValueError: the table has no such word, or more words or units than have room.
    """
    if not (0 <= word < len(table) == len(scores) <= MOST_WORDS):
        raise ValueError(
            f"{word=}, {len(table)} rows, {len(scores)} scores: give at most "
            f"{MOST_WORDS} rows, a score for each, and a word that is one of them"
        )
    if not 0 < len(hidden) == len(values) <= MOST_UNITS:
        raise ValueError(
            f"{len(hidden)} units, {len(values)} rows: give 1 to {MOST_UNITS}, and as "
            "many rows"
        )
    kept = [max(value, 0.0) for value in hidden]
    answer = [
        sum(k * v for k, v in zip(kept, column, strict=True))
        for column in zip(*values, strict=True)
    ]
    alt = (
        "Left: a word's number picks a row of the table; at the end the state is "
        "multiplied with every row of the same table, and the highest score is the "
        f"next word. Right: {len(table[0])} numbers go up to {len(hidden)} hidden "
        "units, ReLU keeps the positive ones, and each of them adds its own row."
    )
    return sketch(
        _both_ends(table, word, answer, scores),
        _middle(table[word], hidden, values, answer, (d_model, d_ff)),
        alt=alt,
    )


def _both_ends(
    table: Sequence[Sequence[float]],
    word: int,
    answer: Sequence[float],
    scores: Sequence[float],
) -> Panel:
    panel = Panel(360, 400, title="One table, used at both ends")
    w, h = CELL
    wide, high = w * len(table[0]), h * len(table)
    row, middle = TOP + (word + 0.5) * h, LEFT + wide / 2
    panel.text(middle, TOP - 12, "the table", bold=True)
    panel.box(middle, TOP + high / 2, wide, high, role=LEARNED, rx=1.5, tint=0.24)
    grid(panel, LEFT, TOP, table, cell=CELL, form="g", learned=True)
    panel.lit(middle, row, wide - 6, h - 6)
    panel.text(44, 62, "in", bold=True)
    panel.data(44, row, 68, 28, f"word {word + 1}")
    panel.wire((78, row), (LEFT - 6, row))
    _row_goes_on(panel, middle, TOP + high, table[word], answer)
    _scores(panel, LEFT + wide, scores)
    return panel


def _row_goes_on(
    panel: Panel,
    x: float,
    y: float,
    row: Sequence[float],
    answer: Sequence[float],
) -> None:
    panel.wire((x, y + 5), (x, y + 43))
    panel.text(x - 10, y + 28, "its row", size=SMALL, align="end")
    panel.data(x, y + 58, 76, 28, _vector(row))
    panel.wire((x, y + 72), (x, y + 98))
    panel.learned(x, y + 116, 110, 34, "the layers")
    panel.wire((x, y + 133), (x, y + 159))
    panel.data(x, y + 174, 76, 28, _vector(answer))
    panel.text(x - 48, y + 178, "the state", size=SMALL, align="end")


def _scores(panel: Panel, right: float, scores: Sequence[float]) -> None:
    """The state times each row, beside the rows."""
    h, x = CELL[1], 286
    high = h * len(scores)
    bottom = TOP + high + 174
    panel.text(x + 20, 62, "out", bold=True)
    panel.text(x + 20, TOP - 12, "row · state", size=SMALL)
    panel.wire((right + 2, bottom), (x + 20, bottom), (x + 20, TOP + high + 4))
    grid(panel, x, TOP, [[score] for score in scores], cell=(40, h), form="g")
    for i in range(len(scores)):
        panel.wire((right + 6, TOP + (i + 0.5) * h), (x - 3, TOP + (i + 0.5) * h))
    best = max(range(len(scores)), key=lambda i: scores[i])
    panel.lit(x + 20, TOP + (best + 0.5) * h, 40 - 6, h - 6)
    panel.text(x + 12, TOP + high + 26, "next word:", size=SMALL, align="end")
    panel.text(x + 12, TOP + high + 43, f"word {best + 1}", size=SMALL, align="end")


def _middle(
    row: Sequence[float],
    hidden: Sequence[float],
    values: Sequence[Sequence[float]],
    answer: Sequence[float],
    widths: tuple[int, int],
) -> Panel:
    panel = Panel(
        360, 346 + 26 * len(values), title="A wide middle, at each word alone"
    )
    kept = [max(value, 0.0) for value in hidden]
    steps = ((row, "in"), (hidden, "hidden units"), (kept, "what is positive"))
    for i, (numbers, name) in enumerate(steps):
        y = 40 + 62 * i
        left = MIDDLE - 18 * len(numbers)
        grid(panel, left, y, [numbers], cell=(36, 24), form="g")
        panel.text(356, y + 16, name, size=SMALL, align="end", faint=True)
    for i, words in enumerate(("$W_1$", "ReLU")):
        y = 83 + 62 * i
        (panel.op if words == "ReLU" else panel.learned)(MIDDLE, y, 64, 20, words)
        panel.wire((MIDDLE, y - 19), (MIDDLE, y - 10), head=False)
        panel.wire((MIDDLE, y + 10), (MIDDLE, y + 19))
    bottom = _added_rows(panel, 200, kept, values)
    grid(panel, MIDDLE - 18 * len(answer), bottom, [answer], cell=(36, 24), form="g")
    panel.text(356, bottom + 16, "out: their sum", size=SMALL, align="end", faint=True)
    _to_scale(panel, bottom + 52, widths)
    return panel


def _added_rows(
    panel: Panel, y: float, kept: Sequence[float], values: Sequence[Sequence[float]]
) -> float:
    """Each unit's row of W2, times what the unit says; a silent one adds nothing."""
    panel.text(356, y + 15, "rows of $W_2$", size=SMALL, align="end", faint=True)
    for unit, (value, row) in enumerate(zip(kept, values, strict=True)):
        at = y + 26 * unit + 11
        wide = 36 * len(row)
        if value:
            panel.learned(MIDDLE, at, wide, 22, _vector(row))
        else:
            panel.ghost(MIDDLE, at, wide, 22)
            panel.text(MIDDLE, at + 4.5, _vector(row), faint=True)
            panel.text(MIDDLE + wide / 2 + 8, at + 4, "adds nothing", size=SMALL,
                       align="start", faint=True)  # fmt: skip
        panel.text(MIDDLE - wide / 2 - 8, at + 4.5, f"{value:g} ×", align="end",
                   faint=not value)  # fmt: skip
    foot = y + 26 * len(values) + 2
    panel.wire((MIDDLE - 60, foot), (MIDDLE + 60, foot), head=False)
    return foot + 8


def _to_scale(panel: Panel, y: float, widths: tuple[int, int]) -> None:
    said = "the base model, to scale"
    panel.text(4, y, said, size=SMALL, align="start", faint=True)
    d_model, d_ff = widths
    for i, size in enumerate((d_model, d_ff, d_model)):
        middle = y + 16 + 22 * i
        panel.box(MIDDLE, middle, size * SCALE, 15, role=INK, rx=3, tint=0.2)
        panel.text(MIDDLE, middle + 4, f"{size:,}", size=SMALL)


def _vector(values: Sequence[float]) -> str:
    return f"({', '.join(f'{value:g}' for value in values)})".replace("-", "−")
