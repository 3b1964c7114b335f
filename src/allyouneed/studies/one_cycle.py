"""Short trainings: one cycle of the rate (Smith and Topin, 2019), gradients clipped.

A trial of some hundred updates has no time for a long warm-up: the rate rises in the
first tenth and falls in the rest, and the momentum of Adam goes the other way.
"""

import itertools
from collections.abc import Iterable

import torch
from torch import Tensor, nn

RISE = 0.1  # share of the updates
LONGEST = 1.0  # a gradient's length


def fit(
    model: nn.Module,
    losses: Iterable[Tensor],
    *,
    rate: float,
    steps: int,
    beta2: float = 0.999,
    fused: bool = False,
) -> list[float]:
    """Train by Adam, one update for each loss; return the losses, in what they measure.

    Args:
        model: is changed in place.
        losses: of one batch after the other, each computed when it is asked for.
        rate: the highest of the cycle, which begins at a 25th of it.
        steps: updates; more losses are not asked for.
        beta2: of Adam; the other beta runs from 0.95 to 0.85 and back.
        fused: whether Adam is one kernel, which sums in another order.

    Raises:
        ValueError: the rate is not positive, there are no steps, or too few losses.
    """
    if rate <= 0 or steps < 1:
        raise ValueError(f"{rate=}, {steps=}: give a rate above 0 and 1 step or more")
    weights = list(model.parameters())
    adam = torch.optim.Adam(weights, lr=rate, betas=(0.9, beta2), fused=fused)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        adam, rate, total_steps=steps, pct_start=RISE
    )
    seen = []
    for loss in itertools.islice(losses, steps):
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, LONGEST)
        adam.step()
        rates.step()
        seen.append(loss.item())
    if len(seen) < steps:
        raise ValueError(f"losses: {len(seen)} for {steps=}: give one for each update")
    return seen
