"""Nine years later: the paper's recipe and today's, one change at a time, and together.

Every row has as many parameters as the paper's, within one in a hundred, and as many
updates. Each takes the peak rate that was best for it in a pilot on a seed of its own.
"""

import dataclasses
from types import MappingProxyType
from typing import Any, Literal

from allyouneed.models.transformer import TransformerConfig
from allyouneed.studies import peak_search
from allyouneed.studies.translation_study import Study
from allyouneed.training.updates import TrainingConfig

Part = Literal["model", "training"]
PAPER = Study(
    row="the paper",
    part="nine years",
    corpus="grammar",
    model=TransformerConfig(vocab=1000, d_model=128, layers=2, heads=4, d_ff=256),
    training=TrainingConfig(steps=1000, warmup=250, peak=3e-3),
    every=100,
    average=5,
    apart=50,
    beams=1,
)
# What stands in many models of today: row, then what it changes.
CHANGES: MappingProxyType[str, dict[Part, dict[str, Any]]] = MappingProxyType(
    {
        "pre-norm, RMS": {"model": {"wiring": "pre", "norm": "rms"}},
        "rotary positions": {"model": {"positions": "rotary"}},
        "gated feed-forward": {"model": {"gated": True, "d_ff": 170}},
        "grouped keys": {"model": {"kv_heads": 2, "d_ff": 352}},
        "no dropout": {"model": {"p_drop": 0.0}},
        "no label smoothing": {"training": {"epsilon_ls": 0.0}},
        "AdamW": {"training": {"optimizer": "adamw"}},
        "cosine": {"training": {"schedule": "cosine"}},
        "stable, then decay": {"training": {"schedule": "stable_decay"}},
        "Muon": {"training": {"optimizer": "muon"}},
    }
)
GATED_AND_GROUPED = 235  # hidden units, for the same parameters
# Two recipes of today take all of these together, and one of a pair.
TODAY = MappingProxyType(
    {
        "all, AdamW and cosine": ("Muon", "stable, then decay"),
        "all, Muon and decay": ("AdamW", "cosine"),
    }
)
# An update of these takes longer: so many of them take as long as all of the paper's.
AS_LONG = MappingProxyType({"Muon": 680, "all, Muon and decay": 660})
PEAKS = (2e-3, 4e-3, 8e-3)
PILOT = "nine-years-pilot"

# Rules made the sentences of the grammar, people those of the captions.
CAPTIONS = dataclasses.replace(
    PAPER,
    part="nine years, captions",
    corpus="multi30k",
    model=dataclasses.replace(PAPER.model, vocab=3000),
    training=dataclasses.replace(PAPER.training, steps=2500, warmup=625),
    every=250,
    apart=100,
)
ON_CAPTIONS = (
    PAPER.row,
    "no dropout",
    "no label smoothing",
    "all, AdamW and cosine",
)
CAPTIONS_PEAKS = (1e-3, 2e-3, 4e-3)
CAPTIONS_PILOT = "nine-years-captions-pilot"


def rows(paper: Study = PAPER) -> list[Study]:
    """The paper's recipe, each change of it alone, and the recipes of today."""
    single = [_changed(paper, row, [row]) for row in CHANGES]
    together = [
        _changed(paper, row, [change for change in CHANGES if change not in left_out])
        for row, left_out in TODAY.items()
    ]
    return [paper, *single, *together]


def pilot() -> list[Study]:
    """Every row at every peak rate; one more at an edge where the best of a row is."""
    return peak_search.pilot(rows(), PILOT, PEAKS)


def contest() -> list[Study]:
    """Every row at the peak that was best for it.

    Raises:
        ValueError: the pilot is not recorded to its end.
    """
    return peak_search.contest(rows(), PILOT, PEAKS)


def as_long() -> list[Study]:
    """The rows whose updates take longer, for as much time as the paper's row has.

    Raises:
        ValueError: the pilot is not recorded to its end.
    """
    return [
        dataclasses.replace(
            row,
            part="nine years, as long",
            training=dataclasses.replace(row.training, steps=AS_LONG[row.row]),
        )
        for row in contest()
        if row.row in AS_LONG
    ]


def captions() -> list[Study]:
    """The rows that are trained on captions as well, before their rates are chosen."""
    return [row for row in rows(CAPTIONS) if row.row in ON_CAPTIONS]


def captions_pilot() -> list[Study]:
    """Each of `captions` at every peak rate, and more at an edge."""
    return peak_search.pilot(captions(), CAPTIONS_PILOT, CAPTIONS_PEAKS)


def captions_contest() -> list[Study]:
    """Each of `captions` at its best peak.

    Raises:
        ValueError: their pilot is not recorded to its end.
    """
    return peak_search.contest(captions(), CAPTIONS_PILOT, CAPTIONS_PEAKS)


def best_peaks() -> dict[str, float]:
    """For each row the peak with the smallest loss on `valid` at the end of the pilot.

    Raises:
        ValueError: the pilot is not recorded to its end.
    """
    return peak_search.best(rows(), PILOT, PEAKS)


def _changed(paper: Study, row: str, changes: list[str]) -> Study:
    parts: dict[str, Any] = {"model": paper.model, "training": paper.training}
    for change in changes:
        for part, values in CHANGES[change].items():
            parts[part] = dataclasses.replace(parts[part], **values)
    if parts["model"].gated and parts["model"].kv_heads:
        parts["model"] = dataclasses.replace(parts["model"], d_ff=GATED_AND_GROUPED)
    return dataclasses.replace(paper, row=row, **parts)
