"""Many systems against one, all at once: Dunnett's test (1955).

Every row of a table of ablations is compared with the same base. So the spread from
seed to seed can be estimated from all of them together, and one interval must be wide
enough for the luckiest row of a table in which nothing has any effect.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import optimize, special

from allyouneed.evaluation.significance import Interval

NODES = 96  # over the spread; twice as many move no seventh digit


def against_one(
    rows: Mapping[str, Sequence[float]], base: Sequence[float], *, level: float = 0.95
) -> dict[str, Interval]:
    """How far each row's mean lies above that of `base`: intervals that hold together.

    The spread is pooled over all groups, which supposes that it is the same in each.

    Args:
        rows: the scores of each row, one for each seed.
        base: those of what all rows are compared with.
        level: how often all the intervals cover their true differences at once.

    Raises:
        ValueError: no rows, an empty one, all with a single score, a score that is no
            finite number, or a level outside 0 to 1.

    >>> found = against_one({"new": [3, 4, 5], "odd": [1, 2, 3]}, [1, 2, 3])
    >>> round(found["new"].low, 2), round(found["new"].high, 2)
    (-0.34, 4.34)
    """
    groups = {**rows, "base": base} if "base" not in rows else {}
    freedom = sum(len(scores) - 1 for scores in groups.values())
    if not rows or freedom < 1 or min(map(len, groups.values())) < 1:
        sizes = {name: len(scores) for name, scores in groups.items()}
        raise ValueError(f"{sizes=}: give rows but base, and several scores of each")
    if not all(math.isfinite(x) for scores in groups.values() for x in scores):
        raise ValueError("a score is no finite number: leave out seeds without one")
    squares = sum(float(np.var(x)) * len(x) for x in groups.values())
    spread = math.sqrt(squares / freedom)
    counts = [len(scores) for scores in rows.values()]
    errors = errors_reached(counts, len(base), freedom=freedom, level=level)
    found = {}
    for name, scores in rows.items():
        reach = errors * spread * math.sqrt(1 / len(scores) + 1 / len(base))
        mean = float(np.mean(scores) - np.mean(base))
        found[name] = Interval(mean, mean - reach, mean + reach, len(scores))
    return found


def errors_reached(
    sizes: Sequence[int], base: int, *, freedom: float = math.inf, level: float = 0.95
) -> float:
    """To how many standard errors such an interval reaches on either side.

    Args:
        sizes: how many scores each row has.
        base: how many scores the base has.
        freedom: degrees of freedom of the pooled spread; infinite if it is known.
        level: how often the largest of all differences stays within.

    Raises:
        ValueError: a size or `freedom` is below 1, or `level` is not between 0 and 1.

    >>> round(errors_reached([3], 3, freedom=4), 3)  # Student's, for a single row
    2.776
    """
    if not sizes or min(*sizes, base, freedom) < 1 or not 0 < level < 1:
        raise ValueError(
            f"{sizes=}, {base=}, {freedom=}, {level=}: give 1 or more, and a share"
        )
    shared = np.sqrt(np.array(sizes) / (np.array(sizes) + base))[:, None, None]
    alone = np.sqrt(1 - shared**2)
    luck = np.arange(-8, 8, alone.min() / 2)  # of the base, for all
    weight = np.exp(-(luck**2) / 2)
    scale, odds = _scales(freedom)

    def surplus(log: float) -> float:
        far = math.exp(log) * scale[:, None]
        ends = (sign * far + shared * luck for sign in (1, -1))
        above, below = (special.ndtr(end / alone) for end in ends)
        within = (above - below).prod(0) @ weight / weight.sum()
        return float(odds @ within) - level

    return math.exp(optimize.brentq(surplus, -14, 25))


def _scales(freedom: float) -> tuple[np.ndarray, np.ndarray]:
    """By what factor the pooled spread misses the truth, and how often."""
    if math.isinf(freedom):
        return np.ones(1), np.ones(1)
    most = 4.3 / math.sqrt(freedom)
    log = np.linspace(-19 / freedom - most, most, NODES)
    odds = np.exp(freedom * (log - np.expm1(2 * log) / 2))  # chi's density, over logs
    return np.exp(log), odds / odds.sum()
