"""The recurrent translators before the Transformer, with attention and without.

Shapes: `B` sentences, `S` source positions, `T` target positions, `d_model` features,
`V` words of the vocabulary that both languages share. Sentences are padded at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from allyouneed.ground.special_tokens import PAD
from allyouneed.models.seq2seq import EncoderDecoder, output_layer, spread
from allyouneed.nn.alignment import Additive, Alignment, Multiplicative
from allyouneed.nn.feedforward import Embedding
from allyouneed.nn.masks import padding_mask
from allyouneed.nn.recurrent import GRU, LSTM, LSTMState

Cell = Literal["gru", "lstm"]
Score = Literal["additive", "multiplicative", "none"]
State = Tensor | LSTMState


@dataclass(frozen=True, kw_only=True)
class RecurrentConfig:
    """Sizes and choices of one recurrent translator.

    Args:
        vocab: words of the shared vocabulary, V.
        d_model: width of embeddings and states; the encoder's directions share it.
        layers: of the encoder, and of the decoder.
        p_drop: dropout between layers.
        cell: "gru" or "lstm".
        attention: "additive" (Bahdanau et al., 2015), "multiplicative" (Luong et al.,
            2015) or "none": the decoder knows the encoder's last state and nothing else
            (Cho et al., 2014; Sutskever et al., 2014).
        bidirectional: whether the encoder also reads from the end to the start.
        tied: whether the output layer shares its weights with the embeddings.

    Raises:
        ValueError: a size is below 1, an odd width for two directions, a choice that
            is none.
    """

    vocab: int
    d_model: int = 512
    layers: int = 2
    p_drop: float = 0.1
    cell: Cell = "gru"
    attention: Score = "additive"
    bidirectional: bool = True
    tied: bool = True

    def __post_init__(self) -> None:
        for name in ("vocab", "d_model", "layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: give at least 1")
        if self.bidirectional and self.d_model % 2:
            raise ValueError(
                f"d_model={self.d_model} is odd: two directions share it, give an even "
                "width or bidirectional=False"
            )
        if not 0 <= self.p_drop < 1:
            raise ValueError(f"p_drop={self.p_drop}: give a share from 0 to below 1")
        for name, kinds in (("cell", get_args(Cell)), ("attention", get_args(Score))):
            if getattr(self, name) not in kinds:
                choice = " or ".join(kinds)
                raise ValueError(f"{name}={getattr(self, name)!r}: choose {choice}")


@dataclass
class RecurrentMemory:
    """An encoded source, and where the decoder stands.

    Attributes:
        states: (B, S, d_model), one for each source position.
        keys: what attention computed of them once; None without attention.
        mask: (B, 1, 1, S), True where a word is.
        decoder: the state of each decoder layer, at first the encoder's last ones.
        streams: whether `decode` goes on from where it stopped.
        beams: rows of each sentence.
    """

    states: Tensor
    keys: Tensor | None
    mask: Tensor
    decoder: list[State]
    streams: bool = False
    beams: int = 1

    def streaming(self, beams: int = 1) -> "RecurrentMemory":
        """A copy that remembers each decoded position, so that it is computed once.

        Each sentence is decoded `beams` times.
        """
        rows = torch.arange(len(self.states), device=self.states.device)
        copy = replace(self, decoder=list(self.decoder), streams=True)
        if beams > 1:
            copy.select(rows.repeat_interleave(beams))
        copy.beams = beams
        return copy

    def select(self, rows: Tensor) -> None:
        """Keep these sentences, in this order, each with all its beams."""
        rows = spread(rows, self.beams)
        self.states, self.mask = self.states[rows], self.mask[rows]
        self.keys = None if self.keys is None else self.keys[rows]
        self.follow(rows)

    def follow(self, rows: Tensor) -> None:
        """Let each beam go on from another of its sentence: (B * beams,)."""
        self.decoder = [_each(lambda part: part[rows], s) for s in self.decoder]


class RecurrentTranslator(EncoderDecoder):
    """An encoder and a decoder of recurrent layers, and attention between them.

    As in Luong et al. (2015), the decoder's last state looks at the source *after* its
    step, h' = tanh(W [context; h]) (their equation 5), for both scores: so the kernel
    runs over a whole target at once. Bahdanau et al. (2015) look before the step, with
    the state of the word before. The encoder's last states start the decoder's.

    >>> model = RecurrentTranslator(RecurrentConfig(vocab=100, d_model=16))
    >>> source, target = torch.ones(2, 7).long(), torch.ones(2, 5).long()
    >>> model(source, target).shape
    torch.Size([2, 5, 100])
    """

    config: RecurrentConfig

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__()
        self.config, d_model = config, config.d_model
        self.embedding = Embedding(config.vocab, d_model)
        self.encoder = nn.ModuleList(Reading(config) for _ in range(config.layers))
        cells = (_cell(config, d_model) for _ in range(config.layers))
        self.decoder = nn.ModuleList(cells)
        self.dropout = nn.Dropout(config.p_drop)
        self.attention = _alignment(config)
        self.mix = nn.Linear(2 * d_model, d_model) if self.attention else None
        self.output = output_layer(config)

    def encode(self, source: Tensor) -> RecurrentMemory:
        """Read the source (B, S), padded at the end.

        Raises:
            ValueError: a source has no word or one after padding, or an unknown id.
        """
        self._check(source=source)
        lengths = (source != PAD).sum(-1)
        source = source[:, : int(lengths.max())]
        x, last = self.embedding(source), []
        for layer in self.encoder:
            x, state = layer(self.dropout(x), lengths)
            last.append(state)
        x = self.dropout(x)
        keys = self.attention.keys(x) if self.attention else None
        return RecurrentMemory(x, keys, padding_mask(source, PAD), last)

    def states(self, target: Tensor, memory: RecurrentMemory) -> Tensor:
        """What is known before a next word is named: (B, T) -> (B, T, d_model).

        With a streaming `memory`, `target` continues what was decoded before.
        """
        x, states = self.embedding(target), []
        for layer, state in zip(self.decoder, memory.decoder, strict=True):
            x, state = layer(self.dropout(x), state)
            states.append(state)
        if memory.streams:
            memory.decoder = states
        if self.attention and self.mix:
            context = self.attention(x, memory.keys, memory.states, memory.mask)
            x = self.mix(torch.cat((context, x), dim=-1)).tanh()
        return self.dropout(x)


class Reading(nn.Module):
    """One layer of the encoder, in one direction or in both (B, S, d_model)."""

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__()
        width = config.d_model // (2 if config.bidirectional else 1)
        self.onward = _cell(config, width)
        self.back = _cell(config, width) if config.bidirectional else None

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, State]:
        """Every state (B, S, d_model), and the one after each row's last word.

        What stands at a position beyond its row's length means nothing.
        """
        states, last = _read(self.onward, x, lengths)
        if self.back is None:
            return states, last
        turned, first = _read(self.back, reverse(x, lengths), lengths)
        states = torch.cat((states, reverse(turned, lengths)), dim=-1)
        return states, _each(lambda *ends: torch.cat(ends, dim=-1), last, first)


def reverse(x: Tensor, lengths: Tensor) -> Tensor:
    """Turn the first `lengths` (B,) positions of each row round: (B, S, d_model).

    >>> reverse(torch.tensor([[[1], [2], [3], [0]]]), torch.tensor([3])).flatten()
    tensor([3, 2, 1, 0])
    """
    places = torch.arange(x.shape[1], device=x.device)
    places = (lengths[:, None] - 1 - places) % x.shape[1]
    return x.gather(1, places[..., None].expand_as(x))


def _read(layer: nn.Module, x: Tensor, lengths: Tensor) -> tuple[Tensor, State]:
    """Run the layer over `x`, and keep each row's state at its length.

    It runs from one length to the next, so that no state has to be computed by hand.
    """
    outputs, state, start = [], None, 0
    last: Any = None  # until the shortest row ends
    for stop in lengths.unique().tolist():
        part, state = layer(x[:, start:stop], state)
        ends, start = (lengths == stop)[:, None], stop
        last = state if last is None else _each(_choose(ends), state, last)
        outputs.append(part)
    return torch.cat(outputs, dim=1), last


def _choose(rows: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda new, old: torch.where(rows, new, old)


def _each(change: Callable[..., Tensor], *states: Any) -> Any:
    """Do the same to h, and to c where there is one."""
    if isinstance(states[0], LSTMState):
        return LSTMState(*(change(*parts) for parts in zip(*states, strict=True)))
    return change(*states)


def _cell(config: RecurrentConfig, width: int) -> nn.Module:
    return {"gru": GRU, "lstm": LSTM}[config.cell](config.d_model, width)


def _alignment(config: RecurrentConfig) -> Alignment | None:
    if config.attention == "none":
        return None
    kinds = {"additive": Additive, "multiplicative": Multiplicative}
    return kinds[config.attention](config.d_model)
