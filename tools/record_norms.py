"""Train small models of English letters, with and without norms, and record the runs.

    python tools/record_norms.py [--seeds 3] [--workers 1] [--record FILE]

Every model reads 32 characters at a time of Jane Austen and is causal, width 32. Two
comparisons: where the norm stands, by depth, warm-up, rate and the weights it starts
from; and which norm it is, in two layers, by the size of the batch. What has a line
already is not done again.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import recording
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.data import literature
from allyouneed.data.literature import windows
from allyouneed.ground import runtime
from allyouneed.models.sequence_models import MixerConfig, SequenceModel
from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.norms import Norm, Wiring

RECORD = recording.FOLDER / "norms.jsonl"
LENGTH, WIDTH, EVERY = 32, 32, 10
# Of linear layers: PyTorch's, Xavier's, or Xavier's with attention answering less.
Start = Literal["torch", "xavier", "shrunk"]
SHRUNK = 0.3  # times Xavier's weights of attention's values and outputs


@dataclass(frozen=True, kw_only=True)
class Run:
    """One model and how it is trained; rates rise in a line for `warmup` updates."""

    layers: int
    norm: Norm = "layer"
    wiring: Wiring = "pre"
    start: Start = "torch"
    warmup: int = 1
    rate: float = 3e-3
    size: int = 16
    steps: int = 200
    seed: int = 0


@cache
def characters() -> tuple[dict[str, Tensor], int]:
    """Ids of the parts of the novels, and how many characters there are."""
    return literature.numbered(literature.load("en"))


def model(run: Run) -> SequenceModel:
    """The model before training."""
    config = MixerConfig(
        vocab=characters()[1],
        mixer="attention",
        d_model=WIDTH,
        layers=run.layers,
        norm=run.norm,
        wiring=run.wiring,
    )
    with runtime.seeded(torch.device("cpu"), run.seed):
        made = SequenceModel(config)
        for layer in made.modules() if run.start != "torch" else ():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
    for part in made.modules() if run.start == "shrunk" else ():
        if isinstance(part, MultiHeadAttention):
            part.value.weight.data.mul_(SHRUNK)
            part.output.weight.data.mul_(SHRUNK)
    return made


def trained(learner: SequenceModel, run: Run) -> Iterator[float]:
    """Train by Adam as the paper sets it, and yield the loss before each update."""
    parts, _ = characters()
    generator = torch.Generator().manual_seed(run.seed)
    adam = torch.optim.Adam(learner.parameters(), betas=(0.9, 0.98), eps=1e-9)
    for step in range(1, run.steps + 1):
        adam.param_groups[0]["lr"] = run.rate * min(1, step / run.warmup)
        x, y = windows(parts["train"], run.size, LENGTH, generator=generator)
        loss = F.cross_entropy(learner(x).mT, y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        yield loss.item()


def finite(loss: float) -> float | None:
    """The loss to four places; None for what JSON cannot hold."""
    return round(loss, 4) if loss < float("inf") else None


@torch.no_grad()
def judged(learner: SequenceModel, *, size: int) -> float | None:
    """Loss on 512 unseen pieces, the same for all runs, `size` at a time."""
    valid = characters()[0]["valid"]
    generator = torch.Generator().manual_seed(0)
    pieces = [
        windows(valid, size, LENGTH, generator=generator) for _ in range(512 // size)
    ]
    losses = [F.cross_entropy(learner(x).mT, y).item() for x, y in pieces]
    return finite(sum(losses) / len(losses))


def learnt(run: Run) -> dict[str, Any]:
    """Train, and tell the loss on unseen text in use and with the batch's statistics.

    The two are the same but for batch norm. `curve` is the mean of every ten losses.
    """
    learner = model(run)
    losses = torch.tensor(list(trained(learner, run)))
    in_use = judged(learner.eval(), size=256)
    learner.train()
    return {
        "valid": in_use,
        "valid_by_batch": judged(learner, size=run.size),
        "curve": [finite(x.item()) for x in losses.view(-1, EVERY).mean(1)],
        "letters": finite(entropy()),
    }


def entropy() -> float:
    """Loss of one who knows how frequent each character is, and nothing else."""
    parts, vocab = characters()
    counts = torch.bincount(parts["train"], minlength=vocab) + 1
    return -(counts / counts.sum())[parts["valid"]].log().mean().item()


def runs(seeds: int) -> list[Run]:
    """Both comparisons, one seed after the other; post-norm alone is warmed up too.

    And post-norm from weights that leave positions apart: is that what it lacked?
    """
    where: list[tuple[Norm, Wiring, int]] = [
        ("layer", "post", 1),
        ("layer", "post", 100),
        ("layer", "pre", 1),
        ("none", "post", 1),
    ]
    starts: list[Start] = ["xavier", "torch"]
    kinds: list[Norm] = ["layer", "rms", "batch", "none"]
    found = []
    for seed in range(seeds):
        found += [
            Run(layers=n, norm=k, wiring=w, start=s, warmup=warm, seed=seed)
            for n, (k, w, warm), s in itertools.product((12, 2), where, starts)
        ]
        found += [
            Run(layers=2, norm=kind, size=size, seed=seed)
            for kind, size in itertools.product(kinds, (2, 16))
        ]
        found += other_rates(seed)
        found.append(Run(layers=12, wiring="post", start="shrunk", seed=seed))
    return found


def other_rates(seed: int) -> list[Run]:
    """Twelve layers at lower and higher rates, to see whether the rate decides."""
    tried: list[tuple[Start, Norm, Wiring, int, tuple[float, ...]]] = [
        ("xavier", "layer", "post", 1, (3e-4, 1e-3)),
        ("xavier", "layer", "post", 100, (3e-4, 1e-3)),
        ("xavier", "layer", "pre", 1, (1e-3,)),
        ("xavier", "none", "post", 1, (3e-4, 1e-3)),
        ("torch", "layer", "pre", 1, (1e-3, 1e-2)),
        ("torch", "none", "post", 1, (1e-3, 1e-2)),
    ]
    return [
        Run(
            layers=12,
            norm=norm,
            wiring=wiring,
            start=start,
            warmup=warmup,
            rate=rate,
            seed=seed,
        )
        for start, norm, wiring, warmup, rates in tried
        for rate in rates
    ]


def main() -> None:
    recording.run(__doc__, RECORD, learnt, runs)


if __name__ == "__main__":
    main()
