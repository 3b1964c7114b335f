"""Find a needle at once, twice, four and eight times the distance of training.

    python tools/record_distance.py [--seeds 3] [--workers 1] [--record FILE]

Eight causal models of one size learn the needle of chapter 5 in haystacks of 32 tokens:
attention to all with three kinds of positions, three patterns that see less, linear
attention, and a GRU. Each is trained at its own rate, found with a seed that is not
used again, and looks through haystacks of 32 to 256 tokens.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

import recording
import torch

from allyouneed.data.tasks import APART, MARK, Needle
from allyouneed.ground import runtime
from allyouneed.models.long_models import LongConfig, long_model
from allyouneed.models.sequence_models import MixerConfig, SequenceModel
from allyouneed.nn.long_attention import Pattern
from allyouneed.studies.small_tasks import exact, practise

RECORD = recording.FOLDER / "distance.jsonl"
TASK, STEPS, SIZE = Needle(length=32), 600, 32
LONGER, ASKED = (1, 2, 4, 8), 2000
RATES, TUNING = (1e-3, 3e-3, 1e-2, 3e-2), 100
BASE = MixerConfig(vocab=TASK.vocab, mixer="attention", d_model=48, positions="alibi")
SINES, TURNS = (
    dataclasses.replace(BASE, positions=scheme) for scheme in ("sinusoidal", "rotary")
)
GRU = dataclasses.replace(  # as many parameters, within two per mille
    BASE, mixer="gru", heads=1, positions=None, d_model=42, d_ff=91
)
MODELS = {
    "full, ALiBi": LongConfig(model=BASE),
    "full, rotary": LongConfig(model=TURNS),
    "full, sinusoids": LongConfig(model=SINES),
    "window": LongConfig(model=BASE, pattern=Pattern(window=8)),
    "dilated": LongConfig(model=BASE, pattern=Pattern(window=8), widening=4),
    "window + first": LongConfig(model=BASE, pattern=Pattern(window=8, first=4)),
    "linear": LongConfig(model=SINES, linear=True),
    "GRU": LongConfig(model=GRU),
}


@dataclass(frozen=True, kw_only=True)
class Search:
    """One model, its rate, the seed of its parameters and haystacks."""

    kind: str
    model: LongConfig
    rate: float
    steps: int = STEPS
    seed: int = 0


@torch.no_grad()
def found(model: SequenceModel, longer: int, seed: int) -> dict[str, Any]:
    """The share found, and the share for each eighth of the haystack, nearest first."""
    task = dataclasses.replace(TASK, length=longer * TASK.length)
    exam = torch.Generator().manual_seed(seed + APART)
    tokens, targets = task.draw(ASKED, generator=exam)
    parts = zip(tokens.split(250), targets.split(250), strict=True)
    right = torch.cat([exact(model(asked), due) for asked, due in parts])
    back = task.length - (tokens == MARK).int().argmax(-1)
    eighth = (back - 1) * 8 // task.length
    count = eighth.bincount(minlength=8)
    by_eighth = eighth.bincount(right.double(), minlength=8) / count
    return {
        "length": task.length,
        "found": round(right.double().mean().item(), 4),
        "by_eighth": [round(share, 4) for share in by_eighth.tolist()],
    }


def sought(trial: Search) -> dict[str, Any]:
    """Train, then look at each length; `loss` is the mean of all updates."""
    torch.set_flush_denormal(True)  # CPUs are slow on vanished numbers
    with runtime.seeded(torch.device("cpu"), trial.seed):
        model = long_model(trial.model)
    updates = [
        *practise(
            model,
            TASK,
            steps=trial.steps,
            rate=trial.rate,
            generator=torch.Generator().manual_seed(trial.seed),
            size=SIZE,
        )
    ]
    return {
        "loss": round(sum(update.loss for update in updates) / len(updates), 4),
        "seconds": round(updates[-1].cpu_seconds, 2),
        "parameters": sum(p.numel() for p in model.parameters()),
        "lengths": [found(model, longer, trial.seed) for longer in LONGER],
    }


def search() -> list[Search]:
    """All models at all rates, with a seed that is not used again."""
    return [
        Search(kind=kind, model=model, rate=rate, seed=TUNING)
        for kind, model in MODELS.items()
        for rate in RATES
    ]


def runs(seeds: int, rates: dict[str, float]) -> list[Search]:
    """All models, each at its rate, one seed after the other."""
    return [
        Search(kind=kind, model=model, rate=rates[kind], seed=seed)
        for seed in range(seeds)
        for kind, model in MODELS.items()
    ]


def main() -> None:
    given = recording.command(__doc__, RECORD).parse_args()
    recording.record(sought, search(), given)
    rates = recording.chosen(given.record, lambda c: c["kind"], seed=TUNING)
    recording.record(sought, runs(given.seeds, rates), given)


if __name__ == "__main__":
    main()
