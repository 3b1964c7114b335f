"""The command `python -m allyouneed env`."""

from collections.abc import Iterator

import typer

from allyouneed import ground


def env() -> None:
    """Say what this machine offers: driver, CUDA, device, memory, precision, speed."""
    for name, value in _environment():
        typer.echo(f"{name:10} {value}")


def _environment() -> Iterator[tuple[str, str]]:
    import torch

    device = ground.runtime.device()
    about = ground.runtime.provenance(device)
    yield "system", f"{about['system']}, Python {about['python']}"
    yield "driver", ground.runtime.driver() or "none"
    yield "CUDA", f"{about['cuda_version'] or 'none'}"
    yield "torch", torch.__version__
    yield "device", f"{device.type}: {about['device']}"
    memory = ground.runtime.memory_bytes(device)
    yield "memory", f"{memory / 1e9:.1f} GB" if memory else "unknown"
    yield "threads", f"{about['threads']}"
    best = ground.runtime.precision(device)
    yield "precision", best if best == "fp32" else f"{best} and fp32"
    for precision in dict.fromkeys((best, ground.runtime.FULL)):
        rate = ground.runtime.matmul_rate(device, precision) / 1e9
        yield "matmul", f"{rate:,.0f} GFLOP/s in {precision}"
    yield "commit", f"{about['commit'] or 'unknown'}"
