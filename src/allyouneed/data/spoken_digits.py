"""Spoken digits as tables of loudness: which pitch is how loud, and when.

A synthesiser says each digit by several voices; those of the test are heard nowhere
else. `tools/build_spoken.py` makes the file.
"""

import lzma
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from allyouneed.ground.plain_text import lines_of

FILE = Path(__file__).parents[1] / "corpora/spoken.tsv.xz"
FRAMES, BANDS, LEVELS = 20, 16, 64  # in time, in pitch, of loudness
ORIGIN = """Digits said by espeak-ng 1.51, the synthesiser of Debian 12, turned into
log-mel tables by tools/build_spoken.py. Tables under CC BY 4.0, as the book's figures.
Columns: part, voice, pitch, speed, digit, levels of loudness as signs from 0 to o."""


class Sounds(NamedTuple):
    """Tables (B, FRAMES, BANDS) of loudness from 0 to 1, and the digits said (B,)."""

    loudness: Tensor
    says: Tensor


@cache
def spoken() -> dict[str, Sounds]:
    """The sounds of each part, train, valid and test; no two share a voice.

    Raises:
        ValueError: the file is missing or damaged.

    >>> {part: len(sounds.says) for part, sounds in spoken().items()}
    {'train': 320, 'valid': 80, 'test': 80}
    """
    try:
        content = lzma.decompress(FILE.read_bytes())
    except (OSError, lzma.LZMAError) as error:
        raise ValueError(
            f"{FILE} is missing or damaged ({error}): install allyouneed again"
        ) from error
    rows: dict[str, list[tuple[int, list[int]]]] = {}
    for line in lines_of(content, name=str(FILE)):
        if line and line[0] != "#":
            part, _, _, _, digit, signs = line.split("\t")
            levels = [ord(sign) - ord("0") for sign in signs]
            rows.setdefault(part, []).append((int(digit), levels))
    return {
        part: Sounds(
            torch.tensor([levels for _, levels in found])
            .view(-1, FRAMES, BANDS)
            .float()
            / (LEVELS - 1),
            torch.tensor([digit for digit, _ in found]),
        )
        for part, found in rows.items()
    }
