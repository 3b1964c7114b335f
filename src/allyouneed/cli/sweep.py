"""The command `python -m allyouneed sweep`."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import typer

from allyouneed import ground, studies
from allyouneed.cli import options as given


def sweep(
    name: given.Tried,
    cluster: given.Cluster = None,
    workers: given.Workers = 1,
    seeds: given.Seeds = 3,
    first_seed: given.FirstSeed = 0,
    device: given.Device = None,
    out: given.Lines = None,
    together: given.Together = None,
) -> None:
    """Do the trials of a grid that are not done yet; each becomes a line of a file."""
    grid, path = name.grid(), out or Path("runs") / f"{name}.jsonl"
    configs = grid.seeded(range(first_seed, first_seed + seeds))
    if device:
        device = str(ground.runtime.device(device))
        configs = [_placed(config, device) for config in configs]
    left = len(studies.sweeps.pending(grid.trial, configs, path, together=together))
    typer.echo(f"{left} of {len(configs)} trials to do, into {path}")
    outcomes = studies.sweeps.sweep(
        grid.trial,
        configs,
        path=path,
        workers=workers,
        cluster=cluster,
        together=together,
    )
    failed = 0
    for number, outcome in enumerate(outcomes, 1):
        failed += bool(outcome.error)
        typer.echo(f"{number}/{left}  {_told(outcome)}", err=bool(outcome.error))
    if failed:
        typer.echo(f"error: {failed} trials failed, the same command retries", err=True)
        raise typer.Exit(1)


def _placed(config: studies.sweeps.Config, device: str) -> studies.sweeps.Config:
    if not hasattr(config, "device"):
        raise ValueError(f"--device {device}: its trials know no device, leave it out")
    if device == "cpu" and config.device is None:
        return config  # it means the same, and a trial goes by what it says
    return dataclasses.replace(config, device=device)


def _told(outcome: studies.sweeps.Outcome) -> str:
    if outcome.record is None:
        return f"{outcome.config}\n{outcome.error}"
    numbers = {
        k: v for k, v in outcome.record["metrics"].items() if isinstance(v, float | int)
    }
    told = ", ".join(f"{name} {number:.4g}" for name, number in numbers.items())
    return f"{outcome.key}  {told}  {outcome.record['cpu_seconds']} s of CPU"
