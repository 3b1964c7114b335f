"""A kernel that slides over a digit: nine numbers, used at every place."""

from collections.abc import Sequence

import numpy as np

from allyouneed.book.drawings.matrices import grid
from allyouneed.book.drawings.panel import INK, LEARNED, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

SIDE, WIDTH = 8, 3  # of the image and of the kernel
OUT = SIDE - WIDTH + 1  # places of the kernel in a row
X, Y, CELL = 4, 40, 25  # the image: top left, one pixel
SMALL_X, SMALL_CELL = 236, (38, 24)  # the two small matrices beside it
MAP_X, MAP_CELL = 60, (40, 30)  # the map of results


def kernel_slides(
    image: Sequence[Sequence[float]],
    kernel: Sequence[Sequence[float]],
    *,
    row: int = 3,
    column: int = 4,
) -> Sketch:
    """Draw a kernel at one place of an image, and the map of all its results.

    Args:
        image: eight rows of eight pixels from 0 to 1.
        kernel: three rows of three weights.
        row: where the kernel's upper edge lies, from 0 to 5.
        column: where its left edge lies, from 0 to 5.

    Raises:
        ValueError: another shape, or a place where the kernel leaves the image.
    """
    pixels, weights = np.asarray(image, float), np.asarray(kernel, float)
    for name, values, side in (("image", pixels, SIDE), ("kernel", weights, WIDTH)):
        if values.shape != (side, side):
            raise ValueError(f"{name} has shape {values.shape}: give ({side}, {side})")
    for name, place in (("row", row), ("column", column)):
        if not 0 <= place < OUT:
            raise ValueError(f"{name}={place}: give a place from 0 to {OUT - 1}")
    windows = np.lib.stride_tricks.sliding_window_view(pixels, weights.shape)
    results = np.einsum("ijkl,kl->ij", windows, weights)
    alt = (
        "A kernel of 3 by 3 weights lies on an image of 8 by 8 pixels. Nine products "
        "come to one number; the same nine weights at all 36 places make a map. "
        f"Shown: row {row + 1}, column {column + 1}."
    )
    left = _window(pixels, weights, windows[row, column], results[row, column])
    left.lit(
        X + (column + WIDTH / 2) * CELL,
        Y + (row + WIDTH / 2) * CELL,
        *[3 * CELL - 6] * 2,
    )
    return sketch(left, _map(results, row, column), alt=alt)


def _window(
    pixels: np.ndarray, weights: np.ndarray, seen: np.ndarray, result: float
) -> Panel:
    """The image in ink, the weights, and the pixels under them."""
    panel = Panel(360, 274, title="Nine weights slide over a digit")
    side = SIDE * CELL
    panel.box(X + side / 2, Y + side / 2, side, side, role=INK, rx=3, tint=0)
    for i, j in np.argwhere(pixels > 0).tolist():
        square = {"x": X + j * CELL + 1, "y": Y + i * CELL + 1, "width": CELL - 2}
        ink = {"fill": INK, "fill_opacity": round(0.75 * float(pixels[i, j]), 3)}
        panel.shape("rect", **square, height=CELL - 2, rx=2, **ink)
    middle = SMALL_X + 1.5 * SMALL_CELL[0]
    panel.text(middle, Y + 8, "kernel", bold=True)
    form = ".0f" if (weights == weights.round()).all() else ".1f"
    rows = weights.tolist()
    grid(
        panel,
        SMALL_X,
        Y + 16,
        rows,
        role=LEARNED,
        cell=SMALL_CELL,
        learned=True,
        form=form,
    )
    panel.point(middle, Y + 105, "×")
    panel.text(middle, Y + 211, "pixels in the frame", size=SMALL)
    grid(panel, SMALL_X, Y + 121, seen.tolist(), cell=SMALL_CELL)
    words = f"Multiply, add: nine products come to {_number(result)}"
    panel.text(X, 266, words, align="start")
    return panel


def _map(results: np.ndarray, row: int, column: int) -> Panel:
    """All results: the more ink, the stronger the answer; signs as numbers."""
    panel = Panel(360, 274, title="The same weights everywhere: a map")
    (w, h), most = MAP_CELL, max(float(abs(results).max()), 1e-9)
    for (i, j), value in np.ndenumerate(results):
        x, y = MAP_X + j * w, Y + i * h
        ink = round(0.45 * max(float(value), 0) / most, 3)
        square = {"x": x + 1.5, "y": y + 1.5, "width": w - 3, "height": h - 3, "rx": 3}
        panel.shape("rect", **square, fill=INK, fill_opacity=ink)
        panel.text(x + w / 2, y + h / 2 + 4, _number(float(value)), size=SMALL)
    wide, high = w * OUT, h * OUT
    panel.box(MAP_X + wide / 2, Y + high / 2, wide, high, role=INK, rx=6, tint=0)
    panel.lit(MAP_X + (column + 0.5) * w, Y + (row + 0.5) * h, w - 6, h - 6)
    panel.text(MAP_X + wide / 2, 266, "ink: dark on the right, light on the left")
    return panel


def _number(value: float) -> str:
    """One decimal, a real minus, and no minus before zero."""
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "−")
