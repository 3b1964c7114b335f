"""Table 2 in small: three translators of one size on captions, for forty minutes each.

A budget is a number of updates, about what so many minutes of one quiet core come to.
So a busy machine changes no result, and a run that was interrupted ends with the same
bits. How many of one model last as long as one of another was measured (the recording
`pace`, where the three take turns), and a test holds `PER_MINUTE` against it.
"""

import dataclasses
from types import MappingProxyType
from typing import Literal

from allyouneed.models.convolutional_translator import ConvolutionalConfig
from allyouneed.models.recurrent_translator import RecurrentConfig
from allyouneed.models.transformer import TransformerConfig
from allyouneed.models.translators import Config
from allyouneed.studies.translation_study import Study
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
LOOKS = (3, 10, 20)  # minutes after which the test set is translated; and at the end
PILOT_MINUTES = 10
# The pilot goes step by step: the rate (and the Transformer's norm), with a warm-up of
# 400 updates; then the warm-up; then dropout. Each step keeps what was best before it.
PEAKS, WARMUPS, DROPOUTS = (1e-3, 2e-3, 4e-3, 8e-3), (100, 400, 1000, 2000), (0.1, 0.3)
NORMS: tuple[Wiring, ...] = ("post", "pre")  # the paper's, and what came after it


def pilot() -> list[Study]:
    """Its first step: each model by peak rate, the Transformer by its norm as well."""
    return [
        _study(name, PILOT_MINUTES, part="pilot", peak=peak, wiring=wiring)
        for peak in PEAKS
        for name in MODELS
        for wiring in (NORMS if name == "transformer" else NORMS[:1])
    ]


def _study(
    name: str,
    minutes: int,
    *,
    part: str,
    peak: float,
    warmup: int = WARMUPS[1],
    p_drop: float = DROPOUTS[0],
    wiring: Wiring = NORMS[0],
) -> Study:
    model = dataclasses.replace(MODELS[name], p_drop=p_drop)
    if isinstance(model, TransformerConfig):
        model = dataclasses.replace(model, wiring=wiring)
    steps = PER_MINUTE[name] * minutes
    return Study(
        row=name,
        part=part,
        corpus="multi30k",
        model=model,
        training=TrainingConfig(steps=steps, warmup=warmup, peak=peak, clip=1.0),
        tokens=TOKENS,
        looks=tuple(PER_MINUTE[name] * m for m in LOOKS if m < minutes),
        beams=1,
    )
