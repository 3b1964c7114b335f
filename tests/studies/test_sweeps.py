"""Sweeps lose no trial and do none twice, whoever is killed in the middle."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
import trials
from distributed import LocalCluster

from allyouneed.studies import records, sweeps

HERE = Path(trials.__file__).parent
KILL = signal.SIGKILL
TICK = 0.01  # seconds that the coarsest of process clocks can tell


def squares(path: Path) -> list[int]:
    return sorted(line["metrics"]["square"] for line in records.read(path))


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def wait_until(happened: Callable[[], object], seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start processes that know the trials; all are killed at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*words: object) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, *map(str, words)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        try:
            os.killpg(process.pid, KILL)
        except ProcessLookupError:
            continue
        process.wait()


def test_each_trial_is_a_line_with_its_circumstances(tmp_path: Path) -> None:
    path = tmp_path / "new/runs.jsonl"
    configs = trials.configs(tmp_path, 3)
    outcomes = list(sweeps.sweep(trials.squared, configs, path=path))
    assert [outcome.record for outcome in outcomes] == records.read(path)
    assert [outcome.config for outcome in outcomes] == configs
    line = records.read(path)[2]
    assert line["metrics"] == {"square": 4, "threads": 1}
    assert line["config"] == {"name": "Config"} | dataclasses.asdict(configs[2])
    assert line["trial"] == "squared"
    assert line["seed"] == 0
    assert line["wall_seconds"] >= 0 <= line["cpu_seconds"]
    assert line["provenance"]["device_type"] == "cpu"
    assert line["provenance"]["versions"]["torch"] == torch.__version__
    assert line["key"] == sweeps.key(trials.squared, configs[2])


def test_the_time_of_a_trial_is_that_of_its_processes_too(tmp_path: Path) -> None:
    (config,) = trials.configs(tmp_path, 1)
    record = sweeps.attempt(trials.delegating, config).record
    assert record is not None
    assert record["cpu_seconds"] >= 0.5 - 2 * TICK


def test_what_has_a_line_is_not_done_again(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    configs = trials.configs(tmp_path, 4)
    list(sweeps.sweep(trials.squared, configs[:3] * 2, path=path))
    before = path.read_bytes()
    (outcome,) = sweeps.sweep(trials.squared, configs, path=path)
    assert outcome.config.number == 3
    assert path.read_bytes().startswith(before)
    assert [number for number, _ in trials.begun(tmp_path)] == [0, 1, 2, 3]
    assert not sweeps.pending(trials.squared, configs, path)
    seeded = [dataclasses.replace(configs[0], seed=1)]
    assert sweeps.pending(trials.squared, seeded, path) == seeded
    assert sweeps.pending(trials.stumbling, configs, path) == configs


def test_a_trial_that_fails_takes_no_other_with_it(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    configs = trials.configs(tmp_path, 4)
    outcomes = list(sweeps.sweep(trials.stumbling, configs, path=path))
    assert [bool(outcome.error) for outcome in outcomes] == [False, True, True, True]
    for number, reason in enumerate(["not JSON compliant", "Tensor", "KeyError"], 1):
        assert reason in outcomes[number].error
        assert outcomes[number].config.number == number
        assert outcomes[number].record is None
    assert [line["config"]["number"] for line in records.read(path)] == [0]
    assert sweeps.pending(trials.stumbling, configs, path) == configs[1:]


def test_a_line_cut_short_is_done_again(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    configs = trials.configs(tmp_path, 3)
    list(sweeps.sweep(trials.squared, configs, path=path))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])  # all but its end: nothing is missing
    assert not sweeps.pending(trials.squared, configs, path)
    path.write_bytes(whole[:-40])
    assert sweeps.pending(trials.squared, configs, path) == configs[2:]
    list(sweeps.sweep(trials.squared, configs, path=path))
    assert squares(path) == [0, 1, 4]


def test_a_killed_sweep_goes_on_where_it_was(
    tmp_path: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    path = tmp_path / "runs.jsonl"
    running = start(HERE / "trials.py", tmp_path)
    wait_until(lambda: lines(path) == trials.FREE)
    wait_until(lambda: len(trials.begun(tmp_path)) == trials.FREE + 2)
    os.kill(running.pid, KILL)
    assert running.wait() == -KILL
    kept = squares(path)
    assert kept == [n * n for n in range(trials.FREE)]
    assert running.pid not in {pid for _, pid in trials.begun(tmp_path)}
    os.killpg(running.pid, KILL)  # its processes, which have nobody left to tell
    (tmp_path / "go").touch()
    configs = trials.configs(tmp_path, 40)
    left = sweeps.pending(trials.gated, configs, path)
    assert left == configs[trials.FREE :]
    outcomes = list(sweeps.sweep(trials.gated, configs, path=path))
    assert [outcome.config for outcome in outcomes] == left
    assert squares(path) == [n * n for n in range(40)]
    times = Counter(number for number, _ in trials.begun(tmp_path))
    twice = {number for number, count in times.items() if count > 1}
    assert twice == {trials.FREE, trials.FREE + 1}  # under way when it was killed
    assert sum(times.values()) == 40 + 2


def test_sweeps_together_share_the_work_and_take_up_what_a_killed_one_began(
    tmp_path: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    path, stuck = tmp_path / "runs.jsonl", tmp_path / "stuck"
    both = [start(HERE / "trials.py", tmp_path, "together") for _ in range(2)]
    wait_until(lambda: stuck.exists() and stuck.read_text())
    assert squares(path) == [1]  # by the one that is stuck, as the other waits in 0
    killed, other = sorted(both, key=lambda one: one.pid != int(stuck.read_text()))
    killed.kill()
    killed.wait()
    (tmp_path / "go").touch()
    assert other.wait(timeout=300) == 0
    assert squares(path) == [n * n for n in range(8)]
    done = Counter(number for number, _ in trials.begun(tmp_path))
    assert done == Counter(range(8))
    found = [line["metrics"]["found"] for line in records.read(path)]
    assert sorted(found) == [0] * 7 + [5]  # the one that was under way
    assert not list(tmp_path.glob("shared/*/part"))


def test_sweeps_together_have_one_process_each(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="start it several times, each with workers=1"):
        list(
            sweeps.sweep(
                trials.in_parts, [], path=tmp_path / "x", workers=2, together=tmp_path
            )
        )


def test_a_killed_process_is_named_and_the_rest_can_go_on(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    configs = trials.configs(tmp_path, 6)
    with pytest.raises(ChildProcessError, match=r"workers=2.*call again"):
        list(sweeps.sweep(trials.dying, configs, path=path, workers=2))
    others = [config for config in configs if config.number != 2]
    list(sweeps.sweep(trials.dying, others, path=path))
    assert squares(path) == [0, 1, 9, 16, 25]


def test_a_cluster_that_loses_a_worker_loses_no_trial(
    tmp_path: Path,
    start: Callable[..., subprocess.Popen[bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeps, "PATIENCE", 300)
    file = tmp_path / "scheduler.json"
    quiet = ("--scheduler-file", file, "--no-dashboard")
    start("-m", "dask", "scheduler", "--port", 0, *quiet)
    wait_until(file.exists)
    alone = ("--nthreads", 1, "--no-nanny")
    workers = [start("-m", "dask", "worker", *quiet, *alone) for _ in range(2)]
    address = json.loads(file.read_text())["address"]
    path = tmp_path / "runs.jsonl"

    def hanging() -> list[int]:
        return [pid for number, pid in trials.begun(tmp_path) if number == 5]

    def kill_who_hangs() -> None:
        wait_until(hanging)
        os.kill(hanging()[0], KILL)

    killer = threading.Thread(target=kill_who_hangs)
    killer.start()
    configs = trials.configs(tmp_path, 20)
    outcomes = list(sweeps.sweep(trials.hanging, configs, path=path, cluster=address))
    killer.join()
    assert not any(outcome.error for outcome in outcomes)
    assert len(outcomes) == 20
    assert squares(path) == [n * n for n in range(20)]
    assert len(set(hanging())) == 2, "the other worker did not take it over"
    assert {worker.pid for worker in workers} == {
        pid for _, pid in trials.begun(tmp_path)
    }
    assert any(worker.poll() == -KILL for worker in workers)


def test_a_worker_with_several_threads_is_refused(tmp_path: Path) -> None:
    cluster = LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    )
    with cluster, pytest.raises(ValueError, match="--nthreads 1"):
        list(
            sweeps.sweep(
                trials.squared,
                trials.configs(tmp_path, 2),
                path=tmp_path / "runs.jsonl",
                cluster=cluster.scheduler_address,
            )
        )
    assert not trials.begun(tmp_path)


def test_what_a_cluster_does_twice_is_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice(
        trial: sweeps.Trial, configs: list[sweeps.Config], _address: str
    ) -> Iterator[sweeps.Outcome]:
        for config in configs * 2:
            yield sweeps.attempt(trial, config)

    monkeypatch.setattr(sweeps, "_on_cluster", twice)
    path, configs = tmp_path / "runs.jsonl", trials.configs(tmp_path, 3)
    found = list(sweeps.sweep(trials.squared, configs, path=path, cluster="tcp://x:1"))
    assert len(found) == 3
    assert squares(path) == [0, 1, 4]


def test_a_cluster_without_dask_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(
        ModuleNotFoundError, match=r'pip install "allyouneed\[cluster\]"'
    ):
        list(
            sweeps.sweep(
                trials.squared,
                trials.configs(tmp_path, 1),
                path=tmp_path / "runs.jsonl",
                cluster="tcp://127.0.0.1:1",
            )
        )


def test_no_workers_are_refused(tmp_path: Path) -> None:
    configs = trials.configs(tmp_path, 1)
    with pytest.raises(ValueError, match="workers=0"):
        list(sweeps.sweep(trials.squared, configs, path=tmp_path / "x", workers=0))


def test_a_file_that_cannot_be_written_stops_before_the_first_trial(
    tmp_path: Path,
) -> None:
    configs = trials.configs(tmp_path, 2)
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError, match=str(tmp_path / "file")):
        list(sweeps.sweep(trials.squared, configs, path=tmp_path / "file/x.jsonl"))
    assert not trials.begun(tmp_path)


def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("My notes.\nNo line feed ends them.")
    with pytest.raises(ValueError, match=r"notes\.txt, line 1 is not JSON"):
        sweeps.pending(trials.squared, trials.configs(tmp_path, 1), path)
    assert path.read_text() == "My notes.\nNo line feed ends them."
