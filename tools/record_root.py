"""Train heads with and without the root of d_k at recall, and record their course.

    python tools/record_root.py [--seeds 3] [--workers 1] [--record FILE]

One head learns associative recall by Adam, at two rates. Three heads: with
the root, without it, and with the root folded into the initial W^Q. Every 50 updates it
is asked the same thousand new questions. What has a line already is not done again.
"""

from dataclasses import dataclass
from typing import Any, Literal

import recording
import torch
from torch import Tensor

from allyouneed.data.associative_recall import Recall, RecallHead, loss, practise
from allyouneed.data.tasks import APART
from allyouneed.nn.attention import attend

RECORD = recording.FOLDER / "root.jsonl"
TASK, EVERY = Recall(), 50
RATES = (0.003, 0.001)
Head = Literal["root", "none", "folded"]


@dataclass(frozen=True, kw_only=True)
class Root:
    """One head: what it does about the root, how wide it is, how it is trained."""

    head: Head
    rate: float
    d_k: int = 256
    steps: int = 600
    seed: int = 0


def with_root(q: Tensor, k: Tensor, v: Tensor, _: Tensor) -> Tensor:
    """Equation (1) of the paper."""
    return attend(q, k, v)


def without_root(q: Tensor, k: Tensor, v: Tensor, _: Tensor) -> Tensor:
    """The same, and nothing divides the scores."""
    return (q @ k.mT).softmax(-1) @ v


def recalled(run: Root) -> dict[str, Any]:
    """Train, and tell loss and share of right values after each `EVERY` updates."""
    torch.set_flush_denormal(True)  # CPUs are slow on vanished numbers
    g = torch.Generator().manual_seed(run.seed)
    head = RecallHead(
        TASK,
        with_root if run.head == "root" else without_root,
        generator=g,
        d_k=run.d_k,
        gain=run.d_k**-0.5 if run.head == "folded" else 1.0,
    )
    exam = torch.Generator().manual_seed(run.seed + APART)
    asked = TASK.questions(1000, generator=exam)
    course: dict[str, list[float]] = {"steps": [], "loss": [], "right": []}
    updates = practise(head, TASK, steps=run.steps, rate=run.rate, generator=g)
    for step, _ in enumerate(updates, 1):
        if step % EVERY == 0:
            with torch.no_grad():
                right = head(asked).argmax(-1) == asked.targets.argmax(-1)
                course["steps"].append(step)
                course["loss"].append(round(loss(head, asked).item(), 4))
                course["right"].append(round(right.float().mean().item(), 4))
    return course


def runs(seeds: int) -> list[Root]:
    """All three heads, 256 wide, at both rates."""
    heads: tuple[Head, ...] = ("root", "none", "folded")
    return [
        Root(head=head, rate=rate, seed=seed)
        for rate in RATES
        for seed in range(seeds)
        for head in heads
    ]


def main() -> None:
    recording.run(__doc__, RECORD, recalled, runs)


if __name__ == "__main__":
    main()
