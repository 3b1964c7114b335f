"""Records are kept whole, read back, and passed on unchanged while they are shown."""

import dataclasses
import json
import multiprocessing
import resource
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from allyouneed.studies import records


@dataclasses.dataclass(frozen=True)
class Step:
    step: int
    loss: float


STEPS = [Step(step, 1 / step) for step in range(1, 6)]


def append_many(path: Path, name: str) -> None:
    for number in range(50):
        records.append(path, {"name": name, "number": number, "pad": "x" * 500})


def test_records_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "new" / "runs.jsonl"
    written = [{"bleu": 36.5, "sätze": "天"}, {"seed": 2}]
    for record in written:
        records.append(path, record)
    assert records.read(path) == written
    assert [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def test_several_processes_can_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    fork = multiprocessing.get_context("forkserver")
    writers = [fork.Process(target=append_many, args=(path, name)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = records.read(path)
    for name in "abc":
        own = [record["number"] for record in found if record["name"] == name]
        assert own == list(range(50))


def test_an_empty_line_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text('{"a": 1}\n\n{"b": 2}\n')
    assert records.read(path) == [{"a": 1}, {"b": 2}]


def test_a_line_cut_short_does_not_swallow_the_next(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text('{"a": 1}\n{"b":')
    records.append(path, {"c": 3})
    with pytest.raises(ValueError, match=r"runs\.jsonl, line 2 is not JSON.*delete"):
        records.read(path)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[::2]))
    assert records.read(path) == [{"a": 1}, {"c": 3}]


def test_what_json_cannot_hold_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        records.append(tmp_path / "runs.jsonl", {"loss": float("nan")})
    assert not (tmp_path / "runs.jsonl").exists()


def test_unknown_records_are_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no records name='none': choose from"):
        records.recorded("none")


def test_progress_shows_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(records.progress(iter(STEPS[2:]), total=5)) == STEPS[2:]
    shown = capsys.readouterr().err
    assert "5/5" in shown
    assert "loss=0.200" in shown


def test_tensorboard_gets_every_number_once(tmp_path: Path) -> None:
    killed = [Step(3, 9.0), Step(4, 9.0)]
    assert list(records.tensorboard(iter(STEPS[:2] + killed), tmp_path)) == [
        *STEPS[:2],
        *killed,
    ]
    assert list(records.tensorboard(iter(STEPS[2:]), tmp_path)) == STEPS[2:]
    assert list(records.tensorboard(iter([]), tmp_path)) == []
    events = EventAccumulator(str(tmp_path)).Reload()
    assert events.Tags()["scalars"] == ["train/loss"]
    found = [(event.step, event.value) for event in events.Scalars("train/loss")]
    assert found == [(s.step, pytest.approx(s.loss)) for s in STEPS]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_come_back_from_any_editor(tmp_path: Path, codec: str, end: str) -> None:
    path = tmp_path / "runs.jsonl"
    written = [{"text": "a\u2028b\x85c"}, {"seed": 2}]
    for record in written:
        records.append(path, record)
    text = path.read_text("utf-8").replace("\n", end)
    path.write_bytes(text.encode(codec))
    assert records.read(path) == written


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"b": "\xe9"}\n', r"runs\.jsonl, line 2: no text in UTF-8"),
        (b'{"a": 1}\n5\n', r"runs\.jsonl, line 2 is no record"),
    ],
)
def test_what_is_no_record_is_named(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "runs.jsonl").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        records.read(tmp_path / "runs.jsonl")


@pytest.mark.parametrize("room", [0, 30])
def test_a_full_disk_takes_a_line_whole_or_not_at_all(
    tmp_path: Path, room: int
) -> None:
    """The system itself writes only so much of the line."""
    path, limits = tmp_path / "runs.jsonl", resource.getrlimit(resource.RLIMIT_FSIZE)
    records.append(path, {"a": 1})
    before = path.read_bytes()
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + room, limits[1]))
    try:
        with pytest.raises(OSError, match=r"File too large|is the disk full\?"):
            records.append(path, {"pad": "x" * 100})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    records.append(path, {"b": 2})
    assert records.read(path) == [{"a": 1}, {"b": 2}]
