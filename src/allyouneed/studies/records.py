"""Records of runs: kept as lines of JSON, read back, shown while they come.

A loop hands out records and does nothing else; what follows here passes them on
unchanged, so that the uses chain: `for step in progress(train(...), total=1000)`.
"""

import dataclasses
import errno
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from importlib import resources
from io import FileIO
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from tqdm.auto import tqdm

from allyouneed.ground.plain_text import lines_of

FOLDER = resources.files("allyouneed") / "records"


class Step(Protocol):
    """A frozen dataclass that says where training stands (see `training.Step`)."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def step(self) -> int:
        """Updates so far."""

    @property
    def loss(self) -> float:
        """Of this update's batch."""


S = TypeVar("S", bound=Step)


def append(path: Path, record: dict[str, Any]) -> None:
    """Add `record` to the file as one line of JSON, whole or not at all.

    Several processes may append to one file. A line cut short by a crash stays what it
    is and does not swallow this one.

    Raises:
        ValueError: the record holds what JSON cannot, a NaN for one.
        OSError: the disk is full or the file read-only; it stays as it was.
    """
    line = json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else "\n" + line
        _write(file, line.encode(), path)
        os.fsync(file.fileno())


def _write(file: FileIO, content: bytes, path: Path) -> None:
    """Write in one call, for others append too; what a full disk cuts is taken back."""
    written = file.write(content)
    if written == len(content):
        return
    end = file.tell()
    if os.fstat(file.fileno()).st_size == end:  # else another has written meanwhile
        file.truncate(end - written)
    reason = f"only {written} of {len(content)} bytes fit, is the disk full?"
    raise OSError(errno.ENOSPC, reason, str(path))


def read(path: Path) -> list[dict[str, Any]]:
    """Read all records of a file, oldest first.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a line is no record in JSON; it names file and line.
    """
    found = []
    for number, line in enumerate(lines_of(path.read_bytes(), name=str(path)), 1):
        if not line:
            continue  # of two writers at once, one took the other's line for cut short
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            raise ValueError(
                f"{path}, line {number} is not JSON, perhaps cut short: delete the line"
            ) from None
        if not isinstance(record, dict):
            raise ValueError(f"{path}, line {number} is no record: delete the line")
        found.append(record)
    return found


def recorded(name: str) -> list[dict[str, Any]]:
    """Read the runs that come with the book under `name`.

    Raises:
        ValueError: none go by that name; it lists those that do.
    """
    if name not in (known := names()):
        raise ValueError(f"no records {name=}: choose from {', '.join(known)}")
    with resources.as_file(FOLDER / f"{name}.jsonl") as here:
        return read(here)


def names() -> list[str]:
    """What the runs go by that come with the book."""
    with resources.as_file(FOLDER) as here:
        return sorted(path.stem for path in here.glob("*.jsonl"))


def progress(steps: Iterable[S], *, total: int) -> Iterator[S]:
    """Pass the records on while a bar shows them, in a terminal or a notebook."""
    with tqdm(total=total, unit="step", dynamic_ncols=True) as bar:
        for step in steps:
            bar.update(step.step - bar.n)
            bar.set_postfix(loss=f"{step.loss:.3f}", refresh=False)
            yield step


def tensorboard(steps: Iterable[S], folder: Path) -> Iterator[S]:
    """Pass the records on and write their numbers for TensorBoard into `folder`.

    Raises:
        ModuleNotFoundError: TensorBoard is not installed; it says how to.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            'TensorBoard is not installed: pip install "allyouneed[log]"'
        ) from None
    for first in (steps := iter(steps)):
        # What a killed run wrote after its last checkpoint is written again.
        with SummaryWriter(str(folder), purge_step=first.step) as writer:
            for step in itertools.chain([first], steps):
                for name, value in dataclasses.asdict(step).items():
                    if name != "step":
                        writer.add_scalar(f"train/{name}", value, step.step)
                yield step
