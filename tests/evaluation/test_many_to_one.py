"""Dunnett's intervals are SciPy's, and Student's for a single row."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from allyouneed.evaluation.many_to_one import against_one, errors_reached


def test_intervals_are_scipys() -> None:
    draw = np.random.default_rng(0).normal
    base = draw(size=5)
    rows = {name: draw(size=n).tolist() for name, n in (("a", 3), ("b", 4), ("c", 3))}
    found = against_one(rows, base.tolist())
    asked = stats.dunnett(*rows.values(), control=base).confidence_interval()
    for low, high, interval in zip(asked.low, asked.high, found.values(), strict=True):
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.01)
    assert [interval.seeds for interval in found.values()] == [3, 4, 3]


def test_one_row_alone_has_students_interval() -> None:
    one, base = [3.0, 5.0, 4.5], [1.0, 2.0, 2.5, 1.5]
    (found,) = against_one({"one": one}, base, level=0.9).values()
    asked = stats.ttest_ind(one, base).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx(tuple(asked), rel=1e-4)


@pytest.mark.parametrize("freedom", [1, 2, 3, 20, 1e6])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.9999])
@pytest.mark.parametrize(("size", "base"), [(3, 3), (1000, 1), (1, 1000)])
def test_a_single_row_reaches_as_far_as_students_at_any_size(
    size: int, base: int, level: float, freedom: float
) -> None:
    asked = stats.t.ppf((1 + level) / 2, freedom)
    found = errors_reached([size], base, freedom=freedom, level=level)
    assert found == pytest.approx(asked, rel=1e-5)


def test_a_known_spread_is_what_many_draws_give() -> None:
    runs = np.random.default_rng(0).normal(size=(200_000, 19))
    most = abs(runs[:, 1:] - runs[:, :1]).max(1) / math.sqrt(2)
    assert errors_reached([1] * 18, 1) == pytest.approx(
        np.quantile(most, 0.95), abs=0.02
    )


def test_all_intervals_hold_together_as_often_as_they_say() -> None:
    runs = np.random.default_rng(1).normal(size=(2000, 6, 3))
    errors = errors_reached([3] * 5, 3, freedom=12)
    spread = np.sqrt(runs.var(2, ddof=1).mean(1))
    gaps = abs(runs[:, 1:].mean(2) - runs[:, :1].mean(2)).max(1)
    held = gaps < errors * spread * math.sqrt(2 / 3)
    assert held.mean() == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(
    ("rows", "base"),
    [
        ({}, [1.0, 2.0]),
        ({"a": []}, [1.0, 2.0]),
        ({"a": [1.0]}, [1.0]),
        ({"base": [1.0, 2.0]}, [1.0, 2.0]),
        ({"a": [math.nan, 1.0]}, [1.0, 2.0]),
    ],
)
def test_what_cannot_be_compared_is_named(
    rows: dict[str, list[float]], base: list[float]
) -> None:
    with pytest.raises(ValueError, match=r"sizes=|no finite number"):
        against_one(rows, base)


@pytest.mark.parametrize(
    "asked", [{"freedom": 0}, {"level": 1.0}, {"base": 0}, {"sizes": []}]
)
def test_what_has_no_reach_is_named(asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give 1 or more"):
        errors_reached(**{"sizes": [3], "base": 3} | asked)
