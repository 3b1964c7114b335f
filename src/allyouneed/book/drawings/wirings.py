"""Where the norm stands: on the stream, as in the paper, or beside it."""

from allyouneed.book.drawings.panel import INK, NAME, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

TOP, END = 66, 416
MORE = (358, 366, 374)  # of the dots that stand for the other layers


def two_wirings() -> Sketch:
    """Draw post-norm and pre-norm in one panel, so that a phone shows both."""
    alt = (
        "Post-norm puts a normalisation on the residual stream after each addition, so "
        "nothing passes unchanged; pre-norm puts it on the branch into each sub-layer, "
        "so the stream runs straight from the input to one last norm."
    )
    panel = Panel(360, 462)
    _post(panel, 44)
    _pre(panel, 224)
    return sketch(panel, alt=alt)


def _post(panel: Panel, x: float) -> None:
    _title(panel, x, "Post-norm", "the paper, 2017")
    ends: list[float] = [TOP]
    for y, words in ((96, "attention"), (228, "feed-forward")):
        panel.dot(x, y)
        panel.wire((x, y), (x + 76, y), (x + 76, y + 18))
        panel.learned(x + 76, y + 32, 98, 28, words)
        panel.wire((x + 76, y + 46), (x + 76, y + 64), (x + 10.5, y + 64))
        panel.point(x, y + 64, "+")
        panel.learned(x, y + 98, 54, 26, "norm")
        ends += [y + 53.5, y + 74.5, y + 85, y + 111]
    _stream(panel, x, [*ends, MORE[0] - 8, MORE[-1] + 8, END + 20])
    _more_layers(panel, x)


def _pre(panel: Panel, x: float) -> None:
    _title(panel, x, "Pre-norm", "most models since")
    ends: list[float] = [TOP]
    for y, words in ((84, "attention"), (204, "feed-forward")):
        panel.dot(x, y)
        panel.wire((x, y), (x + 76, y), (x + 76, y + 12))
        panel.learned(x + 76, y + 25, 54, 26, "norm")
        panel.wire((x + 76, y + 38), (x + 76, y + 52))
        panel.learned(x + 76, y + 66, 98, 28, words)
        panel.wire((x + 76, y + 80), (x + 76, y + 98), (x + 10.5, y + 98))
        panel.point(x, y + 98, "+")
        ends += [y + 87.5, y + 108.5]
    panel.learned(x, END - 14, 54, 26, "norm")
    panel.text(x + 34, END - 10, "only at the end", size=SMALL, align="start")
    ends += [MORE[0] - 8, MORE[-1] + 8, END - 27, END - 1]
    _stream(panel, x, [*ends, END + 20])
    _more_layers(panel, x)


def _more_layers(panel: Panel, x: float) -> None:
    """Dots on the stream: the drawing has one layer, the model has several."""
    for y in MORE:
        panel.shape("circle", cx=x, cy=y, r=2.2, fill=INK)
    panel.text(x + 34, MORE[1] + 4, "more layers", size=SMALL, align="start")


def _title(panel: Panel, x: float, name: str, note: str) -> None:
    panel.text(x - 40, 18, name, size=NAME, align="start", bold=True)
    panel.text(x - 40, 36, note, size=SMALL, align="start", faint=True)
    panel.text(x, TOP - 8, "$x$", size=NAME)


def _stream(panel: Panel, x: float, ends: list[float]) -> None:
    """The residual stream from top to bottom, interrupted only where it is changed."""
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        panel.wire((x, a), (x, b), width=STREAM, head=b == ends[-1])
