"""The layers of the Transformer, and the sizes that they share (section 3.1).

Shapes: `B` sentences, `S` source positions, `T` target positions, `d_model` features.
"""

from dataclasses import dataclass, field

from torch import Tensor, nn

from allyouneed.ground.configurations import LATER
from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.feedforward import FeedForward
from allyouneed.nn.kv_cache import KVCache
from allyouneed.nn.norms import Norm, Residual, Wiring
from allyouneed.nn.packing import Packing
from allyouneed.nn.positions import Scheme
from allyouneed.nn.relations import Relation
from allyouneed.nn.relative_positions import relation

Past = tuple[KVCache, KVCache]  # of a decoder layer: its own positions, the source's


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Sizes and choices of one model; the defaults are the paper's base model.

    Args:
        vocab: words of the shared vocabulary, V.
        d_model, layers, heads, d_k, d_v, d_ff, p_drop: table 3's columns; d_k and d_v
            are d_model / heads unless given.
        positions: "sinusoidal", "learned" (then give `max_length`) or "none"; or, in
            self-attention (`relative_positions`), "shaw", "t5", "alibi" or "rotary".
        wiring: "post", as in the paper, "pre" or "none" (see `norms.Residual`).
        norm: "layer", as in the paper, "rms" or "none" (see `norms.norm`); not "batch",
            which would count padding and let a decoder see later words.
        bias: whether attention's projections add one; the paper's do not.
        tied: whether the output layer shares its weights with the embeddings (3.4).
        gated: whether the feed-forward networks have a gate (see `FeedForward`).
        kv_heads: keys and values that the heads share (see `MultiHeadAttention`).
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
    norm: Norm = "layer"
    bias: bool = False
    tied: bool = True
    gated: bool = field(default=False, metadata=LATER)
    kv_heads: int | None = field(default=None, metadata=LATER)

    def __post_init__(self) -> None:
        for name in ("vocab", "d_model", "layers", "heads", "d_ff"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: give at least 1")
        if not 0 <= self.p_drop < 1:
            raise ValueError(f"p_drop={self.p_drop}: give a share from 0 to below 1")
        if self.norm not in ("layer", "rms", "none"):
            raise ValueError(f"norm={self.norm!r}: choose layer, rms or none")

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
    """Self-attention, then the feed-forward network (B, S, d_model).

    `causal` tells that masks hide what comes later: T5's positions then leave it no
    bucket, and what a mask shows of it counts as the position itself.
    """

    def __init__(self, config: TransformerConfig, *, causal: bool = False) -> None:
        super().__init__()
        self.attention = _attention(config, _relation(config, causal=causal))
        self.feed_forward = FeedForward(config.d_model, config.d_ff, gated=config.gated)
        self.around = _residuals(config, 2)

    def forward(
        self, x: Tensor, mask: Tensor | None, packing: Packing | None = None
    ) -> Tensor:
        """Mix the positions of `x` (B, S, d_model) where `mask` allows, same shape.

        With a `packing`, `x` is packed.
        """
        look, think = self.around
        x = look(x, lambda x: self.attention(x, mask=mask, packing=packing))
        return think(x, self.feed_forward)


class DecoderLayer(nn.Module):
    """Causal self-attention, a look at the source, the feed-forward network."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention = _attention(config, _relation(config, causal=True))
        self.cross_attention = _attention(config)
        self.feed_forward = FeedForward(config.d_model, config.d_ff, gated=config.gated)
        self.around = _residuals(config, 3)

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        mask: Tensor | None,
        past: Past | None = None,
        packing: Packing | None = None,
    ) -> Tensor:
        """Read `memory` (B, S, d_model) into `x` (B, T, d_model), same shape as `x`.

        Padding at the end of the target needs no mask: no earlier position sees it.
        Several beams of a sentence may follow each other: (B * beams, T, d_model). With
        a `packing`, `x` is packed.
        """
        own, source = past or (None, None)
        look, read, think = self.around

        def back(x: Tensor) -> Tensor:
            return self.attention(x, causal=True, cache=own, packing=packing)

        def across(x: Tensor) -> Tensor:
            rows = x if packing else x.reshape(len(memory), -1, x.shape[-1])
            return self.cross_attention(
                rows, memory, mask, cache=source, packing=packing
            ).view_as(x)

        return think(read(look(x, back), across), self.feed_forward)


def glorot(layer: nn.Module) -> None:
    """Start a linear map: Xavier's uniform numbers, biases at zero."""
    if isinstance(layer, nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


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
        kv_heads=config.kv_heads,
    )


def _relation(config: TransformerConfig, *, causal: bool) -> Relation:
    share = config.d_model // config.heads
    d_k, d_v = (share if d is None else d for d in (config.d_k, config.d_v))
    return relation(
        config.positions, heads=config.heads, d_k=d_k, d_v=d_v, causal=causal
    )


def _residuals(config: TransformerConfig, count: int) -> nn.ModuleList:
    return nn.ModuleList(
        Residual(
            config.d_model,
            p_drop=config.p_drop,
            wiring=config.wiring,
            norm=config.norm,
        )
        for _ in range(count)
    )
