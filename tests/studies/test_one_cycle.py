"""The updates equal Adam's, written out with the cycle's own formula."""

import math
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from allyouneed.studies import one_cycle


def between(start: float, end: float, share: float) -> float:
    """Half a wave of the cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def cycle(step: int, steps: int, rate: float) -> tuple[float, float]:
    """Rate and momentum of an update, counted from 0."""
    top, last = 0.1 * steps - 1, steps - 1
    if step <= top:
        share = step / top
        return between(rate / 25, rate, share), between(0.95, 0.85, share)
    share = (step - top) / (last - top)
    return between(rate, rate / 25e4, share), between(0.85, 0.95, share)


def by_hand(
    weight: torch.Tensor, xs: torch.Tensor, rate: float, beta2: float
) -> torch.Tensor:
    """Adam on the mean of (x w)^2, whose gradient is known."""
    mean, square, product = torch.zeros_like(weight), torch.zeros_like(weight), 1.0
    for step, x in enumerate(xs):
        lr, beta1 = cycle(step, len(xs), rate)
        slope = 2 * x.T @ (x @ weight) / len(x)
        slope = slope / max(1.0, slope.norm().item())
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        product = beta1 ** (step + 1)  # PyTorch corrects by the update's own beta
        unbiased = (square / (1 - beta2 ** (step + 1))).sqrt() + 1e-8
        weight = weight - lr * mean / (1 - product) / unbiased
    return weight


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("beta2", [0.98, 0.999])
def test_updates_are_adam_s_in_one_cycle(beta2: float, fused: bool) -> None:
    torch.manual_seed(0)
    model = nn.Linear(3, 1, bias=False).double()
    xs = 3 * torch.randn(40, 5, 3).double()
    start = model.weight.detach().T.clone()
    expected = by_hand(start, xs, 0.03, beta2)
    losses = (model(x).square().mean() for x in xs)
    seen = one_cycle.fit(model, losses, rate=0.03, steps=40, beta2=beta2, fused=fused)
    torch.testing.assert_close(model.weight.detach().T, expected)
    assert seen[0] == (xs[0] @ start).square().mean().item()
    assert len(seen) == 40


def test_no_more_losses_are_asked_for_than_there_are_steps() -> None:
    model, asked = nn.Linear(2, 1), []

    def losses() -> Iterator[torch.Tensor]:
        while True:
            asked.append(1)
            yield model(torch.ones(1, 2)).square().mean()

    one_cycle.fit(model, losses(), rate=1e-2, steps=3)
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rate": 0.0, "steps": 3}, "rate=0.0"),
        ({"rate": 0.1, "steps": 0}, "steps=0"),
        ({"rate": 0.1, "steps": 3}, "losses: 2 for steps=3"),
    ],
)
def test_what_cannot_be_done_is_told(given: dict[str, float], told: str) -> None:
    model = nn.Linear(2, 1)
    losses = (model(torch.ones(1, 2)).mean() for _ in range(2))
    with pytest.raises(ValueError, match=told):
        one_cycle.fit(model, losses, **given)
