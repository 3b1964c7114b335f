"""The command `python -m allyouneed env`."""

from collections.abc import Iterator

import typer

from allyouneed import ground
from allyouneed.cli import options as given
from allyouneed.ground.diagnosis import diagnose
from allyouneed.ground.installation import Installation, build_of, read_smi
from allyouneed.ground.plain_text import lines_of


def env(
    smi: given.Smi = None, torch: given.Torch = None, wsl: given.Wsl = False
) -> None:
    """Say what this machine offers, whether driver, CUDA and PyTorch fit, what to mend.

    With --smi it explains the saved table of another machine instead.
    """
    if smi is None and (torch or wsl):
        raise ValueError("--torch, --wsl tell of another machine: give its --smi, too")
    if smi is None:
        machine = ground.runtime.installation()
        rows = _environment(machine)
    else:
        text = "\n".join(lines_of(smi.read_bytes(), name=str(smi)))
        read_smi(text)  # says what is wrong with it
        version = torch or "unknown"
        built = build_of(torch) if torch else None
        machine = Installation(torch=version, smi=text, built_for=built, wsl=wsl)
        rows = _versions(machine)
    for name, value in rows:
        typer.echo(f"{name:10} {value}")
    if smi is None or torch:
        for found in diagnose(machine):
            typer.echo(f"{found.kind:10} {found.says}")


def _versions(machine: Installation) -> Iterator[tuple[str, str]]:
    """The four versions that must fit, as far as they are known."""
    try:
        table = read_smi(machine.smi or "")
    except ValueError:
        yield "driver", "none"
    else:
        newest = f", runs CUDA up to {table.newest}" if table.newest else ""
        yield "driver", f"{table.driver}{newest}"
        for gpu in table.gpus:
            yield "GPU", gpu
    yield "toolkit", machine.toolkit or "none"
    yield "torch", machine.torch
    yield "CUDA", f"{machine.built_for or 'none'} (what this torch was built for)"


def _environment(machine: Installation) -> Iterator[tuple[str, str]]:
    device = ground.runtime.device()
    about = ground.runtime.provenance(device)
    inside = " in Windows (WSL)" if machine.wsl else ""
    yield "system", f"{about['system']}{inside}, Python {about['python']}"
    yield from _versions(machine)
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
