"""Figure 1 of the paper in the book's own way: two streams, and boxes that tap them.

Post-norm, as in the paper. Each frame lights one box and tells what it does, its
shapes and its one line of code.
"""

from typing import NamedTuple

from allyouneed.book.drawings.panel import (
    KEY,
    MEMORY,
    NAME,
    QUERY,
    SMALL,
    STREAM,
    VALUE,
    Panel,
)
from allyouneed.book.drawings.sketches import Sketch, sketch

SIDES = {"encoder": (38, 118), "decoder": (322, 242)}  # of the stream, of the boxes
FIRST, PITCH = 144, 96  # where the first tap branches off, and how far to the next
ENC, DEC, TALL = "B × S × 512", "B × T × 512", 548


class Part(NamedTuple):
    """A box of the figure: where it stands, what it does to which shape, its code."""

    name: str
    at: tuple[float, float, float, float]
    tells: tuple[str, str]
    into: str
    out: str
    code: str


def _tap(side: str, number: int) -> tuple[float, float, float, float]:
    return SIDES[side][1], FIRST + PITCH * number + 28, 92, 30


PARTS = (
    Part("Embed the source", (38, 62, 56, 26),
         ("Each word is looked up in a learned", "table and multiplied by √512."),
         "B × S word numbers", ENC, "x = table[source] * 512**0.5"),
    Part("Add the positions", (38, 104, 21, 21),
         ("Attention cannot tell order:", "a fixed pattern of sines is added."),
         ENC, ENC, "x = x + sines[:S]"),
    Part("Encoder: attention", _tap("encoder", 0),
         ("Every source word looks at every", "source word."),
         ENC, ENC, "s = attention(x, x, x, padding)"),
    Part("Add and norm", (38, FIRST + 79, 56, 22),
         ("What the tap found, s, is added to the", "stream, then LayerNorm."),
         ENC, ENC, "x = norm(x + s)"),
    Part("Encoder: feed-forward", _tap("encoder", 1),
         ("Each word on its own, through a wide", "middle of 2,048 units."),
         ENC, ENC, "s = relu(x @ W1 + b1) @ W2 + b2"),
    Part("Memory", (109, 357, 124, 22),
         ("After six layers the encoder is done:", "its stream is what decoders read."),
         ENC, ENC, "z = x"),
    Part("Embed the target", (322, 62, 56, 26),
         ("The same table, for the translation", "so far: no word sees itself."),
         "B × T word numbers", DEC, "y = table[shifted] * 512**0.5"),
    Part("Decoder: masked attention", _tap("decoder", 0),
         ("Every target word looks at itself and at", "those before it, never ahead."),
         DEC, DEC, "s = attention(y, y, y, causal)"),
    Part("Decoder: look at the source", _tap("decoder", 1),
         ("Queries come from the translation, keys", "and values from the memory."),
         f"{DEC}, z {ENC}", DEC, "s = attention(y, z, z, padding)"),
    Part("Decoder: feed-forward", _tap("decoder", 2),
         ("Like the encoder's, with numbers of its", "own in each of the six layers."),
         DEC, DEC, "s = relu(y @ W3 + b3) @ W4 + b4"),
    Part("A score for every word", (322, 468, 56, 26),
         ("The table of the embeddings once more:", "the state times each word's row."),
         DEC, "B × T × V", "scores = y @ table.T"),
    Part("Softmax", (322, 508, 62, 26),
         ("Scores become chances of the next word,", "at all T places at once."),
         "B × T × V", "B × T × V", "chances = scores.softmax(-1)"),
)  # fmt: skip


def figure_one(box: int = 9) -> Sketch:
    """Draw the whole model with one of its `PARTS` lit and told, numbered from 1.

    Raises:
        ValueError: there is no such box.
    """
    if not 1 <= box <= len(PARTS):
        raise ValueError(f"box={box}: choose one from 1 to {len(PARTS)}")
    part = PARTS[box - 1]
    alt = (
        "The Transformer: an encoder's stream is tapped by attention and feed-forward, "
        "six times, and ends as memory; a decoder's stream is tapped by masked "
        "attention, a look at the memory, and feed-forward. "
        f"Lit: {part.name}, {part.into} to {part.out}."
    )
    return sketch(_told(box, part), _figure(part), alt=alt)


def _told(box: int, part: Part) -> Panel:
    panel = Panel(360, 178, title=f"{box}  {part.name}")
    for i, line in enumerate(part.tells):
        panel.text(4, 46 + 20 * i, line, align="start")
    for y, label, words in ((95, "in", part.into), (117, "out", part.out)):
        panel.text(4, y, label, size=SMALL, align="start", faint=True)
        panel.text(36, y, words, align="start")
    panel.card(0, 132, 360, 38)
    panel.text(12, 156, part.code, size=SMALL, align="start", mono=True)
    return panel


def _figure(part: Part) -> Panel:
    panel = Panel(360, TALL)
    panel.card(2, 134, 168, 204)
    panel.card(190, 134, 168, 300)
    panel.lit(*part.at)
    panel.text(161, 330, "6 ×", size=NAME, align="end", bold=True)
    panel.text(199, 426, "6 ×", size=NAME, align="start", bold=True)
    for side, words, shape in (
        ("encoder", "source", "S"),
        ("decoder", "target, shifted", "T"),
    ):
        _entry(panel, side, words, shape)
    _taps(panel, "encoder", ("attention", "feed-forward"))
    _taps(panel, "decoder", ("attention", "attention", "feed-forward"))
    _memory(panel)
    _exit(panel)
    return panel


def _entry(panel: Panel, side: str, words: str, shape: str) -> None:
    """From words to the stream: the table, and the positions added."""
    x, boxes = SIDES[side]
    toward, align = (1, "start") if boxes > x else (-1, "end")
    panel.text(x - 28 * toward, 14, words, align=align, bold=True)
    panel.wire((x, 22), (x, 49))
    panel.text(x + 12 * toward, 38, f"B × {shape}", size=SMALL, align=align)
    panel.learned(x, 62, 56, 26, "embed")
    panel.wire((x, 75), (x, 93.5), width=STREAM, head=False)
    panel.point(x, 104, "+")
    panel.op(boxes, 104, 76, 24, "positions")
    panel.wire((boxes - 38 * toward, 104), (x + 10.5 * toward, 104))
    panel.text(x + 12 * toward, 130, f"B × {shape} × 512", size=SMALL, align=align)


def _taps(panel: Panel, side: str, names: tuple[str, ...]) -> None:
    """The sub-layers of a stack; each taps the stream and adds to it."""
    x, boxes = SIDES[side]
    toward, ends = (1 if boxes > x else -1), [114.5]
    for i, name in enumerate(names):
        y = FIRST + PITCH * i
        panel.dot(x, y)
        if "att" not in name:
            panel.wire((x, y), (boxes, y), (boxes, y + 13))
        elif i == 1:
            panel.wire((x, y), (boxes, y), (boxes, y + 13), role=QUERY)
        else:
            far = boxes + 24 * toward
            panel.wire((x, y), (far, y), head=False)
            for at, role in ((boxes - 24, QUERY), (boxes, KEY), (boxes + 24, VALUE)):
                panel.wire((at, y), (at, y + 13), role=role)
        panel.learned(boxes, y + 28, 92, 30, name)
        panel.wire((boxes, y + 43), (boxes, y + 56), (x + 10.5 * toward, y + 56))
        panel.point(x, y + 56, "+")
        panel.learned(x, y + 79, 56, 22, "norm")
        ends += [y + 45.5, y + 66.5, y + 68, y + 90]
    for a, b in zip(ends[::2], [*ends[1::2], ends[-1] + 10], strict=True):
        panel.wire((x, a), (x, b), width=STREAM, head=False)


def _memory(panel: Panel) -> None:
    """The encoder's last stream, and the keys and values taken of it."""
    y = FIRST + PITCH + 28
    panel.wire(
        (38, 330),
        (38, 362),
        (180, 362),
        (180, y - 10),
        role=MEMORY,
        width=STREAM,
        head=False,
    )
    panel.wire((182.5, y - 8), (196, y - 8), role=KEY)
    panel.wire((182.5, y + 8), (196, y + 8), role=VALUE)
    panel.text(236, FIRST + 60, "masked", size=SMALL, align="end")
    panel.text(50, 381, f"memory z  {ENC}", size=SMALL, align="start")


def _exit(panel: Panel) -> None:
    """From the decoder's stream to chances."""
    panel.wire((322, 426), (322, 455), width=STREAM, head=False)
    panel.text(286, 452, DEC, size=SMALL, align="end")
    panel.learned(322, 468, 56, 26, "scores")
    panel.wire((322, 481), (322, 495))
    panel.text(286, 491, "B × T × V", size=SMALL, align="end")
    panel.op(322, 508, 62, 26, "softmax")
    panel.wire((322, 521), (322, 545))
    panel.text(309, 540, "chances of the next word", size=SMALL, align="end", bold=True)
