"""How much memory a piece of work takes: a function without arguments."""

import multiprocessing
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import torch

from allyouneed.ground import runtime

Work = Callable[[], object]
STATUS = Path("/proc/self/status")


def peak_bytes(work: Work, *, device: torch.device) -> int:
    """How much more memory is in use at the worst moment of `work` than before it.

    On a GPU as its allocator counts; on a CPU in a process of its own, by what the
    system has given it, so a few million bytes of buffers come on top.

    Raises:
        ValueError: on a CPU, `work` cannot be sent to another process.
        RuntimeError: the system does not tell.
    """
    if device.type != "cpu":
        return _peak(work, device)
    try:
        ForkingPickler.dumps(work)
    except Exception as error:  # of three kinds at least
        raise ValueError(
            f"{work=} cannot go to another process: give a function that stands in a "
            "module, its arguments by functools.partial"
        ) from error
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(torch.set_num_threads, torch.get_num_threads())
        return pool.submit(_peak, work, device).result()


def _peak(work: Work, device: torch.device) -> int:
    torch.ones(64, 64, device=device) @ torch.ones(64, 64, device=device)  # its buffers
    runtime.synchronise(device)
    _high_water(device, reset=True)
    before = _high_water(device)
    work()
    runtime.synchronise(device)
    return _high_water(device) - before


def _high_water(device: torch.device, *, reset: bool = False) -> int:
    # What `runtime` reads counts the parent process in, so of Linux we ask its own.
    if device.type == "cpu" and STATUS.exists():
        return 1024 * int(re.findall(r"VmHWM:\s*(\d+)", STATUS.read_text())[0])
    peak = runtime.peak_bytes(device, reset=reset)
    if peak is None:
        raise RuntimeError("this system does not tell how much memory was in use")
    return peak
