"""Several translators as one: the mean of what they expect (ensembles of table 2).

Shapes: B sentences, S source positions, T target positions, V words.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from allyouneed.models.seq2seq import EncoderDecoder, Memory


class Memories:
    """What each member has read, kept in step."""

    def __init__(self, each: Sequence[Memory]) -> None:
        self.each = each

    def streaming(self, beams: int = 1) -> "Memories":
        """Copies that remember, with so many beams of each sentence."""
        return Memories([memory.streaming(beams) for memory in self.each])

    def select(self, rows: Tensor) -> None:
        """Keep these sentences, in this order, each with all its beams."""
        for memory in self.each:
            memory.select(rows)

    def follow(self, rows: Tensor) -> None:
        """Let each beam go on from another of its sentence: (B * beams,)."""
        for memory in self.each:
            memory.follow(rows)


class Ensemble:
    """A `Translator` whose next word has the members' mean probability.

    All see the same words so far, so it reads and writes as one; it costs what its
    members cost together, in training and in use.

    Raises:
        ValueError: there is no member, or their vocabularies differ in size.
    """

    def __init__(self, members: Sequence[EncoderDecoder]) -> None:
        sizes = sorted({member.config.vocab for member in members})
        if len(sizes) != 1:
            raise ValueError(
                f"members with vocabularies of {sizes} words: give one translator or "
                "more, all with the same sub-words"
            )
        self.members = list(members)
        bounds = [member.longest for member in members if member.longest]
        self.longest = min(bounds, default=None)

    def encode(self, source: Tensor) -> Memories:
        """Let each member read the source (B, S)."""
        return Memories([member.encode(source) for member in self.members])

    def decode(self, target: Tensor, memory: Memories) -> Tensor:
        """The log of the mean probability of the next words: (B, T) -> (B, T, V)."""
        each = [
            member.decode(target, own).float().log_softmax(-1)
            for member, own in zip(self.members, memory.each, strict=True)
        ]
        return torch.stack(each).logsumexp(0) - math.log(len(each))
