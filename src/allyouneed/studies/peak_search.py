"""A peak rate for each row of a contest, from a pilot on a seed of its own.

The grid of a row grows by one peak for as long as its best one is at an edge. What is
recorded decides, so the pilot is run again until nothing is left of it.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from allyouneed.studies import records
from allyouneed.studies.translation_study import Study

Losses = dict[tuple[str, float], float]


def pilot(rows: Sequence[Study], name: str, peaks: Sequence[float]) -> list[Study]:
    """Every row at every peak rate; one more at an edge where the best of a row is.

    Args:
        rows: each with a name of its own.
        name: of the pilot's recording.
        peaks: of every row, in rising order.
    """
    losses = _losses(name)
    return [_at(row, peak) for row in rows for peak in _grid(row.row, losses, peaks)]


def best(rows: Sequence[Study], name: str, peaks: Sequence[float]) -> dict[str, float]:
    """For each row the peak with the smallest loss on `valid` at the pilot's end.

    Raises:
        ValueError: the pilot is not recorded to its end.
    """
    losses = _losses(name)
    tried = [(r.row, peak) for r in rows for peak in _grid(r.row, losses, peaks)]
    if missing := [trial for trial in tried if trial not in losses]:
        raise ValueError(
            f"the pilot lacks {len(missing)} of {len(tried)} trials, such as "
            f"{missing[0]}: record {name} first"
        )
    chosen = dict(sorted(tried, key=losses.__getitem__, reverse=True))  # the last stays
    return {row.row: chosen[row.row] for row in rows}


def contest(rows: Sequence[Study], name: str, peaks: Sequence[float]) -> list[Study]:
    """Every row at its `best` peak.

    Raises:
        ValueError: the pilot is not recorded to its end.
    """
    chosen = best(rows, name, peaks)
    return [_at(row, chosen[row.row]) for row in rows]


def _grid(row: str, losses: Losses, peaks: Sequence[float]) -> list[float]:
    grid = [*peaks]
    while all((row, peak) in losses for peak in grid):
        best = min(grid, key=lambda peak: losses[row, peak])
        if best == grid[-1]:
            grid.append(2 * best)
        elif best == grid[0]:
            grid.insert(0, best / 2)
        else:
            break
    return grid


def _losses(name: str) -> Losses:
    """Of each recorded trial of the pilot the loss at its end, by row and peak."""
    lines = records.recorded(name) if name in records.names() else []
    return {
        (line["config"]["row"], line["config"]["training"]["peak"]): _loss(line)
        for line in lines
    }


def _loss(line: dict[str, Any]) -> float:
    """Its loss at the end; a training that broke off has none."""
    return float(line["metrics"].get("valid_loss", math.inf))


def _at(row: Study, peak: float) -> Study:
    training = dataclasses.replace(row.training, peak=peak)
    return dataclasses.replace(row, training=training)
