"""The rows of table 3 in miniature, and those that the paper left out.

Each row differs from `BASE` or `RECIPE` in what its name says and in nothing else.
Sizes keep the paper's proportions: eight heads, a feed-forward network four times as
wide.
"""

import dataclasses
from itertools import product
from typing import Any, Literal

from allyouneed.models.transformer import TransformerConfig
from allyouneed.runs.presets import Preset
from allyouneed.studies.translation_study import Study
from allyouneed.training.updates import TrainingConfig

BASE = TransformerConfig(vocab=1000, d_model=64, layers=2, heads=8, d_ff=256)
RECIPE = TrainingConfig(steps=500, warmup=250)
PEAKS = (5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 16e-3)  # equation 3: 7.9e-3
WIRINGS: tuple[Literal["post", "pre"], ...] = ("post", "pre")
LONGEST = 256  # positions that can be learnt
CAPTION_WORDS, LONGER = 3000, dataclasses.replace(RECIPE, steps=800)
REPEATED = (  # the base, a control, and rows that the grammar's table shows
    "base",
    "4 heads",
    "32 heads",
    "d_k 2",
    "d_model 32",
    "dropout 0.2",
    "no positions",
    "rotary positions",
)
TRAINED = (
    "base",
    *("1 head", "4 heads", "16 heads", "32 heads"),
    *("d_k 4", "d_k 2", "1 layer", "3 layers"),
    *("dropout 0", "smoothing 0"),
    *("no positions", "learned positions", "rotary positions"),
    *("no scaling", "no root of d_model", "pre-norm", "no warm-up"),
)

HEADS = {f"{h} head{'s' * (h > 1)}": {"heads": h} for h in (1, 4, 16, 32)}
KEYS = {f"d_k {d_k}": {"d_k": d_k, "d_v": 8} for d_k in (4, 2)}
SIZES: dict[str, dict[str, Any]] = {
    "1 layer": {"layers": 1},
    "3 layers": {"layers": 3},
    "d_model 32": {"d_model": 32},
    "d_model 128": {"d_model": 128},
    "d_ff 128": {"d_ff": 128},
    "d_ff 512": {"d_ff": 512},
}
DROPOUT = {f"dropout {p:g}": {"p_drop": p} for p in (0.0, 0.2)}
SMOOTHING = {f"smoothing {share:g}": {"epsilon_ls": share} for share in (0.0, 0.2)}
POSITIONS = {"learned positions": {"positions": "learned", "max_length": LONGEST}}
BEYOND: dict[str, dict[str, Any]] = {
    "rotary positions": {"positions": "rotary"},
    "no positions": {"positions": "none"},
    "no residual": {"wiring": "none"},
    "no normalisation": {"norm": "none"},
    "pre-norm": {"wiring": "pre"},
    "not tied": {"tied": False},
}
OPTIMIZING: dict[str, dict[str, Any]] = {
    "no warm-up": {"rise": False},
    "beta2 0.999": {"betas": (0.9, 0.999)},
    "clip 1": {"clip": 1.0},
    "bf16": {"precision": "bf16"},
}


def table_3() -> list[Study]:
    """The base row and all others, each with seed 0."""
    base = Study(row="base", part="base", corpus="grammar", model=BASE, training=RECIPE)
    rows = [dataclasses.replace(base, average=5)]
    parts = {"A": HEADS, "B": KEYS, "C": SIZES, "D": DROPOUT, "E": POSITIONS}
    for part, changes in {**parts, "beyond": BEYOND}.items():
        rows += [_resized(base, row, part, by) for row, by in changes.items()]
    rows += [_retrained(base, row, "D", by) for row, by in SMOOTHING.items()]
    rows += [_retrained(base, row, "recipe", by) for row, by in OPTIMIZING.items()]
    pre = _resized(base, "", "beyond", BEYOND["pre-norm"])
    both = _retrained(pre, "pre-norm, no warm-up", "beyond", OPTIMIZING["no warm-up"])
    return [
        *rows,
        both,
        _renamed(base, "no scaling", "beyond", without="scaling"),
        _renamed(base, "no root of d_model", "beyond", without="root"),
    ]


def trained() -> list[Study]:
    """Rows of table 3 four times as long, at a rate that all of them can follow.

    Each is scored as it is and as the mean of its last five saves.
    """
    rows = {row.row: row for row in table_3()}
    return [
        dataclasses.replace(
            rows[name],
            part=f"{rows[name].part}, trained",
            training=dataclasses.replace(
                rows[name].training, steps=2000, warmup=400, peak=3e-3
            ),
            every=200,
            average=5,
            apart=50,
        )
        for name in TRAINED
    ]


def peaks() -> list[Study]:
    """The base row by peak, with and without the rise, post-norm and pre-norm.

    Without the rise the rate stays at its peak for as long as the rise would take.
    """
    base = Study(
        row="base", part="peaks", corpus="grammar", model=BASE, training=RECIPE
    )
    rows = []
    for wiring, rise, peak in product(WIRINGS, (True, False), PEAKS):
        training = dataclasses.replace(RECIPE, peak=peak, rise=rise)
        name = f"{wiring}-norm, {'rise' if rise else 'no rise'}, {peak:g}"
        model = dataclasses.replace(BASE, wiring=wiring)
        changes = {"model": model, "training": training, "average": 1}
        rows.append(_renamed(base, name, "peaks", **changes))
    return rows


def longest() -> Study:
    """The preset `tiny` on captions, and the best search and mean for it."""
    preset = Preset.tiny()
    return Study(
        row="tiny",
        part="longest",
        corpus="multi30k",
        model=preset.model(preset.vocab),
        training=preset.training,
        tokens=preset.tokens,
        every=500,
        average=10,
        apart=200,
        looks=(1000, 2000, 4000, 8000),
        searched=True,
    )


def on_captions() -> list[Study]:
    """Some of these rows on Multi30k, trained longer and translated greedily."""
    return [
        dataclasses.replace(
            row,
            corpus="multi30k",
            model=dataclasses.replace(row.model, vocab=CAPTION_WORDS),
            training=LONGER,
            average=1,
            beams=1,
        )
        for row in table_3()
        if row.row in REPEATED
    ]


def _renamed(base: Study, row: str, part: str, **changes: Any) -> Study:
    return dataclasses.replace(base, row=row, part=part, **changes)


def _resized(base: Study, row: str, part: str, by: dict[str, Any]) -> Study:
    return _renamed(base, row, part, model=dataclasses.replace(base.model, **by))


def _retrained(base: Study, row: str, part: str, by: dict[str, Any]) -> Study:
    return _renamed(base, row, part, training=dataclasses.replace(base.training, **by))
