"""Trials for the tests of sweeps: they leave a trace of each time they are begun."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from allyouneed.studies import sweeps

FREE, STUCK = 6, 2


@dataclass(frozen=True, kw_only=True)
class Config:
    number: int
    folder: str
    seed: int = 0


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def squared(config: Config) -> dict[str, Any]:
    """The square; who began it stands in the file `begun`."""
    with (Path(config.folder) / "begun").open("a") as trace:
        trace.write(f"{config.number} {os.getpid()}\n")
    return {"square": config.number**2, "threads": torch.get_num_threads()}


def stumbling(config: Config) -> dict[str, Any]:
    """What only the first configuration survives."""
    found = {0: 1.0, 1: float("nan"), 2: torch.ones(1)}
    return {"number": found[config.number]}


def hanging(config: Config) -> dict[str, Any]:
    """The square, but number 5 hangs the first time it is begun."""
    found = squared(config)
    if [number for number, _ in begun(Path(config.folder))].count(5) == 1:
        time.sleep(60 * (config.number == 5))
    return found


def dying(config: Config) -> dict[str, Any]:
    """The square, but the process of number 2 is killed by the system."""
    if config.number == 2:
        os.kill(os.getpid(), 9)
    return squared(config)


def gated(config: Config) -> dict[str, Any]:
    """The square, but from number `FREE` on not before the file `go` is there."""
    found = squared(config)
    if config.number >= FREE:
        await_go(config)
    return found


def await_go(config: Config) -> None:
    while not (Path(config.folder) / "go").exists():
        time.sleep(0.02)


def in_parts(config: Config, folder: Path | None = None) -> dict[str, Any]:
    """Ten parts, each saved; how many of them this process did not have to do.

    Number 0 waits for the file `go`. Whoever begins number `STUCK` gets as far as its
    fifth part, leaves its process number in the file `stuck`, and has to be killed.
    """
    if config.number == 0:
        await_go(config)
    saved = folder / "part" if folder else Path(os.devnull)
    saved.parent.mkdir(parents=True, exist_ok=True)
    done = int(saved.read_text() or 0) if saved.is_file() else 0
    for part in range(done + 1, 11):
        saved.write_text(str(part))
        if config.number == STUCK and part == 5:
            (Path(config.folder) / "stuck").write_text(str(os.getpid()))
            time.sleep(3600)
    return squared(config) | {"found": done}


def delegating(config: Config) -> dict[str, Any]:
    """What a process of its own computes for half a second."""
    work = "import time\nwhile time.process_time() < 0.5: pass"
    subprocess.run([sys.executable, "-c", work], check=True)
    return {"number": config.number}


def configs(folder: Path, count: int) -> list[Config]:
    return [Config(number=n, folder=str(folder)) for n in range(count)]


def begun(folder: Path) -> list[tuple[int, int]]:
    """Which trials were begun, in order, and by which processes."""
    path = folder / "begun"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(int(number), int(pid)) for number, pid in map(str.split, lines)]


if __name__ == "__main__":  # a sweep of its own, to be killed
    here, runs = Path(sys.argv[1]), Path(sys.argv[1]) / "runs.jsonl"
    if sys.argv[2:] == ["together"]:
        several = configs(here, 8)
        list(sweeps.sweep(in_parts, several, path=runs, together=here / "shared"))
    else:
        list(sweeps.sweep(gated, configs(here, 40), path=runs, workers=2))
