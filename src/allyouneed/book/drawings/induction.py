"""Two looks, one after the other, that find what stood behind an earlier symbol."""

from collections.abc import Sequence

from allyouneed.book.drawings.panel import KEY, QUERY, SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

LEAST, FULL = 0.1, 7  # a weight that is drawn; the width of a line of weight 1
LEFT, STEP, LOOKS, LOOKED = (
    26,
    44,
    72,
    168,
)  # places of the symbols; heights of two rows
MOST = 8
Weights = Sequence[Sequence[float]]


def two_looks(symbols: str, first: Weights, second: Weights) -> Sketch:
    """Draw how a head that looks one back and one that looks for it recall a value.

    Args:
        symbols: pairs of a key and a value, a separator, the key that is asked.
        first: weights (T, T) of a head of the first layer.
        second: weights (T, T) of a head of the second layer.

    Raises:
        ValueError: no question of two or three pairs, or weights of another shape.
    """
    size = len(symbols)
    sizes = {size, *(len(row) for table in (first, second) for row in (table, *table))}
    asked = symbols[: size - 2 : 2].find(symbols[-1]) if size in (6, MOST) else -1
    if asked < 0 or len(sizes) > 1:
        raise ValueError(
            f"symbols={symbols!r} with weights of sizes {sorted(sizes)}: give two or "
            "three pairs, a separator, one of the keys, and as many weights"
        )
    key, value = 2 * asked, 2 * asked + 1
    looked = second[-1][value]
    alt = (
        f"Two looks at the question {' '.join(symbols)}. In the first layer the value "
        f"{symbols[value]} looks at the key before it with {first[value][key]:.2f} of "
        f"its weight; in the second the last {symbols[-1]} looks at this value with "
        f"{looked:.2f}."
    )
    values = range(1, size - 2, 2)
    return sketch(
        _look("First layer: which key is before me?", symbols, first, values),
        _look("Second layer: who follows my key?", symbols, second, [size - 1]),
        alt=alt,
    )


def _look(title: str, symbols: str, weights: Weights, rows: Sequence[int]) -> Panel:
    """One layer: the symbols that look above, those that are looked at below."""
    panel = Panel(360, 216, title=title)
    panel.text(4, LOOKS - 24, "looks", size=SMALL, align="start", faint=True)
    panel.text(4, LOOKED + 42, "is looked at, weight", size=SMALL, align="start")
    places = [LEFT + STEP * i for i in range(len(symbols))]
    told = {}
    for row in rows:
        for j, weight in enumerate(weights[row]):
            if weight >= LEAST:
                told[j] = f"{weight:.2f}"
                ends = (places[j], LOOKED - 13), (places[row], LOOKS + 16)
                panel.wire(*ends, role=VALUE, width=FULL * weight, head=weight > 0.3)
    for i, (x, symbol) in enumerate(zip(places, symbols, strict=True)):
        for y, role in ((LOOKS, QUERY), (LOOKED, KEY)):
            here = i in (rows if y == LOOKS else told)
            (panel.data if here else panel.ghost)(x, y, 30, 24, role=role)
            panel.text(x, y + 4.5, symbol, mono=True, faint=not here)
        if i in told:
            panel.text(x, LOOKED + 27, told[i], size=SMALL)
    return panel
