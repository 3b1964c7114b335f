"""One stack and two have the same parameters, text and recipe; only stacks differ."""

import dataclasses

import pytest

from allyouneed.models.translators import build
from allyouneed.studies import one_or_two_stacks, records
from allyouneed.studies.one_or_two_stacks import PILOT, TWO, rows


def test_one_stack_has_the_parameters_of_two() -> None:
    two, *ones = (
        sum(p.numel() for p in build(row.model).parameters()) for row in (TWO, *rows())
    )
    assert all(abs(one / two - 1) < 0.001 for one in ones)


def test_all_but_the_stack_is_the_paper_s() -> None:
    for row in rows():
        differs = {
            field.name
            for field in dataclasses.fields(row)
            if getattr(row, field.name) != getattr(TWO, field.name)
        }
        assert differs == {"row", "part", "model", "looks"}


def test_each_takes_its_own_best_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "names", list)  # as if nothing were recorded yet
    best = dict(zip((row.row for row in rows()), (2e-3, 4e-3), strict=True))
    lines = [
        {
            "config": {"row": row.row, "training": {"peak": row.training.peak}},
            "metrics": {"valid_loss": abs(row.training.peak - best[row.row])},
        }
        for row in one_or_two_stacks.pilot()
    ]
    monkeypatch.setattr(records, "names", lambda: [PILOT])
    monkeypatch.setattr(records, "recorded", lambda _: lines)
    with pytest.raises(ValueError, match="lacks 1 of 7 trials"):  # 2e-3 is an edge
        one_or_two_stacks.contest()
    first = rows()[0].row
    lines.append(
        {
            "config": {"row": first, "training": {"peak": 1e-3}},
            "metrics": {"valid_loss": 1.0},
        }
    )
    found = {row.row: row.training.peak for row in one_or_two_stacks.contest()}
    assert found == best


def test_no_more_updates_in_the_same_time_would_turn_the_verdict() -> None:
    """The look at 550 came a little early: the next one past the two's time tells."""
    two = {
        line["seed"]: line["metrics"]
        for line in records.recorded("nine-years")
        if line["config"]["row"] == TWO.row
    }
    one = records.recorded("one-stack")
    assert len(one) == len(rows()) * 3
    for line in one:
        course, rival = line["metrics"]["course"], two[line["seed"]]
        early = line["metrics"]["looks"][0]["seconds"] / rival["seconds"]
        assert 0.85 < early < 1.05
        later = next(
            loss
            for loss, time in zip(course["valid_loss"], course["seconds"], strict=True)
            if time >= rival["seconds"]
        )
        assert later > 1.5 * rival["valid_loss"]
