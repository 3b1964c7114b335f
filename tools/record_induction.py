"""Teach recall to models with attention, and record where their heads look.

    python tools/record_induction.py [--seeds 3] [--record FILE]

Each is trained as in the sweep `recall`. Then it gets the question that chapter 5
draws, whose weights are kept one by one, and 500 others, of which two means are kept:
how much a value looks at the key before it, and the last key at the value asked for.
"""

import dataclasses
from typing import Any

import recording
import torch
from torch import Tensor

from allyouneed.data.tasks import APART
from allyouneed.nn.attention import watch
from allyouneed.studies.registered_sweeps import Grid
from allyouneed.studies.small_tasks import Lesson, examine, taught

RECORD = recording.FOLDER / "induction.jsonl"
QUESTION = (8, 17, 4, 16, 6, 17, 0, 8)  # f o b n d o = f


@torch.no_grad()
def weights_of(model: torch.nn.Module, tokens: Tensor) -> Tensor:
    """The weights of all heads: (B, T) -> (B, layers, H, T, T)."""
    with watch(model) as seen:
        model(tokens)
    return torch.stack([calls[0] for calls in seen.values()], dim=1)


def looked(lesson: Lesson) -> dict[str, Any]:
    """Take the lesson; then the share of exact answers, and the weights."""
    model, updates = taught(lesson)
    for _ in updates:
        pass
    exam = torch.Generator().manual_seed(lesson.seed + APART)
    right = examine(model, lesson.task, size=2000, generator=exam)
    tokens, _ = lesson.task.draw(500, generator=exam)
    found = weights_of(model, tokens)
    pairs, last = lesson.task.length // 2, lesson.task.length + 1
    rows, keys = torch.arange(len(tokens)), tokens[:, : 2 * pairs : 2]
    at = 2 * (keys == tokens[:, [last]]).int().argmax(-1) + 1  # the value asked for
    back = torch.stack([found[..., 2 * i + 1, 2 * i] for i in range(pairs)]).mean(0)
    fetched = found[rows, :, :, last, at]
    (one,) = weights_of(model, torch.tensor([QUESTION]))
    means = {"back": back.mean(0), "fetched": fetched.mean(0), "weights": one}
    return {
        "right": right,
        "answers": model(torch.tensor([QUESTION]))[0, -1].argmax().item(),
    } | {name: _rounded(table) for name, table in means.items()}


def _rounded(table: Tensor) -> list[Any]:
    return (table.double() * 10_000).round().div(10_000).tolist()


def grid(seeds: int) -> list[Lesson]:
    """The lesson of the sweep, so many times."""
    lessons = (c for c in Grid.recall().configs if isinstance(c, Lesson))
    lesson = next(c for c in lessons if c.model.mixer == "attention")
    return [dataclasses.replace(lesson, seed=seed) for seed in range(seeds)]


def main() -> None:
    recording.run(__doc__, RECORD, looked, grid)


if __name__ == "__main__":
    main()
