"""A product forward and the two that its gradients need: three of one size."""

from allyouneed.book.drawings.panel import INK, LEARNED, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

SMALLEST, LARGEST = 16, 60  # sides of a matrix, in units
MIDDLE, TOP = 118, 66  # of the matrices, of the panels' words


def three_products(*, rows: int, inner: int, columns: int) -> Sketch:
    """Draw Y = XW and the gradients of X and W, matrices to scale.

    Args:
        rows: of X, and of Y.
        inner: columns of X, rows of W.
        columns: of W, and of Y.

    Raises:
        ValueError: a size is below 1, or one is too small beside another to be drawn.
    """
    sizes = (rows, inner, columns)
    if min(sizes) < 1 or min(sizes) * LARGEST < max(sizes) * SMALLEST:
        raise ValueError(
            f"{sizes=}: give numbers above 0, none more than {LARGEST / SMALLEST:g} "
            "times another"
        )
    n, d, m = (LARGEST * size / max(sizes) for size in sizes)
    x, w, y = (n, d), (d, m), (n, m)
    count = f"2 · {rows} · {inner} · {columns}"
    alt = (
        "Forward, Y = X W. Backward, the gradient of X is that of Y times W "
        "transposed, and the gradient of W is X transposed times that of Y. Each of "
        f"the three takes {count} operations."
    )
    panels = (
        _panel("Forward", (("X", x), ("W", w), ("Y", y)), count),
        _panel("Back to the input", (("dY", y), ("Wᵀ", w[::-1]), ("dX", x)), count),
        _panel("Back to the weights", (("Xᵀ", x[::-1]), ("dY", y), ("dW", w)), count),
    )
    return sketch(*panels, alt=alt)


def _panel(
    title: str, parts: tuple[tuple[str, tuple[float, float]], ...], count: str
) -> Panel:
    panel = Panel(240, 210, title=title)
    for x, sign in ((76, "·"), (158, "=")):
        panel.text(x, MIDDLE + 4, sign, bold=True)
    for x, (name, (high, wide)) in zip((38, 116, 198), parts, strict=True):
        role = LEARNED if "W" in name else INK
        panel.box(x, MIDDLE, wide, high, role=role, rx=1.5, tint=0.16)
        panel.text(x, TOP - 8, name, bold=True)
    panel.text(4, 184, f"{count} operations", size=SMALL, align="start")
    return panel
