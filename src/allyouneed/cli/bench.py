"""The command `python -m allyouneed bench`."""

from pathlib import Path
from statistics import median

import typer

from allyouneed import cost, ground, studies
from allyouneed.cli import options as given


def bench(
    parts: given.Parts = None,
    device: given.Device = None,
    full: given.Full = False,
    compiled: given.Compiled = False,
    rounds: given.Rounds = 15,
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
    if "equal" in record:
        told = [f"{who} {share:.1%}" for who, share in record["equal"].items()]
        return f"{record['case']}, equal to ours: {', '.join(told)}"
    ours, *others = record["seconds"]
    told = [f"{record['case']}: {ours} {1e3 * median(record['seconds'][ours]):.1f} ms"]
    for name in others:
        wall, processor = (
            cost.measure.ratio(record[kind][name], record[kind][ours]).median
            for kind in ("seconds", "processor_seconds")
        )
        told.append(
            f"{wall:.2f} times as fast as {name} ({processor:.2f} by processor)"
        )
    return ", ".join(told)
