"""Two ways to say where a word stands: add waves to it, or lower its score."""

from collections.abc import Mapping, Sequence

from allyouneed.book.drawings.panel import INK, LEARNED, SMALL, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

PLACES, NUMBERS, DISTANCES = 3, 8, 7  # rows, numbers of a vector, columns at most
CELL, HALF, HEIGHT = 10, 18, 216  # of a number, of a vector's height, of a panel
WORD, WAVE, SUM = 108, 210, 314  # middles of the left panel's vectors
BASE, TALL = 150, 84  # where scores stand, and the score before anything is taken off
Vector = Sequence[float]


def added_or_taken_off(
    word: Vector, waves: Mapping[int, Vector], score: float, charges: Vector
) -> Sketch:
    """Draw one word with the waves of its place added, and its score by distance.

    Args:
        word: the word's numbers, the same at every place.
        waves: by place, what is added there, as many numbers.
        score: of a query and the word's key, before anything is taken off.
        charges: what is taken off it at the distances 0, 1, 2 and so on.

    Raises:
        ValueError: more places, numbers or distances than have room, vectors of other
            lengths than the word, no score above 0, or a charge below 0 or above it.
    """
    sizes = {len(wave) for wave in waves.values()}
    if not 0 < len(waves) <= PLACES or sizes != {len(word)} or len(word) > NUMBERS:
        raise ValueError(
            f"{len(waves)} places with {sorted(sizes)} numbers, a word with "
            f"{len(word)}: give 1 to {PLACES} places of one length, at most {NUMBERS}"
        )
    if (
        not 0 < len(charges) <= DISTANCES
        or not 0 <= min(charges) <= max(charges) <= score > 0
    ):
        raise ValueError(
            f"{charges=}, {score=}: give a score above 0, and 1 to {DISTANCES} charges "
            "from 0 to the score"
        )
    alt = (
        "Left: the same word at the places "
        f"{', '.join(map(str, waves))}, each time with other waves added, so that each "
        "sum is another vector. Right: the word stays as it is; from its score, "
        f"{score:g}, more is taken off the farther away it stands: "
        f"{', '.join(f'{charge:g}' for charge in charges)}."
    )
    return sketch(_added(word, waves), _taken_off(score, charges), alt=alt)


def _added(word: Vector, waves: Mapping[int, Vector]) -> Panel:
    panel = Panel(360, HEIGHT, title="Sinusoids: added to the word")
    for x, name in ((WORD, "word"), (WAVE, "waves"), (SUM, "sum")):
        panel.text(x, 44, name, size=SMALL, faint=True)
    sums = {
        place: [a + b for a, b in zip(word, wave, strict=True)]
        for place, wave in waves.items()
    }
    rows = word, *waves.values(), *sums.values()
    most = max(abs(number) for row in rows for number in row) or 1
    for row, (place, wave) in enumerate(waves.items()):
        y = 74 + 47 * row
        panel.text(4, y + 4.5, f"place {place}", size=SMALL, align="start")
        _vector(panel, WORD, y, word, most, role=LEARNED)
        panel.point((WORD + WAVE) / 2, y, "+", r=8)
        _vector(panel, WAVE, y, wave, most)
        panel.text((WAVE + SUM) / 2, y + 4.5, "=")
        _vector(panel, SUM, y, sums[place], most)
    panel.text(180, HEIGHT - 8, "one word, another vector at each place", size=SMALL)
    return panel


def _vector(
    panel: Panel, x: float, y: float, numbers: Vector, most: float, *, role: str = INK
) -> None:
    """Numbers as bars up and down from a line, (x, y) the centre; `most` fills half."""
    wide = CELL * len(numbers)
    panel.data(x, y, wide + 2, 2 * HALF, role=role)
    left = x - wide / 2
    panel.shape("path", d=f"M{left:g} {y}h{wide}", stroke=role, stroke_width=0.5)
    for i, number in enumerate(numbers):
        high = abs(number) / most * (HALF - 3)
        top = y - high if number > 0 else y
        bar = {"x": left + i * CELL + 2, "y": float(top), "width": CELL - 4}
        panel.shape("rect", **bar, height=float(high), fill=role)


def _taken_off(score: float, charges: Vector) -> Panel:
    panel = Panel(360, HEIGHT, title="ALiBi: taken off the score")
    for y, name in (
        (44, "taken off"),
        (BASE + 17, "score left"),
        (BASE + 36, "distance"),
    ):
        panel.text(4, y, name, size=SMALL, align="start", faint=True)
    for distance, charge in enumerate(charges):
        x = 334 - 40 * distance
        gone, left = (TALL * part / score for part in (charge, score - charge))
        panel.text(x, 44, f"{charge:g}", size=SMALL)
        if charge:
            panel.ghost(x, BASE - left - gone / 2, 24, gone)
        bar = {"x": x - 12, "y": BASE - left, "width": 24, "height": float(left)}
        panel.shape("rect", **bar, fill=INK, fill_opacity=0.45)
        panel.text(x, BASE + 17, f"{score - charge:g}", size=SMALL, bold=True)
        panel.text(x, BASE + 36, f"{distance}", size=SMALL)
    panel.wire((70, BASE), (352, BASE), head=False)
    panel.text(180, HEIGHT - 8, "the word stays; what is far counts less", size=SMALL)
    return panel
