"""Start from a novel without labels or from nothing, then learn from few labels.

    python tools/record_pretraining.py [--seeds 3] [--record FILE] [--pilot]

The label: is this passage of twelve words said or told? Two novels to learn from, rates
chosen on a third, tested on a fourth. Starts: random numbers; words hidden in those two
novels; the next word of them; hidden words again, seven times as long. After the start
all do the same, with 100 to 3,000 labels; with many of them once more, for longer. A
rival only counts the words of a passage.
`--pilot` tries the rates of the start with a seed of its own.
"""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import recording
import torch
import torch.nn.functional as F
from said_or_told import (
    LABELS,
    TUNED,
    TUNED_LONGER,
    TUNING,
    WEIGHTS,
    counted,
    made,
    novels,
    tuned,
)
from torch import Tensor

from allyouneed.data.quoted_words import MASK, hide
from allyouneed.data.tasks import APART, SILENT
from allyouneed.ground import runtime
from allyouneed.ground.configurations import LATER
from allyouneed.ground.special_tokens import UNK
from allyouneed.models import TextStack
from allyouneed.studies import one_cycle

Goal = Literal["nothing", "hidden", "next", "counts"]
RECORD = recording.FOLDER / "pretraining.jsonl"
STEPS, LONGER = 400, 2800  # of 7 next words a window asks for 1 hidden one
RATES = {("hidden", STEPS): 1e-2, ("next", STEPS): 1e-2, ("hidden", LONGER): 3e-3}
PILOT_RATES, PILOT_SEED = (1e-3, 3e-3, 1e-2, 3e-2), 100
LONGER_RATES = (1e-3, 3e-3, 1e-2)
LENGTH, SIZE = 24, 48  # words of a window, windows of an update


@dataclass(frozen=True, kw_only=True)
class Start:
    """What is learned before any label, at which rate, and the seed of everything.

    Attributes:
        tuned: updates on labels.
    """

    goal: Goal
    seed: int
    rate: float | None = None
    steps: int = STEPS
    tuned: int = field(default=TUNED, metadata=LATER)


def asked(goal: Goal, rows: Tensor, chance: torch.Generator) -> tuple[Tensor, Tensor]:
    """What a window (B, T + 1) gives to read and to say, both (B, T)."""
    read, due = rows[:, :-1], rows[:, 1:]
    if goal != "next":
        read, due = hide(read, generator=chance)
    return read, due.masked_fill(due == UNK, SILENT)  # nobody need guess a rare word


def surprise(model: TextStack, read: Tensor, due: Tensor) -> Tensor:
    """Mean loss where an answer is due, in nats; the other scores are not computed."""
    there = due != SILENT
    scores = model.embedding.logits(model.states(read)[there])
    return F.cross_entropy(scores, due[there])


def windows(part: str, size: int, chance: torch.Generator) -> Tensor:
    """Windows of LENGTH + 1 words from places drawn."""
    ids = novels()[0][part]
    places = torch.randint(len(ids) - LENGTH, (size, 1), generator=chance)
    return ids[places + torch.arange(LENGTH + 1)]


def started(start: Start) -> TextStack:
    """The model after its start, with the words of the novels and no label."""
    model = made(causal=start.goal == "next")
    chance = torch.Generator().manual_seed(start.seed)
    if start.goal != "nothing":
        rate = start.rate or RATES[start.goal, start.steps]
        losses = (
            surprise(model, *asked(start.goal, windows("train", SIZE, chance), chance))
            for _ in itertools.count()
        )
        one_cycle.fit(
            model, losses, rate=rate, steps=start.steps, beta2=0.98, fused=True
        )
    return model


@torch.no_grad()
def held_out(model: TextStack, goal: Goal) -> float:
    """Its own loss on the third novel, in nats."""
    chance = torch.Generator().manual_seed(APART)
    model.eval()
    return surprise(model, *asked(goal, windows("valid", 800, chance), chance)).item()


@torch.no_grad()
def guesses(model: TextStack) -> dict[str, float]:
    """Share right and loss in nats of a word in the middle, and of the last word."""
    rows = windows("test", 2000, torch.Generator().manual_seed(APART))[:, :LENGTH]
    model.eval()
    found = {}
    for name, at in (("middle", LENGTH // 2), ("last", LENGTH - 1)):
        read = rows if model.causal else rows.index_fill(1, torch.tensor([at]), MASK)
        place = at - 1 if model.causal else at
        scores = model.embedding.logits(model.states(read)[:, place])
        known = rows[:, at] != UNK
        scores, due = scores[known], rows[known, at]
        found[name] = (scores.argmax(-1) == due).float().mean().item()
        found[f"{name}_loss"] = F.cross_entropy(scores, due).item()
    return {name: round(number, 4) for name, number in found.items()}


def transferred(start: Start) -> dict[str, Any]:
    """The start, what it can do, and the share right by labels and by rate."""
    with runtime.seeded(torch.device("cpu"), start.seed):
        if start.goal == "counts":
            grid = itertools.product(LABELS, WEIGHTS)
            found = [[n, w, *counted(n, w, start.seed)] for n, w in grid]
            return {"right": found}
        model = started(start)
        metrics: dict[str, Any] = {
            "parameters": sum(p.numel() for p in model.parameters())
        }
        if start.goal != "nothing":
            metrics |= {"loss": round(held_out(model, start.goal), 4)}
            metrics |= guesses(model)
        if start.rate is None:
            labels = LABELS if start.tuned == TUNED else LABELS[2:]
            metrics["right"] = [
                [n, rate, *tuned(model, n, rate, start.seed, start.tuned)]
                for n, rate in itertools.product(labels, TUNING)
            ]
    return metrics


def trials(seeds: int) -> list[Start]:
    """Every start, a seed after the other; longer ones; more updates on labels."""
    goals: tuple[Goal, ...] = ("counts", "nothing", "hidden", "next")
    starts = [Start(goal=goal, seed=seed) for seed in range(seeds) for goal in goals]
    starts += [Start(goal="hidden", seed=seed, steps=LONGER) for seed in range(seeds)]
    return starts + [
        replace(start, tuned=TUNED_LONGER) for start in starts if start.goal != "counts"
    ]


def pilot() -> list[Start]:
    """The rates of each start, by its own loss on the third novel."""
    goals: tuple[Goal, ...] = ("hidden", "next")
    return [
        Start(goal=goal, rate=rate, seed=PILOT_SEED)
        for goal in goals
        for rate in PILOT_RATES
        if (goal, rate) != ("next", 1e-3)  # far behind in a trial
    ] + [
        Start(goal="hidden", rate=rate, seed=PILOT_SEED, steps=LONGER)
        for rate in LONGER_RATES
    ]


if __name__ == "__main__":
    recording.run(__doc__, RECORD, transferred, trials, pilot=pilot)
