"""The Transformer: encoder, decoder and the two together (section 3.1, figure 1).

Shapes: `B` sentences, `S` source positions, `T` target positions, `d_model` features,
`V` words of the vocabulary that both languages share. Sentences are padded at the end.
"""

import itertools
from dataclasses import dataclass

from torch import Tensor, nn

from allyouneed.attention import KVCache, MultiHeadAttention, Relation
from allyouneed.feedforward import Embedding, FeedForward
from allyouneed.masks import padding_mask
from allyouneed.norms import LayerNorm, Residual, Wiring
from allyouneed.positions import Scheme, positions
from allyouneed.relative import relation, tie
from allyouneed.seq2seq import EncoderDecoder
from allyouneed.text import PAD

Past = tuple[KVCache, KVCache]  # of a decoder layer: its own positions, the source's


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Sizes and choices of one model; the defaults are the paper's base model.

    Args:
        vocab: words of the shared vocabulary, V.
        d_model, layers, heads, d_k, d_v, d_ff, p_drop: table 3's columns; d_k and d_v
            are d_model / heads unless given.
        positions: "sinusoidal", "learned" (then give `max_length`) or "none"; or, in
            self-attention, "shaw", "t5", "alibi" or "rotary" (see `relative`).
        wiring: "post", as in the paper, or "pre" (see `norms.Residual`).
        bias: whether attention's projections add one; the paper's do not.
        tied: whether the output layer shares its weights with the embeddings (3.4).
    """

    vocab: int
    d_model: int = 512
    layers: int = 6
    heads: int = 8
    d_k: int | None = None
    d_v: int | None = None
    d_ff: int = 2048
    p_drop: float = 0.1
    positions: Scheme = "sinusoidal"
    max_length: int | None = None
    wiring: Wiring = "post"
    bias: bool = False
    tied: bool = True

    def __post_init__(self) -> None:
        for name in ("vocab", "d_model", "layers", "heads", "d_ff"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: give at least 1")
        if not 0 <= self.p_drop < 1:
            raise ValueError(f"p_drop={self.p_drop}: give a share from 0 to below 1")

    @classmethod
    def base(cls, vocab: int) -> "TransformerConfig":
        """The paper's base model (table 3)."""
        return cls(vocab=vocab)

    @classmethod
    def big(cls, vocab: int) -> "TransformerConfig":
        """The paper's big model (table 3); for English to French it dropped 0.1."""
        return cls(vocab=vocab, d_model=1024, heads=16, d_ff=4096, p_drop=0.3)

    @classmethod
    def small(cls, vocab: int) -> "TransformerConfig":
        """Three layers of 256: an hour's work for a laptop."""
        return cls(vocab=vocab, d_model=256, layers=3, d_ff=1024)

    @classmethod
    def tiny(cls, vocab: int) -> "TransformerConfig":
        """Four layers of 128, as Wu et al. (2021) trained on Multi30k."""
        return cls(vocab=vocab, d_model=128, layers=4, heads=4, d_ff=256, p_drop=0.3)


class EncoderLayer(nn.Module):
    """Self-attention, then the feed-forward network (B, S, d_model)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention = _attention(config, _relation(config, causal=False))
        self.feed_forward = FeedForward(config.d_model, config.d_ff)
        self.around = _residuals(config, 2)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Mix the positions of `x` (B, S, d_model) where `mask` allows, same shape."""
        look, think = self.around
        x = look(x, lambda x: self.attention(x, mask=mask))
        return think(x, self.feed_forward)


class DecoderLayer(nn.Module):
    """Causal self-attention, a look at the source, the feed-forward network."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention = _attention(config, _relation(config, causal=True))
        self.cross_attention = _attention(config)
        self.feed_forward = FeedForward(config.d_model, config.d_ff)
        self.around = _residuals(config, 3)

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        mask: Tensor | None,
        past: Past | None = None,
    ) -> Tensor:
        """Read `memory` (B, S, d_model) into `x` (B, T, d_model), same shape as `x`.

        Padding at the end of the target needs no mask: no earlier position sees it.
        """
        own, source = past or (None, None)
        look, read, think = self.around
        x = look(x, lambda x: self.attention(x, causal=True, cache=own))
        x = read(x, lambda x: self.cross_attention(x, memory, mask, cache=source))
        return think(x, self.feed_forward)


@dataclass
class Memory:
    """An encoded source: states (B, S, d_model), mask (B, 1, 1, S), and the past.

    `past` is None for training, where all of the target is known at once.
    """

    states: Tensor
    mask: Tensor
    past: list[Past] | None = None
    layers: int = 0

    def streaming(self) -> "Memory":
        """A copy that remembers each decoded position, so that it is computed once."""
        past = [(KVCache(), KVCache()) for _ in range(self.layers)]
        return Memory(self.states, self.mask, past, self.layers)

    def select(self, rows: Tensor) -> None:
        """Keep these rows of the batch, in this order."""
        self.states, self.mask = self.states[rows], self.mask[rows]
        for cache in itertools.chain(*self.past or []):
            cache.select(rows)

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
        self.dropout = nn.Dropout(config.p_drop)
        self.encoder = nn.ModuleList(EncoderLayer(config) for _ in range(config.layers))
        self.decoder = nn.ModuleList(DecoderLayer(config) for _ in range(config.layers))
        for stack in (self.encoder, self.decoder):
            tie(stack)
        self.encoder_norm, self.decoder_norm = _last_norm(config), _last_norm(config)
        self.output = (
            None if config.tied else nn.Linear(config.d_model, config.vocab, bias=False)
        )
        self.apply(_start)

    def encode(self, source: Tensor) -> Memory:
        """Read the source (B, S), padded at the end.

        Raises:
            ValueError: a source has no word in it, or an id outside the vocabulary.
        """
        self._check(source=source)
        mask = padding_mask(source, PAD)
        x = self._embed(source)
        for layer in self.encoder:
            x = layer(x, mask)
        return Memory(self.encoder_norm(x), mask, layers=self.config.layers)

    def decode(self, target: Tensor, memory: Memory) -> Tensor:
        """Score the word after each of `target` (B, T): logits (B, T, V).

        With a streaming `memory`, `target` continues what was decoded before.

        Raises:
            ValueError: an id of `target` is outside the vocabulary.
        """
        self._check(target=target)
        x = self._embed(target, offset=memory.decoded)
        for i, layer in enumerate(self.decoder):
            past = memory.past[i] if memory.past else None
            x = layer(x, memory.states, memory.mask, past)
        x = self.decoder_norm(x)
        return self.embedding.logits(x) if self.output is None else self.output(x)

    def _embed(self, tokens: Tensor, *, offset: int = 0) -> Tensor:
        return self.dropout(self.place(self.embedding(tokens), offset=offset))


def _attention(
    config: TransformerConfig, own: Relation | None = None
) -> MultiHeadAttention:
    return MultiHeadAttention(
        config.d_model,
        config.heads,
        d_k=config.d_k,
        d_v=config.d_v,
        bias=config.bias,
        relation=own,
    )


def _relation(config: TransformerConfig, *, causal: bool) -> Relation:
    d_k, d_v = (d or config.d_model // config.heads for d in (config.d_k, config.d_v))
    return relation(
        config.positions, heads=config.heads, d_k=d_k, d_v=d_v, causal=causal
    )


def _last_norm(config: TransformerConfig) -> nn.Module:
    return LayerNorm(config.d_model) if config.wiring == "pre" else nn.Identity()


def _start(layer: nn.Module) -> None:
    if isinstance(layer, nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def _residuals(config: TransformerConfig, count: int) -> nn.ModuleList:
    return nn.ModuleList(
        Residual(config.d_model, p_drop=config.p_drop, wiring=config.wiring)
        for _ in range(count)
    )
