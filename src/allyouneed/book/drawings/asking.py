"""A covered patch of a digit asks, the other patches answer: Q, K, V in a picture."""

from collections.abc import Sequence

import numpy as np

from allyouneed.book.drawings.masking import hatch
from allyouneed.book.drawings.matrices import grid
from allyouneed.book.drawings.panel import INK, KEY, QUERY, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

SIDE, WIDE = 4, 2  # patches in a row of the image, pixels in a row of a patch
X, Y, PATCH, PIXEL = 4, 38, 51, 20  # the image: top left, a patch, a pixel in it
W_X, W_Y, W_CELL = 4, 54, (41, 36)  # the weights
V_X, V_CELL, ROW = 266, (44, 19), 47  # the values: left edge, one number, a row
SHOWN = 3  # values shown one by one; the rest are added up
HIGH = 314
Square = Sequence[Sequence[float]]


def patch_asks(
    image: Square,
    weights: Sequence[float],
    values: Square,
    *,
    covered: int,
    errors: tuple[float, float],
) -> Sketch:
    """Draw one patch of a digit that asks all others what it looks like.

    Args:
        image: eight rows of eight pixels from 0 to 1, the covered ones too.
        weights: of the sixteen patches for this query, row by row.
        values: what each patch offers, four numbers.
        covered: which patch asks, from 0 to 15.
        errors: mean squared error of the head, and of the mean image of each place.

    Raises:
        ValueError: another shape, no such patch, or a covered patch with a weight.
    """
    pixels, shares = np.asarray(image, float), np.asarray(weights, float)
    offers = np.asarray(values, float)
    _checked(covered, image=pixels, weights=shares, values=offers)
    there, fetched = _of(pixels, covered), (shares @ offers).reshape(WIDE, WIDE)
    row, column = divmod(int(shares.argmax()), SIDE)
    alt = (
        "A covered patch of a digit asks with its place; 15 others answer with place "
        f"and pixels. The largest weight, {shares.max():.2f}, is on the patch in row "
        f"{row + 1}, column {column + 1}. Fetched: {_listed(fetched)}; covered: "
        f"{_listed(there)}."
    )
    right = _fetching(shares, offers, covered, (fetched, there), errors)
    return sketch(_asking(pixels, shares, covered), right, alt=alt)


def _checked(covered: int, **given: np.ndarray) -> None:
    """Refuse what is no digit of sixteen patches, one of them without a weight."""
    n = SIDE**2
    wanted = {"image": (SIDE * WIDE,) * 2, "weights": (n,), "values": (n, WIDE**2)}
    for name, shape in wanted.items():
        if given[name].shape != shape:
            raise ValueError(f"{name} has shape {given[name].shape}: give {shape}")
    if not 0 <= covered < n or given["weights"][covered] > 0:
        raise ValueError(f"{covered=}: give a patch from 0 to {n - 1} without weight")


def _asking(pixels: np.ndarray, shares: np.ndarray, covered: int) -> Panel:
    """The digit in patches, each as blue as its weight; and who brings what."""
    panel = Panel(360, HIGH, title="A covered patch asks the others")
    for k, share in enumerate(shares.tolist()):
        x, y = X + (k % SIDE) * PATCH, Y + (k // SIDE) * PATCH
        if k == covered:
            _covered(panel, x, y, PATCH, PATCH)
            continue
        middle, tint = PATCH / 2, round(0.6 * share, 3)
        box = {"role": KEY, "rx": 4, "tint": tint}
        panel.box(x + middle, y + middle, PATCH - 5, PATCH - 5, **box)
        _pixels(panel, x + 5.5, y + 5.5, _of(pixels, k))
    for k, (role, words) in enumerate(
        (
            (QUERY, "1 query:\nits place"),
            (KEY, "15 keys:\nplace and pixels"),
            (VALUE, "15 values:\nfour numbers each"),
        )
    ):
        panel.data(284, Y + 34 + 66 * k, 138, 46, words, role=role)
    for k, line in enumerate(
        (
            "Hatched: covered. The head must fill it in.",
            "The bluer a patch, the larger its weight.",
            "Three learned matrices make query, keys, values.",
        )
    ):
        panel.text(4, Y + SIDE * PATCH + 24 + 20 * k, line, align="start")
    return panel


def _pixels(panel: Panel, x: float, y: float, patch: np.ndarray) -> None:
    """Four pixels as ink."""
    for (i, j), value in np.ndenumerate(patch):
        at = {"x": x + j * PIXEL + 0.5, "y": y + i * PIXEL + 0.5, "rx": 2}
        ink = {"fill": INK, "fill_opacity": round(0.7 * float(value), 3)}
        if value > 0:
            panel.shape("rect", **at, width=PIXEL - 1, height=PIXEL - 1, **ink)


def _covered(panel: Panel, x: float, y: float, w: float, h: float) -> None:
    """The patch that asks: hatched, in the colour of queries."""
    hatch(panel, x + 4, y + 4, w - 8, h - 8)
    frame = {"x": x + 3, "y": y + 3, "width": w - 6, "height": h - 6, "rx": 4}
    panel.shape("rect", **frame, fill="none", stroke=QUERY, stroke_width=4)


def _of(pixels: np.ndarray, patch: int) -> np.ndarray:
    i, j = (WIDE * k for k in divmod(patch, SIDE))
    return pixels[i : i + WIDE, j : j + WIDE]


def _fetching(
    shares: np.ndarray,
    offers: np.ndarray,
    covered: int,
    ends: tuple[np.ndarray, np.ndarray],
    errors: tuple[float, float],
) -> Panel:
    """Weights as ink; the values of the largest, the rest, and their sum."""
    panel = Panel(360, HIGH, title="Weights say where, values say what")
    (w, h), best = W_CELL, np.argsort(-shares)[:SHOWN]
    seen = [None if k == covered else float(s) for k, s in enumerate(shares)]
    rows = [seen[k : k + SIDE] for k in range(0, SIDE**2, SIDE)]
    panel.text(W_X + SIDE * w / 2, W_Y - 8, "weights", bold=True)
    grid(panel, W_X, W_Y, rows, cell=W_CELL, form=".2f", ink=True)
    place = W_X + (covered % SIDE) * w, W_Y + (covered // SIDE) * h
    _covered(panel, *place, w, h)
    panel.text(V_X + V_CELL[0], W_Y - 8, "values", bold=True)
    for i, k in enumerate(best):
        top = W_Y + ROW * i
        panel.text(V_X - 30, top + 24, f"{shares[k]:.2f}", align="end")
        panel.point(V_X - 15, top + 19, "×", r=9)
        _patch(panel, V_X, top, offers[k], role=VALUE)
    rest = np.setdiff1d(np.arange(SIDE**2), [*best, covered])
    top = W_Y + ROW * SHOWN
    panel.text(V_X - 8, top + 24, f"{len(rest)} others, summed", align="end")
    _patch(panel, V_X, top, shares[rest] @ offers[rest], role=VALUE, tint=False)
    for x, name, square, role in zip(
        (V_X - 102, V_X),
        ("covered", "fetched"),
        ends[::-1],
        (INK, VALUE),
        strict=True,
    ):
        _patch(panel, x, W_Y + ROW * 4 + 22, square.ravel(), role=role)
        panel.text(x + V_CELL[0], W_Y + ROW * 4 + 16, name, bold=True)
    _compared(panel, errors)
    return panel


def _compared(panel: Panel, errors: tuple[float, float]) -> None:
    """What the head is worth, beside what needs no head."""
    ours, mean = errors
    lines = (
        "error, unseen digits:",
        f"this head {ours:.3f}",
        f"always the mean {mean:.3f}",
    )
    for k, line in enumerate(lines):
        panel.text(4, W_Y + SIDE * W_CELL[1] + 46 + 18 * k, line, align="start")


def _patch(
    panel: Panel,
    x: float,
    y: float,
    numbers: np.ndarray,
    *,
    role: str,
    tint: bool = True,
) -> None:
    """Four numbers as they lie in the image."""
    rows = numbers.reshape(WIDE, WIDE).round(2) + 0.0
    grid(panel, x, y, rows.tolist(), role=role, cell=V_CELL, form=".2f", tint=tint)


def _listed(square: np.ndarray) -> str:
    return ", ".join(f"{x:.2f}" for x in square.ravel().round(2) + 0.0)
