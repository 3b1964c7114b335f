"""What a piece of work costs: time, operations, memory, and what the machine could do.

A `work` is a function without arguments. Its own preparation does not count if it was
done before; a GPU is waited for. One measurement is none: each comes with its spread.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from timeit import Timer
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy import stats
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode, conv_flop_count

from allyouneed.cost.memory import Work
from allyouneed.cost.memory import peak_bytes as peak_bytes
from allyouneed.ground import runtime

CPU = torch.device("cpu")
LONG = 0.2  # seconds of a call to which cold caches are nothing


class Turn(NamedTuple):
    """Seconds of one call: on the wall's clock, and of all processors it kept busy."""

    seconds: float
    processor: float


@dataclass(frozen=True)
class Timing:
    """Seconds of one call, or a ratio of two: median and quartiles over the rounds."""

    median: float
    low: float
    high: float
    repeats: int


@dataclass(frozen=True)
class Fit:
    """The power of the size that the time follows, and its 95% interval."""

    slope: float
    low: float
    high: float


@dataclass(frozen=True)
class Ceilings:
    """The most this machine does in a second: operations, and bytes read or written."""

    matmul_flops: float
    copy_bytes: float


def timed(
    work: Work, *, device: torch.device, rounds: int = 7, least: float = 0.05
) -> Timing:
    """Seconds that one call takes; every round runs for `least` seconds or more.

    Raises:
        ValueError: `rounds` is below 1.

    >>> timed(lambda: sum(range(99)), device=CPU, rounds=3, least=0.001).repeats
    3
    """
    works = {"work": work}
    return _spread(
        side_by_side(works, device=device, rounds=rounds, least=least)["work"]
    )


def side_by_side(
    works: Mapping[str, Work],
    *,
    device: torch.device,
    rounds: int = 7,
    least: float = 0.05,
) -> dict[str, list[float]]:
    """Seconds of one call of each work, round by round: those of `turns`.

    Raises:
        ValueError: there is no work, or `rounds` is below 1.
    """
    taken = turns(works, device=device, rounds=rounds, least=least)
    return {name: [turn.seconds for turn in own] for name, own in taken.items()}


def turns(
    works: Mapping[str, Work],
    *,
    device: torch.device,
    rounds: int = 7,
    least: float = 0.05,
) -> dict[str, list[Turn]]:
    """What one call of each work takes, round by round, on equal terms.

    In a round every work has its turn of `least` seconds or more, and the first of a
    round is the last of the next: what slows the machine for a while slows them all.
    Compare with `ratio`.

    Raises:
        ValueError: there is no work, or `rounds` is below 1.
    """
    if not works or rounds < 1:
        raise ValueError(f"{len(works)} works, {rounds=}: give at least one of each")
    taken: dict[str, list[Turn]] = {name: [] for name in works}
    once = {name: _turn(work, device, 0.0).seconds for name, work in works.items()}
    order = list(works)
    for _ in range(rounds):
        for name in order:
            turn = _turn(works[name], device, least, once=once[name])
            taken[name].append(turn)
        order = order[1:] + order[:1]
    return taken


def ratio(a: Sequence[float], b: Sequence[float]) -> Timing:
    """How many times `b` is `a`, round by round: the pairs of one `side_by_side`.

    Raises:
        ValueError: they have not the same number of rounds, or none.

    >>> ratio([2.0, 6.0, 9.0], [1.0, 2.0, 3.0])
    Timing(median=3.0, low=2.5, high=3.0, repeats=3)
    """
    if len(a) != len(b) or not len(a):
        raise ValueError(f"{len(a)=}, {len(b)=}: give two lists of the same rounds")
    return _spread([x / y for x, y in zip(a, b, strict=True)])


def exponent(sizes: Sequence[float], seconds: Sequence[Sequence[float]]) -> Fit:
    """The power p in seconds ~ size ** p: a straight line on logarithmic axes.

    Args:
        sizes: of the work, at least two.
        seconds: for each size its rounds, as `side_by_side` has them. Each round gives
            a slope; the interval is Student's for the mean of these slopes.

    Raises:
        ValueError: fewer than two sizes or rounds, or not as many rounds at each size.

    >>> found = exponent([1, 2, 4], [[1.0, 1.1], [4.0, 4.4], [16.0, 17.6]])
    >>> round(found.slope, 6)
    2.0
    """
    rounds = sorted({len(row) for row in seconds})
    alike = len(rounds) == 1 and rounds[0] > 1 and len(sizes) == len(seconds)
    if not alike or len(set(sizes)) < 2:
        raise ValueError(
            f"{len(sizes)} sizes, {len(seconds)} rows of {rounds=}: give two different "
            "sizes or more, and as many rows, all of the same two rounds or more"
        )
    slopes = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    mean = float(slopes.mean())
    reach = float(stats.t.ppf(0.975, len(slopes) - 1) * stats.sem(slopes))
    return Fit(mean, mean - reach, mean + reach)


def flops(work: Work) -> int:
    """Operations in the matrix products and convolutions that `work` does.

    A multiplication and its addition are two, as PyTorch's counter counts. Attention
    is counted as its two matrix products, all places of the mask included, with any
    kernel; so are recurrent layers.

    >>> flops(lambda: torch.ones(2, 3) @ torch.ones(3, 5))
    60
    """
    # The counter knows no fused kernel of the CPU; with groups it is wrong backwards.
    own = {torch.ops.aten.convolution_backward: _convolution_backward}
    counter = FlopCounterMode(display=False, custom_mapping=own)
    onednn: Any = torch.backends.mkldnn
    before, onednn.enabled = onednn.enabled, False
    try:
        with sdpa_kernel(SDPBackend.MATH), counter:
            work()
    finally:
        onednn.enabled = before
    return counter.get_total_flops()


def large_product(
    device: torch.device, precision: runtime.Precision
) -> tuple[Work, int]:
    """A matrix product at which `device` is at its best, and its operations."""
    size = 512 if device.type == "cpu" else 8192
    a, b = torch.randn(2, size, size, device=device)

    def work() -> None:
        with runtime.autocast(device, precision):
            _ = a @ b

    return work, 2 * size**3


def ceilings(device: torch.device, precision: runtime.Precision) -> Ceilings:
    """What `device` does at most, measured now: matrix products, and copies.

    A copy reads each byte and writes it, so it counts twice.
    """
    elements = 2**24 if device.type == "cpu" else 2**28
    source = torch.ones(elements, device=device)
    copy = torch.empty_like(source)
    seconds = timed(partial(copy.copy_, source), device=device).median
    products = runtime.matmul_rate(device, precision, duration=0.5)
    return Ceilings(matmul_flops=products, copy_bytes=2 * source.nbytes / seconds)


def _turn(work: Work, device: torch.device, least: float, *, once: float = 0.0) -> Turn:
    """Of `least` seconds or more, given about how long a call takes (0: not known)."""

    def clocks() -> Any:  # an array, so that the timer can subtract two at once
        return np.array([runtime.seconds(device), time.process_time()])

    if once <= LONG:
        work()  # does not count: its data are still far away
    timer, spent, done = Timer(work, timer=clocks), np.zeros(2), 0
    calls = max(1, math.ceil(least / once)) if once else 1
    while not done or spent[0] < least:
        spent += timer.timeit(calls)
        done += calls
    return Turn(*(spent / done).tolist())


def _spread(values: Sequence[float]) -> Timing:
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
    return Timing(median, low, high, len(values))


def _convolution_backward(
    grad: Any,
    x: Any,
    weight: Any,
    *rest: Any,
    out_shape: Any = None,  # noqa: ARG001
) -> int:
    """For the gradient of the input, and of the weight, as much as forwards."""
    transposed, wanted = rest[4], rest[7]
    return conv_flop_count(x, weight, grad, transposed) * sum(wanted[:2])
