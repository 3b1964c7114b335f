"""Find a needle at once, twice, four and eight times the distance of training.

    python tools/record_distance.py [--seeds 3] [--workers 1] [--record FILE]

Nine causal models of one size learn the needle of chapter 5 in haystacks of 24 tokens:
attention to all with two kinds of positions, three patterns that see less, linear
attention, a GRU, four heads that share one key and value, and one head as narrow as
theirs. Each is trained at its own rate, found with a seed that is not used again, and
looks through haystacks of 24 to 192 tokens.
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
TASK, STEPS, SIZE = Needle(length=24), 400, 32
LONGER, ASKED = (1, 2, 4, 8), 500
BASE = MixerConfig(vocab=TASK.vocab, mixer="attention", d_model=48, positions="alibi")
SINES = dataclasses.replace(BASE, positions="sinusoidal")
GRU = dataclasses.replace(  # as many parameters, within two per mille
    BASE, mixer="gru", heads=1, positions=None, d_model=42, d_ff=91
)
MODELS = {
    "full, ALiBi": LongConfig(model=BASE),
    "full, sinusoids": LongConfig(model=SINES),
    "window": LongConfig(model=BASE, pattern=Pattern(window=8)),
    "dilated": LongConfig(model=BASE, pattern=Pattern(window=8), widening=4),
    "window + first": LongConfig(model=BASE, pattern=Pattern(window=8, first=4)),
    "linear": LongConfig(model=SINES, linear=True),
    "GRU": LongConfig(model=GRU),
    "1 key": LongConfig(model=dataclasses.replace(BASE, d_ff=132), kv_heads=1),
    "one head": LongConfig(model=dataclasses.replace(BASE, heads=1, d_ff=167), d_k=12),
}
STARTS = dict.fromkeys(MODELS, 3e-3) | {"GRU": 1e-2}  # as chapter 5's search found


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
    """Train, then look at each length (not in the search for a rate).

    `loss` is the mean of all updates.
    """
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
    looked = () if trial.seed == recording.TUNING else LONGER
    return {
        "loss": round(sum(update.loss for update in updates) / len(updates), 4),
        "seconds": round(updates[-1].cpu_seconds, 2),
        "parameters": sum(p.numel() for p in model.parameters()),
        "lengths": [found(model, longer, trial.seed) for longer in looked],
    }


def lesson(kind: str, rate: float, seed: int = recording.TUNING) -> Search:
    """One model at a rate; by default of the search for it."""
    return Search(kind=kind, model=MODELS[kind], rate=rate, seed=seed)


def main() -> None:
    given = recording.command(__doc__, RECORD).parse_args()
    rates = recording.tuned(sought, lesson, STARTS, given)
    seeds = range(given.seeds)
    runs = [lesson(kind, rates[kind], seed) for seed in seeds for kind in MODELS]
    recording.record(sought, runs, given)


if __name__ == "__main__":
    main()
