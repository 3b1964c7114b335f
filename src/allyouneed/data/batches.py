"""Pairs of sentences to padded batches of about equal size (section 5.1).

Shapes: B sentences in a batch, S source positions, T target positions.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple, Self

import torch
from torch import Tensor

from allyouneed.data.subwords import Subwords
from allyouneed.ground.runtime import pins
from allyouneed.ground.special_tokens import BOS, EOS, PAD

Ids = list[int]


class Batch(NamedTuple):
    """Source (B, S), each row up to EOS, and target (B, T), from BOS to EOS, padded."""

    source: Tensor
    target: Tensor

    @property
    def inputs(self) -> Tensor:
        """What the decoder reads: (B, T - 1), all but the last position."""
        return self.target[:, :-1]

    @property
    def labels(self) -> Tensor:
        """What it shall answer there: (B, T - 1), the next position's sub-word."""
        return self.target[:, 1:]

    def to(self, device: torch.device | str) -> Self:
        """Move both sides; where the device can fetch by itself, do not wait for it."""
        fetches = pins(torch.device(device))
        sides = [side.pin_memory() if fetches else side for side in self]
        return type(self)(*(side.to(device, non_blocking=fetches) for side in sides))


class Batches:
    """Every pair once an epoch, in batches of sentences of similar length.

    A batch has at most `tokens` positions a side, padding included. Each epoch comes in
    an order of its own, and other sentences of the same length meet; the number of
    batches stays the same. Nothing but `seed` and the epoch's number decides it.

    Args:
        pairs: source and target sentences.
        subwords: the vocabulary of both.
        tokens: positions a side of a batch; the paper's has about 25,000.
        seed: of the order.
        max_length: a pair with more positions on a side is left out; `dropped` says how
            many were.

    Raises:
        ValueError: no pairs, an empty sentence, or `tokens` below the longest sentence.

    >>> subwords = Subwords.train(["a b c", "c b a a"], size=11)
    >>> batches = Batches([("a b", "b a a"), ("c", "a b")], subwords, tokens=16)
    >>> [(batch.source.shape, batch.target.shape) for batch in batches.epoch(0)]
    [(torch.Size([2, 3]), torch.Size([2, 5]))]
    """

    def __init__(
        self,
        pairs: Sequence[tuple[str, str]],
        subwords: Subwords,
        *,
        tokens: int,
        seed: int = 0,
        max_length: int = 256,
    ) -> None:
        encoded = [_encode(number, pair, subwords) for number, pair in enumerate(pairs)]
        self._pairs = [p for p in encoded if max(map(len, p)) <= max_length]
        self._seed, self.dropped = seed, len(encoded) - len(self._pairs)
        if not self._pairs:
            raise ValueError(
                f"none of {len(encoded)} pairs has at most {max_length=} positions a "
                "side: raise it, or give other pairs"
            )
        self._rank = [_rank(len(source), len(target)) for source, target in self._pairs]
        longest = max(max(map(len, pair)) for pair in self._pairs)
        if tokens < longest:
            raise ValueError(
                f"{tokens=} cannot hold the longest sentence, {longest} positions: "
                "raise it, or lower max_length"
            )
        self._slices = _slices(sorted(rank[0] for rank in self._rank), tokens)

    def __len__(self) -> int:
        """Batches in an epoch."""
        return len(self._slices)

    def epoch(self, number: int) -> Iterator[Batch]:
        """All batches of one epoch; the first has number 0.

        Raises:
            ValueError: the number is negative.
        """
        if number < 0:
            raise ValueError(f"epoch {number=} does not exist: count from 0")
        return map(self._batch, self._plan(number))

    def from_step(self, step: int) -> Iterator[Batch]:
        """Batches without end, as if `step` of them had already been taken.

        Raises:
            ValueError: `step` is negative.
        """
        if step < 0:
            raise ValueError(f"{step=} cannot be taken back: give 0 or more")
        return self._endless(*divmod(step, len(self)))

    def _endless(self, number: int, done: int) -> Iterator[Batch]:
        while True:
            yield from map(self._batch, self._plan(number)[done:])
            number, done = number + 1, 0

    def _plan(self, number: int) -> list[list[int]]:
        """Which pairs make up each batch of an epoch."""
        chance = Random(f"{self._seed} {number}")
        order = list(range(len(self._pairs)))
        chance.shuffle(order)
        order.sort(key=self._rank.__getitem__)
        plan = [order[piece] for piece in self._slices]
        chance.shuffle(plan)
        return plan

    def _batch(self, chosen: list[int]) -> Batch:
        sources, targets = zip(*(self._pairs[i] for i in chosen), strict=True)
        return Batch(_pad(sources), _pad(targets))


def _encode(number: int, pair: tuple[str, str], subwords: Subwords) -> tuple[Ids, Ids]:
    source, target = map(subwords.encode, pair)
    if not source or not target:
        side = "target" if source else "source"
        raise ValueError(f"pairs[{number}] has an empty {side}, {pair=}: leave it out")
    return [*source, EOS], [BOS, *target, EOS]


def _rank(source: int, target: int) -> tuple[int, int]:
    """Sort by the longer side, then by how much longer it is, to and fro.

    Turning round at each length keeps neighbours alike where one length meets the next.
    """
    longer = max(source, target)
    return longer, (source - target) * (-1) ** longer


def _slices(lengths: list[int], tokens: int) -> list[slice]:
    """Cut ascending lengths into runs of at most `tokens` padded positions."""
    starts = [0]
    for i, length in enumerate(lengths):
        if (i + 1 - starts[-1]) * length > tokens:
            starts.append(i)
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], None], strict=True)]


def _pad(rows: Sequence[Ids]) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows])
