"""The named grids are what they say, and the command does them and goes on."""

import dataclasses
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import record
import recording
import trials
from typer.testing import CliRunner, Result

from allyouneed.cli.app import app
from allyouneed.cli.options import GridName
from allyouneed.data import tasks
from allyouneed.models.sequence_models import MixerConfig, parameters
from allyouneed.studies import records, registered_sweeps, sweeps, table_2
from allyouneed.studies.registered_sweeps import Grid
from allyouneed.studies.small_tasks import Lesson, learn


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["sweep", *words])


def lessons_of(grid: Grid) -> list[Lesson]:
    return [config for config in grid.configs if isinstance(config, Lesson)]


def test_eight_tasks_by_five_models_of_one_size() -> None:
    lessons = lessons_of(Grid.eight_tasks())
    assert len(lessons) == 40
    assert {type(lesson.task) for lesson in lessons} == {*tasks.EIGHT}
    for lesson in lessons:
        count = parameters(lesson.model)
        assert (
            0.9 * registered_sweeps.PARAMETERS < count <= registered_sweeps.PARAMETERS
        ), lesson.model
        assert lesson.model.vocab == lesson.task.vocab
    for mixer in registered_sweeps.RATES:
        assert {x.rate for x in lessons if x.model.mixer == mixer} == {
            registered_sweeps.RATES[mixer]
        }


def test_a_convolution_sees_all_of_its_tasks_questions() -> None:
    for lesson in lessons_of(Grid.eight_tasks()):
        model = lesson.model
        if model.mixer == "convolution":
            back = (model.width - 1) * sum(2**depth for depth in range(model.layers))
            answers = lesson.task.draw(1, generator=trials.seeded()).tokens.shape[1]
            assert back >= answers - 1


def test_a_device_that_is_not_here_is_one_line() -> None:
    result = run("ladder", "--seeds", "1", "--device", "gpu")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert "name='gpu' is not here" in line


def test_to_name_the_cpu_makes_no_other_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def nothing_left(trial: Any, configs: Any, *_: Any, **__: Any) -> list:
        asked.append([sweeps.key(trial, config) for config in configs])
        return []

    monkeypatch.setattr(sweeps, "pending", nothing_left)
    monkeypatch.setattr(sweeps, "sweep", nothing_left)
    for words in ((), ("--device", "cpu")):
        assert run("ladder", "--seeds", "1", *words).exit_code == 0
    assert asked[0] == asked[-1]


def test_every_named_grid_has_keys_of_its_own() -> None:
    for name in GridName:
        if not (grid := grid_of(name)):
            continue
        configs = grid.seeded([3, 4])
        assert [config.seed for config in configs[:: len(grid.configs)]] == [3, 4]
        assert len({sweeps.key(grid.trial, c) for c in configs}) == len(configs)


def test_the_records_are_of_these_grids() -> None:
    pilots = {"eight-tasks-rates", "ladder-rates"} | {
        n for n in GridName if "pilot" in n
    }
    seeds = {GridName(name): [100] for name in pilots}
    for name in set(GridName) - coming():
        grid = name.grid()
        configs = grid.seeded(seeds.get(name, [0, 1, 2]))
        found = {line["key"] for line in records.recorded(recording_of(name))}
        assert {sweeps.key(grid.trial, config) for config in configs} <= found


def recording_of(name: GridName) -> str:
    """The recording that holds a grid's lines: one may have the lines of two grids."""
    for queued in record.load():
        if any(f"sweep {name} " in command for command in queued.commands):
            return queued.name
    return name


@pytest.mark.parametrize("name", GridName)
def test_no_record_is_of_a_trial_that_nobody_names_any_more(name: GridName) -> None:
    """Names in the code make the keys: who renames one would repeat hours of work."""
    path = recording.FOLDER / f"{name}.jsonl"
    lines = records.read(path) if path.exists() else []
    if not (grid := grid_of(name)):
        assert not lines
        return
    configs = grid.seeded(sorted({line["seed"] for line in lines}))
    ours = {sweeps.key(grid.trial, config) for config in configs}
    assert {line["key"] for line in lines} <= ours


def grid_of(name: GridName) -> Grid | None:
    """None before the pilot is recorded that it follows from."""
    if name not in coming():
        return name.grid()
    try:
        return name.grid()
    except ValueError:
        return None


@cache
def coming() -> set[GridName]:
    """Grids of the queue that are not recorded yet, or not to the end."""
    words = [
        command.split()
        for recording in record.load()
        if recording.name in record.waiting()
        for command in recording.commands
    ]
    return {GridName(w[w.index("sweep") + 1]) for w in words if "sweep" in w}


@pytest.mark.parametrize(
    "name", ["nine-years", "nine-years-captions", "one-stack", "table-2"]
)
def test_a_contest_before_its_pilot_is_one_line(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = [
        {"key": "x", "config": {"row": "x", "training": {"peak": 1}}, "metrics": {}}
    ]
    monkeypatch.setattr(table_2, "recorded", lambda _: some)
    monkeypatch.setattr(records, "recorded", lambda _: some)
    result = run(name)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: the pilot")
    assert f"record {name}-pilot" in line


def test_rates_are_those_that_did_better_in_the_pilot() -> None:
    losses: Counter[tuple[str, float]] = Counter()
    for line in records.recorded("eight-tasks-rates"):
        model, course = line["config"]["model"], line["metrics"]["course"]
        if model["positions"] is None:
            losses[model["mixer"], line["config"]["rate"]] += course["loss"][-1]
    for mixer, rate in registered_sweeps.RATES.items():
        ends = {losses[mixer, each]: each for each in registered_sweeps.PILOT_RATES}
        assert ends[min(ends)] == rate


def test_a_lesson_is_recorded_with_its_course(tmp_path: Path) -> None:
    task = tasks.Needle(length=4)
    model = MixerConfig(vocab=task.vocab, mixer="convolution", d_model=16, layers=1)
    lesson = Lesson(task=task, model=model, steps=40, rate=0.01, every=10)
    list(sweeps.sweep(learn, [lesson], path=tmp_path / "runs.jsonl"))
    (line,) = records.read(tmp_path / "runs.jsonl")
    metrics = line["metrics"]
    assert metrics["parameters"] == parameters(model)
    assert metrics["course"]["steps"] == [10, 20, 30, 40]
    assert metrics["course"]["seconds"] == sorted(metrics["course"]["seconds"])
    assert metrics["course"]["loss"][0] > metrics["course"]["loss"][-1]
    assert 0.3 < metrics["exact"] <= 1
    assert line["config"]["task"] == {"name": "Needle", "symbols": 8, "length": 4}
    assert learn(lesson)["exact"] == metrics["exact"]
    assert learn(dataclasses.replace(lesson, seed=1))["exact"] != metrics["exact"]


def test_a_model_without_the_words_is_refused() -> None:
    model = MixerConfig(vocab=10, mixer="gru", d_model=16)
    with pytest.raises(ValueError, match=r"self.task.vocab=11"):
        Lesson(task=tasks.Copy(), model=model, steps=1, rate=0.1)


def test_the_command_does_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    small = Grid(trial=trials.squared, configs=tuple(trials.configs(tmp_path, 2)))
    monkeypatch.setattr(Grid, "eight_tasks", lambda: small)
    first = run("eight-tasks", "--seeds", "1")
    assert first.exit_code == 0, first.output
    assert "2 of 2 trials to do, into runs/eight-tasks.jsonl" in first.stdout
    assert "square 1, threads 1" in first.stdout
    again = run("eight-tasks", "--seeds", "2")
    assert "2 of 4 trials to do" in again.stdout
    assert {n["seed"] for n in records.read(Path("runs/eight-tasks.jsonl"))} == {0, 1}


def test_the_command_tells_of_trials_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Grid(trial=trials.stumbling, configs=tuple(trials.configs(tmp_path, 2)))
    monkeypatch.setattr(Grid, "eight_tasks", lambda: small)
    result = run("eight-tasks", "--seeds", "1", "--out", str(tmp_path / "x.jsonl"))
    assert result.exit_code == 1
    assert "number=1" in result.stderr
    assert "not JSON compliant" in result.stderr
    assert "1 trials failed" in result.stderr
    assert len(records.read(tmp_path / "x.jsonl")) == 1


def test_a_cluster_that_is_not_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "PATIENCE", 0.5)
    out = ("--out", str(tmp_path / "x.jsonl"))
    result = run("eight-tasks", "--cluster", "tcp://127.0.0.1:9", *out)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("error: Timed out")
