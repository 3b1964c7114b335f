"""The machine: device, precision, clock, memory, and what a result was made on.

The only module that names CUDA or MPS. Elsewhere device and precision follow from what
is said here, so the same code runs on a laptop and on a large GPU.
"""

import os
import platform
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import metadata
from pathlib import Path
from typing import Literal

import torch

from allyouneed.ground.checkout import commit as commit
from allyouneed.ground.checkout import output
from allyouneed.ground.installation import Installation, read_nvcc

Precision = Literal["fp32", "bf16", "fp16"]
FULL: Precision = "fp32"

LIBRARIES = (
    "allyouneed",
    "torch",
    "numpy",
    "safetensors",
    "sentencepiece",
    "sacrebleu",
)


def device(name: str | None = None) -> torch.device:
    """Pick the device called `name`, else the best at hand: CUDA, then MPS, then CPU.

    Raises:
        ValueError: there is no device `name` here.
    """
    found = {"cuda": torch.cuda.is_available(), "mps": torch.mps.is_available()}
    if name is None:
        return torch.device(next((kind for kind, here in found.items() if here), "cpu"))
    try:
        chosen = torch.device(name)
    except RuntimeError:
        chosen = None
    here = [*(kind for kind, is_here in found.items() if is_here), "cpu"]
    if (
        chosen is None
        or chosen.type not in here
        or (chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count())
    ):
        raise ValueError(f"device {name=} is not here: choose from {', '.join(here)}")
    return chosen


def precision(device: torch.device) -> Precision:
    """Name the arithmetic that trains fastest on `device` without losing quality.

    bf16 where the GPU computes it (compute capability 8 or more), fp16 on older ones
    such as a T4, which only emulate bf16, and fp32 everywhere else.
    """
    if device.type != "cuda":
        return "fp32"
    return "bf16" if torch.cuda.get_device_capability(device)[0] >= 8 else "fp16"


def fuses(device: torch.device) -> bool:
    """Tell whether PyTorch's optimizers have one kernel for all parameters here."""
    return device.type in ("cuda", "cpu")


def pins(device: torch.device) -> bool:
    """Tell whether the device fetches from pinned memory while it computes."""
    return device.type == "cuda"


def autocast(
    device: torch.device, precision: Precision
) -> AbstractContextManager[object]:
    """Run the block's matrix products in `precision`, the rest where it is safe."""
    dtype = torch.float16 if precision == "fp16" else torch.bfloat16
    return torch.autocast(device.type, dtype, enabled=precision != "fp32")


@contextmanager
def seeded(device: torch.device, seed: int) -> Iterator[None]:
    """Draw chance (dropout) from `seed` inside the block, and leave no trace of it.

    >>> with seeded(torch.device("cpu"), 1):
    ...     first = torch.rand(1)
    >>> with seeded(torch.device("cpu"), 1):
    ...     print(torch.equal(first, torch.rand(1)))
    True
    """
    gpus = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(gpus):
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        elif device.type == "mps":
            torch.mps.manual_seed(seed)  # cannot be forked: here the trace stays
        yield


def synchronise(device: torch.device) -> None:
    """Wait until everything queued on `device` is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def seconds(device: torch.device) -> float:
    """Read a clock, once everything queued on `device` is done.

    Only differences mean something: `start = seconds(device)`, work, then
    `seconds(device) - start`.
    """
    synchronise(device)
    return time.perf_counter()


def peak_bytes(device: torch.device, *, reset: bool = False) -> int | None:
    """Tell how much memory was in use at most: of the GPU, or of this process.

    Counted since the last `reset=True`; a CPU's count starts with the process. MPS
    keeps no record of a peak, so there it is what is in use now. None where the system
    does not say (Windows).
    """
    if device.type == "cuda":
        peak = torch.cuda.max_memory_allocated(device)
        if reset:
            torch.cuda.reset_peak_memory_stats(device)
        return peak
    if device.type == "mps":
        return torch.mps.current_allocated_memory()
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def matmul_rate(
    device: torch.device, precision: Precision, *, duration: float = 1.0
) -> float:
    """Measure the floating-point operations per second of a large matrix product."""
    size = 512 if device.type == "cpu" else 8192
    a, b = torch.randn(2, size, size, device=device)
    with autocast(device, precision):
        a @ b  # the first call loads the kernel
        start, products = seconds(device), 0
        while seconds(device) - start < duration:
            a @ b
            products += 1
    return 2 * size**3 * products / (seconds(device) - start)


def name(device: torch.device) -> str:
    """Name the chip, as its maker does.

    >>> name(torch.device("cpu")) != ""
    True
    """
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return f"Apple GPU ({platform.machine()})"
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(
        r"model name\s*:\s*(.+)", cpuinfo.read_text() if cpuinfo.exists() else ""
    )
    return model[1] if model else platform.processor() or platform.machine()


def memory_bytes(device: torch.device) -> int | None:
    """Tell how much memory there is: the GPU's own, or the machine's."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    if device.type == "mps":
        return torch.mps.recommended_max_memory()
    if not hasattr(os, "sysconf"):
        return None
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def describe(device: torch.device) -> str:
    """Say in one line what this runs on: chip, memory or threads, torch, precision."""
    if device.type == "cpu":
        size = f"{torch.get_num_threads()} threads"
    else:
        size = f"{(memory_bytes(device) or 0) / 1e9:.0f} GB"
    return f"{name(device)}, {size}, torch {torch.__version__}, {precision(device)}"


def provenance(device: torch.device) -> dict[str, object]:
    """Say what a result was made on and with, for its record; all of it JSON."""
    return {
        "device": name(device),
        "device_type": device.type,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "system": platform.system(),
        "versions": {library: version(library) for library in LIBRARIES}
        | {"torch": str(torch.__version__)},  # its metadata may lack the +cu130
        "cuda_version": torch.version.cuda,
        "commit": commit(),
    }


def installation() -> Installation:
    """Ask this machine for its driver, its toolkit, and the PyTorch that runs here."""
    nvcc = output("nvcc", "--version")
    return Installation(
        torch=str(torch.__version__),
        smi=output("nvidia-smi", even_failed=True),
        built_for=torch.version.cuda,
        usable=torch.cuda.is_available(),
        toolkit=read_nvcc(nvcc) if nvcc else None,
        windows=platform.system() == "Windows",
        wsl="microsoft" in platform.release().lower(),
    )


def version(library: str) -> str | None:
    """Of an installed library; None if it is not there."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None
