"""Start from a novel without labels or from nothing, then learn from few labels.

    python tools/record_pretraining.py [--seeds 3] [--record FILE] [--pilot]

The label: is this passage of twelve words said or told? Two novels to learn from, rates
chosen on a third, tested on a fourth. Starts: random numbers; words hidden in those two
novels; the next word of them. After the start all do the same, with 100 to 3,000
labels. A rival only counts the words of a passage.
`--pilot` tries the rates of the start with a seed of its own.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import recording
import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from allyouneed.data import literature, quoted_words
from allyouneed.data.quoted_words import MASK, Passages, hide
from allyouneed.data.tasks import APART, SILENT
from allyouneed.ground import runtime
from allyouneed.ground.special_tokens import UNK
from allyouneed.models import TextStack, TransformerConfig

Goal = Literal["nothing", "hidden", "next", "counts"]
RECORD = recording.FOLDER / "pretraining.jsonl"
PILOT_RECORD = recording.FOLDER / "pretraining-rates.jsonl"
RATES: dict[str, float] = {"hidden": 1e-2, "next": 1e-2}
PILOT_RATES, PILOT_SEED = (1e-3, 3e-3, 1e-2, 3e-2), 100
LABELS, TUNING = (100, 300, 1000, 3000), (1e-3, 3e-3, 1e-2)
WEIGHTS = (0.01, 0.1, 1.0, 10.0, 100.0)  # of the counts: scikit-learn's C
LENGTH, SIZE = 24, 48  # words of a window, windows of an update
STEPS = 400
TUNED, BATCH, EXAMINED = 80, 32, 1000


@dataclass(frozen=True, kw_only=True)
class Start:
    """What is learned before any label, at which rate, and the seed of everything."""

    goal: Goal
    seed: int
    rate: float | None = None
    steps: int = STEPS


@cache
def novels() -> tuple[dict[str, Tensor], dict[str, Passages], int]:
    """Of each part its words in a row and its passages; and how many ids there are."""
    text = literature.load("en")
    known = quoted_words.vocabulary(text.train)
    parts = {"train": text.train, "valid": text.valid, "test": text.test}
    rows = {
        name: torch.tensor(quoted_words.numbered(quoted_words.words(part), known))
        for name, part in parts.items()
    }
    asked = {name: quoted_words.passages(part, known) for name, part in parts.items()}
    return rows, asked, quoted_words.FIRST + len(known)


def made(goal: Goal) -> TextStack:
    """Two layers of 64, four heads, not trained."""
    config = TransformerConfig(
        vocab=novels()[2],
        d_model=64,
        layers=2,
        heads=4,
        d_ff=128,
        p_drop=0.1,
        wiring="pre",
    )
    return TextStack(config, causal=goal == "next")


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


def updates(
    model: nn.Module, losses: Iterator[Tensor], *, rate: float, steps: int
) -> None:
    """Adam with a rise and a fall of the rate, one update for each loss."""
    weights = [*model.parameters()]
    adam = torch.optim.Adam(weights, lr=rate, betas=(0.9, 0.98), fused=True)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        adam, rate, total_steps=steps, pct_start=0.1
    )
    for loss in itertools.islice(losses, steps):
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        adam.step()
        rates.step()


def started(start: Start) -> TextStack:
    """The model after its start, with the words of the novels and no label."""
    model = made(start.goal)
    chance = torch.Generator().manual_seed(start.seed)
    if start.goal != "nothing":
        rate = start.rate or RATES[start.goal]
        losses = (
            surprise(model, *asked(start.goal, windows("train", SIZE, chance), chance))
            for _ in itertools.count()
        )
        updates(model, losses, rate=rate, steps=start.steps)
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


@torch.no_grad()
def right(model: nn.Module, part: Passages) -> float:
    """Share of passages named right."""
    model.eval()
    rows = torch.linspace(0, len(part.said) - 1, EXAMINED).long()
    named = model(part.tokens[rows]).argmax(-1)
    return round((named == part.said[rows]).float().mean().item(), 4)


class Judge(nn.Module):
    """A stack, and two scores from the mean of its states."""

    def __init__(self, text: TextStack) -> None:
        super().__init__()
        self.text, self.answer = text, nn.Linear(text.config.d_model, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """Told or said: (B, T) -> (B, 2)."""
        return self.answer(self.text.states(tokens).mean(1))


def chosen(labels: int, seed: int) -> Passages:
    """So many passages of the first two novels, half of them said."""
    part = novels()[1]["train"]
    order = torch.randperm(
        len(part.said), generator=torch.Generator().manual_seed(seed)
    )
    said = part.said[order].bool()
    rows = torch.cat((order[said][: labels // 2], order[~said][: labels // 2]))
    return Passages(part.tokens[rows], part.said[rows])


def tuned(model: TextStack, labels: int, rate: float, seed: int) -> list[float]:
    """Share right on the third and on the fourth novel, after the labels."""
    given = chosen(labels, seed)
    fresh = made("next" if model.causal else "hidden")
    fresh.load_state_dict(model.state_dict())
    judge = Judge(fresh)
    chance = torch.Generator().manual_seed(seed)

    def losses() -> Iterator[Tensor]:
        while True:
            rows = torch.randint(labels, (BATCH,), generator=chance)
            yield F.cross_entropy(judge(given.tokens[rows]), given.said[rows])

    updates(judge, losses(), rate=rate, steps=TUNED)
    return [right(judge, novels()[1][part]) for part in ("valid", "test")]


def counted(labels: int, weight: float, seed: int) -> list[float]:
    """The same by how often each word stands in a passage, without any order."""
    given, seen = chosen(labels, seed), []
    bag = CountVectorizer(analyzer=lambda row: row, vocabulary=range(novels()[2]))
    judge = LogisticRegression(C=weight, max_iter=1000)
    judge.fit(bag.transform(given.tokens.tolist()), given.said.numpy())
    for part in (novels()[1][name] for name in ("valid", "test")):
        rows = torch.linspace(0, len(part.said) - 1, EXAMINED).long()
        named = bag.transform(part.tokens[rows].tolist())
        seen.append(round(float(judge.score(named, part.said[rows].numpy())), 4))
    return seen


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
            grid = itertools.product(LABELS, TUNING)
            found = [[n, r, *tuned(model, n, r, start.seed)] for n, r in grid]
            metrics["right"] = found
    return metrics


def trials(seeds: int) -> list[Start]:
    """Every start, one seed after the other."""
    goals: tuple[Goal, ...] = ("counts", "nothing", "hidden", "next")
    return [Start(goal=goal, seed=seed) for seed in range(seeds) for goal in goals]


def pilot() -> list[Start]:
    """The rates of each start, by its own loss on the third novel."""
    goals: tuple[Goal, ...] = ("hidden", "next")
    return [
        Start(goal=goal, rate=rate, seed=PILOT_SEED)
        for goal in goals
        for rate in PILOT_RATES
        if (goal, rate) != ("next", 1e-3)  # far behind in a trial
    ]


def main() -> None:
    words = recording.command(__doc__, RECORD)
    words.add_argument("--pilot", action="store_true")
    given = words.parse_args()
    if given.pilot:
        given.record = PILOT_RECORD if given.record == RECORD else given.record
    recording.record(
        transferred, pilot() if given.pilot else trials(given.seeds), given
    )


if __name__ == "__main__":
    main()
