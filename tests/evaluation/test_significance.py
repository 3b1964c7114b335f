"""Intervals against SciPy's own paired test, power against throws of dice."""

import math

import numpy as np
import pytest
from scipy import stats

from allyouneed.evaluation.significance import (
    Interval,
    Word,
    difference,
    seeds_needed,
    verdict_word,
)


def by_seed(values: np.ndarray) -> dict[int, float]:
    return dict(enumerate(values.tolist()))


def seen(gaps: np.ndarray, side: float, level: float = 0.95) -> np.ndarray:
    """Which rows of gaps, (trials, pairs), a t test finds, and on the side asked."""
    test = stats.ttest_1samp(gaps, 0.0, axis=1)
    return (test.pvalue < 1 - level) & (np.sign(test.statistic) == side)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
@pytest.mark.parametrize("pairs", [2, 3, 5, 20])
def test_the_interval_is_that_of_the_paired_t_test(pairs: int, level: float) -> None:
    rng = np.random.default_rng(pairs)
    ours, base = rng.normal(26, 1, pairs), rng.normal(25, 3, pairs)
    theirs = stats.ttest_rel(ours, base).confidence_interval(level)
    found = difference(by_seed(ours), by_seed(base), level=level)
    assert found.seeds == pairs
    assert found.mean == pytest.approx(np.mean(ours) - np.mean(base))
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def test_pairs_are_by_seed_and_the_rest_is_left_out() -> None:
    base = {0: 1.0, 1: 50.0, 2: 90.0, 3: 7.0}
    ours = {9: 0.0, 2: 91.0, 1: 51.2, 0: 2.1}  # in another order, with one of its own
    found = difference(ours, base)
    assert found.seeds == 3
    assert found.mean == pytest.approx(1.1)
    assert found.low > 0.8  # apart, the two systems would lie within the noise
    assert stats.ttest_ind([2.1, 51.2, 91.0], [1.0, 50.0, 90.0]).pvalue > 0.9


@pytest.mark.parametrize("pairs", [2, 3])
def test_the_interval_covers_the_truth_as_often_as_it_says(pairs: int) -> None:
    rng, trials, covered = np.random.default_rng(0), 800, 0
    for _ in range(trials):
        base = rng.normal(20, 5, pairs)
        found = difference(by_seed(base + rng.normal(1, 0.5, pairs)), by_seed(base))
        covered += found.low <= 1 <= found.high
    assert covered / trials == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(
    ("low", "high", "expected", "word"),
    [
        (0.1, 0.5, 0.3, "visible"),
        (-0.5, -0.1, -9.0, "visible"),
        (-0.5, -0.1, 0.3, "reversed"),
        (0.1, 0.5, -0.3, "reversed"),
        (-0.1, 0.5, 0.3, "not visible here"),
        (-0.1, 0.5, -0.3, "not visible here"),
        (0.0, 0.5, 0.3, "not visible here"),
        (-0.5, 0.0, 0.3, "not visible here"),
        (0.0, 0.0, 0.3, "not visible here"),
    ],
)
def test_the_word_of_an_interval(
    low: float, high: float, expected: float, word: Word
) -> None:
    interval = Interval((low + high) / 2, low, high, 3)
    assert verdict_word(interval, expected=expected) == word


@pytest.mark.parametrize(
    ("effect", "power", "level"),
    [(0.5, 0.8, 0.95), (-1.0, 0.8, 0.95), (1.0, 0.5, 0.9), (2.0, 0.9, 0.99)],
)
def test_as_many_seeds_as_throws_of_dice_ask_for(
    effect: float, power: float, level: float
) -> None:
    needed, trials = seeds_needed(1.0, effect, power=power, level=level), 40_000
    rng = np.random.default_rng(1)
    enough, fewer = (
        seen(rng.normal(effect, 1, (trials, n)), np.sign(effect), level).mean()
        for n in (needed, needed - 1)
    )
    slack = 4 * math.sqrt(0.25 / trials)
    assert enough > power - slack
    assert fewer < power + slack
    assert enough > fewer


def test_only_the_right_side_counts_as_seen() -> None:
    # An effect of a thousandth is "seen" in 5 % of trials, half of them the wrong way.
    hopeless = 0.001
    rng = np.random.default_rng(2)
    right = seen(rng.normal(hopeless, 1, (40_000, 2)), 1).mean()
    assert right == pytest.approx(0.025, abs=0.005)
    assert seeds_needed(1.0, hopeless, power=0.02) == 2
    assert seeds_needed(1.0, hopeless, power=0.04) > 1000


def test_for_many_seeds_it_is_the_formula_of_the_normal_law() -> None:
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert seeds_needed(1.0, 0.02) == pytest.approx((z / 0.02) ** 2, rel=1e-3)


def test_only_the_ratio_of_effect_and_spread_counts() -> None:
    assert seeds_needed(0.5, 0.3) == seeds_needed(5, 3) == seeds_needed(5, -3)


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="two or more seeds"):
        difference({0: 1.0, 1: 2.0}, {1: 1.0, 2: 2.0})
    with pytest.raises(ValueError, match="finite score"):
        difference({0: 1.0, 1: math.nan}, {0: 1.0, 1: 2.0})
    with pytest.raises(ValueError, match=r"level=95"):
        difference({0: 1.0, 1: 2.0}, {0: 1.0, 1: 2.0}, level=95)
    for side in (0.0, math.nan):
        with pytest.raises(ValueError, match="no sign"):
            verdict_word(Interval(1, 0.5, 1.5, 3), expected=side)
    for spread, effect in [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (math.nan, 1.0)]:
        with pytest.raises(ValueError, match="spread above 0"):
            seeds_needed(spread, effect)
    with pytest.raises(ValueError, match="power=80"):
        seeds_needed(1.0, 1.0, power=80)
    with pytest.raises(ValueError, match="too small"):
        seeds_needed(1.0, 1e-3)
