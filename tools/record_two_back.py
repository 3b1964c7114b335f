"""Train layers of one head and of several at two look-ups at once, and record them.

    python tools/record_two_back.py [--seeds 10] [--workers 1] [--record FILE]

One head, two, four, a wide one, one before a feed-forward network; heads that start as
twins (half of the seeds), and heads that start orthogonal, with the size of the usual
start and with their own. The single head is trained three times as long, and its course
tells how far it was before. Four heads also get four look-ups, one each. What has a
line already is not done again.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import recording
import torch
from torch import nn

from allyouneed.data import two_back
from allyouneed.data.tasks import APART
from allyouneed.data.two_back import TwoBack
from allyouneed.ground import runtime
from allyouneed.ground.configurations import LATER
from allyouneed.nn.feedforward import FeedForward

RECORD = recording.FOLDER / "two-back.jsonl"
EVERY = 100
Start = Literal["usual", "twins", "nudged", "orthogonal", "orthogonal, usual size"]


@dataclass(frozen=True, kw_only=True)
class Looking:
    """One training: the layer, whether a network thinks behind it, how it starts."""

    heads: int
    d_k: int | None = None
    thinks: bool = False
    start: Start = "usual"
    rate: float = 0.01
    steps: int = 400
    seed: int = 0
    back: int = field(default=2, metadata=LATER)  # words looked up


def begun(run: Looking) -> TwoBack:
    """The model before training."""
    with runtime.seeded(torch.device("cpu"), run.seed):
        think = FeedForward(two_back.WIDTH, 128) if run.thinks else None
        model = TwoBack(run.heads, back=run.back, d_k=run.d_k, think=think)
        if run.start in ("twins", "nudged"):
            noise = 1e-3 if run.start == "nudged" else 0.0
            two_back.make_twins(model.look, noise=noise)
        elif run.start != "usual":
            for linear in (model.look.query, model.look.key, model.look.value):
                size = linear.weight.square().mean().item() ** 0.5
                nn.init.orthogonal_(linear.weight)
                if run.start == "orthogonal, usual size":
                    linear.weight.data *= size * two_back.WIDTH**0.5
    return model


def looked(run: Looking) -> dict[str, Any]:
    """Train, and tell the share of places where every word is right, as it goes."""
    model = begun(run)
    g = torch.Generator().manual_seed(run.seed)
    course: dict[str, list[float]] = {"steps": [], "right": []}
    updates = two_back.practise(model, steps=run.steps, rate=run.rate, generator=g)

    def exam() -> torch.Generator:
        return torch.Generator().manual_seed(run.seed + APART)

    for step, _ in enumerate(updates, 1):
        if step % EVERY == 0:
            right = two_back.both_right(model.eval(), generator=exam())
            model.train()
            course["steps"].append(step)
            course["right"].append(round(right, 4))
    looks = two_back.looks_back(model.eval(), generator=exam())
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "right": course["right"][-1],
        "course": course,
        "looks": [[round(w, 4) for w in head] for head in looks.tolist()],
        "apart": two_back.apart(model.look) if run.heads == 2 else None,
    }


def runs(seeds: int) -> list[Looking]:
    """Every layer, the single head for longer, and every start of two heads."""
    found = []
    for seed in range(seeds):
        found += [
            Looking(heads=1, steps=1200, seed=seed),
            Looking(heads=2, seed=seed),
            Looking(heads=1, thinks=True, seed=seed),
            Looking(heads=4, seed=seed),
            Looking(heads=4, back=4, seed=seed),
            Looking(heads=1, d_k=128, seed=seed),
            Looking(heads=2, start="orthogonal, usual size", seed=seed),
            Looking(heads=2, start="orthogonal", seed=seed),
        ]
    twins: tuple[Start, Start] = ("twins", "nudged")
    return found + [
        Looking(heads=2, start=start, seed=seed)
        for seed in range(seeds // 2)
        for start in twins
    ]


def main() -> None:
    recording.run(__doc__, RECORD, looked, runs)


if __name__ == "__main__":
    main()
