"""A word's vector and its position's, added: which of the two decides the sum."""

from collections.abc import Mapping

from allyouneed.book.drawings.panel import INK, LEARNED, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

Ratios = Mapping[str, float]
PANELS, EACH = 2, 2  # panels, and sums in a panel
LONGEST, FLOOR = 104, 176  # units of the longer arrow, where the words lie
LEFTS = (8, 188)  # of the two sums of a panel
LEAST = 14  # units that an arrow needs for its head
THICK = 3


def added_arrows(tables: Mapping[str, Ratios]) -> Sketch:
    """Draw word plus position, in true proportion, for two tables and two ways each.

    Args:
        tables: by the panel's title, then by a name: how many times as long as the
            position's vector the word's is.

    Raises:
        ValueError: there are other than two by two, or a ratio is not above 0.
    """
    ratios = [ratio for table in tables.values() for ratio in table.values()]
    sizes = [len(table) for table in tables.values()]
    if sizes != [EACH] * PANELS or min(ratios) <= 0:
        raise ValueError(
            f"sums in each panel: {sizes}, ratios {ratios}: give 2 in 2, above 0"
        )
    said = "; ".join(
        f"{title}, {name}: {ratio:.2f}"
        for title, table in tables.items()
        for name, ratio in table.items()
    )
    alt = (
        "A word's vector with its position's added, at a right angle and in true "
        f"proportion. Length of the word over that of the position: {said}."
    )
    return sketch(*(_panel(*table) for table in tables.items()), alt=alt)


def _panel(title: str, table: Ratios) -> Panel:
    panel = Panel(360, 222, title=title)
    for x, (name, ratio) in zip(LEFTS, table.items(), strict=True):
        word, place = LONGEST * min(ratio, 1), LONGEST * min(1 / ratio, 1)
        tip, end = (x + word, FLOOR), (x + word, FLOOR - place)
        panel.wire((x, FLOOR), end, head=False, faint=0.5)
        for through, size, role in (
            (((x, FLOOR), tip), word, LEARNED),
            ((tip, end), place, INK),
        ):
            panel.wire(*through, role=role, width=THICK, head=size > LEAST)
        panel.text(x, 48, name, align="start")
        panel.text(x, FLOOR + 17, "word", size=SMALL, align="start")
        panel.text(x + word + 7, FLOOR - place / 2 + 4, "position", size=SMALL,
                   align="start")  # fmt: skip
        panel.text(x, FLOOR + 38, f"{ratio:.2f} : 1", bold=True, align="start")
    return panel
