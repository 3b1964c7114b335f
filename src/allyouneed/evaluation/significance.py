"""Whether a difference between two systems is more than their seeds.

One run of each says nothing of how far another seed would lie away. Runs are compared
in pairs: what a seed settles for both, order of data and first numbers, goes out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scipy import stats

Word = Literal["visible", "not visible here", "reversed"]


@dataclass(frozen=True)
class Interval:
    """A mean difference, the ends of its confidence interval, and of how many seeds."""

    mean: float
    low: float
    high: float
    seeds: int


def difference(
    ours: Mapping[int, float], base: Mapping[int, float], *, level: float = 0.95
) -> Interval:
    """How far `ours` lies above `base`, paired by seed: mean and Student's interval.

    Args:
        ours: a score for each seed.
        base: the same of what it is compared with; seeds of only one are left out.
        level: how often the interval covers the true difference, if pairs differ as a
            normal law says. With three pairs it reaches 4.3 standard errors to each
            side, with two 12.7: few seeds make it wide, not wrong.

    Raises:
        ValueError: fewer than two seeds in common, a score that is no finite number, or
            a level outside 0 to 1.

    >>> found = difference({0: 2.0, 1: 3.0, 2: 4.0}, {0: 1.0, 1: 1.0, 2: 1.0, 3: 9.0})
    >>> found.mean, round(found.low, 2), round(found.high, 2), found.seeds
    (2.0, -0.48, 4.48, 3)
    """
    _share("level", level)
    common = sorted(ours.keys() & base.keys())
    if len(common) < 2:
        raise ValueError(
            f"seeds {sorted(ours)} and {sorted(base)} have {common} in common: run two "
            "or more seeds of both"
        )
    gaps = [ours[seed] - base[seed] for seed in common]
    if not all(map(math.isfinite, gaps)):
        raise ValueError(f"{gaps=}: leave out the seeds that have no finite score")
    mean = math.fsum(gaps) / len(gaps)
    reach = _quantile(level, len(gaps)) * float(stats.sem(gaps))
    return Interval(mean, mean - reach, mean + reach, len(gaps))


def verdict_word(interval: Interval, *, expected: float) -> Word:
    """Say in a word whether the interval leaves out 0, and on the expected side.

    "visible": it does, on the side of `expected`; "reversed": it does, on the other.
    "not visible here" is no proof of equality: with few seeds most things are not.

    Raises:
        ValueError: `expected` is 0 or no number, so has no side.

    >>> verdict_word(Interval(-0.9, -1.3, -0.5, 3), expected=-0.3)
    'visible'
    """
    if expected == 0 or math.isnan(expected):
        raise ValueError(f"{expected=} has no sign: give the side that was predicted")
    if interval.low <= 0 <= interval.high:
        return "not visible here"
    return "visible" if (interval.low > 0) == (expected > 0) else "reversed"


def seeds_needed(
    spread: float, effect: float, *, power: float = 0.8, level: float = 0.95
) -> int:
    """How many pairs until a true `effect` is "visible" with probability `power`.

    Args:
        spread: standard deviation, from seed to seed, of the paired difference. Of two
            systems whose seeds have nothing in common it is 1.41 times that of one.
        effect: the true mean difference; its sign plays no part.
        power: how often the interval of `difference` shall leave out 0 on its side.
        level: of that interval.

    Raises:
        ValueError: `spread` is not above 0, `effect` is 0, `power` or `level` is not
            between 0 and 1, or a million pairs do not do.

    >>> seeds_needed(1.0, 0.5), seeds_needed(1.0, 1.0), seeds_needed(1.0, 3.0)
    (34, 10, 4)
    """
    _share("level", level)
    _share("power", power)
    if not (0 < spread < math.inf and 0 < abs(effect) < math.inf):
        raise ValueError(
            f"{spread=}, {effect=}: give a spread above 0, an effect not 0"
        )
    few, many = 1, 2
    while _power(many, effect / spread, level) < power:
        few, many = many, 2 * many
        if few > 10**6:
            raise ValueError(f"{effect=} is too small beside {spread=}: ask for more")
    while many - few > 1:
        middle = (few + many) // 2
        if _power(middle, effect / spread, level) < power:
            few = middle
        else:
            many = middle
    return many


def _power(pairs: int, ratio: float, level: float) -> float:
    """How often Student's interval of so many pairs lies beyond 0 on the true side."""
    shift = abs(ratio) * math.sqrt(pairs)
    return float(stats.nct.sf(_quantile(level, pairs), pairs - 1, shift))


def _quantile(level: float, pairs: int) -> float:
    return float(stats.t.ppf((1 + level) / 2, pairs - 1))


def _share(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name}={value} is no share: give a number between 0 and 1")
