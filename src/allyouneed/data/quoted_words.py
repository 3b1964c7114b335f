"""Novels as words: what is said in them, what is told, and words hidden to be guessed.

The quotation marks of a novel are its author's own labels: what stands between them is
said, the rest is told. Here the marks, all other signs and capitals are left out, so
that words alone can tell the two apart.

B  passages    T  words of each
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from allyouneed.data.tasks import SILENT
from allyouneed.ground.special_tokens import UNK

MASK, FIRST = UNK + 1, UNK + 2  # the id that hides a word; the id of the first word


class Passages(NamedTuple):
    """Passages of a novel: their ids (B, T), and 1 where it is said, 0 where told."""

    tokens: Tensor
    said: Tensor


def words(text: str) -> list[str]:
    """The words, in small letters.

    >>> words('"Do not," said she--"it is the Colonel; go on."')
    ['do', 'not', 'said', 'she', 'it', 'is', 'the', 'colonel', 'go', 'on']
    """
    return re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())


def vocabulary(text: str, *, least: int = 10) -> dict[str, int]:
    """The words that a text has at least so often, with ids from FIRST on.

    >>> vocabulary("so it was so", least=2)
    {'so': 5}
    """
    counts = Counter(words(text))
    kept = sorted(word for word, count in counts.items() if count >= least)
    return {word: number for number, word in enumerate(kept, FIRST)}


def numbered(found: Iterable[str], known: dict[str, int]) -> list[int]:
    """Ids of words; one that is not known is UNK."""
    return [known.get(word, UNK) for word in found]


def passages(text: str, known: dict[str, int], *, length: int = 12) -> Passages:
    """As many passages that are said as told, each of `length` words in a row.

    A passage never crosses a quotation mark. A paragraph with an odd number of them is
    left out: what is said there goes on elsewhere.

    Raises:
        ValueError: the text has no passage of that length of one kind.

    >>> known = vocabulary('He was so. "I am so."', least=1)
    >>> passages('He was so. "I am so."', known, length=3)
    Passages(tokens=tensor([[6, 9, 8],
            [7, 5, 8]]), said=tensor([0, 1]))
    """
    found: tuple[list[list[int]], list[list[int]]] = ([], [])
    for paragraph in text.split("\n"):
        parts = paragraph.split('"')
        if len(parts) % 2 == 0:
            continue
        for number, part in enumerate(parts):
            ids = numbered(words(part), known)
            whole = len(ids) // length * length
            passages_here = (ids[i : i + length] for i in range(0, whole, length))
            found[number % 2].extend(passages_here)
    fewest = min(map(len, found))
    if not fewest:
        raise ValueError(f"{length=}: the text has {[*map(len, found)]} such passages")
    rows = [side[i * len(side) // fewest] for side in found for i in range(fewest)]
    return Passages(torch.tensor(rows), torch.arange(2).repeat_interleave(fewest))


def hide(
    tokens: Tensor, *, share: float = 0.15, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Words with a share of them hidden, and what was hidden there: (B, T), (B, T).

    Where nothing is hidden, the target is SILENT. BERT (Devlin et al., 2019) leaves one
    in ten of the chosen words as it is, and puts a random word in place of another.

    Raises:
        ValueError: `share` is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"{share=}: give a share between 0 and 1")
    hidden = torch.rand(tokens.shape, generator=generator) < share
    return tokens.masked_fill(hidden, MASK), tokens.masked_fill(~hidden, SILENT)
