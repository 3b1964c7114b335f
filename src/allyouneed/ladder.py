"""The ladder: four translators of one size, each trained for the same time.

Recurrent without attention (Sutskever et al., 2014), recurrent with it (Bahdanau et
al., 2015), convolutional (Gehring et al., 2017), Transformer.
"""

import dataclasses
from types import MappingProxyType

from allyouneed.baselines import RecurrentConfig
from allyouneed.convolutional import ConvolutionalConfig
from allyouneed.studies import ENOUGH, Study
from allyouneed.transformer import TransformerConfig
from allyouneed.translators import Config
from allyouneed.updates import TrainingConfig

VOCAB = 3000  # sub-words of both languages
MODELS: MappingProxyType[str, Config] = MappingProxyType(
    {
        "recurrent, no attention": RecurrentConfig(
            vocab=VOCAB, d_model=112, attention="none"
        ),
        "recurrent": RecurrentConfig(vocab=VOCAB, d_model=106),
        "convolutional": ConvolutionalConfig(vocab=VOCAB, d_model=90, layers=3),
        "transformer": TransformerConfig(
            vocab=VOCAB, d_model=80, layers=2, heads=4, d_ff=320
        ),
    }
)
PILOT_RATES, PILOT_SECONDS = (3e-3, 1e-2), 30.0
PATIENT_RATES, PATIENT_SECONDS = (5e-3, 1e-2), 70.0
WARMUP, PATIENT_WARMUP = 100, 400
RATES = MappingProxyType(  # the better in the pilot
    dict.fromkeys(MODELS, 1e-2) | {"transformer": 5e-3}
)
WARMUPS = MappingProxyType(
    dict.fromkeys(MODELS, WARMUP) | {"transformer": PATIENT_WARMUP}
)
# Seconds of one processor core; a GPU does more with as many of its own.
TEXTS: MappingProxyType[tuple[str, str], float] = MappingProxyType(
    {("multi30k", "de"): 120.0}
)


def ladder() -> list[Study]:
    """Every model on every text, at the rate that was best for it in the pilot."""
    return [
        _rung(row, corpus, target, RATES[row], WARMUPS[row], seconds)
        for (corpus, target), seconds in TEXTS.items()
        for row in MODELS
    ]


def pilot() -> list[Study]:
    """Every model with two rates, and the Transformer with a longer warm-up too.

    It needs one (section 5.3), and half a minute has no room for it.
    """
    text = "multi30k", "de"
    hasty = [
        _rung(row, *text, rate, WARMUP, PILOT_SECONDS)
        for row in MODELS
        for rate in PILOT_RATES
    ]
    patient = [
        _rung("transformer", *text, rate, PATIENT_WARMUP, PATIENT_SECONDS)
        for rate in PATIENT_RATES
    ]
    return hasty + patient


def _rung(
    row: str, corpus: str, target: str, rate: float, warmup: int, seconds: float
) -> Study:
    return Study(
        row=row,
        part=f"{corpus} en-{target}",
        corpus=corpus,
        target=target,
        model=dataclasses.replace(MODELS[row], p_drop=0.1),
        training=TrainingConfig(steps=ENOUGH, warmup=warmup, peak=rate, clip=1.0),
        seconds=seconds,
        beams=1,
    )
