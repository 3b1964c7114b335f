"""What is measured of a reader is what a reader made by hand must give."""

import math

import pytest
import record_characters
import record_reach
import torch
import torch.nn.functional as F
from torch import nn

from allyouneed.nn import GRU, LSTM, RNN
from allyouneed.studies import records

IDS = torch.randint(20, (5000,), generator=torch.Generator().manual_seed(0))


def reader(layer: str) -> record_reach.LayeredReader:
    torch.manual_seed(0)
    reading = record_reach.Layered(language="en", layer=layer, d_model=8, p_drop=0.0)
    return record_reach.LayeredReader(20, reading)


def test_a_gradient_shrinks_by_the_factor_of_the_loop() -> None:
    model = reader("RNN")
    model.layer = RNN(8, 8, activation=lambda h: h)
    with torch.no_grad():
        model.layer.weights.weight_hh_l0.copy_(0.9 * torch.eye(8))
    wanted = [0.9**steps for steps in record_reach.DISTANCES]
    assert record_reach.feels(model, IDS) == pytest.approx(wanted, rel=0.01)
    assert next(model.layer.parameters()).dtype == torch.float32


@pytest.mark.parametrize("layer", ["GRU", "LSTM"])
def test_a_gate_held_in_place_has_its_half_life(layer: str) -> None:
    model = reader(layer)
    weights = model.layer.weights
    gate = torch.tensor(0.5 ** (1 / 12))
    with torch.no_grad():
        for rows in weights.parameters():
            rows[8:16] = 0.0
        weights.bias_ih_l0[8:16] = torch.logit(gate)
    assert record_reach.keeps(model, IDS) == pytest.approx([12.0] * 5, rel=0.01)
    assert record_reach.keeps(reader("RNN"), IDS) == []


def test_a_reader_that_keeps_nothing_needs_one_character() -> None:
    model = reader("RNN")
    differ = record_reach.bits_by_context(model, IDS)
    assert differ[0] != differ[-1]
    nn.init.zeros_(model.layer.weights.weight_hh_l0)
    alike = record_reach.bits_by_context(model, IDS)
    assert max(alike) - min(alike) < 1e-3
    x = record_reach.windows(IDS, record_reach.PLACES, 257)
    with torch.no_grad():
        logits = model(x[:, -2:-1])[0][:, -1]
    wanted = F.cross_entropy(logits, x[:, -1]).item() / math.log(2)
    assert alike[0] == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("layer", [GRU, LSTM])
def test_no_gradient_goes_into_the_last_update(layer: type[GRU | LSTM]) -> None:
    x = torch.randn(2, 3, 4, requires_grad=True)
    made = layer(4, 4)
    state = made(x)[1]
    state = record_characters.cut(state)
    made(torch.randn(2, 1, 4), state)[0].sum().backward()
    assert x.grad is None


def test_the_gru_of_the_record_is_the_one_of_chapter_1() -> None:
    first = {
        line["seed"]: line["metrics"]["valid_bits_by_epoch"]
        for line in records.read(record_characters.RECORD)
    }
    same = [
        line
        for line in records.read(record_reach.RECORD)
        if (line["config"]["layer"], line["config"]["rate"]) == ("GRU", 4e-3)
        and line["config"]["bias"] is None
    ]
    assert len(same) == len(first)
    for line in same:
        wanted = pytest.approx(first[line["seed"]], abs=0.02)  # another processor
        assert line["metrics"]["valid_bits"] == wanted
