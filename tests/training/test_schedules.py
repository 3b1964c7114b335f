"""Schedules against equation 3, and against each other."""

import math

import pytest

from allyouneed.training.schedules import inverse_sqrt, noam


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
