"""Causal sequence models whose attention costs less over long sequences.

All is as in `sequence_models`; only what lets positions meet is another.
"""

from dataclasses import dataclass, field
from typing import get_args

from torch import nn

from allyouneed.models.sequence_models import MixerConfig, SequenceModel
from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.long_attention import LinearAttention, Pattern, PatternedAttention
from allyouneed.nn.positions import Relative
from allyouneed.nn.relative_positions import relation, tie


@dataclass(frozen=True, kw_only=True)
class LongConfig:
    """A sequence model, and how its attention is made cheaper.

    Args:
        model: sizes and positions; a mixer that is no attention stays as it is.
        pattern: what a query may see.
        widening: each layer's dilation is so many times that of the layer below.
        kv_heads: keys and values that all heads share; as many as heads unless given.
        d_k: width of a head, d_model / heads unless given.
        linear: no softmax, one state (then give neither pattern nor shared keys).

    Raises:
        ValueError: linear attention with a pattern, shared keys, another width or
            positions that act on scores.
    """

    model: MixerConfig
    pattern: Pattern = field(default_factory=Pattern)
    widening: int = 1
    kv_heads: int | None = None
    d_k: int | None = None
    linear: bool = False

    def __post_init__(self) -> None:
        if self.widening < 1:
            raise ValueError(f"widening={self.widening}: give 1 or more")
        if self.linear and self.model.positions in get_args(Relative):
            raise ValueError(
                f"positions={self.model.positions!r} act on scores, and linear=True "
                "has none: choose sinusoidal, learned or none"
            )
        own = (self.pattern, self.kv_heads, self.d_k)
        if self.linear and own != (Pattern(), None, None):
            raise ValueError("linear=True sees all through one state: give it alone")


def long_model(config: LongConfig) -> SequenceModel:
    """A sequence model with the attention of `config` in all layers.

    >>> small = MixerConfig(vocab=9, mixer="attention", d_model=16)
    >>> model = long_model(LongConfig(model=small, pattern=Pattern(window=4)))
    >>> model.layers[1].mixer.pattern
    Pattern(window=4, dilation=1, first=0)
    """
    model = SequenceModel(config.model)
    for depth, layer in enumerate(model.layers):
        if isinstance(layer.mixer, MultiHeadAttention):
            layer.mixer = _attention(config, layer.mixer, depth)
    tie(model.layers)
    return model


def _attention(config: LongConfig, plain: MultiHeadAttention, depth: int) -> nn.Module:
    d_model, heads = config.model.d_model, config.model.heads
    if config.linear:
        return LinearAttention(d_model, heads)
    pattern, d_k, own = config.pattern, config.d_k, plain.relation
    if d_k is not None:
        scheme = config.model.scheme
        own = relation(scheme, heads=heads, d_k=d_k, d_v=d_k, causal=True)
    dilation = pattern.dilation * config.widening**depth
    return PatternedAttention(
        d_model,
        heads,
        Pattern(window=pattern.window, dilation=dilation, first=pattern.first),
        kv_heads=config.kv_heads,
        d_k=d_k,
        relation=own,
    )
