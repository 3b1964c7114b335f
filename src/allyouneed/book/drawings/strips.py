"""A kernel on a strip of numbers, its taps side by side or apart."""

from collections.abc import Sequence

from allyouneed.book.drawings.panel import INK, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

READ, WEIGH, MADE = 58, 102, 162  # heights of the rows
WIDE, PITCH = 34, 40  # a box, and the next
MOST, TAPS = 4, 3  # numbers on the strip; weights of the kernel


def dilated_strip(
    numbers: Sequence[float], kernel: Sequence[float], *, at: int = 1
) -> Sketch:
    """Draw one output of a kernel of width 3, with dilation 1 and with dilation 2.

    Args:
        numbers: up to four, with zeros beyond the ends.
        kernel: its three weights.
        at: the place of the output, from 0.

    Raises:
        ValueError: more numbers, another width, or a place outside the strip.
    """
    if not 1 <= len(numbers) <= MOST or len(kernel) != TAPS:
        raise ValueError(
            f"{len(numbers)} numbers, {len(kernel)} weights: give 1 to {MOST}, and "
            f"{TAPS} weights"
        )
    if not 0 <= at < len(numbers):
        raise ValueError(f"{at=}: give a place from 0 to {len(numbers) - 1}")
    panels = [_strip(numbers, kernel, at, dilation) for dilation in (1, 2)]
    alt = (
        "A kernel of three weights covers three neighbours with dilation 1, and every "
        "second number with dilation 2; zeros stand beyond the ends."
    )
    return sketch(*panels, alt=alt)


def _strip(
    numbers: Sequence[float], kernel: Sequence[float], at: int, dilation: int
) -> Panel:
    names = {1: "neighbours", 2: "every second number"}
    panel = Panel(360, 206, title=f"$δ$ = {dilation}: {names[dilation]}")
    padded = [0.0] * dilation + list(numbers) + [0.0] * dilation
    left = 180 - PITCH * (len(padded) - 1) / 2
    taps = [at + dilation * s for s in range(TAPS)]
    centre, total = left + PITCH * taps[1], 0.0
    for i, number in enumerate(padded):
        beyond = not dilation <= i < dilation + len(numbers)
        (panel.ghost if beyond else panel.data)(left + PITCH * i, READ, WIDE, 26)
        panel.text(left + PITCH * i, READ + 4.5, f"{number:g}", faint=beyond)
    for i, weight in zip(taps, kernel, strict=True):
        x, total = left + PITCH * i, total + weight * padded[i]
        panel.wire((x, READ + 14), (x, WEIGH - 13))
        panel.learned(x, WEIGH, WIDE, 24, f"{weight:g}")
        panel.wire((x, WEIGH + 13), (centre + (x - centre) / 8, MADE - 16))
    panel.data(centre, MADE, 52, 28, f"{total:g}", role=INK)
    panel.text(centre + 34, MADE + 4.5, f"output {at + 1}", align="start", size=SMALL)
    zeros = "dashed: zeros beyond the ends"
    panel.text(4, 200, zeros, size=SMALL, align="start", faint=True)
    return panel
