"""The contest is of equals, and its minutes are those that were measured."""

from statistics import median

import pytest

from allyouneed.models.translators import build
from allyouneed.studies import records, table_2


def test_three_translators_have_one_size() -> None:
    sizes = [
        sum(p.numel() for p in build(model).parameters())
        for model in table_2.MODELS.values()
    ]
    assert max(sizes) < 1.02 * min(sizes)


def test_the_pilot_tries_every_rate_and_the_norm_of_one() -> None:
    tried = [
        (s.row, s.training.peak, getattr(s.model, "wiring", "post"))
        for s in table_2.pilot()
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
