"""What every translator does alike: two halves, and token ids it refuses to read.

Shapes: `B` sentences, `S` source positions, `T` target positions, `V` words of the
vocabulary that both languages share. Sentences are padded at the end.
"""

from typing import Any, Protocol

from torch import Tensor, nn

from allyouneed.text import PAD


class Sizes(Protocol):
    """What training and checks need of a model's configuration."""

    @property
    def vocab(self) -> int:
        """Words of the shared vocabulary, V."""

    @property
    def d_model(self) -> int:
        """Width of the model."""


class EncoderDecoder(nn.Module):
    """A model that reads a source into a memory and scores the words of a target.

    A subclass has a `config` and writes `encode` and `decode`. Its memory can be made
    `streaming()`, to remember what was decoded, and its rows can be chosen by `select`.
    """

    config: Sizes

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Score every next word: (B, S), (B, T) -> (B, T, V)."""
        return self.decode(target, self.encode(source))

    def encode(self, source: Tensor) -> Any:
        """Read the source (B, S) into a memory."""
        raise NotImplementedError

    def decode(self, target: Tensor, memory: Any) -> Tensor:
        """Score the word after each of `target` (B, T): logits (B, T, V)."""
        raise NotImplementedError

    def _check(self, **named: Tensor) -> None:
        """Refuse ids outside the vocabulary, and a source without a word."""
        for name, ids in named.items():
            if self.training and ids.device.type != "cpu":
                continue  # the host would have to wait for the device at every step
            if ids.numel() and not 0 <= ids.min() <= ids.max() < self.config.vocab:
                raise ValueError(
                    f"{name} holds ids from {ids.min()} to {ids.max()}, but "
                    f"vocab={self.config.vocab}: use this model's own sub-words"
                )
        empty = (named["source"] == PAD).all(-1) if "source" in named else None
        if empty is not None and empty.any():
            raise ValueError(
                f"source[{int(empty.nonzero()[0])}] holds no word: leave it out"
            )
