"""The ladder: four translators of one size, each trained for the same time.

Recurrent without attention (Sutskever et al., 2014), recurrent with it (Bahdanau et
al., 2015), convolutional (Gehring et al., 2017), Transformer.
"""

import dataclasses
from types import MappingProxyType

from allyouneed.models.convolutional_translator import ConvolutionalConfig
from allyouneed.models.recurrent_translator import RecurrentConfig
from allyouneed.models.transformer import TransformerConfig
from allyouneed.models.translators import Config
from allyouneed.studies.translation_study import ENOUGH, Study
from allyouneed.training.updates import TrainingConfig

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
# The pilot tries each rate with each warm-up, for each model, on the first text.
PILOT_RATES, PILOT_WARMUPS = (2.5e-3, 5e-3, 1e-2, 2e-2), (100, 400)
PILOT_SECONDS = 60.0
RECIPES: MappingProxyType[str, tuple[float, int]] = MappingProxyType(
    {  # peak rate and updates of warm-up, the best of the pilot
        "recurrent, no attention": (1e-2, 100),
        "recurrent": (1e-2, 100),
        "convolutional": (1e-2, 100),
        "transformer": (5e-3, 400),
    }
)
# Seconds of one processor core; a GPU does more with as many of its own.
TEXTS: MappingProxyType[tuple[str, str], float] = MappingProxyType(
    {("multi30k", "de"): 180.0, ("help", "de"): 90.0, ("help", "zh"): 90.0}
)


def ladder() -> list[Study]:
    """Every model on every text, with the recipe that was best for it in the pilot."""
    return [
        _rung(row, text, seconds, *RECIPES[row])
        for text, seconds in TEXTS.items()
        for row in MODELS
    ]


def pilot() -> list[Study]:
    """Every model with the same choice of rates and warm-ups, on the first text."""
    text, *_ = TEXTS
    return [
        _rung(row, text, PILOT_SECONDS, rate, warmup)
        for row in MODELS
        for warmup in PILOT_WARMUPS
        for rate in PILOT_RATES
    ]


def _rung(
    row: str, text: tuple[str, str], seconds: float, rate: float, warmup: int
) -> Study:
    corpus, target = text
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
