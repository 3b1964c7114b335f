"""Translators in lanes: how far their losses have come at an equal budget."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from allyouneed.book.drawings.panel import INK, LEARNED, SMALL, STREAM, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

TOP, LANE, LEFT, RIGHT = (
    36,
    46,
    10,
    318,
)  # the first lane, a lane, where lanes begin, end
MOST = 5  # lanes have room


@dataclass(frozen=True)
class Runner:
    """How far one translator has come.

    Attributes:
        loss: on sentences held out.
        spent: what that cost it, on the axis that is not the same for all.
        rising: whether its learning rate still rises: its warm-up.
    """

    loss: float
    spent: str
    rising: bool = False


@dataclass(frozen=True)
class Race:
    """One contest: what is equal in it, and its runners by name.

    Attributes:
        title: what the panel shows.
        runners: a lane for each.
        lit: the one that the drawing is about.
    """

    title: str
    runners: Mapping[str, Runner]
    lit: str

    def __post_init__(self) -> None:
        if self.lit not in self.runners or not 1 < len(self.runners) <= MOST:
            raise ValueError(
                f"lit={self.lit!r}, {len(self.runners)} runners: give 2 to {MOST}, "
                "and light one of them"
            )


def race_lanes(*races: Race, start: float, goal: float) -> Sketch:
    """Draw one or two races from a loss of `start` towards one of `goal`.

    Raises:
        ValueError: no race or more than two, or a loss that lies outside.
    """
    losses = [runner.loss for race in races for runner in race.runners.values()]
    if not 1 <= len(races) <= 2 or not start >= max(losses) >= min(losses) >= goal:
        raise ValueError(
            f"{len(races)} races with {losses=}, {start=}, {goal=}: give one or two, "
            "and ends around all losses"
        )
    told = "; ".join(f"{race.title}: {_ranked(race)}" for race in races)
    alt = (
        "Translators in lanes, the further to the right the lower the loss. "
        f"{told}, from the front. A hollow runner is still in its warm-up."
    )
    return sketch(*(_panel(race, start, goal) for race in races), alt=alt)


def _ranked(race: Race) -> str:
    """Its runners, from the front."""
    return ", ".join(sorted(race.runners, key=lambda name: race.runners[name].loss))


def _panel(race: Race, start: float, goal: float) -> Panel:
    ground = TOP + LANE * len(race.runners)
    panel = Panel(360, ground + 46, title=race.title)

    def place(loss: float) -> float:
        return LEFT + (RIGHT - LEFT) * (start - loss) / (start - goal)

    for lane, (name, runner) in enumerate(race.runners.items()):
        y = TOP + LANE * lane
        role = LEARNED if name == race.lit else INK
        panel.text(LEFT - 6, y + 13, name, align="start", bold=name == race.lit)
        panel.text(352, y + 13, runner.spent, size=SMALL, align="end", faint=True)
        _run(panel, y + 28, place(runner.loss), runner, role)
    for mark in range(math.ceil(goal), math.floor(start) + 1):
        panel.wire((place(mark), ground), (place(mark), ground + 6), head=False)
        panel.text(place(mark), ground + 19, str(mark), size=SMALL)
    panel.wire((LEFT, ground), (RIGHT, ground), head=False)
    panel.text(
        LEFT - 6,
        ground + 38,
        "loss in nats: lower is further",
        size=SMALL,
        align="start",
    )
    return panel


def _run(panel: Panel, y: float, x: float, runner: Runner, role: str) -> None:
    """A lane, what has been run of it, and who runs."""
    if x + 44 < RIGHT:
        panel.wire((x + 44, y), (RIGHT, y), head=False, faint=0.3)
    if x > LEFT + 8:
        panel.wire(
            (LEFT, y), (x - 7, y), role=role, width=STREAM, head=False, faint=0.7
        )
    look = {"fill": "none", "stroke": role} if runner.rising else {"fill": role}
    panel.shape("circle", cx=x, cy=y, r=6.5, **look)
    panel.text(x + 11, y + 4, f"{runner.loss:.2f}", size=SMALL, align="start")
