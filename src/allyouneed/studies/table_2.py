"""Table 2 in small: three translators of one size on captions, for forty minutes each.

A budget is a number of updates, about what so many minutes of one quiet core come to.
So a busy machine changes no result, and a run that was interrupted ends with the same
bits. How many of one model last as long as one of another was measured (the recording
`pace`, where the three take turns), and a test holds `PER_MINUTE` against it.
"""

import dataclasses
import math
from types import MappingProxyType
from typing import Literal

from allyouneed.models.convolutional_translator import ConvolutionalConfig
from allyouneed.models.recurrent_translator import RecurrentConfig
from allyouneed.models.transformer import TransformerConfig
from allyouneed.models.translators import Config
from allyouneed.studies.courses import study
from allyouneed.studies.records import recorded
from allyouneed.studies.translation_study import Study
from allyouneed.studies.trials import key
from allyouneed.training.updates import TrainingConfig

Wiring = Literal["post", "pre"]
VOCAB, TOKENS = 6000, 2048
MODELS: MappingProxyType[str, Config] = MappingProxyType(
    {
        "recurrent": RecurrentConfig(vocab=VOCAB, d_model=192),
        "convolutional": ConvolutionalConfig(vocab=VOCAB, d_model=146, layers=4),
        "transformer": TransformerConfig(
            vocab=VOCAB, d_model=128, layers=4, heads=4, d_ff=256
        ),
    }
)
PER_MINUTE = MappingProxyType(  # updates, of one core
    {"recurrent": 120, "convolutional": 101, "transformer": 126}
)
LOOKS = (3, 10, 20, 40)  # minutes after which the test set is translated greedily
MINUTES, PILOT_MINUTES, PILOT_SEED = 40, 10, 100
# The pilot goes step by step: the rate (and the Transformer's norm), with a warm-up of
# 400 updates; then the warm-up; then dropout. Each step keeps what was best before it.
# While the shortest warm-up is the best, a shorter one is tried; a longer one would
# outlast the pilot: a lower rate by another name.
PEAKS, WARMUPS, DROPOUTS = (1e-3, 2e-3, 4e-3, 8e-3), (400, 100, 1000), (0.1, 0.3, 0.0)
NORMS: tuple[Wiring, ...] = ("post", "pre")  # the paper's, and what came after it


def pilot() -> list[Study]:
    """What is tried before the contest, as far as the records let the next step begin.

    First each model by peak rate, the Transformer by its norm as well; then the best
    of each by warm-up; then by dropout.
    """
    return _tried(_losses())[0]


def contest() -> list[Study]:
    """The three as the pilot left them, four times as long, scored at every look.

    At the end as it is and as the mean of five saves, by beams of four. All keep the
    paper's dropout: what four times as many passes need, a pilot cannot choose.

    Raises:
        ValueError: the pilot is not recorded to its end.
    """
    losses = _losses()
    tried, ended = _tried(losses)
    if not ended:
        raise ValueError("the pilot is not recorded to its end: record table-2-pilot")
    kept = [trial for trial in tried if trial.model.p_drop == DROPOUTS[0]]
    return [_longer(trial) for trial in _best(kept, losses).values()]


def _tried(losses: dict[str, float]) -> tuple[list[Study], bool]:
    """The trials of all steps that these losses let begin; whether all have ended."""
    tried = [
        _brief(name, peak=peak, wiring=wiring)
        for peak in PEAKS
        for name in MODELS
        for wiring in (NORMS if name == "transformer" else NORMS[:1])
    ]
    for step in (_by_warmup, _shorter, _shorter, _by_dropout):
        if any(_key(trial) not in losses for trial in tried):
            return tried, False
        best = _best(tried, losses)
        found = [other for name in MODELS for other in step(best[name])]
        tried += [other for other in found if other not in tried]
    return tried, all(_key(trial) in losses for trial in tried)


def controls() -> list[Study]:
    """The contest with three times the dropout, and the Transformer as in the paper.

    What the contest keeps may decide it: a dropout that suits one of the three, or the
    norm that came after the paper. The post-norm Transformer has its best recipe of the
    pilot.

    Raises:
        ValueError: the pilot is not recorded to its end.
    """
    more = [_dropped(trial, DROPOUTS[1]) for trial in contest()]
    losses = _losses()
    post = [
        trial
        for trial in _tried(losses)[0]
        if getattr(trial.model, "wiring", None) == NORMS[0]
    ]
    papers = _longer(min(post, key=lambda trial: losses[_key(trial)]))
    return [dataclasses.replace(trial, part="controls") for trial in (*more, papers)]


def _losses() -> dict[str, float]:
    """Of each recorded trial of the pilot, the loss on `valid` at its end."""
    return {
        line["key"]: float(line["metrics"].get("valid_loss", math.inf))
        for line in recorded("table-2-pilot")
    }


def _key(trial: Study) -> str:
    return key(study, dataclasses.replace(trial, seed=PILOT_SEED))


def _best(tried: list[Study], losses: dict[str, float]) -> dict[str, Study]:
    """Of each model the trial with the smallest loss."""
    ranked = sorted(tried, key=lambda trial: losses[_key(trial)], reverse=True)
    return {name: {t.row: t for t in ranked}[name] for name in MODELS}


def _by_warmup(best: Study) -> list[Study]:
    return [_warmed(best, warmup) for warmup in WARMUPS[1:]]


def _shorter(best: Study) -> list[Study]:
    warmup = best.training.warmup
    return [_warmed(best, warmup // 4)] if warmup <= min(WARMUPS) else []


def _by_dropout(best: Study) -> list[Study]:
    return [_dropped(best, p) for p in DROPOUTS[1:]]


def _warmed(study: Study, warmup: int) -> Study:
    training = dataclasses.replace(study.training, warmup=warmup)
    return dataclasses.replace(study, training=training)


def _dropped(study: Study, p_drop: float) -> Study:
    model = dataclasses.replace(study.model, p_drop=p_drop)
    return dataclasses.replace(study, model=model)


def _longer(best: Study) -> Study:
    steps = PER_MINUTE[best.row] * MINUTES
    return dataclasses.replace(
        best,
        part="contest",
        training=dataclasses.replace(best.training, steps=steps),
        looks=tuple(PER_MINUTE[best.row] * minutes for minutes in LOOKS),
        average=5,
        apart=100,
        beams=4,
    )


def _brief(name: str, *, peak: float, wiring: Wiring) -> Study:
    model = dataclasses.replace(MODELS[name], p_drop=DROPOUTS[0])
    if isinstance(model, TransformerConfig):
        model = dataclasses.replace(model, wiring=wiring)
    steps = PER_MINUTE[name] * PILOT_MINUTES
    return Study(
        row=name,
        part="pilot",
        corpus="multi30k",
        model=model,
        training=TrainingConfig(steps=steps, warmup=WARMUPS[0], peak=peak, clip=1.0),
        tokens=TOKENS,
        looks=(PER_MINUTE[name] * LOOKS[0],),
        beams=1,
    )
