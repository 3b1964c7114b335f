"""What every translator does alike: two halves, and token ids it refuses to read.

Shapes: `B` sentences, `S` source positions, `T` target positions, `V` words of the
vocabulary that both languages share. Sentences are padded at the end.
"""

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from allyouneed.ground.special_tokens import PAD
from allyouneed.nn.feedforward import Embedding
from allyouneed.nn.linear import linear
from allyouneed.nn.losses import vocabulary_loss
from allyouneed.nn.positions import Learned


class Sizes(Protocol):
    """What training and checks need of a model's configuration."""

    @property
    def vocab(self) -> int:
        """Words of the shared vocabulary, V."""

    @property
    def d_model(self) -> int:
        """Width of the model."""

    @property
    def tied(self) -> bool:
        """Whether words are scored by the embeddings (section 3.4)."""


class Memory(Protocol):
    """An encoded source that can also remember what was decoded from it."""

    def streaming(self, beams: int = 1) -> "Memory":
        """A copy that remembers, with so many beams of each sentence."""

    def select(self, rows: Tensor) -> None:
        """Keep these sentences, in this order, each with all its beams."""

    def follow(self, rows: Tensor) -> None:
        """Let each beam go on from another of its sentence: (B * beams,)."""


class Translator(Protocol):
    """What decoding, training and evaluation need of a model."""

    def encode(self, source: Tensor) -> Any:
        """Read the source (B, S) into a `Memory`."""

    def decode(self, target: Tensor, memory: Any) -> Tensor:
        """Score the next words: (B, T) -> (B, T, V)."""


class EncoderDecoder(nn.Module):
    """A model that reads a source into a memory and scores the words of a target.

    A subclass has a `config`, an `embedding`, perhaps an `output` layer of its own, and
    writes `encode` and `states`. Its memory is a `Memory`.
    """

    config: Sizes
    embedding: Embedding
    output: nn.Linear | None

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Score every next word: (B, S), (B, T) -> (B, T, V)."""
        return self.decode(target, self.encode(source))

    def encode(self, source: Tensor) -> Any:
        """Read the source (B, S) into a memory."""
        raise NotImplementedError

    def states(self, target: Tensor, memory: Any) -> Tensor:
        """What is known before a next word is named: (B, T) -> (B, T, d_model).

        With a streaming `memory`, `target` continues what was decoded before.
        """
        raise NotImplementedError

    def decode(self, target: Tensor, memory: Any) -> Tensor:
        """Score the word after each of `target` (B, T): logits (B, T, V).

        With a streaming `memory`, `target` continues what was decoded before.

        Raises:
            ValueError: an id of `target` is outside the vocabulary.
        """
        self._check(target=target)
        return linear(self.states(target, memory), self.words)

    def loss(
        self, source: Tensor, target: Tensor, labels: Tensor, *, epsilon: float
    ) -> Tensor:
        """`label_smoothing(self(source, target), labels, epsilon=epsilon)`, but faster.

        What stands where `labels` (B, T) are padding is not computed, as far as that is
        possible, and the scores of all words are never stored at once.
        """
        self._check(target=target)
        memory, real = self.encode(source), labels != PAD
        if labels.device.type == "cpu":
            states = self.states_at(real, target, memory)
            labels = labels[real]
        else:  # to choose words, the host would have to wait for their count
            states = self.states(target, memory).flatten(0, 1)
            labels = labels.flatten()
        return vocabulary_loss(states, self.words, labels, epsilon=epsilon)

    def states_at(self, real: Tensor, target: Tensor, memory: Any) -> Tensor:
        """The `states` of a whole target where `real` (B, T) is True: (N, d_model)."""
        places = real.flatten().nonzero().squeeze(-1)
        return self.states(target, memory).flatten(0, 1).index_select(0, places)

    @property
    def longest(self) -> int | None:
        """Positions of the longest sentence it reads or writes; None for any length."""
        tables = [m.table for m in self.modules() if isinstance(m, Learned)]
        return min(map(len, tables), default=None)

    @property
    def words(self) -> Tensor:
        """The direction (V, d_model) in which a state names each word."""
        output = self.embedding.words if self.output is None else self.output
        return output.weight

    def _check(self, **named: Tensor) -> None:
        """Refuse ids that are no batch or outside the vocabulary, or a bad source."""
        for name, ids in named.items():
            if ids.ndim != 2 or not len(ids):
                raise ValueError(
                    f"{name} has shape {tuple(ids.shape)}: give a batch of sentences, "
                    f"as {name}[None] is of one"
                )
            # The host would have to wait for the device at every step; a graph that is
            # traced holds no numbers.
            waits = self.training and ids.device.type != "cpu"
            if waits or torch.compiler.is_compiling():
                continue
            if ids.numel() and not 0 <= ids.min() <= ids.max() < self.config.vocab:
                raise ValueError(
                    f"{name} holds ids from {ids.min()} to {ids.max()}, but "
                    f"vocab={self.config.vocab}: use this model's own sub-words"
                )
            if name == "source":
                _check_padding(ids == PAD)


def _check_padding(pad: Tensor) -> None:
    """Refuse a source (B, S) without a word, or with one after padding."""
    if (empty := pad.all(-1)).any():
        raise ValueError(
            f"source[{int(empty.nonzero()[0])}] holds no word: leave it out"
        )
    if (late := (pad[:, :-1] & ~pad[:, 1:]).any(-1)).any():
        raise ValueError(
            f"source[{int(late.nonzero()[0])}] has a word after padding: pad at the end"
        )


def output_layer(config: Sizes) -> nn.Linear | None:
    """A layer of its own to score words with; None if the embeddings do it."""
    return None if config.tied else nn.Linear(config.d_model, config.vocab, bias=False)


def longest(model: Translator) -> int | None:
    """The model's own `longest`; None for one that does not know of any."""
    found: int | None = getattr(model, "longest", None)
    return found


def spread(rows: Tensor, beams: int) -> Tensor:
    """Rows of all beams of these sentences: (B,) -> (B * beams,).

    >>> spread(torch.tensor([0, 2]), beams=2)
    tensor([0, 1, 4, 5])
    """
    return (rows[:, None] * beams + torch.arange(beams, device=rows.device)).flatten()
