"""What each `record_*.py` does: take a few words, sweep, and tell how it goes."""

import argparse
import functools
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import allyouneed
from allyouneed.studies import records
from allyouneed.studies.sweeps import pending, sweep
from allyouneed.studies.trials import Config, Trial, key

FOLDER = Path(allyouneed.__file__).parent / "records"
LADDER = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)  # of rates
TUNING = 100  # the seed of a search for rates, not used again
PAUSE = 5.0  # seconds between two looks at what another is at


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
    pilot: Callable[[], Iterable[Config]] | None = None,
) -> None:
    """A whole tool: its words, then all `configs` of so many seeds.

    A trial that `keeps` takes a folder `keep` for what it trained, if one is given. A
    `pilot` takes their place where asked for, and has a file of its own.
    """
    words = command(about, path)
    if pilot:
        words.add_argument("--pilot", action="store_true", help="only find the rates")
    if keeps:
        words.add_argument("--keep", type=Path, help="folder for what is trained")
    given = words.parse_args()
    if keeps:
        kept = functools.partial(trial, keep=given.keep)
        trial = functools.update_wrapper(kept, trial)  # a trial goes by its name
    if pilot and given.pilot:
        if given.record == path:
            given.record = path.with_stem(f"{path.stem}-rates")
        record(trial, pilot(), given)
        return
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


def finished(
    trial: Trial, configs: Iterable[Config], given: argparse.Namespace
) -> list[dict[str, Any]]:
    """The lines of all of them, once whoever shares the work has done its part."""
    configs = list(configs)
    record(trial, configs, given)
    while pending(trial, configs, given.record, together=given.together):
        time.sleep(PAUSE)
        record(trial, configs, given)  # what another left when it was killed
    keys = {key(trial, config) for config in configs}
    return [line for line in records.read(given.record) if line.get("key") in keys]


def wider(tried: tuple[int, int], best: int, what: str) -> tuple[int, int]:
    """The part of `LADDER` to try next, if its best rung was at an edge.

    Raises:
        ValueError: the best is the ladder's first or last rung.
    """
    low, high = min(tried[0], best - 1), max(tried[1], best + 1)
    if low < 0 or high == len(LADDER):
        raise ValueError(
            f"{what}: best at {LADDER[best]}, an end of LADDER: lengthen it"
        )
    return low, high


def tuned(
    trial: Trial,
    made: Callable[[str, float], Config],
    starts: dict[str, float],
    given: argparse.Namespace,
) -> dict[str, float]:
    """The rate with the lowest `loss` for each contestant, never at its grid's edge.

    Each begins with three neighbours of `LADDER` around its start; while the best is
    the first or the last of those tried, the next one is tried as well.
    """
    found = {}
    for name, start in starts.items():
        middle = LADDER.index(start)
        low, high = middle - 1, middle + 1
        while name not in found:
            rates = LADDER[low : high + 1]
            looks = [made(name, rate) for rate in rates]
            tried = dict(zip((key(trial, look) for look in looks), rates, strict=True))
            losses = {
                tried[line["key"]]: line["metrics"]["loss"]
                for line in finished(trial, looks, given)
            }
            best = LADDER.index(min(losses, key=losses.__getitem__))
            if low < best < high:
                found[name] = LADDER[best]
            low, high = wider((low, high), best, name)
    return found
