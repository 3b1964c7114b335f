"""One update in time: batch, forward, loss; then backward, optimizer, rate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from allyouneed.book.drawings.panel import INK, LEARNED, QUERY, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

TOP, ROW, HIGH = 30, 30, 210  # the cards, a position in them, their height
MOST = 5  # positions have room in a card
CURVE = (264, 132, 88, 62)  # where the rates are drawn: left, floor, width, height


@dataclass(frozen=True)
class Update:
    """One update of a model by one sentence, as the drawing shows it.

    Attributes:
        step: its number, from 1.
        reads: the words that the decoder reads.
        answers: the words it shall say there.
        chances: the probability that it gives each of them.
        before: one of the model's numbers before the update.
        slope: how the loss changes with that number.
        pace: what Adam makes of the slopes so far, a number around -1 to 1.
        after: the same number after the update.
    """

    step: int
    reads: Sequence[str]
    answers: Sequence[str]
    chances: Sequence[float]
    before: float
    slope: float
    pace: float
    after: float

    def __post_init__(self) -> None:
        sizes = len(self.reads), len(self.answers), len(self.chances)
        if len(set(sizes)) > 1 or not 1 < sizes[0] <= MOST:
            raise ValueError(f"{sizes} words read, answers, chances: give 2 to {MOST}")
        if not all(0 < chance <= 1 for chance in self.chances):
            raise ValueError(f"chances={self.chances}: give numbers above 0, at most 1")

    @property
    def surprises(self) -> list[float]:
        """Minus the logarithm of each chance; their mean is the loss."""
        return [-math.log(chance) for chance in self.chances]


def training_step(update: Update, rates: Sequence[float]) -> Sketch:
    """Draw an update of a training that moves at `rates`, one for each step.

    Raises:
        ValueError: there is no rate for the update's step, or one is not above 0.
    """
    if not 1 <= update.step <= len(rates) or not min(rates) > 0:
        raise ValueError(
            f"step={update.step} of {len(rates)} rates, the least {min(rates):g}: "
            "give one above 0 for each step"
        )
    alt = (
        "A training step as a ribbon of cards. The decoder reads the true words, and "
        "the model gives each right answer a probability. The loss is the mean of "
        "minus its logarithm. Backward, each weight gets a slope; Adam makes a pace "
        "of it; the weight moves by the rate times that pace."
    )
    return sketch(_forward(update), _backward(update, rates), alt=alt)


def _forward(update: Update) -> Panel:
    panel = Panel(360, TOP + HIGH + 8, title="Forward: how wrong is it?")
    for x, w, words in ((4, 80, "batch"), (92, 66, "forward"), (166, 190, "loss")):
        panel.card(x, TOP, w, HIGH, words)
    heads = (44, "reads"), (207, "answer"), (275, "chance"), (330, "−ln")
    for x, words in heads:
        panel.text(x, TOP + 36, words, size=SMALL, faint=True)
    first, last = _level(0), _level(len(update.reads) - 1)
    panel.learned(125, (first + last) / 2, 50, last - first + 26, "model")
    rows = zip(
        update.reads, update.answers, update.chances, update.surprises, strict=True
    )
    for i, (read, answer, chance, surprise) in enumerate(rows):
        y = _level(i)
        panel.data(44, y, 68, 23, read)
        panel.wire((78, y), (99, y))
        panel.wire((150, y), (172, y))
        panel.data(207, y, 68, 23, answer)
        length = 32 * chance
        panel.shape(
            "rect", x=247, y=y - 9, width=length, height=18, fill=INK, opacity=0.3
        )
        end = 251 + length
        panel.text(end, y + 4.5, _chance(chance), size=SMALL, align="start")
        panel.text(330, y + 4.5, f"{surprise:.2f}", size=SMALL)
    mean = sum(update.surprises) / len(update.surprises)
    below = TOP + HIGH - 26
    panel.wire((308, below), (350, below), head=False)
    panel.text(350, TOP + HIGH - 8, f"loss = mean {mean:.2f}", bold=True, align="end")
    return panel


def _backward(update: Update, rates: Sequence[float]) -> Panel:
    panel = Panel(360, TOP + HIGH + 8, title="Backward: each weight moves a little")
    for x, words in ((4, "backward"), (128, "optimizer"), (252, "rate")):
        panel.card(x, TOP, 104, HIGH - 68, words)
    panel.data(56, 74, 56, 26, "loss")
    panel.shape(
        "path", d="M56 87V116", stroke=QUERY, stroke_dasharray="4 4", fill="none"
    )
    panel.wire((56, 114), (56, 124), role=QUERY)
    panel.text(64, 110, "slope", size=SMALL, align="start")
    panel.data(56, 141, 84, 32, _signed(update.slope, 4), role=QUERY)
    panel.wire((98, 141), (139, 141), role=QUERY)
    panel.text(180, 74, "a pace from all", size=SMALL)
    panel.text(180, 90, "slopes so far", size=SMALL)
    panel.learned(180, 137, 80, 48, f"Adam\n{_signed(update.pace, 3)}")
    _curve(panel, update.step, rates)
    panel.card(4, TOP + HIGH - 60, 352, 60)
    y, rate = TOP + HIGH - 40, rates[update.step - 1]
    panel.text(14, y, "one of the weights", size=SMALL, align="start", faint=True)
    said = _sum(update, rate)
    panel.text(180, TOP + HIGH - 14, said)
    return panel


def _sum(update: Update, rate: float) -> str:
    """The weight's move; ≈ where the numbers, as rounded, do not add up exactly."""
    left = round(update.before, 4) - round(rate, 4) * round(update.pace, 3)
    exact = f"{left:.4f}" == f"{update.after:.4f}"
    return (
        f"{_signed(update.before, 4)} − {rate:.4f} · {_bracketed(update.pace)} "
        f"{'=' if exact else '≈'} {_signed(update.after, 4)}"
    )


def _curve(panel: Panel, step: int, rates: Sequence[float]) -> None:
    left, floor, width, height = CURVE
    highest = max(rates)

    def at(n: int) -> tuple[float, float]:
        share = n / len(rates), rates[n - 1] / highest
        return round(left + width * share[0], 1), round(floor - height * share[1], 1)

    panel.wire((left - 4, floor), (left + width, floor), head=False, faint=0.5)
    panel.wire(
        *[at(n) for n in range(1, len(rates) + 1)], head=False, role=LEARNED, width=2
    )
    panel.shape("circle", cx=at(step)[0], cy=at(step)[1], r=5, fill=INK)
    panel.text(
        left + width / 2 - 4,
        floor + 22,
        f"step {step}: {rates[step - 1]:.4f}",
        size=SMALL,
    )


def _level(position: int) -> float:
    return TOP + 56 + ROW * position - 4


def _chance(chance: float) -> str:
    return f"{chance:.4f}" if chance < 0.01 else f"{chance:.2f}"


def _signed(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def _bracketed(value: float) -> str:
    return f"({_signed(value, 3)})" if value < 0 else _signed(value, 3)
