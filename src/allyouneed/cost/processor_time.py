"""What a piece of work takes of the processor, however busy the machine is.

A clock on the wall also counts the time in which other programs had the core. Use this
where a verdict hangs on a ratio, and `measure.side_by_side` where a reader has to wait.
"""

import time
from collections.abc import Mapping

import torch

from allyouneed.cost.measure import Work, side_by_side

SHORTEST = 1e-7  # what a clock shows as no time at all counts as this


def processor_seconds(
    works: Mapping[str, Work],
    *,
    device: torch.device,
    rounds: int = 5,
    least: float = 0.002,
) -> dict[str, list[float]]:
    """Processor seconds of one call of each work, round by round, taking turns.

    All threads of this process are counted together. What disturbs a machine only adds
    to them, so the fewest of several rounds say what a call takes. On a GPU, whose work
    no processor clock sees, these are the seconds of `side_by_side`.

    Raises:
        ValueError: there is no work, or `rounds` is below 1.
    """
    if not works or rounds < 1:
        raise ValueError(f"{len(works)} works, {rounds=}: give at least one of each")
    if device.type != "cpu":
        return side_by_side(works, device=device, rounds=rounds, least=least)
    for work in works.values():
        work()  # what is slow only once does not count
    once = {name: _taken(work, 1) for name, work in works.items()}
    calls = {name: int(least / max(once[name], SHORTEST)) + 1 for name in works}
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(_taken(work, calls[name]))
    return taken


def _taken(work: Work, calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - start) / calls
