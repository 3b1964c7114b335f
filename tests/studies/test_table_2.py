"""The contest is of equals, and its minutes are those that were measured."""

import dataclasses
from collections.abc import Callable
from statistics import median

import pytest

from allyouneed.models.translators import build
from allyouneed.studies import records, table_2
from allyouneed.studies.translation_study import Study


def test_three_translators_have_one_size() -> None:
    sizes = [
        sum(p.numel() for p in build(model).parameters())
        for model in table_2.MODELS.values()
    ]
    assert max(sizes) < 1.02 * min(sizes)


STEPS = 16, 6, 6  # trials: rates and a norm, warm-ups, dropout


def losses(monkeypatch: pytest.MonkeyPatch, best: Callable[[Study], float]) -> None:
    """Pretend that each trial of the pilot so far was recorded with this loss."""
    known = table_2._losses() | {table_2._key(t): best(t) for t in table_2.pilot()}
    monkeypatch.setattr(table_2, "_losses", lambda: known)


def loss(trial: Study) -> float:
    """Smallest at 2e-3, pre-norm, a warm-up of 1,000 and dropout 0.3."""
    pre = getattr(trial.model, "wiring", "post") == "pre"
    recipe = trial.training
    return (
        abs(recipe.peak - 2e-3)
        - 1e-4 * pre
        - 1e-4 * (recipe.warmup == 1000)
        - 1e-4 * (trial.model.p_drop == 0.3)
    )


def test_the_pilot_keeps_the_best_of_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_2, "_losses", dict)
    for n in range(len(STEPS)):
        tried = table_2.pilot()
        assert (
            len(tried) == len({table_2._key(t) for t in tried}) == sum(STEPS[: n + 1])
        )
        with pytest.raises(ValueError, match="pilot is not recorded to its end"):
            table_2.contest()
        losses(monkeypatch, loss)
    last = table_2.pilot()[-1]
    assert (last.training.warmup, last.model.p_drop) == (1000, 0.0)
    assert {t.training.peak for t in table_2.pilot()[STEPS[0] :]} == {2e-3}


def test_the_contest_is_four_times_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_2, "_losses", dict)
    for _ in STEPS:
        losses(monkeypatch, loss)
    trials = {trial.row: trial for trial in table_2.contest()}
    assert [*trials] == [*table_2.MODELS]
    assert getattr(trials["transformer"].model, "wiring", "") == "pre"
    for name, trial in trials.items():
        minute = table_2.PER_MINUTE[name]
        assert trial.training.steps == 40 * minute
        assert trial.looks == (3 * minute, 10 * minute, 20 * minute, 40 * minute)
        assert (trial.training.warmup, trial.model.p_drop) == (1000, 0.1)


def test_controls_change_one_thing_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_2, "_losses", dict)
    with pytest.raises(ValueError, match="pilot is not recorded to its end"):
        table_2.controls()
    for _ in STEPS:
        losses(monkeypatch, loss)
    *more, papers = table_2.controls()
    for trial, control in zip(table_2.contest(), more, strict=True):
        assert control.model.p_drop == 0.3
        model = dataclasses.replace(control.model, p_drop=trial.model.p_drop)
        assert dataclasses.replace(control, model=model, part=trial.part) == trial
    rivals = [t for t in table_2.pilot() if getattr(t.model, "wiring", "") == "post"]
    best = min(rivals, key=loss)
    assert (papers.model, papers.training.peak) == (best.model, best.training.peak)
    assert papers.training.steps == more[-1].training.steps
    assert {trial.part for trial in (*more, papers)} == {"controls"}


def test_a_grid_grows_where_the_best_is_at_its_edge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To shorter warm-ups while they get better; dropout is told, not chosen."""

    def shortest(trial: Study) -> float:
        recipe = trial.training
        return recipe.peak + recipe.warmup + trial.model.p_drop

    monkeypatch.setattr(table_2, "_losses", dict)
    for _ in range(5):
        losses(monkeypatch, shortest)
    warmups = {t.training.warmup for t in table_2.pilot()}
    assert warmups == {*table_2.WARMUPS, 25, 6}
    for trial in table_2.contest():
        assert (trial.training.warmup, trial.model.p_drop) == (6, 0.1)


def test_the_pilot_tries_every_rate_and_the_norm_of_one() -> None:
    first = table_2.pilot()[: STEPS[0]]
    tried = [
        (s.row, s.training.peak, getattr(s.model, "wiring", "post")) for s in first
    ]
    assert len(set(tried)) == len(tried) == 4 * len(table_2.PEAKS)
    assert {name for name, _, wiring in tried if wiring == "pre"} == {"transformer"}
    for trial in table_2.pilot():
        ends = trial.training.steps / table_2.PER_MINUTE[trial.row]
        assert ends == table_2.PILOT_MINUTES
        assert trial.looks == (3 * table_2.PER_MINUTE[trial.row],)


def test_minutes_are_as_long_as_they_were_measured() -> None:
    """Within a round all three had the same machine, so their ratios count."""
    rounds = [line["metrics"]["median"] for line in records.recorded("pace")]
    for name, updates in table_2.PER_MINUTE.items():
        ratio = median(r[name] / r["transformer"] for r in rounds)
        minute = updates * ratio / table_2.PER_MINUTE["transformer"]
        assert minute == pytest.approx(1.0, abs=0.03), name
