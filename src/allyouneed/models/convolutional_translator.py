"""The convolutional translator of Gehring et al. (2017), small.

Shapes: `B` sentences, `S` source positions, `T` target positions, `d_model` features,
`V` words of the vocabulary that both languages share. Sentences are padded at the end.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from allyouneed.ground.special_tokens import PAD
from allyouneed.models.seq2seq import EncoderDecoder, output_layer, spread
from allyouneed.nn.alignment import ScaledDot
from allyouneed.nn.convolution import Convolution
from allyouneed.nn.feedforward import Embedding
from allyouneed.nn.masks import padding_mask
from allyouneed.nn.positions import Scheme, positions

PLACES = ("sinusoidal", "learned", "none")  # the others belong to self-attention
HALF = 0.5**0.5  # the sum of two independent vectors keeps the variance of one


@dataclass(frozen=True, kw_only=True)
class ConvolutionalConfig:
    """Sizes and choices of one convolutional translator.

    Args:
        vocab: words of the shared vocabulary, V.
        d_model: width of embeddings and states.
        layers: of the encoder, and of the decoder.
        width: positions under a kernel.
        p_drop: dropout before each convolution and before the output.
        positions: sinusoidal, so that sentences may have any length; Gehring et al.
            learn them ("learned", then give `max_length`).
        tied: whether the output layer shares its weights with the embeddings.

    Raises:
        ValueError: a size is below 1, an even `width` (the encoder's kernels are
            centred), a share out of range.
    """

    vocab: int
    d_model: int = 512
    layers: int = 4
    width: int = 3
    p_drop: float = 0.1
    positions: Scheme = "sinusoidal"
    max_length: int | None = None
    tied: bool = True

    def __post_init__(self) -> None:
        for name in ("vocab", "d_model", "layers", "width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: give at least 1")
        if self.width % 2 == 0:
            raise ValueError(f"width={self.width} has no middle: give an odd one")
        if self.positions not in PLACES:
            choice = ", ".join(PLACES)
            raise ValueError(f"positions={self.positions!r}: choose one of {choice}")
        if not 0 <= self.p_drop < 1:
            raise ValueError(f"p_drop={self.p_drop}: give a share from 0 to below 1")


@dataclass
class ConvolutionalMemory:
    """An encoded source, and the inputs that the decoder's kernels reach back to.

    Attributes:
        keys: states (B, S, d_model) of the encoder's last layer.
        values: the same and the embeddings: what is there, beside what it means here.
        mask: (B, 1, 1, S), True where a word is.
        past: of each decoder layer, its last inputs (B, width - 1, d_model); None where
            nothing was decoded yet.
        decoded: target positions remembered so far.
        streams: whether `decode` goes on from where it stopped.
        beams: rows of each sentence.
    """

    keys: Tensor
    values: Tensor
    mask: Tensor
    past: list[Tensor | None]
    decoded: int = 0
    streams: bool = False
    beams: int = 1

    def streaming(self, beams: int = 1) -> "ConvolutionalMemory":
        """A copy that remembers each decoded position, so that it is computed once.

        Each sentence is decoded `beams` times.
        """
        rows = torch.arange(len(self.keys), device=self.keys.device)
        copy = replace(self, past=[None] * len(self.past), decoded=0, streams=True)
        if beams > 1:
            copy.select(rows.repeat_interleave(beams))
        copy.beams = beams
        return copy

    def select(self, rows: Tensor) -> None:
        """Keep these sentences, in this order, each with all its beams."""
        rows = spread(rows, self.beams)
        self.keys, self.values = self.keys[rows], self.values[rows]
        self.mask = self.mask[rows]
        self.follow(rows)

    def follow(self, rows: Tensor) -> None:
        """Let each beam go on from another of its sentence: (B * beams,)."""
        self.past = [None if past is None else past[rows] for past in self.past]


class ConvolutionalTranslator(EncoderDecoder):
    """Gated convolutions that read and write, attention in each layer that writes.

    After Gehring et al. (2017), with these departures: no weight normalisation; scores
    are divided by the square root of `d_model`, as in Vaswani et al. (2017); what is
    read of a source of m words is not multiplied by m sqrt(1/m), nor are the encoder's
    gradients divided by the number of attentions (their section 3.4).

    >>> import torch
    >>> model = ConvolutionalTranslator(ConvolutionalConfig(vocab=100, d_model=16))
    >>> source, target = torch.ones(2, 7).long(), torch.ones(2, 5).long()
    >>> model(source, target).shape
    torch.Size([2, 5, 100])
    """

    config: ConvolutionalConfig

    def __init__(self, config: ConvolutionalConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = Embedding(config.vocab, config.d_model)
        self.place = positions(
            config.positions, config.d_model, max_length=config.max_length
        )
        self.encoder = nn.ModuleList(
            Convolution(config.d_model, config.d_model, width=config.width, gated=True)
            for _ in range(config.layers)
        )
        self.decoder = nn.ModuleList(WritingLayer(config) for _ in range(config.layers))
        self.dropout = nn.Dropout(config.p_drop)
        self.output = output_layer(config)

    def encode(self, source: Tensor) -> ConvolutionalMemory:
        """Read the source (B, S), padded at the end.

        Raises:
            ValueError: a source has no word or one after padding, or an unknown id.
        """
        self._check(source=source)
        mask = padding_mask(source, PAD)
        filler = ~mask[:, 0, 0, :, None]  # a kernel reaches from a word into padding
        words = x = self.place(self.embedding(source)).masked_fill(filler, 0.0)
        for layer in self.encoder:
            x = (x + layer(self.dropout(x))) * HALF
            x = x.masked_fill(filler, 0.0)
        return ConvolutionalMemory(
            x, (x + words) * HALF, mask, [None] * len(self.decoder)
        )

    def states(self, target: Tensor, memory: ConvolutionalMemory) -> Tensor:
        """What is known before a next word is named: (B, T) -> (B, T, d_model).

        With a streaming `memory`, `target` continues what was decoded before.
        """
        words = x = self.place(self.embedding(target), offset=memory.decoded)
        past: list[Tensor | None] = []
        for layer, before in zip(self.decoder, memory.past, strict=True):
            x, after = layer(x, words, memory, before)
            past.append(after)
        if memory.streams:
            memory.past, memory.decoded = past, memory.decoded + target.shape[1]
        return self.dropout(x)


class WritingLayer(nn.Module):
    """One layer of the decoder: a causal convolution, then a look at the source."""

    def __init__(self, config: ConvolutionalConfig) -> None:
        super().__init__()
        d_model = config.d_model
        self.convolution = Convolution(
            d_model, d_model, width=config.width, causal=True, gated=True
        )
        self.query, self.context = (
            nn.Linear(d_model, d_model),
            nn.Linear(d_model, d_model),
        )
        self.attention = ScaledDot()
        self.dropout = nn.Dropout(config.p_drop)

    def forward(
        self,
        x: Tensor,
        words: Tensor,
        memory: ConvolutionalMemory,
        past: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The next states (B, T, d_model), and what the kernel will want as `past`.

        `words` (B, T, d_model) are the embeddings: so the query knows the last word.
        """
        inputs = self.dropout(x)
        states = self.convolution(inputs, past)
        query = (self.query(states) + words) * HALF
        read = self.attention(query, memory.keys, memory.values, memory.mask)
        states = (states + self.context(read)) * HALF
        return (x + states) * HALF, self.convolution.remember(inputs, past)
