"""What each `record_*.py` does: take a few words, sweep, and tell how it goes."""

import argparse
import functools
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import allyouneed
from allyouneed.studies import records
from allyouneed.studies.sweeps import sweep
from allyouneed.studies.trials import Config, Trial

FOLDER = Path(allyouneed.__file__).parent / "records"


def command(about: str, record: Path) -> argparse.ArgumentParser:
    """The words that all of them take; `about` is the tool's docstring."""
    words = argparse.ArgumentParser(description=about.partition("\n")[0])
    words.add_argument("--seeds", type=int, default=3)
    words.add_argument("--workers", type=int, default=1)
    words.add_argument("--record", "--out", type=Path, default=record)
    words.add_argument(
        "--together", type=Path, help="folder of several that share the work"
    )
    return words


def run(
    about: str,
    path: Path,
    trial: Trial,
    configs: Callable[[int], Iterable[Config]],
    *,
    keeps: bool = False,
) -> None:
    """A whole tool: its words, then all `configs` of so many seeds.

    A trial that `keeps` takes a folder `keep` for what it trained, if one is given.
    """
    words = command(about, path)
    if keeps:
        words.add_argument("--keep", type=Path, help="folder for what is trained")
    given = words.parse_args()
    if keeps:
        kept = functools.partial(trial, keep=given.keep)
        trial = functools.update_wrapper(kept, trial)  # a trial goes by its name
    record(trial, configs(given.seeds), given)


def record(trial: Trial, configs: Iterable[Config], given: argparse.Namespace) -> None:
    """Do what has no line yet; end with an error if a trial did."""
    failed = 0
    outcomes = sweep(
        trial,
        configs,
        path=given.record,
        workers=given.workers,
        together=given.together,
    )
    for outcome in outcomes:
        failed += bool(outcome.error)
        told = outcome.record["metrics"] if outcome.record else outcome.error
        print(outcome.config, told, flush=True)
    if failed:
        sys.exit(f"{failed} trials failed, the same command tries them again")


def chosen(
    path: Path, who: Callable[[dict[str, Any]], str], *, seed: int
) -> dict[str, float]:
    """The rate with the lowest `loss` for each contestant, from the lines of a seed.

    Raises:
        SystemExit: the best is at the edge of its grid: let the grid grow.
    """
    losses: dict[str, dict[float, float]] = {}
    for line in records.read(path):
        if line["seed"] == seed:
            rates = losses.setdefault(who(line["config"]), {})
            rates[line["config"]["rate"]] = line["metrics"]["loss"]
    found = {name: min(rates, key=rates.__getitem__) for name, rates in losses.items()}
    for name, rate in found.items():
        if rate in (min(losses[name]), max(losses[name])):
            sys.exit(f"{name}: best at {rate:g}, the edge of {sorted(losses[name])}")
    return found
