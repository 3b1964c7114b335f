"""What each `record_*.py` does: take a few words, sweep, and tell how it goes."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import allyouneed
from allyouneed.sweeps import Config, Trial, sweep

FOLDER = Path(allyouneed.__file__).parent / "records"


def command(about: str, record: Path) -> argparse.ArgumentParser:
    """The words that all of them take; `about` is the tool's docstring."""
    words = argparse.ArgumentParser(description=about.partition("\n")[0])
    words.add_argument("--seeds", type=int, default=3)
    words.add_argument("--workers", type=int, default=1)
    words.add_argument("--record", type=Path, default=record)
    return words


def record(trial: Trial, configs: Iterable[Config], given: argparse.Namespace) -> None:
    """Do what has no line yet; end with an error if a trial did."""
    failed = 0
    outcomes = sweep(trial, configs, path=given.record, workers=given.workers)
    for outcome in outcomes:
        failed += bool(outcome.error)
        told = outcome.record["metrics"] if outcome.record else outcome.error
        print(outcome.config, told, flush=True)
    if failed:
        sys.exit(f"{failed} trials failed, the same command tries them again")
