"""A bill of time × GPUs × rate as an area, and the work that was done as its share."""

from collections.abc import Sequence
from dataclasses import dataclass

from allyouneed.book.drawings.panel import INK, LEARNED, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

MOST = 2  # bills with room
LEFT, TOP, WIDE, HIGH = 12, 92, 336, 150  # of the area that is billed
UNIT = 1e18  # operations, in which the areas are told


@dataclass(frozen=True)
class Bill:
    """What a training is said to have cost, and what its updates needed.

    Attributes:
        name: of the model.
        hours: of all devices together at work.
        devices: how many.
        rate: operations a second that one device is said to do.
        needed: operations of all updates, counted.

    Raises:
        ValueError: something is not above 0, or more was needed than is billed.
    """

    name: str
    hours: float
    devices: int
    rate: float
    needed: float

    def __post_init__(self) -> None:
        if not 0 < self.needed <= self.billed:
            raise ValueError(
                f"{self.name}: needed={self.needed:g} of {self.billed:g} billed: give "
                "more than 0, and no more than hours, devices and rate make"
            )

    @property
    def billed(self) -> float:
        """Operations: time × devices × rate."""
        return self.hours * 3600 * self.devices * self.rate


def bill_and_work(bills: Sequence[Bill]) -> Sketch:
    """Draw each bill as hours wide and devices × rate high, the work shaded to scale.

    Raises:
        ValueError: there is no bill, or more than have room.
    """
    if not 0 < len(bills) <= MOST:
        raise ValueError(f"{len(bills)} bills: give 1 to {MOST}")
    alt = "Rectangles of time times GPUs times rate, and the share that was needed. "
    alt += "; ".join(
        f"{bill.name}: {_told(bill.needed)} of {_told(bill.billed)} quintillion "
        f"operations, {bill.needed / bill.billed:.0%}"
        for bill in bills
    )
    return sketch(*map(_panel, bills), alt=f"{alt}.")


def _told(operations: float) -> str:
    return f"{operations / UNIT:.2g}"


def _panel(bill: Bill) -> Panel:
    share = bill.needed / bill.billed
    panel = Panel(
        360, 264, title=f"The {bill.name} model needed {share:.0%} of its bill"
    )
    panel.text(LEFT, 46, f"high: {bill.devices} GPUs × {bill.rate / 1e12:g} · "
               "$10^{12}$ a second", size=SMALL, align="start")  # fmt: skip
    panel.text(LEFT, 66, f"wide: {bill.hours:g} hours", size=SMALL, align="start")
    panel.wire((LEFT, 80), (LEFT + WIDE, 80), faint=0.6)
    middle = LEFT + WIDE / 2
    panel.box(middle, TOP + HIGH / 2, WIDE, HIGH, role=INK, rx=1.5, tint=0)
    high = HIGH * share
    floor = TOP + HIGH
    panel.box(middle, floor - high / 2, WIDE, high, role=LEARNED, rx=1.5, tint=0.24)
    words = TOP + (HIGH - high) / 2
    panel.text(middle, words - 4, "billed: the whole rectangle")
    panel.text(middle, words + 15, f"{_told(bill.billed)} · $10^{{18}}$")
    work = f"needed: {_told(bill.needed)} · $10^{{18}}$"
    panel.text(middle, floor - high / 2 + 4.5, work, bold=True)
    return panel
