"""Schedules against equation 3, and against each other."""

import itertools
import math
from collections.abc import Callable

import pytest
import torch

from allyouneed.training.schedules import cosine, inverse_sqrt, noam, stable_decay


@pytest.mark.parametrize("step", [1, 100, 4000, 4001, 100_000])
def test_noam_is_equation_3(step: int) -> None:
    expected = 512**-0.5 * min(1 / math.sqrt(step), step / math.sqrt(4000) ** 3)
    assert math.isclose(noam(step, d_model=512), expected, rel_tol=1e-12)


@pytest.mark.parametrize("step", [1, 30, 400, 9000])
def test_the_two_differ_only_in_height(step: int) -> None:
    peak = noam(400, d_model=64, warmup=400)
    same = inverse_sqrt(step, peak=peak, warmup=400)
    assert math.isclose(noam(step, d_model=64, warmup=400), same, rel_tol=1e-12)


def test_steps_count_from_one() -> None:
    with pytest.raises(ValueError, match="step=0"):
        noam(0, d_model=512)
    with pytest.raises(ValueError, match="warmup=0"):
        inverse_sqrt(1, peak=1.0, warmup=0)


def test_cosine_is_that_of_pytorch() -> None:
    """After the rise: PyTorch's own, from the peak to a tenth of it."""
    weight = torch.nn.Parameter(torch.zeros(1))
    adam = torch.optim.SGD([weight], lr=2e-3)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(adam, 90, eta_min=2e-4)
    for step in range(10, 101):
        own = cosine(step, peak=2e-3, warmup=10, steps=100)
        assert math.isclose(own, adam.param_groups[0]["lr"], rel_tol=1e-9), step
        adam.step()
        theirs.step()
    assert cosine(5, peak=2e-3, warmup=10, steps=100) == 1e-3


def test_stable_decay_stays_until_the_last_fifth() -> None:
    rates = [stable_decay(s, peak=1.0, warmup=10, steps=100) for s in range(1, 101)]
    assert rates[:10] == pytest.approx([s / 10 for s in range(1, 11)])
    assert set(rates[10:80]) == {1.0}
    falls = [a - b for a, b in itertools.pairwise(rates[79:])]
    assert falls == pytest.approx([1 / 20] * 20)


@pytest.mark.parametrize("schedule", [cosine, stable_decay])
def test_a_schedule_with_an_end_ends_after_its_rise(
    schedule: Callable[..., float],
) -> None:
    with pytest.raises(ValueError, match="steps=10, warmup=10"):
        schedule(1, peak=1.0, warmup=10, steps=10)
