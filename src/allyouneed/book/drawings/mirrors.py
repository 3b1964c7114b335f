"""A shifted digit has a shifted map; a mirrored digit has another."""

from collections.abc import Sequence

import numpy as np

from allyouneed.book.drawings.panel import INK, LEARNED, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

SIDE, CELL, KERNEL = 8, 13, 3  # of the image, in pixels and in units; of the kernel
IMAGE_X, MAP_X, ROWS = 30, 206, (46, 198)  # where squares begin
Square = Sequence[Sequence[float]]


def shift_and_mirror(image: Square, kernel: Square, *, shift: int = 2) -> Sketch:
    """Draw what a convolution on a ring makes of a digit, shifted and mirrored.

    Args:
        image: eight rows of eight pixels from 0 to 1.
        kernel: three rows of three weights.
        shift: columns to the right, from 0 to 7; what leaves comes in on the left.

    Raises:
        ValueError: another shape, or a shift that is no column.
    """
    pixels, weights = np.asarray(image, float), np.asarray(kernel, float)
    for name, found, side in (("image", pixels, SIDE), ("kernel", weights, KERNEL)):
        if found.shape != (side, side):
            raise ValueError(f"{name} has shape {found.shape}: give ({side}, {side})")
    if not 0 <= shift < SIDE:
        raise ValueError(f"{shift=}: give 0 to {SIDE - 1} columns")
    plain = ring_map(pixels, weights)
    moved = np.roll(pixels, shift, axis=1)
    along, other = ring_map(moved, weights), ring_map(pixels[:, ::-1], weights)
    alt = (
        f"A digit shifted by {shift} columns has its map shifted by {shift}, with the "
        f"same maximum, {plain.max():.1f}. The mirrored digit has another map, whose "
        f"maximum is {other.max():.1f}, and not the first map mirrored."
    )
    left = Panel(360, 326, title="Shift: the map goes along")
    _pair(left, 0, pixels, plain, ("a digit", "its map"))
    _pair(left, 1, moved, along, (f"shifted by {shift}", "its map"))
    right = Panel(360, 326, title="Mirror: another map")
    _pair(right, 0, pixels[:, ::-1], other, ("mirrored", "its map"))
    _square(right, MAP_X, ROWS[1], plain[:, ::-1], most=plain.max())
    words = "for comparison: the first map, mirrored"
    right.text(MAP_X + SIDE * CELL, ROWS[1] - 6, words, size=SMALL, align="end")
    _maximum(right, 1, plain)
    return sketch(left, right, alt=alt)


def ring_map(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The convolution of an image without borders: (H, W), (3, 3) -> (H, W)."""
    shifts = np.ndindex(kernel.shape)
    parts = [kernel[i, j] * np.roll(image, (1 - i, 1 - j), (0, 1)) for i, j in shifts]
    return np.sum(parts, axis=0)


def _pair(
    panel: Panel,
    row: int,
    image: np.ndarray,
    made: np.ndarray,
    names: tuple[str, str],
) -> None:
    """An image, the kernel as a wire, and the map."""
    y, wide = ROWS[row], SIDE * CELL
    for x, square, name in zip((IMAGE_X, MAP_X), (image, made), names, strict=True):
        _square(panel, x, y, square, most=square.max())
        panel.text(x + wide / 2, y - 6, name, size=SMALL)
    middle = y + wide / 2
    panel.wire((IMAGE_X + wide + 8, middle), (MAP_X - 8, middle), role=LEARNED)
    panel.text((IMAGE_X + wide + MAP_X) / 2, middle - 8, "kernel", size=SMALL)
    _maximum(panel, row, made)


def _maximum(panel: Panel, row: int, made: np.ndarray) -> None:
    x, y = MAP_X + SIDE * CELL / 2, ROWS[row] + SIDE * CELL + 16
    panel.text(x, y, f"maximum {made.max():.1f}", bold=True)


def _square(panel: Panel, x: float, y: float, values: np.ndarray, most: float) -> None:
    """Numbers as ink: what is not above zero has none."""
    wide = SIDE * CELL
    panel.box(x + wide / 2, y + wide / 2, wide, wide, role=INK, rx=2, tint=0)
    for i, j in np.argwhere(values > 0).tolist():
        ink = round(0.75 * float(values[i, j]) / max(float(most), 1e-9), 3)
        place = {"x": x + j * CELL + 0.5, "y": y + i * CELL + 0.5}
        size = {"width": CELL - 1, "height": CELL - 1, "rx": 1}
        panel.shape("rect", **place, **size, fill=INK, fill_opacity=ink)
