"""The Transformer: encoder, decoder and the two together (section 3.1, figure 1).

Shapes: `B` sentences, `S` source positions, `T` target positions, `d_model` features,
`V` words of the vocabulary that both languages share. Sentences are padded at the end.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from allyouneed.ground.special_tokens import PAD
from allyouneed.models.layers import (
    DecoderLayer,
    EncoderLayer,
    Past,
    TransformerConfig,
    glorot,
)
from allyouneed.models.seq2seq import EncoderDecoder, output_layer, spread
from allyouneed.nn.dropout import Dropout
from allyouneed.nn.feedforward import Embedding
from allyouneed.nn.kv_cache import KVCache
from allyouneed.nn.masks import padding_mask
from allyouneed.nn.norms import norm
from allyouneed.nn.packing import Packing
from allyouneed.nn.positions import positions
from allyouneed.nn.relative_positions import tie

__all__ = [
    "DecoderLayer",
    "EncoderLayer",
    "Memory",
    "Transformer",
    "TransformerConfig",
]


@dataclass
class Memory:
    """An encoded source: states (B, S, d_model), mask (B, 1, 1, S), and the past.

    Attributes:
        past: of each decoder layer; None for training, where all of the target is known
            at once.
        beams: rows of each sentence; its source is stored once.
    """

    states: Tensor
    mask: Tensor
    past: list[Past] | None = None
    layers: int = 0
    beams: int = 1

    def streaming(self, beams: int = 1) -> "Memory":
        """A copy that remembers each decoded position, so that it is computed once."""
        past = [(KVCache(), KVCache()) for _ in range(self.layers)]
        return replace(self, past=past, beams=beams)

    def select(self, rows: Tensor) -> None:
        """Keep these sentences, in this order, each with all its beams."""
        self.states, self.mask = self.states[rows], self.mask[rows]
        for own, source in self.past or []:
            own.select(spread(rows, self.beams))
            source.select(rows)

    def follow(self, rows: Tensor) -> None:
        """Let each beam go on from another of its sentence: (B * beams,)."""
        for own, _ in self.past or []:
            own.select(rows)

    @property
    def decoded(self) -> int:
        """Target positions remembered so far."""
        return len(self.past[0][0]) if self.past else 0


class Transformer(EncoderDecoder):
    """The whole model of figure 1, without the last softmax.

    >>> import torch
    >>> model = Transformer(TransformerConfig.tiny(vocab=100))
    >>> source, target = torch.ones(2, 7).long(), torch.ones(2, 5).long()
    >>> model(source, target).shape
    torch.Size([2, 5, 100])
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config: TransformerConfig = config
        self.embedding = Embedding(config.vocab, config.d_model)
        self.place = positions(
            config.positions, config.d_model, max_length=config.max_length
        )
        self.dropout = Dropout(config.p_drop)
        self.encoder = nn.ModuleList(EncoderLayer(config) for _ in range(config.layers))
        self.decoder = nn.ModuleList(DecoderLayer(config) for _ in range(config.layers))
        for stack in (self.encoder, self.decoder):
            tie(stack)
        self.encoder_norm, self.decoder_norm = _last_norm(config), _last_norm(config)
        self.output = output_layer(config)
        self.apply(glorot)

    def encode(self, source: Tensor) -> Memory:
        """Read the source (B, S), padded at the end.

        Raises:
            ValueError: a source has no word or one after padding, or an unknown id.
        """
        self._check(source=source)
        mask, packing = padding_mask(source, PAD), Packing.of(source != PAD)
        x, hiding = self._embed(source, packing=packing), _needed(mask)
        for layer in self.encoder:
            x = layer(x, hiding, packing)
        x = self.encoder_norm(x)
        x = x if packing is None else packing.unpack(x)
        return Memory(x, mask, layers=self.config.layers)

    def states(self, target: Tensor, memory: Memory) -> Tensor:
        """What is known before a next word is named: (B, T) -> (B, T, d_model).

        With a streaming `memory`, `target` continues what was decoded before.
        """
        return self._states(target, memory, None)

    def states_at(self, real: Tensor, target: Tensor, memory: Memory) -> Tensor:
        """The `states` where `real` (B, T) is True, from a whole target: (N, d_model).

        No earlier position sees the padding at the end, so it need not be computed.
        """
        packing = Packing.of(real)
        if packing is None:
            return super().states_at(real, target, memory)
        return self._states(target, memory, packing)

    def _states(
        self, target: Tensor, memory: Memory, packing: Packing | None
    ) -> Tensor:
        x = self._embed(target, offset=memory.decoded, packing=packing)
        mask = _needed(memory.mask)
        for i, layer in enumerate(self.decoder):
            past = memory.past[i] if memory.past else None
            x = layer(x, memory.states, mask, past, packing)
        return self.decoder_norm(x)

    def _embed(
        self, tokens: Tensor, *, offset: int = 0, packing: Packing | None = None
    ) -> Tensor:
        x = self.place(self.embedding(tokens), offset=offset)
        return self.dropout(x if packing is None else packing.pack(x))


def _needed(mask: Tensor) -> Tensor | None:
    """None for a mask that hides nothing; to look makes a GPU's host wait."""
    looks = mask.device.type == "cpu" and not torch.compiler.is_compiling()
    return None if looks and mask.all() else mask


def _last_norm(config: TransformerConfig) -> nn.Module:
    return norm(config.norm if config.wiring == "pre" else "none", config.d_model)
