"""What one trial of a sweep trains: translator, data, recipe (the ladder, table 3).

Everything that a trial draws by chance follows from its seed, and the same seed means
the same order of the data in every trial: so two recipes can be compared seed by seed.
"""

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from allyouneed.ground import runtime
from allyouneed.ground.configurations import LATER
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.models.translators import Config, build
from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.training.updates import TrainingConfig

Piece = Literal["scaling", "root"]
ENOUGH = 10**9  # updates of a run that only the time ends


@dataclass(frozen=True, kw_only=True)
class Study:
    """One translator, its data and its recipe: the configuration of a trial.

    Args:
        row: what it is called in its table; `part` is the table's part.
        corpus, source, target: of `data.load`.
        model: its configuration; `vocab` is what is asked of the sub-words.
        training: the updates; its seed is replaced by `seed`.
        tokens: positions in a batch, padding included.
        without: what is taken out of a Transformer after it is built, "scaling" of the
            scores by the root of d_k or the "root" of d_model at the embeddings.
        seconds: training ends after so many, of the processor on a CPU; None for all
            updates.
        every: updates from one look at the part `valid` to the next.
        average: the mean of so many of the last parameters, `apart` updates from each
            other, is scored as well (section 6.1).
        beams: of the search.
        seed: of parameters, order and dropout.
        device: the CPU unless given.
        looks: updates after which `test` is translated greedily, so that one training
            tells of shorter ones.
        searched: at the end, whether search and mean are chosen on the part `valid`.

    Raises:
        ValueError: a number is out of its range, or `without` is no such piece.
    """

    row: str
    part: str
    corpus: str
    model: Config
    training: TrainingConfig
    source: str = "en"
    target: str = "de"
    tokens: int = 1024
    without: Piece | None = None
    seconds: float | None = None
    every: int = 100
    average: int = 1
    apart: int = 10
    beams: int = 4
    seed: int = 0
    device: str | None = None
    looks: tuple[int, ...] = dataclasses.field(default=(), metadata=LATER)
    searched: bool = dataclasses.field(default=False, metadata=LATER)

    def __post_init__(self) -> None:
        for name in ("tokens", "every", "average", "apart", "beams"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: give at least 1")
        if self.seconds is not None and self.seconds <= 0:
            raise ValueError(f"seconds={self.seconds}: give more than 0, or None")
        if any(look < 1 for look in self.looks):
            raise ValueError(f"looks={self.looks}: updates are counted from 1")
        if self.without not in (None, *get_args(Piece)):
            choice = " or ".join(get_args(Piece))
            raise ValueError(f"without={self.without!r}: choose {choice}")


def fresh(config: Study, vocab: int) -> EncoderDecoder:
    """The translator of a study as it is before training, for so many sub-words."""
    with runtime.seeded(torch.device("cpu"), config.seed):
        model = build(dataclasses.replace(config.model, vocab=vocab))
    if config.without:
        take_out(model, config.without)
    return model


def take_out(model: EncoderDecoder, piece: Piece) -> None:
    """Leave out the scaling of scores, or the root of d_model, from now on.

    Raises:
        ValueError: the model has no scaled scores.
    """
    if piece == "root":
        model.embedding.scale = 1.0
        return
    layers = [m for m in model.modules() if isinstance(m, MultiHeadAttention)]
    if not layers:
        raise ValueError(f"{piece=}: a {type(model).__name__} has no scaled attention")
    for layer in layers:
        root = (layer.query.out_features // layer.heads) ** 0.5
        layer.query.register_forward_hook(partial(_times, root))


def _times(factor: float, _: nn.Module, __: Any, output: Tensor) -> Tensor:
    return factor * output
