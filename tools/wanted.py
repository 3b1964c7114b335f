"""What the book wants to be recorded: the list, and the lines that are there."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chapter import ROOT

from allyouneed.ground import storage
from allyouneed.studies import records

Check = Callable[[dict[str, Any]], bool]  # of a record
LIST = ROOT / "recordings.toml"


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One entry of the list.

    Attributes:
        name: of the file among the records, without its ending.
        about: what is asked, and what was fixed before the runs.
        readers: the chapters that read it.
        commands: what makes it; each goes on where it was.
        trial: the function that runs, to tell whether it has changed since.
        trials: lines of the whole.
        hours: of one processor core, expected, for the whole.
    """

    name: str
    about: str
    readers: list[str]
    commands: list[str]
    trial: str
    trials: int
    hours: float


def load(path: Path = LIST) -> list[Recording]:
    """The list, the most worthy first.

    Raises:
        ValueError: an entry has an unknown word, or lacks one.
    """
    found = []
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["recording"]
    for number, entry in enumerate(listed, 1):
        try:
            found.append(Recording(**entry))
        except TypeError as error:
            raise ValueError(f"{path.name}, recording {number}: {error}") from None
    return found


def lines(path: Path) -> dict[str, dict[str, Any]]:
    """The records of a file that were written to their end, by key."""
    if not path.exists():
        return {}
    whole = path.read_bytes().split(b"\n")[:-1]
    found = [json.loads(line) for line in whole if line]
    return {line["key"]: line for line in found if "key" in line}


def prune(path: Path, wanted: Check) -> None:
    """Take the records out of the file that are not wanted any more."""
    found = lines(path).values()
    kept = [json.dumps(x, ensure_ascii=False) for x in found if wanted(x)]
    if len(kept) < len(found):
        storage.replace(path, "".join(f"{line}\n" for line in kept).encode())


def merge(source: Path, target: Path, wanted: Check = lambda _: True) -> int:
    """Add to `target` the records that it lacks, and say how many those were."""
    known = lines(target)
    found = lines(source).items()
    new = [line for key, line in found if key not in known and wanted(line)]
    for line in new:
        records.append(target, line)
    return len(new)
