"""Every row is the recipe of the paper with its one change, at its best rate."""

import dataclasses
from typing import Any

import pytest

from allyouneed.models.translators import build
from allyouneed.studies import nine_years, records
from allyouneed.studies.nine_years import CHANGES, PAPER, PEAKS, TODAY, rows


def size(row: Any) -> int:
    return sum(p.numel() for p in build(row.model).parameters())


def changed(row: Any, paper: Any = PAPER) -> set[str]:
    parts = ((paper.model, row.model), (paper.training, row.training))
    return {
        field.name
        for before, after in parts
        for field in dataclasses.fields(before)
        if getattr(before, field.name) != getattr(after, field.name)
    }


def test_all_rows_are_of_one_size() -> None:
    assert all(abs(size(row) / size(PAPER) - 1) < 0.01 for row in rows())


def test_a_row_changes_what_its_name_says_and_nothing_else() -> None:
    found = {row.row: row for row in rows()}
    for name, parts in CHANGES.items():
        named = {key for values in parts.values() for key in values}
        assert changed(found[name]) == named, name
    for name, left_out in TODAY.items():
        taken = [c for c in CHANGES if c not in left_out]
        expected = {key for c in taken for v in CHANGES[c].values() for key in v}
        assert changed(found[name]) == expected, name
    assert len(found) == 1 + len(CHANGES) + len(TODAY)


def test_on_captions_the_same_rows_change_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "names", list)
    asked = {row.row: row for row in nine_years.captions()}
    assert asked.keys() == set(nine_years.ON_CAPTIONS)
    for name, row in asked.items():
        by_rules = next(r for r in rows() if r.row == name)
        assert row.corpus == "multi30k"
        assert changed(row, nine_years.CAPTIONS) == changed(by_rules)
        assert abs(size(row) / size(nine_years.CAPTIONS) - 1) < 0.01
    peaks = nine_years.CAPTIONS_PEAKS
    assert len(nine_years.captions_pilot()) == len(asked) * len(peaks)
    with pytest.raises(ValueError, match=f"record {nine_years.CAPTIONS_PILOT} first"):
        nine_years.captions_contest()


def pilot_lines(best: float, *, broken: float) -> list[dict[str, Any]]:
    """A pilot in which one peak is best, and one broke off."""
    return [
        {
            "config": {"row": row.row, "training": {"peak": row.training.peak}},
            "metrics": {}
            if row.training.peak == broken
            else {"valid_loss": abs(row.training.peak - best)},
        }
        for row in nine_years.pilot()
    ]


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The lines of the pilot; none yet."""
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(records, "names", lambda: [nine_years.PILOT])
    monkeypatch.setattr(records, "recorded", lambda _: lines)
    return lines


def test_the_contest_takes_the_best_rate_of_the_pilot(
    stored: list[dict[str, Any]],
) -> None:
    stored += pilot_lines(4e-3, broken=PEAKS[-1])
    assert {row.training.peak for row in nine_years.contest()} == {4e-3}
    assert len(nine_years.pilot()) == len(stored) == len(rows()) * len(PEAKS)
    del stored[5]
    with pytest.raises(ValueError, match="lacks 1 of 39 trials"):
        nine_years.contest()


@pytest.mark.parametrize(("best", "more"), [(30e-3, 16e-3), (1e-4, 1e-3)])
def test_a_row_whose_best_rate_is_at_an_edge_gets_one_more(
    stored: list[dict[str, Any]], best: float, more: float
) -> None:
    stored += pilot_lines(4e-3, broken=0)
    lost = pilot_lines(best, broken=0)
    stored[: len(PEAKS)] = lost[: len(PEAKS)]
    grown = [row.training.peak for row in nine_years.pilot() if row.row == PAPER.row]
    assert sorted([*PEAKS, more]) == grown
    assert len(nine_years.pilot()) == len(stored) + 1
    with pytest.raises(ValueError, match="lacks 1 of 40 trials"):
        nine_years.contest()


def test_before_the_pilot_its_grid_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "names", list)
    assert len(nine_years.pilot()) == len(rows()) * len(PEAKS)


def test_the_slower_rows_get_as_much_time_and_nothing_else_changes(
    stored: list[dict[str, Any]],
) -> None:
    stored += pilot_lines(4e-3, broken=PEAKS[-1])
    whole = {row.row: row for row in nine_years.contest()}
    for row in nine_years.as_long():
        steps = nine_years.AS_LONG[row.row]
        training = dataclasses.replace(whole[row.row].training, steps=steps)
        assert row.training == training
        assert row.model == whole[row.row].model
    assert len(nine_years.as_long()) == len(nine_years.AS_LONG)


def test_as_long_is_as_long_by_the_records() -> None:
    """Of the same seed, within a tenth: a busy machine told both."""
    whole = {
        line["seed"]: line["metrics"]["seconds"]
        for line in records.recorded("nine-years")
        if line["config"]["row"] == PAPER.row
    }
    shares = [
        line["metrics"]["seconds"] / whole[line["seed"]]
        for line in records.recorded("nine-years-as-long")
    ]
    assert len(shares) >= 2 * 3
    assert abs(sum(shares) / len(shares) - 1) < 0.1
