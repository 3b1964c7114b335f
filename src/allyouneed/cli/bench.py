"""The command `python -m allyouneed bench`."""

from pathlib import Path

import typer

from allyouneed import cost, ground, studies
from allyouneed.cli import options as given


def bench(
    parts: given.Parts = None,
    device: given.Device = None,
    full: given.Full = False,
    compiled: given.Compiled = False,
    rounds: given.Rounds = 7,
    threads: given.Threads = None,
    out: given.Lines = None,
) -> None:
    """Time the library beside its peers; each comparison becomes a line of a file."""
    if threads:
        import torch

        torch.set_num_threads(threads)
    here = ground.runtime.device(device)
    terms = cost.benchmarks.Terms(
        device=here,
        precision=ground.runtime.FULL if full else ground.runtime.precision(here),
        compiled=compiled,
        rounds=rounds,
    )
    path = out or Path("runs") / "bench.jsonl"
    typer.echo(f"on {ground.runtime.describe(here)}, into {path}")
    for part in parts or cost.benchmarks.PARTS:
        for record in cost.benchmarks.benchmark(part, terms):
            studies.records.append(path, record)
            typer.echo(_told(record))


def _told(record: dict) -> str:
    if "bytes" in record:
        size = f"n = {record['length']}, {record['way']}"
        return f"{record['case']}, {size}: {record['bytes'] / 1e6:,.1f} MB"
    ours, *others = record["seconds"]
    seconds = record["seconds"][ours]
    middle = sorted(seconds)[len(seconds) // 2]
    told = [f"{record['case']}: {ours} {1e3 * middle:.1f} ms"]
    for name in others:
        times = cost.measure.ratio(record["seconds"][name], seconds).median
        told.append(f"{times:.2f} times as fast as {name}")
    return ", ".join(told)
