"""Sweeps: a trial for each configuration, kept as a line, on one machine or on many.

A trial is a function that stands in a module, so that other processes find it. From a
configuration, a frozen dataclass with a `seed`, it makes metrics that JSON can hold.
Whatever becomes of a sweep, the file has one line for each finished trial: the process
that called `sweep` alone writes it, and the same call goes on where another was killed.
"""

import dataclasses
import hashlib
import json
import os
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

import joblib
import torch
from joblib.externals.loky.process_executor import BrokenProcessPool

from allyouneed import records, runtime

PATIENCE = 60  # seconds that a cluster has for its first worker to come
BEGINNING = b'{"key": "'  # of a trial's line


class Config(Protocol):
    """A frozen dataclass with the seed of all that its trial draws by chance."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def seed(self) -> int:
        """Of parameters and data."""


Trial = Callable[[Any], Mapping[str, Any]]


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

    >>> from allyouneed.tasks import Copy
    >>> described(Copy(length=4))
    {'name': 'Copy', 'symbols': 8, 'length': 4}
    """
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {"name": type(value).__name__} | described(fields)
    if isinstance(value, Mapping):
        return {name: described(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [described(item) for item in value]
    return value


def attempt(trial: Trial, config: Config) -> Outcome:
    """Run one trial with one thread, here and now; an exception is its outcome.

    `device`, if the configuration has one, says where it runs; else that is the CPU.
    """
    name = key(trial, config)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        with _one_thread():
            record = {
                "key": name,
                "trial": trial.__qualname__,
                "config": described(config),
                "seed": config.seed,
                "metrics": dict(trial(config)),
                "cpu_seconds": round(time.process_time() - cpu, 2),
                "wall_seconds": round(time.perf_counter() - wall, 2),
                "provenance": runtime.provenance(_device(config)),
                "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            }
        json.dumps(record, allow_nan=False)  # else the writer would fail with it
    except Exception:
        return Outcome(key=name, config=config, error=traceback.format_exc())
    return Outcome(key=name, config=config, record=record)


def pending(trial: Trial, configs: Iterable[Config], path: Path) -> list[Config]:
    """The configurations whose trials have no line in the file yet, each once.

    A last line that was cut short, as its process was killed, is cut off.

    Raises:
        ValueError: another line of the file is not JSON.
    """
    asked = {key(trial, config): config for config in configs}
    if path.exists():
        _mend(path)
        for record in records.read(path):
            asked.pop(record.get("key", ""), None)
    return list(asked.values())


def sweep(
    trial: Trial,
    configs: Iterable[Config],
    *,
    path: Path,
    workers: int = 1,
    cluster: str | None = None,
) -> Iterator[Outcome]:
    """Do what is pending, keep finished trials in `path`, and yield all as they end.

    Args:
        trial: a function of a module, from a configuration to metrics.
        configs: what to try, seeds included.
        path: file of the records. One sweep at a time writes to it.
        workers: processes on this machine; 1 is this process itself.
        cluster: address of a Dask scheduler, such as tcp://10.0.0.1:8786, whose workers
            then do it, one thread each. A trial whose worker dies goes to another.

    Raises:
        ValueError: no workers, or the cluster's have several threads.
        OSError: the cluster is not there or has no workers, or a process here was
            killed. What is finished is in the file, and the same call goes on.
        ModuleNotFoundError: Dask is not installed; it says how to.
    """
    if workers < 1:
        raise ValueError(f"{workers=}: give one process or more")
    todo = pending(trial, configs, path)
    if cluster:
        outcomes = _on_cluster(trial, todo, cluster)
    else:
        outcomes = _here(trial, todo, workers)
    if todo:  # a file that cannot be written says so now, not after the first trial
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
    done = set()
    for outcome in outcomes:
        if outcome.key in done:
            continue  # a cluster may do a trial again if it loses sight of a worker
        done.add(outcome.key)
        if outcome.record is not None:
            records.append(path, outcome.record)
        yield outcome


def _here(trial: Trial, configs: list[Config], workers: int) -> Iterator[Outcome]:
    with joblib.parallel_config("loky", inner_max_num_threads=1):
        parallel = joblib.Parallel(
            n_jobs=min(workers, max(1, len(configs))),
            return_as="generator_unordered",
            batch_size=1,
        )
    try:
        yield from parallel(joblib.delayed(attempt)(trial, c) for c in configs)
    except BrokenProcessPool:
        raise ChildProcessError(
            f"one of {workers=} processes was killed, perhaps for want of memory: what "
            "is finished is kept, so call again, with fewer"
        ) from None


def _on_cluster(trial: Trial, configs: list[Config], address: str) -> Iterator[Outcome]:
    try:
        from distributed import Client, as_completed
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            'Dask is not installed: pip install "allyouneed[cluster]"'
        ) from None
    with Client(address, timeout=PATIENCE, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=PATIENCE)
        crowded = [name for name, threads in client.nthreads().items() if threads > 1]
        if crowded:
            raise ValueError(
                f"cluster={address!r}: {crowded[0]} does several trials at once, and "
                "neither would know its time: start it with --nthreads 1"
            )
        futures = {
            client.submit(attempt, trial, config, key=f"trial-{name}"): (name, config)
            for config in configs
            for name in [key(trial, config)]
        }
        for future in as_completed(futures, loop=client.loop):
            name, config = futures[future]
            try:
                outcome = future.result()
            except Exception as problem:  # its workers died one after the other
                error = f"{type(problem).__name__}: {problem}"
                outcome = Outcome(key=name, config=config, error=error)
            yield outcome


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


def _mend(path: Path) -> None:
    """Cut off a last line of ours that is not whole; what else there is stays."""
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    last = text[whole:]
    try:
        json.loads(last or b"{}")
    except ValueError:
        if BEGINNING.startswith(last[: len(BEGINNING)]):
            os.truncate(path, whole)
