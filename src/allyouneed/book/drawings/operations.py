"""Where the operations of a model go: areas to scale beside its boxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from allyouneed.book.drawings.panel import INK, LEARNED, MEMORY, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

MOST_BOXES, MOST_LENGTHS = (3, 6), 4  # of encoder and decoder; bars with room
HEIGHT, FLOOR, LARGEST = 520, 478, 68  # of a panel; where boxes begin; a square's side
ROW, AIR, HEAD = 38, 10, 20  # least height of a row; round a square; a card's label
BAR = 352  # units that the longest bar has


@dataclass(frozen=True)
class Work:
    """Operations of one part; `learned` if they are products with weights."""

    name: str
    flops: float
    learned: bool = True


@dataclass(frozen=True)
class _Column:
    box: float
    square: float
    width: float


LEFT, RIGHT = _Column(56, 138, 96), _Column(234, 322, 98)


def where_operations_go(
    encoder: Sequence[Work],
    decoder: Sequence[Work],
    lengths: Mapping[int, Sequence[Work]],
    *,
    layers: int = 6,
) -> Sketch:
    """Draw a model's boxes with the area of their work, then a layer at lengths.

    Args:
        encoder: own attention's matrices, its mixing, the feed-forward network.
        decoder: the same with a second attention, two parts, before the network, and
            the scores of the words last.
        lengths: positions n, and the parts of one layer over them, weights first.
        layers: how many each of the two has.

    Raises:
        ValueError: there are more or fewer parts or lengths than have room, or some
            part has no operations.
    """
    if (len(encoder), len(decoder)) != MOST_BOXES:
        raise ValueError(
            f"{len(encoder)} and {len(decoder)} parts: give {MOST_BOXES[0]} of the "
            f"encoder and {MOST_BOXES[1]} of the decoder"
        )
    if not 0 < len(lengths) <= MOST_LENGTHS or min(lengths) < 1:
        raise ValueError(
            f"lengths {list(lengths)}: give 1 to {MOST_LENGTHS}, each above 0"
        )
    every = [*encoder, *decoder, *(part for row in lengths.values() for part in row)]
    for part in every:
        if part.flops <= 0:
            raise ValueError(f"{part.name!r} has {part.flops} operations: give some")
    of_model = [*encoder, *decoder]
    weights = _share(of_model)
    alt = (
        f"Left: the Transformer's boxes, each with a square as large as its share of "
        f"the operations; {weights:.0%} are products with weights. Right: operations "
        f"a word in one layer for {len(lengths)} lengths: only mixing grows."
    )
    boxes = _boxes(encoder, decoder, layers, weights)
    return sketch(boxes, _bars(lengths), alt=alt)


def _share(parts: Sequence[Work]) -> float:
    """Of the operations, those with weights."""
    return sum(p.flops for p in parts if p.learned) / sum(p.flops for p in parts)


def _boxes(
    encoder: Sequence[Work], decoder: Sequence[Work], layers: int, weights: float
) -> Panel:
    title = f"{weights:.0%} of the work: products with weights"
    panel = Panel(360, HEIGHT, title=title)
    all_of_it = sum(part.flops for part in (*encoder, *decoder))
    most = max(part.flops for part in (*encoder, *decoder))
    sides = {id(p): LARGEST * (p.flops / most) ** 0.5 for p in (*encoder, *decoder)}
    tall = {p: max(ROW, side + AIR) for p, side in sides.items()}
    top = FLOOR - sum(tall[id(part)] for part in encoder) - HEAD
    panel.card(2, top - 4, 166, FLOOR - top + 8, f"encoder × {layers}")
    ys = _upwards([tall[id(part)] for part in encoder], FLOOR)
    over = top - 16  # where the encoder's result crosses over
    first = [tall[id(part)] for part in decoder[:2]]
    second = [tall[id(part)] for part in decoder[2:]]
    ys_of_decoder = _upwards(first, FLOOR) + _upwards(second, over + second[0] / 2)
    end = ys_of_decoder[4] - second[2] / 2 - HEAD
    ys_of_decoder[5] = end - 6 - second[3] / 2
    panel.card(182, end - 4, 176, FLOOR - end + 8, f"decoder × {layers}")
    memory = (LEFT.box, ys[-1] - 15), (LEFT.box, over), (RIGHT.box - 49, over)
    panel.wire(*memory, role=MEMORY, width=STREAM)
    panel.text(LEFT.box + 6, over - 9, "keys and values", size=SMALL, align="start")
    for column, parts, heights in (
        (LEFT, encoder, ys),
        (RIGHT, decoder, ys_of_decoder),
    ):
        _inputs(panel, column, heights)
        for part, y in zip(parts, heights, strict=True):
            _box(panel, column, part, y)
            _square(panel, column, part, y, sides[id(part)], part.flops / all_of_it)
    return panel


def _upwards(heights: Sequence[float], floor: float) -> list[float]:
    """Centres of rows that stand on each other."""
    return [floor - sum(heights[:i]) - h / 2 for i, h in enumerate(heights)]


def _inputs(panel: Panel, column: _Column, ys: Sequence[float]) -> None:
    words = "source words" if column is LEFT else "target words"
    panel.data(column.box, FLOOR + 28, 104, 24, words)
    panel.wire((column.box, FLOOR + 16), (column.box, ys[0] + 15))
    for low, high in pairwise(ys):
        panel.wire((column.box, low - 15), (column.box, high + 15))


def _box(panel: Panel, column: _Column, part: Work, y: float) -> None:
    draw = panel.learned if part.learned else panel.op
    draw(column.box, y, column.width, 30, part.name)


def _square(
    panel: Panel, column: _Column, part: Work, y: float, side: float, share: float
) -> None:
    """The area of a part's work; small ones have their number beside them."""
    inside = side > 32
    x = column.square if inside else column.square - 14
    _area(panel, x - side / 2, y, side, side, part)
    said = f"{share:.0%}" if share > 0.01 else f"{share:.1%}"
    where = x if inside else x + side / 2 + 5
    panel.text(where, y + 4.5, said, size=SMALL, align="middle" if inside else "start")


def _area(
    panel: Panel, left: float, y: float, width: float, height: float, part: Work
) -> None:
    """Violet where weights work; mixing is ink."""
    role, tint = (LEARNED, 0.24) if part.learned else (INK, 0.3)
    panel.box(left + width / 2, y, width, height, role=role, rx=1, tint=tint)


def _bars(lengths: Mapping[int, Sequence[Work]]) -> Panel:
    panel = Panel(360, HEIGHT, title="Per word, only mixing grows")
    panel.text(4, 40, "operations a word in one encoder layer, to scale",
               size=SMALL, align="start", faint=True)  # fmt: skip
    longest = max(sum(p.flops for p in row) / n for n, row in lengths.items())
    for i, (n, row) in enumerate(lengths.items()):
        y = 92 + 88 * i
        mixing = 1 - _share(row)
        panel.text(4, y - 8, f"a text of {n:,} words", align="start", bold=True)
        panel.text(356, y - 8, f"mixing {mixing:.1%}", size=SMALL, align="end")
        left = 4.0
        for part in row:
            width = BAR * part.flops / n / longest
            _area(panel, left, y + 20, width, 36, part)
            if width > 32:
                panel.text(left + width / 2, y + 24.5, part.name)
            left += width
    foot = 92 + 88 * len(lengths) + 8
    for i, (part, words) in enumerate(
        ((Work("", 1), "violet: products with weights"),
         (Work("", 1, learned=False), "ink: mixing, words with words"))
    ):  # fmt: skip
        _area(panel, 4, foot - 4.5 + 24 * i, 16, 14, part)
        panel.text(28, foot + 24 * i, words, size=SMALL, align="start")
    return panel
