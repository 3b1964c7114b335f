"""Train a small reader with one bug planted in it, and record its curve.

    python tools/record_bugs.py [--seeds 3] [--workers 1] [--record FILE]

A causal model with attention learns to say eight symbols backwards. One of its parts
has a bug (`studies.planted_bugs`), or none: this control has twice as many seeds. Every
20 updates it answers 256 new questions, reading back the right answers, as in training.
At the end it answers 1,000: read back the right ones, and read back its own.
"""

from dataclasses import dataclass
from typing import Any

import recording
import torch
from torch import Tensor, nn

from allyouneed.data.tasks import APART, SILENT, Reverse
from allyouneed.ground import runtime
from allyouneed.models.sequence_models import MixerConfig
from allyouneed.studies.planted_bugs import HARMLESS, PLANTED, RIGHT, planted
from allyouneed.studies.small_tasks import exact, loss, practise

RECORD = recording.FOLDER / "bugs.jsonl"
TASK, EVERY = Reverse(length=8), 20
MODEL = MixerConfig(vocab=TASK.vocab, mixer="attention", d_model=48)
PARTS = {part.name: part for part in (RIGHT[0], *PLANTED, HARMLESS)}


@dataclass(frozen=True, kw_only=True)
class Bug:
    """One training: which part is planted."""

    part: str
    rate: float = 3e-3
    steps: int = 240
    seed: int = 0


@torch.no_grad()
def alone(model: nn.Module, tokens: Tensor, targets: Tensor) -> float:
    """Share of questions answered exactly when it reads back its own answers."""
    asked = tokens[:, : int((targets[0] == SILENT).sum()) + 1]
    due = targets[:, asked.shape[1] - 1 :]
    said = asked
    for _ in range(due.shape[1]):
        said = torch.cat((said, model(said)[:, -1:].argmax(-1)), 1)
    return (said[:, asked.shape[1] :] == due).all(-1).float().mean().item()


def learnt(config: Bug) -> dict[str, Any]:
    """Train; the loss on the way, and the share of exact answers at the end."""
    torch.set_flush_denormal(True)  # CPUs are slow on vanished numbers
    with runtime.seeded(torch.device("cpu"), config.seed):
        model = planted(PARTS[config.part], MODEL)
    drawn = torch.Generator().manual_seed(config.seed)
    exam = TASK.draw(1_000, generator=torch.Generator().manual_seed(APART))
    updates = practise(
        model, TASK, steps=config.steps, rate=config.rate, generator=drawn, size=32
    )
    course: dict[str, list[float]] = {"steps": [], "training": [], "loss": []}
    for update in updates:
        if update.step % EVERY == 0:
            with torch.no_grad():
                new = loss(model(exam.tokens[:256]), exam.targets[:256]).item()
            course["steps"].append(update.step)
            course["training"].append(round(update.loss, 4))
            course["loss"].append(round(new, 4))
    with torch.no_grad():
        right = exact(model(exam.tokens), exam.targets).float().mean().item()
    shares = {"read": right, "alone": alone(model, *exam)}
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "course": course,
        **{name: round(share, 4) for name, share in shares.items()},
    }


def trials(seeds: int) -> list[Bug]:
    """Every part with each seed; the right one with as many seeds again."""
    all_parts = [Bug(part=name, seed=s) for s in range(seeds) for name in PARTS]
    return all_parts + [
        Bug(part=RIGHT[0].name, seed=s) for s in range(seeds, 2 * seeds)
    ]


def main() -> None:
    recording.run(__doc__, RECORD, learnt, trials)


if __name__ == "__main__":
    main()
