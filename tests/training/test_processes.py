"""Training in processes of its own: killed at any moment, or two sharing the work."""

import dataclasses
import itertools
import multiprocessing
import os
import random
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch
from reversal import CONFIG, CPU, Fixed, make, stream

from allyouneed.data.batches import Batch
from allyouneed.ground import storage
from allyouneed.training import checkpoints, distributed
from allyouneed.training.loop import train

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["allyouneed.training.loop", "torch._dynamo"])
KILLED = dataclasses.replace(CONFIG, steps=100)


def run(path: Path, hangs: int, most: int) -> None:
    """What each process does until it is killed.

    In the flush of number `hangs`, or after `most` updates, it waits for that,
    however late it comes. A save flushes twice: its file, then the folder.
    """
    torch.set_num_threads(1)
    flushes = itertools.count(1)

    def flush(_: int) -> None:
        if next(flushes) == hangs:
            hung(path, hangs).touch()
            time.sleep(3600)

    if hangs:
        os.fsync = flush
    model = make(p_drop=0.3, dtype=torch.float32)
    steps = train(model, stream(), KILLED, device=CPU, checkpoint=path, every=2)
    for done, _ in enumerate(steps, start=1):
        if done == most:
            time.sleep(3600)


def hung(path: Path, flush: int) -> Path:
    return path.with_name(f"hung {flush}")


def start(path: Path, *, hangs: int = 0, most: int = 0) -> BaseProcess:
    process = FORK.Process(target=run, args=(path, hangs, most))
    process.start()
    return process


def kill_when(happened: Callable[[], object], process: BaseProcess) -> None:
    while not happened():
        assert process.is_alive(), "the run ended before it could be killed"
        time.sleep(0.0005)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def test_a_run_killed_at_any_moment_ends_at_the_same_bits(tmp_path: Path) -> None:
    straight, path = tmp_path / "straight", tmp_path / "killed"
    start(straight).join()

    def half_written() -> list[Path]:
        return list(tmp_path.glob("killed.*.partial"))

    for flush in (1, 3, 5):  # in its first, second and third file
        kill_when(hung(path, flush).exists, start(path, hangs=flush))
        assert half_written()
    chance = random.Random(1)
    for _ in range(4):
        before = path.stat().st_mtime_ns if path.exists() else 0
        delay = chance.uniform(0, 0.05)

        def some_time_after_a_save(before: int = before, delay: float = delay) -> bool:
            saved = path.exists() and path.stat().st_mtime_ns != before
            time.sleep(delay * saved)
            return saved

        kill_when(some_time_after_a_save, start(path, most=20))
    assert 0 < checkpoints.load(path).about["step"] < KILLED.steps
    start(path).join()
    found, expected = checkpoints.load(path), checkpoints.load(straight)
    assert found.about["step"] == expected.about["step"] == KILLED.steps
    assert found.tensors.keys() == expected.tensors.keys()
    for name, tensor in found.tensors.items():
        assert torch.equal(tensor, expected.tensors[name]), name
    assert not half_written()


def lone() -> Batch:
    """A batch of one sentence: one of two processes has nothing to do."""
    batch = next(stream().from_step(9))
    return Batch(batch.source[:1], batch.target[:1])


def shared() -> Fixed:
    return Fixed([*itertools.islice(stream().from_step(0), 4), lone()])


def one_of_two(rank: int, port: int, folder: Path) -> None:
    """Train as one of two processes, the way `accelerate launch` starts them."""
    torch.set_num_threads(1)
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "ACCELERATE_USE_CPU": "true",
    }
    team = distributed.launched()
    assert team is not None
    assert torch.distributed.get_backend() == "gloo"
    model, path = make(), folder / "shared"
    if rank:  # the first process's parameters count
        torch.nn.init.zeros_(model.embedding.words.weight)
    run = train(model, shared(), CONFIG, checkpoint=path, accelerator=team)
    seen = torch.tensor([(s.loss, s.gradient_norm) for s in run], dtype=torch.float64)
    about = {"main": team.is_main_process}
    storage.write(folder / str(rank), model.state_dict() | {"seen": seen}, about)
    team.end_training()


def test_two_processes_make_the_same_updates_as_one(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    team = [FORK.Process(target=one_of_two, args=(r, port, tmp_path)) for r in (0, 1)]
    for process in team:
        process.start()
    alone = make()
    run = train(alone, shared(), CONFIG, device=CPU)
    seen = torch.tensor([(s.loss, s.gradient_norm) for s in run], dtype=torch.float64)
    for rank, process in enumerate(team):
        process.join()
        assert process.exitcode == 0
        found, about = storage.read(tmp_path / str(rank))
        assert about["main"] == (rank == 0)
        for name, tensor in (alone.state_dict() | {"seen": seen}).items():
            torch.testing.assert_close(found[name], tensor, rtol=1e-8, atol=1e-10)
    saved = checkpoints.load(tmp_path / "shared").part("model")
    words = alone.embedding.words.weight.data
    torch.testing.assert_close(saved["embedding.words.weight"], words)
