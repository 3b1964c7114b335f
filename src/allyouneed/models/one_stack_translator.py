"""One stack that translates: it goes on with a text that begins with the source.

Decoder-only, as GPT is: no encoder, no look at a memory. What the source knows of
itself is a matter of the mask. Under a causal one each of its words sees its past
alone; as a prefix it is seen by all of them (Liu et al., 2018; Raffel et al., 2020).

Shapes: `B` sentences, `S` source positions, `T` target positions, `d_model` features.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

import torch
from torch import Tensor

from allyouneed.ground.configurations import LATER
from allyouneed.ground.special_tokens import PAD
from allyouneed.models.layers import TransformerConfig, glorot
from allyouneed.models.one_stack import Stack
from allyouneed.models.seq2seq import EncoderDecoder, output_layer, spread
from allyouneed.nn.feedforward import Embedding
from allyouneed.nn.masks import causal_mask, prefix_mask
from allyouneed.nn.packing import Packing

Sight = Literal["past", "all"]


@dataclass(frozen=True, kw_only=True)
class OneStackConfig(TransformerConfig):
    """Sizes of one stack; five layers have the parameters of the paper's two and two.

    Args:
        source_sees: of the source, each word its "past", or "all" of it.

    Raises:
        ValueError: a size of `TransformerConfig`, or `source_sees` is neither.
    """

    source_sees: Sight = field(default="past", metadata=LATER)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.source_sees not in ("past", "all"):
            raise ValueError(f"source_sees={self.source_sees!r}: choose past or all")


@dataclass
class Begun:
    """A text that is begun: the source (B, S), and what was said after it.

    Attributes:
        said: target words so far (B * beams, T); None for training, where all of the
            target is known at once.
        beams: rows of each sentence.
    """

    source: Tensor
    said: Tensor | None = None
    beams: int = 1

    def streaming(self, beams: int = 1) -> "Begun":
        """A copy that remembers each word that it goes on with."""
        none = self.source.new_empty(len(self.source) * beams, 0)
        return replace(self, said=none, beams=beams)

    def select(self, rows: Tensor) -> None:
        """Keep these sentences, in this order, each with all its beams."""
        self.source = self.source[rows]
        if self.said is not None:
            self.said = self.said[spread(rows, self.beams)]

    def follow(self, rows: Tensor) -> None:
        """Let each beam go on from another of its sentence: (B * beams,)."""
        if self.said is not None:
            self.said = self.said[rows]

    @property
    def decoded(self) -> int:
        """Target positions remembered so far."""
        return 0 if self.said is None else self.said.shape[1]


class OneStackTranslator(EncoderDecoder):
    """Encoder layers under one mask, from the first word of the source to the target's.

    It keeps no keys and values: each word that is said is computed from the beginning.

    >>> model = OneStackTranslator(OneStackConfig(vocab=100, d_model=32, layers=2))
    >>> source, target = torch.ones(2, 7).long(), torch.ones(2, 5).long()
    >>> model(source, target).shape
    torch.Size([2, 5, 100])
    """

    def __init__(self, config: OneStackConfig) -> None:
        super().__init__()
        self.config: OneStackConfig = config
        self.embedding = Embedding(config.vocab, config.d_model)
        self.stack = Stack(config, causal=config.source_sees == "past")
        self.output = output_layer(config)
        self.apply(glorot)

    def encode(self, source: Tensor) -> Begun:
        """Begin a text with the source (B, S), padded at the end.

        Raises:
            ValueError: a source has no word or one after padding, or an unknown id.
        """
        self._check(source=source)
        return Begun(source)

    def states(self, target: Tensor, memory: Begun) -> Tensor:
        """What is known before a next word is named: (B, T) -> (B, T, d_model).

        With a streaming `memory`, `target` continues what was decoded before.
        """
        new = target.shape[1]
        if memory.said is not None:
            target = memory.said = torch.cat([memory.said, target], 1)
        source = memory.source.repeat_interleave(memory.beams, 0)
        text, read = joined(source, target)
        mask = causal_mask(text.shape[1], device=text.device)
        if self.config.source_sees == "all":
            mask = prefix_mask(read, text.shape[1])
        x = self.stack(self.embedding(text), mask, Packing.of(text != PAD))
        asked = read[:, None] + torch.arange(target.shape[1], device=text.device)
        return x.take_along_dim(asked[:, -new:, None], 1)

    @property
    def longest(self) -> int | None:
        """Half of a table of positions: source and target share it."""
        both = super().longest
        return None if both is None else both // 2


def joined(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Write each target after its source, and padding at the end.

    Returns:
        The texts (B, S + T) and how many words of each are the source's (B,).

    >>> joined(torch.tensor([[7, 8], [9, 0]]), torch.tensor([[1, 5], [1, 6]]))
    (tensor([[7, 8, 1, 5],
            [9, 1, 6, 0]]), tensor([2, 1]))
    """
    read = (source != PAD).sum(1)
    places = read[:, None] + torch.arange(target.shape[1], device=source.device)
    text = torch.cat([source, torch.full_like(target, PAD)], 1)
    return text.scatter(1, places, target), read
