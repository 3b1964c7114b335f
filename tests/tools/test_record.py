"""The queue loses no finished trial and does none twice, whenever it is killed."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import record
from outdated import changed
from record import Queue, Recording

from allyouneed.studies import records

TOY = '''
import argparse, dataclasses, pathlib, time
from allyouneed.studies.sweeps import sweep

SAYS = "committed"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Toy:
    number: int
    seed: int = 0


def toy(config):
    """Leave a trace of beginning and end; the first waits for the second."""
    given.out.parent.mkdir(parents=True, exist_ok=True)
    begun = given.out.parent / "begun"
    with begun.open("a") as trace:
        trace.write(f"{config.number}\\n")
    while len(begun.read_text().split()) < 2:
        time.sleep(0.02)
    time.sleep(0.1)
    with begun.open("a") as trace:
        trace.write("end\\n")
    return {"says": helped(SAYS)}


def helped(text):
    return text


words = argparse.ArgumentParser()
words.add_argument("--count", type=int)
words.add_argument("--out", type=pathlib.Path)
words.add_argument("--together", type=pathlib.Path)
given = words.parse_args()
todo = [Toy(number=n) for n in range(given.count)]
list(sweep(toy, todo, path=given.out, together=given.together))
'''
COUNT = 10
Start = Callable[[], subprocess.Popen[bytes]]
TOYS = Recording(
    name="toys",
    about="Ten numbers.",
    readers=["01"],
    commands=[f"python tools/toy.py --count {COUNT}"],
    trial="toy",
    trials=COUNT,
    hours=1.0,
)
RUN = """
import sys, pathlib, record
record.SECONDS, record.NICE = 0.1, 0
queue = record.Queue(*map(pathlib.Path, sys.argv[1:]))
wanted = [record.Recording(**{toys})]
queue.prepare(wanted)
record.work(queue, wanted)
"""


def git(root: Path, *words: str) -> None:
    own = ("-c", "user.name=x", "-c", "user.email=x@x")
    subprocess.run(["git", "-C", str(root), *own, *words], check=True)


def commit(root: Path) -> str:
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    return Queue(root, root).commit


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose only tool makes toys."""
    tools = tmp_path / "root" / "tools"
    tools.mkdir(parents=True)
    (tools / "toy.py").write_text(TOY)
    git(tools.parent, "init", "-q")
    commit(tools.parent)
    return tools.parent


@pytest.fixture
def start(
    root: Path, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Begin to work the toys off, in a process of its own."""
    started: list[subprocess.Popen[bytes]] = []
    program = RUN.replace("{toys}", repr(vars(TOYS)))
    tools = str(Path(record.__file__).parent)

    def begin() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(root), str(tmp_path / "queue")],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([tools, *sys.path])},
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_lines_of_a_chapter_that_has_changed_leave_the_book(
    root: Path, tmp_path: Path
) -> None:
    queue = Queue(root, tmp_path / "queue")
    queue.codes = {"new"}
    made = [
        {"key": f"{n}", "config": {"code": code} if code else {}}
        for n, code in enumerate(("old", "new", None))
    ]
    for path in (queue.own("toys"), queue.stored("toys")):
        for line in made:
            records.append(path, line)
    records.append(queue.own("toys"), {"key": "later", "config": {"code": "old"}})
    queue.collect([TOYS])
    assert records.read(queue.stored("toys")) == made[1:]
    assert queue.left(TOYS) == COUNT - 2


def test_killed_at_any_moment_it_goes_on(
    root: Path, tmp_path: Path, start: Start
) -> None:
    queue = Queue(root, tmp_path / "queue")
    begun = queue.own("toys").with_name("begun")
    (root / "tools" / "toy.py").write_text(TOY.replace('"committed"', '"edited"'))
    kills = (3, 7)  # trials begun until then
    for count in kills:
        process = start()
        while len(numbers(begun)) < count:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert start().wait(timeout=300) == 0
    found = records.read(queue.stored("toys"))
    assert sorted(line["config"]["number"] for line in found) == [*range(COUNT)]
    assert {line["metrics"]["says"] for line in found} == {"committed"}
    times = Counter(numbers(begun))
    assert set(times) == set(range(COUNT))
    assert sum(times.values()) <= COUNT + len(kills) * record.LANES
    assert queue.left(TOYS) == 0


def test_a_command_that_fails_is_told(
    root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    queue = Queue(root, tmp_path / "queue")
    queue.folder.mkdir()
    broken = dataclasses.replace(TOYS, commands=["python tools/missing.py"])
    queue.prepare([broken])
    record.work(queue, [broken])
    told = capfd.readouterr().out
    log = queue.folder / "toys.log"
    assert f"toys failed (2): see {log}" in told
    assert "missing.py" in log.read_text()


def numbers(begun: Path) -> list[int]:
    words = begun.read_text().split() if begun.exists() else []
    return [int(word) for word in words if word != "end"]


def test_two_trials_run_at_a_time(root: Path, tmp_path: Path, start: Start) -> None:
    queue = Queue(root, tmp_path / "queue")
    assert start().wait(timeout=300) == 0
    running, most = 0, 0
    for word in queue.own("toys").with_name("begun").read_text().split():
        running += -1 if word == "end" else 1
        most = max(most, running)
    assert most == record.LANES
    assert len(records.read(queue.stored("toys"))) == COUNT


def test_the_table_says_what_is_missing_and_what_has_changed(
    root: Path, tmp_path: Path
) -> None:
    queue = Queue(root, tmp_path / "queue")
    for number in range(4):
        line = {"key": str(number), "provenance": {"commit": queue.commit + "+"}}
        records.append(queue.stored("toys"), line)
    with queue.stored("toys").open("a") as file:
        file.write('{"key": "cut sho')
    first, last = record.table(queue, [TOYS])
    assert "4 of 10" in first
    assert "changed" not in first
    assert last == "0.6 processor hours are missing"
    (root / "tools" / "toy.py").write_text(TOY.replace("return text", "return 0"))
    commit(root)
    first, _ = record.table(queue, [TOYS])
    assert first.endswith("changed since: helped")


def test_what_only_moved_has_not_changed(root: Path) -> None:
    then = commit_of = Queue(root, root).commit
    moved = TOY.replace("def helped(text):\n    return text\n", "")
    moved = moved.replace(
        "import argparse", "from inner import helped\nimport argparse"
    )
    moved = moved.replace('"""Leave a trace', '"""Leave, as ever, a trace')
    (root / "tools" / "toy.py").write_text(moved)
    (root / "tools" / "inner.py").write_text(
        "def helped(text: str):\n    return text\n"
    )
    assert commit(root) != commit_of
    assert changed(root, "toy", then) == []
    (root / "tools" / "toy.py").write_text(moved.replace("committed", "other"))
    (root / "tools" / "unused.py").write_text("def unused():\n    return 1\n")
    commit(root)
    assert changed(root, "toy", then) == ["SAYS"]
    with pytest.raises(ValueError, match="trial='none' is no function"):
        changed(root, "none", then)
    with pytest.raises(ValueError, match="commit='0123'"):
        changed(root, "toy", "0123")


def test_the_list_is_complete_and_its_trials_are_there() -> None:
    wanted = record.load()
    assert len({recording.name for recording in wanted}) == len(wanted)
    for recording in wanted:
        assert recording.about
        assert recording.hours > 0
        assert all(command.startswith("python ") for command in recording.commands)
        assert changed(record.ROOT, recording.trial, "HEAD") == []


def test_an_entry_with_an_unknown_word_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recordings.toml"
    path.write_text('[[recording]]\nname = "x"\nseeds = 3\n')
    with pytest.raises(ValueError, match=r"recordings.toml, recording 1: .*seeds"):
        record.load(path)
