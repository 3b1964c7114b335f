"""One causal sequence model with an exchangeable heart: what lets positions meet.

Around it everything stays the same (embedding, residuals, norms, feed-forward network,
output layer), so that what two of these models differ in is recurrence, convolution or
attention and nothing else.

Shapes: `B` sequences, `T` positions, `d_model` features, `V` symbols.
"""

import bisect
import dataclasses
import math
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.convolution import Convolution
from allyouneed.nn.feedforward import Embedding, FeedForward
from allyouneed.nn.norms import Norm, Residual, Unnormed, Wiring, norm
from allyouneed.nn.positions import Relative, Scheme, positions
from allyouneed.nn.recurrent import GRU, LSTM, RNN
from allyouneed.nn.relative_positions import relation, tie

Mixer = Literal["rnn", "lstm", "gru", "convolution", "attention"]
MIXERS: tuple[Mixer, ...] = ("rnn", "lstm", "gru", "convolution", "attention")


@dataclass(frozen=True, kw_only=True)
class MixerConfig:
    """Sizes and choices of one sequence model.

    Args:
        vocab: symbols, V.
        mixer: rnn, lstm, gru, convolution (gated; each layer's dilation is twice that
            of the layer below, as in ByteNet) or attention.
        d_model, layers, heads, d_ff, p_drop: as in the paper; `d_ff` is twice d_model
            unless given, and only attention has heads.
        width: positions under a convolution's kernel.
        positions: of attention, "sinusoidal" unless given. The others know order
            without; what is added to the embeddings they can have as well.
        max_length: of learned positions.
        wiring, norm: of the residuals (see `norms.Residual`); not "batch", which would
            let a position see later ones.
    """

    vocab: int
    mixer: Mixer
    d_model: int = 64
    layers: int = 2
    heads: int = 4
    d_ff: int | None = None
    p_drop: float = 0.0
    width: int = 3
    positions: Scheme | None = None
    max_length: int | None = None
    wiring: Wiring = "pre"
    norm: Norm = "layer"

    def __post_init__(self) -> None:
        for name in ("vocab", "d_model", "layers", "heads", "width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: give at least 1")
        if self.mixer not in MIXERS:
            raise ValueError(f"mixer={self.mixer!r}: choose {', '.join(MIXERS)}")
        if self.norm not in ("layer", "rms", "none"):
            raise ValueError(f"norm={self.norm!r}: choose layer, rms or none")
        if self.positions in get_args(Relative) and self.mixer != "attention":
            raise ValueError(
                f"positions={self.positions!r} act in attention, and mixer="
                f"{self.mixer!r} has none: leave them out"
            )

    @property
    def scheme(self) -> Scheme:
        """Of the positions that are added to the embeddings."""
        return self.positions or ("sinusoidal" if self.mixer == "attention" else "none")


class MixerLayer(nn.Module):
    """The mixer, then the feed-forward network, each with a norm and a way around."""

    def __init__(self, config: MixerConfig, depth: int) -> None:
        super().__init__()
        self.mixer = _mixer(config, depth)
        self.feed_forward = FeedForward(
            config.d_model, config.d_ff or 2 * config.d_model
        )
        self.around = nn.ModuleList(
            Residual(
                config.d_model,
                p_drop=config.p_drop,
                wiring=config.wiring,
                norm=config.norm,
            )
            for _ in range(2)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Let each position of `x` (B, T, d_model) see those before it, same shape."""
        mix, think = self.around
        return think(mix(x, self._mix), self.feed_forward)

    def _mix(self, x: Tensor) -> Tensor:
        if isinstance(self.mixer, MultiHeadAttention):
            return self.mixer(x, causal=True)
        if isinstance(self.mixer, Convolution):
            return self.mixer(x)
        return self.mixer(x)[0]  # recurrent: the outputs, without the last state


class SequenceModel(nn.Module):
    """Scores for every next symbol, from this one and those before it.

    >>> model = SequenceModel(MixerConfig(vocab=10, mixer="gru", d_model=16))
    >>> model(torch.zeros(2, 7).long()).shape
    torch.Size([2, 7, 10])
    """

    def __init__(self, config: MixerConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = Embedding(config.vocab, config.d_model)
        self.place = positions(
            config.scheme, config.d_model, max_length=config.max_length
        )
        self.dropout = nn.Dropout(config.p_drop)
        self.layers = nn.ModuleList(
            MixerLayer(config, depth) for depth in range(config.layers)
        )
        tie(self.layers)
        self.norm = (
            norm(config.norm, config.d_model) if config.wiring == "pre" else Unnormed()
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Read (B, T), score what follows each position: (B, T, V).

        Raises:
            ValueError: an id is outside the vocabulary.
        """
        if tokens.device.type == "cpu" and tokens.numel():
            low, high = tokens.aminmax()
            if not 0 <= low <= high < self.config.vocab:
                raise ValueError(
                    f"tokens hold ids from {low} to {high}, but "
                    f"vocab={self.config.vocab}: use this model's own symbols"
                )
        x = self.dropout(self.place(self.embedding(tokens)))
        for layer in self.layers:
            x = layer(x)
        return self.embedding.logits(self.norm(x))


def parameters(config: MixerConfig) -> int:
    """How many numbers this model learns; none is drawn.

    >>> parameters(MixerConfig(vocab=10, mixer="rnn", d_model=16, layers=1))
    1872
    """
    with torch.device("meta"):
        return sum(p.numel() for p in SequenceModel(config).parameters())


def sized(config: MixerConfig, count: int) -> MixerConfig:
    """`config` as wide as `count` parameters allow, in steps of twice its heads.

    Raises:
        ValueError: even the narrowest has more.

    >>> sized(MixerConfig(vocab=10, mixer="rnn"), 40_000).d_model
    56
    """
    step = 2 * config.heads
    widths = range(step, math.isqrt(count) + step, step)  # a layer has d_model^2, too

    def needed(d_model: int) -> int:
        return parameters(dataclasses.replace(config, d_model=d_model))

    fitting = bisect.bisect_right(widths, count, key=needed)
    if not fitting:
        raise ValueError(
            f"{count=} is too few for {config.mixer}: the narrowest has {needed(step)}"
        )
    return dataclasses.replace(config, d_model=widths[fitting - 1])


def _mixer(config: MixerConfig, depth: int) -> nn.Module:
    d_model = config.d_model
    match config.mixer:
        case "rnn":
            return RNN(d_model, d_model)
        case "lstm":
            return LSTM(d_model, d_model)
        case "gru":
            return GRU(d_model, d_model)
        case "convolution":
            return Convolution(
                d_model,
                d_model,
                width=config.width,
                dilation=2**depth,
                causal=True,
                gated=True,
            )
        case "attention":
            heads = config.heads
            d_k = d_model // heads
            own = relation(config.scheme, heads=heads, d_k=d_k, d_v=d_k, causal=True)
            return MultiHeadAttention(d_model, heads, relation=own)
