"""Sweeps: a trial for each configuration, kept as a line, on one machine or on many.

Whatever becomes of a sweep, the file has one line for each finished trial: the process
that called `sweep` alone writes it, and the same call goes on where another was killed.
Several sweeps may work on one file if they share a folder, which keeps them apart and
lets long trials go on from their last save.
"""

import inspect
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import joblib
from joblib.externals.loky.process_executor import BrokenProcessPool

from allyouneed.ground import storage
from allyouneed.studies import records
from allyouneed.studies.trials import Config, Outcome, Trial, attempt, described, key

__all__ = [
    "Config",
    "Outcome",
    "Trial",
    "attempt",
    "described",
    "key",
    "pending",
    "sweep",
]

PATIENCE = 60  # seconds that a cluster has for its first worker to come
BEGINNING = b'{"key": "'  # of a trial's line


def pending(
    trial: Trial,
    configs: Iterable[Config],
    path: Path,
    *,
    together: Path | None = None,
) -> list[Config]:
    """The configurations whose trials have no line in the file yet, each once.

    A last line that was cut short, as its process was killed, is cut off; where sweeps
    work `together`, no other is writing meanwhile.

    Raises:
        ValueError: another line of the file is not JSON.
    """
    asked = {key(trial, config): config for config in configs}
    with _writing(together):
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
    together: Path | None = None,
) -> Iterator[Outcome]:
    """Do what is pending, keep finished trials in `path`, and yield all as they end.

    Args:
        trial: a function of a module, from a configuration to metrics.
        configs: what to try, seeds included.
        path: file of the records. One sweep at a time writes to it.
        workers: processes on this machine; 1 is this process itself.
        cluster: address of a Dask scheduler, such as tcp://10.0.0.1:8786, whose workers
            then do it, one thread each. A trial whose worker dies goes to another.
        together: a folder that several sweeps of this file share, each of which does
            one trial at a time: none begins what another is at, and a long trial keeps
            its saves there. What a killed one had begun is free again at once.

    Raises:
        ValueError: no workers, or several where sweeps work together; the cluster's
            have several threads.
        OSError: the cluster is not there or has no workers, or a process here was
            killed. What is finished is in the file, and the same call goes on.
        ModuleNotFoundError: Dask is not installed; it says how to.
    """
    if workers < 1:
        raise ValueError(f"{workers=}: give one process or more")
    if together and (workers > 1 or cluster):
        raise ValueError(f"{together=}: start it several times, each with workers=1")
    todo = pending(trial, configs, path, together=together)
    if together:
        yield from _beside_others(trial, todo, path, together)
        return
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


def _beside_others(
    trial: Trial, configs: list[Config], path: Path, folder: Path
) -> Iterator[Outcome]:
    """Do what no other sweep of this file is at."""
    goes_on = "folder" in inspect.signature(trial).parameters
    for config in configs:
        name = key(trial, config)
        with storage.locked(folder / f"{name}.lock", wait=False) as mine:
            if not mine or not pending(trial, [config], path, together=folder):
                continue
            saves = folder / name
            outcome = attempt(trial, config, saves if goes_on else None)
            if outcome.record is not None:
                with _writing(folder):
                    records.append(path, outcome.record)
                shutil.rmtree(saves, ignore_errors=True)
        yield outcome


def _writing(together: Path | None) -> AbstractContextManager[object]:
    return storage.locked(together / "lines.lock") if together else nullcontext()


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
