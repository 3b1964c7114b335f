"""Train each kind of positions on short sequences, and record its loss on long ones.

    python tools/record_lengths.py [--seeds 3] [--workers 1] [--record FILE]

Two tasks for one causal model: the next character of a novel, and an echo, the symbol
that stood three places before. What is trained has `LENGTH` tokens; what is tested has
four times as many, and the loss is kept for each eighth of that length. Every model is
tested on the same sequences. Learned positions refuse the long ones: null stands there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import recording
import torch
import torch.nn.functional as F
from torch import Tensor

from allyouneed.data import literature
from allyouneed.data.literature import windows
from allyouneed.data.tasks import APART
from allyouneed.ground import runtime
from allyouneed.models.sequence_models import MixerConfig, SequenceModel
from allyouneed.nn.positions import Absolute, Relative, Scheme
from allyouneed.studies import one_cycle, small_tasks

RECORD = recording.FOLDER / "lengths.jsonl"
LENGTH = {"text": 64, "echo": 32}  # in training
STEPS, SIZE, RATE = 400, 32, 3e-3
SYMBOLS, BACK, SILENT = 16, 3, -100
LONGER, TESTED, PARTS = 4, 200, 8
Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One model: its task, its positions, the seed of its parameters and sequences."""

    task: str
    positions: Scheme
    seed: int


@cache
def characters() -> tuple[dict[str, Tensor], int]:
    """Ids of the parts of the novels, and how many characters there are."""
    return literature.numbered(literature.load("en"))


def draw(
    task: str, size: int, length: int, *, test: bool, seed: int
) -> Iterator[Batch]:
    """Yield what to read and what to say, both (size, length), again and again."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        if task == "text":
            ids = characters()[0]["test" if test else "train"]
            yield windows(ids, size, length, generator=generator)
        else:
            x = torch.randint(SYMBOLS, (size, length), generator=generator)
            yield x, F.pad(x[:, :-BACK], (BACK, 0), value=SILENT)


def trained(trial: Trial) -> SequenceModel:
    """Two layers of 64, four heads, trained for a few hundred updates."""
    length = LENGTH[trial.task]
    vocab = characters()[1] if trial.task == "text" else SYMBOLS
    config = MixerConfig(
        vocab=vocab,
        mixer="attention",
        positions=trial.positions,
        max_length=length,
    )
    with runtime.seeded(torch.device("cpu"), trial.seed):
        model = SequenceModel(config)
    batches = draw(trial.task, SIZE, length, test=False, seed=trial.seed)
    losses = (small_tasks.loss(model(x), y) for x, y in batches)
    one_cycle.fit(model, losses, rate=RATE, steps=STEPS, beta2=0.98)
    return model.eval()


@torch.no_grad()
def by_part(model: SequenceModel, task: str, length: int) -> list[float | None]:
    """Mean loss in each part of `length` / PARTS positions of long sequences, in nats.

    A task's first positions that have no answer count nothing.
    """
    batches = draw(task, TESTED // 2, LONGER * length, test=True, seed=APART)
    total = torch.zeros(2, LONGER * length)
    for _, (x, y) in zip(range(2), batches, strict=False):
        if model.config.positions == "learned":
            x, y = x[:, :length], y[:, :length]
        loss = F.cross_entropy(model(x).mT, y, reduction="none", ignore_index=SILENT)
        total[0, : x.shape[1]] += loss.sum(0)
        total[1, : x.shape[1]] += (y != SILENT).sum(0)
    loss, count = total.unflatten(-1, (-1, length // PARTS)).sum(-1)
    pairs = zip(loss.tolist(), count.tolist(), strict=True)
    return [round(a / n, 4) if n else None for a, n in pairs]


def measure(trial: Trial) -> dict[str, Any]:
    """Train, then test: the loss by part, and the size of the model."""
    model, length = trained(trial), LENGTH[trial.task]
    return {
        "length": length,
        "steps": STEPS,
        "loss": by_part(model, trial.task, length),
        "parameters": sum(p.numel() for p in model.parameters()),
    }


def trials(seeds: int) -> list[Trial]:
    """Both tasks with all schemes, one seed after the other."""
    return [
        Trial(task=task, positions=scheme, seed=seed)
        for seed in range(seeds)
        for task in LENGTH
        for scheme in (*get_args(Absolute), *get_args(Relative))
    ]


def main() -> None:
    recording.run(__doc__, RECORD, measure, trials)


if __name__ == "__main__":
    main()
