"""Handwritten digits as images: one, or two of them far apart on a strip.

They are scikit-learn's, 8 by 8 pixels. The order of the file is kept: it goes from
writer to writer, so the last of it are mostly hands that nobody has learned from.
"""

from functools import cache
from typing import NamedTuple

import torch
from sklearn.datasets import load_digits
from torch import Tensor

SIDE, GAP = 8, 24  # pixels of a digit's side, and between the two of a strip
TRAIN, VALID = 1000, 297  # in the file's order; 500 are left for the test


class Images(NamedTuple):
    """Images (B, H, W) from 0 to 1, and what they show (B,)."""

    pixels: Tensor
    shows: Tensor


@cache
def digits() -> dict[str, Images]:
    """The digits of each part, train, valid and test.

    >>> {part: len(images.shows) for part, images in digits().items()}
    {'train': 1000, 'valid': 297, 'test': 500}
    """
    found = load_digits()
    pixels = torch.tensor(found.images).float() / found.images.max()
    shows = torch.tensor(found.target)
    ends = {"train": (0, TRAIN), "valid": (TRAIN, TRAIN + VALID)}
    ends["test"] = TRAIN + VALID, len(shows)
    return {part: Images(pixels[a:b], shows[a:b]) for part, (a, b) in ends.items()}


def strips(
    images: Images, size: int, *, kinds: int, generator: torch.Generator | None = None
) -> Images:
    """Strips (size, 8, 40) with a digit at either end; they show 1 if it is the same.

    Each strip has two of the first `kinds` digits, in half of the strips the same one,
    most often by another hand or at another time.

    Raises:
        ValueError: fewer than two kinds, or one that no image shows.
    """
    places = [(images.shows == kind).nonzero().flatten() for kind in range(kinds)]
    if kinds < 2 or not all(map(len, places)):
        raise ValueError(f"{kinds=}: give 2 or more that the images show")
    left = torch.randint(kinds, (size,), generator=generator)
    same = torch.randint(2, (size,), generator=generator)
    other = torch.randint(1, kinds, (size,), generator=generator)
    right = (left + other * (1 - same)) % kinds
    chance = torch.rand(2, size, generator=generator)
    rows = [
        torch.stack([places[kind][int(c * len(places[kind]))] for kind, c in side])
        for side in (
            zip(ends.tolist(), cs.tolist(), strict=True)
            for ends, cs in zip((left, right), chance, strict=True)
        )
    ]
    blank = torch.zeros(size, SIDE, GAP)
    ends_of = [images.pixels[row] for row in rows]
    return Images(torch.cat((ends_of[0], blank, ends_of[1]), -1), same)
