"""What an answer owes to the token with the largest weight: silence it in two ways."""

from collections.abc import Sequence
from dataclasses import dataclass

from allyouneed.book.drawings.masking import hatch
from allyouneed.book.drawings.panel import INK, SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

WAYS = ("as it is", "top token: value zero", "top token taken away")
TOKENS, VALUES, BINS = 9, 16, 20  # places for tokens and values; bars of a histogram
FIRST, ANSWER, MOVES, WIDE = 4, 142, 252, 100  # left ends of the columns, width of two
CELL, HIGH, TOP, PITCH = 13, 40, 70, 86  # of a token, of a row; the first, the next


@dataclass(frozen=True)
class Silenced:
    """One question of a kind in full, and how far the answers to all of them move.

    Attributes:
        kind: what these questions have in common.
        weights: of the nine tokens, the blank one first: as it is, token taken away.
        lengths: of the nine values that these tokens would send.
        answers: shares of the sixteen values: as it is, value empty, token taken away.
        moves: what share of each question's answer moves, in the latter two ways.
        right: the place of the right value; none: all values are equally right.

    Raises:
        ValueError: other numbers of tokens, values or ways, no length or no questions.
    """

    kind: str
    weights: Sequence[Sequence[float]]
    lengths: Sequence[float]
    answers: Sequence[Sequence[float]]
    moves: Sequence[Sequence[float]]
    right: int | None = None

    def __post_init__(self) -> None:
        wanted = {"weights": [TOKENS] * 2, "answers": [VALUES] * len(WAYS)}
        for name, sizes in wanted.items():
            found = [len(row) for row in getattr(self, name)]
            if found != sizes:
                raise ValueError(f"{name} of {found} numbers: give {sizes}")
        lengths = self.lengths
        if len(lengths) != TOKENS or min(lengths) < 0 or not max(lengths):
            said = f"lengths={list(lengths)}: give {TOKENS}, one of them above 0"
            raise ValueError(said)
        if len(self.moves) != 2 or not all(map(len, self.moves)):
            counts = [len(way) for way in self.moves]
            raise ValueError(f"moves of {counts} questions: give some, in two ways")

    @property
    def top(self) -> int:
        """The token with the largest weight."""
        return max(range(TOKENS), key=self.weights[0].__getitem__)

    @property
    def means(self) -> list[float]:
        """How far an answer moves on average, each way."""
        return [sum(way) / len(way) for way in self.moves]


def silenced_token(*kinds: Silenced) -> Sketch:
    """Draw for each kind of question what the answer becomes without its favourite."""
    said = (
        f"{found.kind}: the largest weight, {found.weights[0][found.top]:.2f}, is on "
        f"{'a pair' if found.top else 'the blank token'}. Answers move by "
        f"{found.means[0]:.2f} without its value, by {found.means[1]:.2f} without the "
        "token."
        for found in kinds
    )
    return sketch(*map(_kind, kinds), alt=" ".join(said))


def _kind(found: Silenced) -> Panel:
    panel = Panel(360, TOP + PITCH * len(WAYS) - 26, title=found.kind)
    heads = {FIRST: "weights, values", ANSWER: "one answer", MOVES: "all answers"}
    for x, words in heads.items():
        panel.text(x, TOP - 28, words, size=SMALL, align="start", faint=True)
    for row, (way, shares) in enumerate(zip(WAYS, found.answers, strict=True)):
        y = TOP + PITCH * row
        panel.text(FIRST, y - 8, way, align="start", bold=True)
        _tokens(panel, y, found, row)
        _bars(panel, ANSWER, y, shares, role=VALUE)
        if found.right is not None:
            panel.dot(ANSWER + (found.right + 0.5) * WIDE / VALUES, y + HIGH + 7)
        if row:
            _moves(panel, y, found.moves[row - 1], found.means[row - 1])
        else:
            _key(panel, y, found)
    return panel


def _key(panel: Panel, y: float, found: Silenced) -> None:
    """What would be right."""
    words = "right: all alike" if found.right is None else "the right value"
    if found.right is not None:
        panel.dot(MOVES + 4, y + HIGH + 7)
    shift = 0 if found.right is None else 13
    panel.text(MOVES + shift, y + HIGH + 11, words, size=SMALL, align="start")


def _tokens(panel: Panel, y: float, found: Silenced, row: int) -> None:
    """The tokens, each as black as its weight; below it its value, as high as long."""
    gone = found.top if row == 2 else None
    for i, weight in enumerate(found.weights[row == 2]):
        look = {"x": _place(i), "y": y, "width": CELL - 2, "height": 20}
        if weight >= 0.005:
            panel.shape("rect", **look, fill=INK, fill_opacity=round(weight, 2))
    cells = [i for i in range(TOKENS) if i != gone]
    boxes = "".join(_box(i, y, 20) for i in cells)
    panel.shape("path", d=boxes, fill="none", stroke=INK, opacity=0.6)
    sent = (i for i in range(TOKENS) if not row or i != found.top)
    longest = max(found.lengths)
    values = (_box(i, y + 24, 14 * found.lengths[i] / longest) for i in sent)
    panel.shape("path", d="".join(values), fill=VALUE)
    middle = _place(found.top) + CELL / 2 - 1
    if row == 1:
        panel.box(middle, y + 31, CELL - 3, 13, role=VALUE, rx=1, tint=0)
    if row == 2:
        hatch(panel, _place(found.top), y, CELL - 2, 37, gap=4)
    panel.text(_place(0), y + HIGH + 11, "blank", size=SMALL, align="start")
    panel.text(_place(5), y + HIGH + 11, "pairs", size=SMALL)


def _place(token: int) -> float:
    """Its left edge; the blank one stands apart."""
    return FIRST + CELL * token + (6 if token else 0)


def _box(token: int, y: float, high: float) -> str:
    """The d of a box at its place."""
    return f"M{_place(token)} {y}h{CELL - 2}v{high:.1f}h{2 - CELL}z"


def _bars(
    panel: Panel, x: float, y: float, shares: Sequence[float], *, role: str
) -> None:
    """A bar for each share, on a line; the whole height is 1."""
    wide, foot = WIDE / len(shares), y + HIGH
    bars = (
        f"M{x + i * wide + 0.5:g} {foot}v{-share * HIGH:.1f}h{wide - 1:g}V{foot}z"
        for i, share in enumerate(shares)
        if share * HIGH >= 0.05
    )
    panel.shape("path", d="".join(bars), fill=role)
    panel.wire((x, foot), (x + WIDE, foot), head=False, width=1)


def _moves(panel: Panel, y: float, moved: Sequence[float], mean: float) -> None:
    """How many answers move so far, from 0 to 1."""
    counts = [0] * BINS
    for move in moved:
        counts[min(int(move * BINS), BINS - 1)] += 1
    _bars(panel, MOVES, y, [count / len(moved) for count in counts], role=INK)
    panel.text(MOVES, y - 8, f"move by {mean:.2f}", align="start", bold=True)
    for x, words in ((0, "0"), (WIDE / 2, "share moved"), (WIDE, "1")):
        panel.text(MOVES + x, y + HIGH + 14, words, size=SMALL)
