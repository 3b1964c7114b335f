"""A layer of the paper beside one of today: what changed bears a number in both."""

from allyouneed.book.drawings.panel import INK, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

X, BRANCH, NOTE = 46, 166, 240  # of the stream, of the boxes beside it, of their notes
FLOOR, HIGH = 326, 82  # where the recipe begins, and its height


def paper_and_today(
    *, heads: int, keys: int, dropout: float, smoothing: float
) -> Sketch:
    """Draw the two layers, the two recipes, and what is the same in both.

    Args:
        heads: of a layer, in both.
        keys: that they share today; in the paper each has its own.
        dropout: share of the paper's recipe; today's has none.
        smoothing: the same of the labels.

    Raises:
        ValueError: the heads cannot share so few or so many keys.
    """
    if not 1 <= keys < heads or heads % keys:
        raise ValueError(
            f"{heads=}, {keys=}: give fewer keys than heads, in equal groups"
        )
    alt = (
        "A layer of 2017 and one of today with eight changes numbered in both: where "
        "the norm stands and which it is, positions, keys, feed-forward, dropout, "
        "optimizer, rate and smoothing; attention, heads, the residual stream and a "
        "network at each position stayed."
    )
    then = _paper(heads, dropout, smoothing)
    return sketch(then, _today(heads, keys), _same(), alt=alt)


def _paper(heads: int, dropout: float, smoothing: float) -> Panel:
    panel = Panel(360, FLOOR + HIGH + 4, title="The paper, 2017")
    panel.data(BRANCH, 52, 92, 24, "sinusoids")
    panel.wire((BRANCH - 46, 52), (X + 10.5, 52))
    panel.point(X, 52, "+")
    _number(panel, NOTE, 52, 2, "added once")
    ends: list[float] = [30, 41.5, 62.5]
    for y, name in ((80, "attention"), (196, "feed-forward")):
        _branch(panel, y, name)
        panel.wire((BRANCH, y + 45), (BRANCH, y + 62), (X + 92, y + 62))
        panel.op(X + 60, y + 62, 64, 22, "dropout")
        panel.wire((X + 28, y + 62), (X + 10.5, y + 62))
        panel.point(X, y + 62, "+")
        panel.learned(X, y + 92, 84, 24, "LayerNorm")
        ends += [y + 51.5, y + 72.5, y + 80, y + 104]
    _number(panel, NOTE, 111, 3, f"{heads} heads, {heads} keys")
    _number(panel, NOTE, 142, 5, f"{dropout:.0%} dropped")
    _number(panel, X + 60, 172, 1, "on the stream")
    _number(panel, NOTE, 227, 4, "two matrices")
    _stream(panel, [*ends, FLOOR - 6])
    _recipe(panel, "Adam", "rises, then falls as 1/√step", f"{smoothing:.0%} smoothed")
    return panel


def _today(heads: int, keys: int) -> Panel:
    panel = Panel(360, FLOOR + HIGH + 4, title="Many models of today")
    ends: list[float] = [30]
    for y, name in ((52, "attention"), (178, "feed-forward")):
        panel.dot(X, y)
        panel.wire((X, y), (BRANCH, y), (BRANCH, y + 13))
        panel.learned(BRANCH, y + 25, 84, 24, "RMSNorm")
        panel.wire((BRANCH, y + 37), (BRANCH, y + 51))
        panel.learned(BRANCH, y + 66, 112, 30, name)
        panel.wire((BRANCH, y + 81), (BRANCH, y + 100), (X + 10.5, y + 100))
        panel.point(X, y + 100, "+")
        ends += [y + 89.5, y + 110.5]
    _number(panel, NOTE, 77, 1, "beside it")
    _number(panel, NOTE, 106, 2, "turned by place")
    _number(panel, NOTE, 130, 3, f"{heads} heads, {_counted(keys, 'key')}")
    _number(panel, NOTE, 166, 5, "none dropped")
    _number(panel, NOTE, 237, 4, "three matrices,")
    panel.text(NOTE + 16, 258, "one is a gate", size=SMALL, align="start")
    _stream(panel, [*ends, FLOOR - 6])
    _recipe(panel, "AdamW or Muon", "cosine, or stable, then decay", "not smoothed")
    return panel


def _same() -> Panel:
    panel = Panel(360, 74, title="The same in both")
    panel.text(4, 42, "a softmax of scaled products in several heads,", align="start")
    panel.text(4, 62, "a residual stream, a network at each position", align="start")
    return panel


def _branch(panel: Panel, y: float, name: str) -> None:
    panel.dot(X, y)
    panel.wire((X, y), (BRANCH, y), (BRANCH, y + 16))
    panel.learned(BRANCH, y + 31, 112, 30, name)


def _stream(panel: Panel, ends: list[float]) -> None:
    """The residual stream, interrupted where something is added or normalised."""
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        panel.wire((X, a), (X, b), width=STREAM, head=b == ends[-1])


def _recipe(panel: Panel, optimizer: str, rate: str, target: str) -> None:
    panel.card(4, FLOOR, 352, HIGH)
    said = ("optimizer", optimizer), ("rate", rate), ("target", target)
    for i, (what, words) in enumerate(said):
        y = FLOOR + 20 + 24 * i
        panel.text(36, y + 4, what, size=SMALL, align="start", faint=True)
        panel.text(110, y + 4, words, align="start")
        _number(panel, 20, y, 6 + i)


def _number(panel: Panel, x: float, y: float, number: int, words: str = "") -> None:
    """A change's number, and what is so here."""
    panel.shape("circle", cx=x, cy=y, r=9, fill="none", stroke=INK)
    panel.text(x, y + 4, str(number), size=SMALL)
    if words:
        panel.text(x + 16, y + 4, words, size=SMALL, align="start")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
