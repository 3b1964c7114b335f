"""How many examples a model needs: a training set of fixed size, and what is held out.

Two rules for the same random sequences, one that looks at a neighbour and one that
looks anywhere, so that each prior is right for one of them and wrong for the other.

B  sequences    T  positions    V  symbols
"""

import dataclasses
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.data.tasks import APART, SILENT, Examples
from allyouneed.ground import runtime
from allyouneed.models.sequence_models import MixerConfig, SequenceModel, sized
from allyouneed.studies.small_tasks import loss

Rule = Literal["neighbours", "repeats"]
SYMBOLS, LENGTH, ANSWERS = 8, 12, 4
HELD_OUT = 1000
PARAMETERS = 12_000  # at most, of each model
RATES = {"convolution": 1e-2, "gru": 1e-2, "sinusoidal": 1e-2, "relative": 1e-2}
PILOT_RATES = (3e-3, 1e-2)


@cache
def eaters() -> dict[str, MixerConfig]:
    """Four models of at most 12,000 parameters, each able to see a whole sequence.

    A convolution of width 5 (two layers, 13 positions), a GRU, attention with the
    paper's positions, and attention with relative ones (Shaw et al., 2018).
    """
    few = MixerConfig(vocab=SYMBOLS, mixer="attention", heads=2)
    alone = dataclasses.replace(few, heads=1)
    models = {
        "convolution": dataclasses.replace(alone, mixer="convolution", width=5),
        "gru": dataclasses.replace(alone, mixer="gru"),
        "sinusoidal": few,
        "relative": dataclasses.replace(few, positions="shaw"),
    }
    return {name: sized(model, PARAMETERS) for name, model in models.items()}


@dataclass(frozen=True, kw_only=True)
class Diet:
    """One model, one rule, so many examples: the configuration of a trial.

    Args:
        rule: what is learnt.
        model: who learns it.
        examples: sequences to learn from, over and over; each asks LENGTH - 1 times.
        rate: of Adam.
        steps: updates, each on `size` examples, so that all models have as many.
        every: updates from one look at what is held out to the next.
        seed: of the rule's table, the examples, the parameters and their order.

    Raises:
        ValueError: no such rule, no example, or a model with too few symbols.
    """

    rule: Rule
    model: MixerConfig
    examples: int
    rate: float
    steps: int = 300
    size: int = 32
    every: int = 30
    seed: int = 0

    def __post_init__(self) -> None:
        if self.rule not in get_args(Rule):
            raise ValueError(
                f"rule={self.rule!r}: choose {' or '.join(get_args(Rule))}"
            )
        if self.examples < 1:
            raise ValueError(f"examples={self.examples}: give at least 1")
        if self.model.vocab < SYMBOLS:
            raise ValueError(f"{self.model.vocab=}: the rules have {SYMBOLS=}")


class Seen(NamedTuple):
    """How well a model answers: mean loss in nats, share of right answers."""

    loss: float
    right: float


def neighbours(tokens: Tensor, table: Tensor) -> Tensor:
    """Answer by the table's entry for each symbol and the one before: (B, T) -> (B, T).

    >>> table = torch.tensor([[0, 1], [2, 3]])
    >>> neighbours(torch.tensor([[0, 1, 1]]), table).tolist()
    [[-100, 1, 3]]
    """
    return F.pad(table[tokens[:, :-1], tokens[:, 1:]], (1, 0), value=SILENT)


def repeats(tokens: Tensor) -> Tensor:
    """Answer 1 where a symbol stood anywhere before, else 0: (B, T) -> (B, T).

    >>> repeats(torch.tensor([[5, 2, 5, 2]])).tolist()
    [[-100, 0, 1, 1]]
    """
    same = tokens[:, :, None] == tokens[:, None, :]
    before = same.tril(-1).any(-1).long()
    return F.pad(before[:, 1:], (1, 0), value=SILENT)


def draw(rule: Rule, size: int, *, seed: int, held_out: bool = False) -> Examples:
    """Draw sequences and their answers; what is held out has the same table."""
    table = torch.randint(
        ANSWERS, (SYMBOLS, SYMBOLS), generator=torch.Generator().manual_seed(seed)
    )
    chance = torch.Generator().manual_seed(seed + (2 if held_out else 1) * APART)
    tokens = torch.randint(SYMBOLS, (size, LENGTH), generator=chance)
    answers = neighbours(tokens, table) if rule == "neighbours" else repeats(tokens)
    return Examples(tokens, answers)


@torch.no_grad()
def answered(model: nn.Module, examples: Examples) -> Seen:
    """Loss and share of right answers, without dropout."""
    was_training = model.training
    logits, due = model.eval()(examples.tokens), examples.targets != SILENT
    model.train(was_training)
    right = logits.argmax(-1)[due] == examples.targets[due]
    return Seen(loss(logits, examples.targets).item(), right.float().mean().item())


def fed(diet: Diet) -> dict[str, Any]:
    """Train on the examples, over and over: what is known of them, and held out.

    `course` has both at each look, `end` at the last: the loss in nats and the share of
    right answers, of the first 1,000 examples and of 1,000 sequences held out.
    """
    given = draw(diet.rule, diet.examples, seed=diet.seed)
    unseen = draw(diet.rule, HELD_OUT, seed=diet.seed, held_out=True)
    known = Examples(*(side[:HELD_OUT] for side in given))
    chance = torch.Generator().manual_seed(diet.seed)
    names = ("steps", "loss", "right", "held_out_loss", "held_out_right")
    course: dict[str, list[float]] = {name: [] for name in names}
    with runtime.seeded(torch.device("cpu"), diet.seed):
        model = SequenceModel(diet.model)
        adam = torch.optim.Adam(model.parameters(), lr=diet.rate, fused=True)
        for step in range(1, diet.steps + 1):
            rows = torch.randint(diet.examples, (diet.size,), generator=chance)
            _update(model, adam, Examples(*(side[rows] for side in given)))
            if step % diet.every == 0 or step == diet.steps:
                row = (step, *answered(model, known), *answered(model, unseen))
                for name, number in zip(names, row, strict=True):
                    course[name].append(round(number, 4))
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "end": {name: course[name][-1] for name in names},
        "course": course,
    }


def _update(model: nn.Module, adam: torch.optim.Optimizer, batch: Examples) -> None:
    adam.zero_grad()
    loss(model(batch.tokens), batch.targets).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    adam.step()
