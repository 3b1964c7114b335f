"""Let one head recall among ever more pairs, with a softmax and with one sum.

    python tools/record_capacity.py [--seeds 3] [--workers 1] [--record FILE]

The head of chapter 6 reads so many pairs of a key and a value and is asked for one of
the keys. With a softmax it keeps all keys; linear attention keeps one matrix and one
vector, of the same size however many pairs there are. Both get the same rates and
updates. At the end each is asked 4,000 new questions.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import recording
import torch
from torch import Tensor

from allyouneed.data.associative_recall import Recall, RecallHead, practise
from allyouneed.data.tasks import APART
from allyouneed.nn.attention import attend
from allyouneed.nn.long_attention import TINY, features

RECORD = recording.FOLDER / "capacity.jsonl"
KEYS, VALUES, STEPS = 128, 16, 600
PAIRS, WIDTHS = (4, 16, 64), (8, 32)
TUNED = 16  # pairs, in the search for a rate
Look = Literal["softmax", "linear"]


@dataclass(frozen=True, kw_only=True)
class Head:
    """One head: how it looks, how wide it is, how many pairs it reads."""

    look: Look
    d_k: int
    pairs: int
    rate: float
    steps: int = STEPS
    seed: int = 0


def softmax(q: Tensor, k: Tensor, v: Tensor, _: Tensor) -> Tensor:
    """Equation (1) of the paper."""
    return attend(q, k, v)


def linear(q: Tensor, k: Tensor, v: Tensor, _: Tensor) -> Tensor:
    """One query after all keys: the state first, then the answer."""
    q, k = features(q), features(k)
    state, total = k.mT @ v, k.sum(-2, keepdim=True)
    return q @ state / (q @ total.mT + TINY)


def recalled(run: Head) -> dict[str, Any]:
    """Train, then ask: the share of right values, and the loss at the end."""
    torch.set_flush_denormal(True)  # CPUs are slow on vanished numbers
    task = Recall(keys=KEYS, values=VALUES, pairs=run.pairs)
    g = torch.Generator().manual_seed(run.seed)
    look = softmax if run.look == "softmax" else linear
    head = RecallHead(task, look, generator=g, d_k=run.d_k)
    losses = [*practise(head, task, steps=run.steps, rate=run.rate, generator=g)]
    exam = torch.Generator().manual_seed(run.seed + APART)
    asked = task.questions(4000, generator=exam)
    with torch.no_grad():
        right = head(asked).argmax(-1) == asked.targets.argmax(-1)
    return {
        "right": round(right.float().mean().item(), 4),
        "loss": round(sum(losses[-100:]) / 100, 4),
        "parameters": sum(p.numel() for p in head.parameters()),
        "state": run.d_k * (run.d_k + 1),
        "cache": 2 * run.d_k * (run.pairs + 1),
    }


def head(who: str, rate: float, pairs: int = TUNED, seed: int | None = None) -> Head:
    """One head at a rate, `who` such as "linear 8"; by default of the search for it."""
    look, d_k = who.split()
    return Head(
        look="linear" if look == "linear" else "softmax",
        d_k=int(d_k),
        pairs=pairs,
        rate=rate,
        seed=recording.TUNING if seed is None else seed,
    )


def main() -> None:
    given = recording.command(__doc__, RECORD).parse_args()
    heads = [f"{look} {d_k}" for look in get_args(Look) for d_k in WIDTHS]
    rates = recording.tuned(recalled, head, dict.fromkeys(heads, 3e-3), given)
    seeds = range(given.seeds)
    runs = [head(w, rates[w], p, s) for s in seeds for w in heads for p in PAIRS]
    recording.record(recalled, runs, given)


if __name__ == "__main__":
    main()
