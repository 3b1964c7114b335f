"""Work off `recordings.toml`, what the book still wants to be recorded, or list it.

    make record      do what is missing, until it is stopped
    make records     tell what is done, what is missing, and what has changed since

It works at the lowest priority, two trials at a time with one thread each, in a clone
of its own at the last commit: so the files beside it may change, and what a record says
of its commit is true. Killed at any moment it loses no finished trial.
"""

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import outdated
from chapter import ROOT
from stored import code_of
from wanted import LIST, Recording, lines, load, merge, prune

from allyouneed.ground import storage

PARTS = ("src", "tools")  # where a clone's modules are
LANES = 2  # trials at a time
NICE = 19  # the lowest priority
SECONDS = 20.0  # from one look for finished trials to the next
SHOWN = 5  # names of what has changed


class Command(NamedTuple):
    """A command at work, and where it writes what it has to say."""

    log: Path
    process: subprocess.Popen[bytes]

    def ended(self) -> bool:
        """Whether it has; if it failed, that is told."""
        code = self.process.poll()
        if code:
            print(f"{self.log.stem} failed ({code}): see {self.log}", flush=True)
        return code is not None


class Queue:
    """The work in hand: a clone at the last commit, and what comes out of it.

    Args:
        root: the repository.
        folder: where the clone, unfinished trials and finished lines are kept.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.commit = _git(root, "rev-parse", "HEAD")
        self.clone = folder / "clones" / self.commit[:12]
        self.codes = {code_of(path) for path in (root / "chapters").glob("*.ipynb")}

    def stored(self, name: str) -> Path:
        """The book's own file of these records."""
        return self.root / "src" / "allyouneed" / "records" / f"{name}.jsonl"

    def own(self, name: str) -> Path:
        """The file that trials write to."""
        return self.folder / "records" / f"{name}.jsonl"

    def prepare(self, wanted: list[Recording]) -> None:
        """Make the clone; bring both sides up to date, whatever was killed before."""
        for old in (self.folder / "clones").glob("*"):
            if old != self.clone:
                shutil.rmtree(old)
        if not (self.clone / "src").exists():
            shutil.rmtree(self.clone, ignore_errors=True)
            _git(self.root, "clone", "-q", "--shared", ".", str(self.clone))
            _git(self.clone, "checkout", "-q", "--detach", self.commit)
        for recording in wanted:
            merge(self.stored(recording.name), self.own(recording.name))
        self.collect(wanted)

    def collect(self, wanted: list[Recording]) -> int:
        """Bring finished lines back into the book; say how many.

        What is of a chapter's old code stays outside, and what has become so goes.
        """
        paths = [(self.own(r.name), self.stored(r.name)) for r in wanted]
        for _, stored in paths:
            prune(stored, self.current)
        return sum(merge(own, stored, self.current) for own, stored in paths)

    def left(self, recording: Recording) -> int:
        """Trials that are still to be done."""
        done = lines(self.own(recording.name)) | lines(self.stored(recording.name))
        valid = [line for line in done.values() if self.current(line)]
        return max(0, recording.trials - len(valid))

    def current(self, line: dict[str, Any]) -> bool:
        """Whether a line is of no chapter, or of one whose code is still the same."""
        code = line.get("config", {}).get("code")
        return code is None or code in self.codes

    def start(self, recording: Recording, command: str) -> Command:
        """Begin one command in the clone; it dies with this process."""
        python, *words = shlex.split(command)
        if python != "python":
            raise ValueError(f"{command=} of {recording.name}: begin it with python")
        sources = os.pathsep.join(str(self.clone / part) for part in PARTS)
        out = self.own(recording.name)
        own = ("--out", out, "--together", self.folder / "trials" / recording.name)
        log = self.folder / f"{recording.name}.log"
        with log.open("ab") as told:
            process = subprocess.Popen(
                [sys.executable, *words, *map(str, own)],
                cwd=self.clone,
                env=os.environ | {"PYTHONPATH": sources, "OMP_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                preexec_fn=_humble,
            )
        return Command(log, process)

    def lane(self, wanted: list[Recording]) -> Iterator[Command]:
        """Begin one command after the other, as long as something is left to do."""
        for recording in wanted:
            for command in recording.commands:
                if self.left(recording):
                    yield self.start(recording, command)


def work(queue: Queue, wanted: list[Recording]) -> None:
    """Keep all lanes busy until everything is done or has failed."""
    lanes = [queue.lane(wanted) for _ in range(LANES)]
    busy: dict[int, Command] = {}
    looked = time.monotonic()
    while True:
        for number, lane in enumerate(lanes):
            if number not in busy or busy[number].ended():
                busy.pop(number, None)
                if begun := next(lane, None):
                    busy[number] = begun
        if not busy or time.monotonic() - looked > SECONDS:
            looked = time.monotonic()
            if new := queue.collect(wanted):
                print(f"{time.strftime('%H:%M')} {new} trials done", flush=True)
        if not busy:
            return
        time.sleep(0.2)


def waiting(root: Path = ROOT) -> set[str]:
    """Recordings of the list of which the book has not all lines yet."""
    queue = Queue(root, root / "runs" / "queue")
    return {
        recording.name
        for recording in load(root / LIST.name)
        if len(lines(queue.stored(recording.name))) < recording.trials
    }


def table(queue: Queue, wanted: list[Recording]) -> Iterator[str]:
    """What is done, what is missing, and what has changed since it was recorded."""
    hours = 0.0
    for recording in wanted:
        left = queue.left(recording)
        hours += recording.hours * left / recording.trials
        done = f"{recording.trials - left} of {recording.trials}"
        since = _since(queue, recording)
        readers = ", ".join(recording.readers)
        yield f"{recording.name:24} {done:>10}  {readers:20} {since}"
    yield f"{hours:.1f} processor hours are missing"


def _since(queue: Queue, recording: Recording) -> str:
    found = lines(queue.stored(recording.name)).values()
    commits = {str(line["provenance"]["commit"]).rstrip("+") for line in found}
    names: set[str] = set()
    for commit in commits:
        try:
            names |= {*outdated.changed(queue.root, recording.trial, commit)}
        except ValueError as error:
            return str(error)
    shown = ", ".join(sorted(names)[:SHOWN]) + ", ..." * (len(names) > SHOWN)
    return f"changed since: {shown}" if names else ""


def _humble() -> None:
    """The lowest priority; and end with the parent, where the system can see to it.

    Linux may share the cores between sessions before it asks who is nice in them: so a
    trial has a session of its own, which is nice as a whole.
    """
    os.nice(NICE)
    if sys.platform == "linux":
        os.setsid()
        with suppress(OSError), open("/proc/self/autogroup", "w") as session:
            session.write(str(NICE))
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True
    )
    if done.returncode:
        raise ValueError(f"git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="only tell what is there")
    parser.add_argument("names", nargs="*", help="only these recordings")
    given = parser.parse_args()
    wanted = [r for r in load() if not given.names or r.name in given.names]
    queue = Queue(ROOT, ROOT / "runs" / "queue")
    if given.list:
        print("\n".join(table(queue, wanted)))
        return
    with storage.locked(queue.folder / "running.lock", wait=False) as alone:
        if not alone:
            sys.exit(f"another one is at work, and has locked {queue.folder}")
        queue.prepare(wanted)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            work(queue, wanted)
        finally:
            queue.collect(wanted)


if __name__ == "__main__":
    main()
