"""A trial: from a configuration to metrics, known by a key, run with one thread.

It is a function that stands in a module, so that other processes find it. From a
configuration, a frozen dataclass with a `seed`, it makes metrics that JSON can hold.
"""

import dataclasses
import hashlib
import json
import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

import torch

from allyouneed.ground import runtime
from allyouneed.ground.configurations import stated


class Config(Protocol):
    """A frozen dataclass with the seed of all that its trial draws by chance."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def seed(self) -> int:
        """Of parameters and data."""


Trial = Callable[..., Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A trial that ended: its line in the file, or the error that it ended with.

    Attributes:
        record: the line; None if the trial failed, then nothing is written.
        error: the traceback; "" if it did not fail.
    """

    key: str
    config: Any
    record: dict[str, Any] | None = None
    error: str = ""


def key(trial: Trial, config: Config) -> str:
    """Sixteen hexadecimal digits, the same in every process, for what a trial does."""
    text = json.dumps([trial.__qualname__, described(config)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def described(value: Any) -> Any:
    """The value in JSON; a dataclass is its fields and its name.

    A field marked as `LATER` counts only where it is set (`stated`): so a configuration
    keeps the key that it had before the field came in.

    >>> from allyouneed.data.tasks import Copy
    >>> described(Copy(length=4))
    {'name': 'Copy', 'symbols': 8, 'length': 4}
    """
    if dataclasses.is_dataclass(value):
        return {"name": type(value).__name__} | described(stated(value))
    if isinstance(value, Mapping):
        return {name: described(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [described(item) for item in value]
    return value


def attempt(trial: Trial, config: Config, folder: Path | None = None) -> Outcome:
    """Run one trial with one thread, here and now; an exception is its outcome.

    `device`, if the configuration has one, says where it runs; else that is the CPU.
    A trial that can go on after a kill takes a `folder`, and finds there what it saved.
    """
    name, own = key(trial, config), {"folder": folder} if folder else {}
    wall, cpu = time.perf_counter(), _processor()
    try:
        with _one_thread():
            record = {
                "key": name,
                "trial": trial.__qualname__,
                "config": described(config),
                "seed": config.seed,
                "metrics": dict(trial(config, **own)),
                "cpu_seconds": round(_processor() - cpu, 2),
                "wall_seconds": round(time.perf_counter() - wall, 2),
                "provenance": runtime.provenance(_device(config)),
                "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            }
        json.dumps(record, allow_nan=False)  # else the writer would fail with it
    except Exception:
        return Outcome(key=name, config=config, error=traceback.format_exc())
    return Outcome(key=name, config=config, record=record)


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _device(config: Config) -> torch.device:
    return torch.device(getattr(config, "device", None) or "cpu")


def _processor() -> float:
    """Seconds of processor time: this process's, and of those it has waited for."""
    return sum(os.times()[:4])
