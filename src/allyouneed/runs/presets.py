"""Recipes that are known to work: a model's size, its training, its data's cut.

Each is a starting point. `dataclasses.replace` changes what an experiment is about.
"""

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from allyouneed.models.convolutional_translator import ConvolutionalConfig
from allyouneed.models.recurrent_translator import RecurrentConfig
from allyouneed.models.transformer import TransformerConfig
from allyouneed.models.translators import Config
from allyouneed.training.updates import TrainingConfig

Kind = Literal["transformer", "recurrent", "recurrent-plain", "convolutional"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preset:
    """A recipe.

    Args:
        model: makes the configuration, given the size of the vocabulary.
        training: the updates.
        vocab: sub-words, learnt from the training split.
        tokens: positions in a batch, padding included.
        every: updates from one save to the next.
        average: so many of the last saves make the final parameters (section 6.1).
        beams: of the search that scores the result.
    """

    model: Callable[[int], Config]
    training: TrainingConfig
    vocab: int
    tokens: int
    every: int = 500
    average: int = 1
    beams: int = 4

    @classmethod
    def grammar(cls, kind: Kind = "transformer") -> "Preset":
        """The grammar's language in less than a minute on two CPU cores.

        The other kinds have as many parameters, within one in a hundred, and the rest
        of the recipe.
        """
        return cls(
            model=_GRAMMAR[kind],
            training=TrainingConfig(steps=700, warmup=100, peak=3e-3, epsilon_ls=0.0),
            vocab=1000,
            tokens=1024,
            every=50,
            average=4,
            beams=1,
        )

    @classmethod
    def tiny(cls) -> "Preset":
        """Multi30k with 2.6 M parameters, as Wu et al. (2021) did it."""
        return cls(
            model=TransformerConfig.tiny,
            training=TrainingConfig(steps=12_000, warmup=2000, peak=5e-3),
            vocab=10_000,
            tokens=4096,
        )

    @classmethod
    def hour(cls) -> "Preset":
        """The same model in about an hour of one CPU core: fewer words, less dropout.

        Smaller batches give more updates for the same work; with twenty epochs in all,
        more dropout than this costs more than it gives.
        """
        return cls(
            model=lambda vocab: dataclasses.replace(
                TransformerConfig.tiny(vocab), p_drop=0.1
            ),
            training=TrainingConfig(steps=5_000, warmup=1000, peak=3e-3, clip=1.0),
            vocab=6_000,
            tokens=2048,
            every=100,
            average=5,
        )

    @classmethod
    def small(cls) -> "Preset":
        """Some ten thousand sentences of real text, on one GPU or a patient CPU."""
        return cls(
            model=TransformerConfig.small,
            training=TrainingConfig(steps=10_000, warmup=2000, peak=1e-3),
            vocab=8_000,
            tokens=4096,
        )

    @classmethod
    def base(cls) -> "Preset":
        """The paper's base model and recipe (section 5)."""
        return cls(
            model=TransformerConfig.base,
            training=TrainingConfig(steps=100_000),
            vocab=37_000,
            tokens=25_000,
        )


def _transformer(vocab: int) -> TransformerConfig:
    return TransformerConfig(
        vocab=vocab, d_model=128, layers=2, heads=4, d_ff=256, p_drop=0.0
    )


def _recurrent(vocab: int) -> RecurrentConfig:
    return RecurrentConfig(vocab=vocab, d_model=158, p_drop=0.0)


def _plain(vocab: int) -> RecurrentConfig:
    return RecurrentConfig(vocab=vocab, d_model=170, p_drop=0.0, attention="none")


def _convolutional(vocab: int) -> ConvolutionalConfig:
    return ConvolutionalConfig(vocab=vocab, d_model=110, layers=4, p_drop=0.0)


_GRAMMAR: Mapping[Kind, Callable[[int], Config]] = MappingProxyType(
    {
        "transformer": _transformer,
        "recurrent": _recurrent,
        "recurrent-plain": _plain,
        "convolutional": _convolutional,
    }
)
