"""Both rules say what they say, held out is held out, and a diet is repeatable."""

import dataclasses
import itertools
from collections import Counter

import pytest
import torch
from torch import nn

from allyouneed.data.tasks import SILENT, Examples
from allyouneed.models.sequence_models import MixerConfig, SequenceModel, parameters
from allyouneed.studies import records, sample_complexity, sweeps
from allyouneed.studies.sample_complexity import Diet, answered, draw, eaters, fed

SMALL = MixerConfig(
    vocab=sample_complexity.SYMBOLS, mixer="convolution", d_model=16, layers=1
)


def test_a_neighbours_answer_depends_on_two_symbols_and_nothing_else() -> None:
    tokens, answers = draw("neighbours", 400, seed=3)
    known: dict[tuple[int, int], int] = {}
    for row, due in zip(tokens.tolist(), answers.tolist(), strict=True):
        assert due[0] == SILENT
        for pair, answer in zip(itertools.pairwise(row), due[1:], strict=True):
            assert known.setdefault(pair, answer) == answer
    assert len(known) == sample_complexity.SYMBOLS**2
    assert set(known.values()) == set(range(sample_complexity.ANSWERS))


def test_repeats_agree_with_a_set() -> None:
    tokens, answers = draw("repeats", 50, seed=4)
    for row, due in zip(tokens.tolist(), answers.tolist(), strict=True):
        assert due[1:] == [row[t] in set(row[:t]) for t in range(1, len(row))]


@pytest.mark.parametrize("rule", ["neighbours", "repeats"])
def test_what_is_held_out_is_none_of_the_examples(rule: sample_complexity.Rule) -> None:
    given = {tuple(row) for row in draw(rule, 1000, seed=0).tokens.tolist()}
    unseen = draw(rule, 1000, seed=0, held_out=True).tokens.tolist()
    assert not given & {tuple(row) for row in unseen}
    other = {tuple(row) for row in draw(rule, 1000, seed=1).tokens.tolist()}
    assert not given & other


def test_the_table_is_the_same_for_what_is_held_out_and_the_seeds_own() -> None:
    def table(seed: int, *, held_out: bool) -> dict[tuple[int, int], int]:
        drawn = draw("neighbours", 400, seed=seed, held_out=held_out)
        return {
            pair: answer
            for row, due in zip(*(side.tolist() for side in drawn), strict=True)
            for pair, answer in zip(itertools.pairwise(row), due[1:], strict=True)
        }

    assert table(0, held_out=False) == table(0, held_out=True)
    assert table(0, held_out=False) != table(1, held_out=False)


def test_all_models_are_of_one_size_and_see_the_whole_sequence() -> None:
    for name, config in eaters().items():
        assert (
            0.8 * sample_complexity.PARAMETERS
            < parameters(config)
            <= sample_complexity.PARAMETERS
        ), name
        with torch.random.fork_rng():
            torch.manual_seed(0)
            model = SequenceModel(config).eval()
        tokens = torch.zeros(1, sample_complexity.LENGTH).long()
        other = tokens.clone()
        other[0, 0] = 1
        assert (model(tokens)[0, -1] - model(other)[0, -1]).abs().max() > 1e-6, name


def test_rates_are_those_that_did_better_in_the_pilot() -> None:
    losses: Counter[tuple[str, float]] = Counter()
    for line in records.recorded("hunger-rates"):
        model, rate = line["config"]["model"], line["config"]["rate"]
        found = [n for n, c in eaters().items() if sweeps.described(c) == model]
        losses[found[0], rate] += line["metrics"]["end"]["held_out_loss"]
    for name, rate in sample_complexity.RATES.items():
        ends = {losses[name, each]: each for each in sample_complexity.PILOT_RATES}
        assert ends[min(ends)] == rate


class Constant(nn.Module):
    """Always says 1, and is sure of it by three."""

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(*tokens.shape, sample_complexity.SYMBOLS)
        logits[..., 1] = 3.0
        return logits


def test_answered_counts_what_is_asked_only() -> None:
    targets = torch.tensor([[SILENT, 1, 1, 0]])
    loss, right = answered(Constant(), Examples(torch.zeros(1, 4).long(), targets))
    total = (torch.tensor(3.0).exp() + sample_complexity.SYMBOLS - 1).log()
    assert right == pytest.approx(2 / 3)
    assert loss == pytest.approx(total.item() - 2)


def test_more_examples_teach_more_and_few_are_learnt_by_heart() -> None:
    few = Diet(rule="neighbours", model=SMALL, examples=4, rate=1e-2, steps=60)
    starved = fed(few)
    full = fed(dataclasses.replace(few, examples=512))
    assert starved["end"]["right"] > 0.9 > 0.7 > starved["end"]["held_out_right"]
    assert full["end"]["held_out_right"] > 0.9
    assert starved == fed(few)
    assert starved["course"]["steps"] == [30, 60]
    assert starved["parameters"] == parameters(SMALL)
    assert starved != fed(dataclasses.replace(few, seed=1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": "neighbors"}, "neighbours or repeats"),
        ({"examples": 0}, "at least 1"),
        ({"model": MixerConfig(vocab=4, mixer="gru")}, "SYMBOLS=8"),
    ],
)
def test_a_diet_that_cannot_be_is_refused(
    change: dict[str, object], message: str
) -> None:
    whole = Diet(rule="repeats", model=SMALL, examples=4, rate=1e-2)
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(whole, **change)
