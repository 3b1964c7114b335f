"""A translator trained and scored as one trial of a sweep: the ladder and table 3.

Everything that a trial draws by chance follows from its seed, and the same seed means
the same order of the data in every trial: so two recipes can be compared seed by seed.
"""

import dataclasses
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal, cast, get_args

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from allyouneed.data.batches import Batches
from allyouneed.data.corpora import Corpus, load
from allyouneed.data.subwords import Subwords
from allyouneed.ground import runtime
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.models.translators import Config, build
from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.runs.experiments import score
from allyouneed.training.loop import held_out_loss, train
from allyouneed.training.updates import Step, TrainingConfig

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

    def __post_init__(self) -> None:
        for name in ("tokens", "every", "average", "apart", "beams"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: give at least 1")
        if self.seconds is not None and self.seconds <= 0:
            raise ValueError(f"seconds={self.seconds}: give more than 0, or None")
        if self.without not in (None, *get_args(Piece)):
            choice = " or ".join(get_args(Piece))
            raise ValueError(f"without={self.without!r}: choose {choice}")


def study(config: Study) -> dict[str, Any]:
    """Train, translate the part `test`, and tell how good it is, and how it came.

    `valid_loss` is in nats per sub-word without smoothing. A loss that is no number
    ends the training: `diverged` is then its update, and there are no scores.
    """
    device = torch.device(config.device or "cpu")
    corpus = _corpus(config.corpus, config.source, config.target)
    subwords = _subwords(
        config.corpus, config.source, config.target, config.model.vocab
    )
    learner = _Learning(config, corpus, subwords, device)
    diverged = None
    try:
        learner.learn()
    except FloatingPointError:
        diverged = learner.updates + 1
    about = {
        "parameters": sum(p.numel() for p in learner.model.parameters()),
        "updates": learner.updates,
        "tokens": learner.tokens,
        "seconds": round(learner.seconds, 2),
        "diverged": diverged,
        "course": learner.course,
        "averaged": None,
    }
    if diverged is None:
        about |= learner.scored(learner.model)
        if learner.mean is not None:
            mean = cast(EncoderDecoder, learner.mean.module)
            about["averaged"] = learner.scored(mean)
    return about


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


class _Learning:
    """A training, its clock, and the looks at what was held out."""

    def __init__(
        self, config: Study, corpus: Corpus, subwords: Subwords, device: torch.device
    ) -> None:
        self.config, self.corpus, self.subwords = config, corpus, subwords
        self.device, self.model = device, fresh(config, len(subwords))
        self.mean: AveragedModel | None = None
        self.updates, self.tokens, self.seconds = 0, 0, 0.0
        names = ("updates", "tokens", "seconds", "loss", "valid_loss")
        self.course: dict[str, list[float]] = {name: [] for name in names}

    def learn(self) -> None:
        losses: list[float] = []
        for step in self._timed():
            self.updates, self.tokens = step.step, step.tokens
            losses.append(step.loss)
            self._keep()
            if step.step % self.config.every == 0:
                self._look(sum(losses) / len(losses))
                losses.clear()
        if losses:
            self._look(sum(losses) / len(losses))

    def _timed(self) -> Iterator[Step]:
        """The updates, and what each of them costs; none after the time is over."""
        config = self.config
        recipe = dataclasses.replace(config.training, seed=config.seed)
        batches = Batches(
            self.corpus.train, self.subwords, tokens=config.tokens, seed=config.seed
        )
        steps = train(self.model, batches, recipe, device=self.device)
        while self.seconds < (config.seconds or math.inf):
            start = self._clock()
            step = next(steps, None)
            self.seconds += self._clock() - start
            if step is None:
                return
            yield step

    def _clock(self) -> float:
        on_cpu = self.device.type == "cpu"
        return time.process_time() if on_cpu else runtime.seconds(self.device)

    def _look(self, loss: float) -> None:
        row = (
            self.updates,
            self.tokens,
            self.seconds,
            loss,
            self._held_out(self.model),
        )
        for column, number in zip(self.course.values(), row, strict=True):
            column.append(round(number, 4))

    def _keep(self) -> None:
        """Let the mean of the last parameters have these, if their turn has come."""
        turns, rest = divmod(
            self.config.training.steps - self.updates, self.config.apart
        )
        if self.config.average > 1 and not rest and turns < self.config.average:
            self.mean = self.mean or AveragedModel(self.model)
            self.mean.update_parameters(self.model)

    def _held_out(self, model: nn.Module) -> float:
        valid = Batches(self.corpus.valid, self.subwords, tokens=4096)
        return held_out_loss(model, valid.epoch(0), device=self.device)

    def scored(self, model: EncoderDecoder) -> dict[str, Any]:
        found = score(
            model,
            self.subwords,
            self.corpus.test,
            language=self.config.target,
            beams=self.config.beams,
            device=self.device,
        )
        return {
            "valid_loss": round(self._held_out(model), 4),
            "bleu": round(found.bleu.value, 2),
            "bleu_signature": found.bleu.signature,
            "chrf": round(found.chrf.value, 2),
            "chrf_signature": found.chrf.signature,
            "exact": round(found.exact_match, 4),
        }


@cache
def _corpus(name: str, source: str, target: str) -> Corpus:
    return load(name, source=source, target=target)


@cache
def _subwords(name: str, source: str, target: str, size: int) -> Subwords:
    train = _corpus(name, source, target).train
    return Subwords.train((side for pair in train for side in pair), size=size)
