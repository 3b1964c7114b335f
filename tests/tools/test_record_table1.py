"""The recorder of table 1 times what it says, and its record is whole."""

from functools import partial

import pytest
import record_table1
import torch
from record_table1 import Trial, measured, trials

from allyouneed.cost import complexity
from allyouneed.nn.attention import attend
from allyouneed.nn.local_attention import local_mask
from allyouneed.studies import records, sweeps


def test_the_record_holds_what_the_tool_tries() -> None:
    asked = {sweeps.key(measured, trial) for trial in trials(3)}
    assert asked <= {line["key"] for line in records.read(record_table1.RECORD)}


@pytest.mark.parametrize(("n", "d"), [(5, 16), (100, 8)])
def test_every_layer_keeps_the_shape_and_learns(n: int, d: int) -> None:
    x = torch.randn(2, n, d)
    layers = record_table1.layers(d)
    assert set(complexity.KINDS) < set(layers)
    for layer in layers.values():
        out = layer(x)
        out = out if isinstance(out, torch.Tensor) else out[0]
        assert out.shape == x.shape
        record_table1.learn(partial(layer, x), torch.device("cpu"))
        assert any(p.grad is not None and p.grad.any() for p in layer.parameters())


def test_the_three_ways_of_attention_are_what_they_are_called() -> None:
    q = torch.randn(1, 1, 200, 8)
    torch.testing.assert_close(record_table1.by_hand(q), record_table1.fused(q))
    near = local_mask(200, window=record_table1.WINDOW)
    torch.testing.assert_close(record_table1.restricted(q), attend(q, q, q, near))


def test_a_trial_tells_seconds_of_everything_that_takes_its_turn() -> None:
    trial = Trial(what="layers", n=16, d=16, device="cpu", seed=0)
    found = measured(trial)
    assert found["precision"] == "fp32"
    assert set(found["seconds"]) == {*record_table1.layers(16), "core"}
    step = measured(Trial(what="step", n=64, d=16, device="cpu", seed=0))
    assert set(step["seconds"]) == {"cached", "recomputed", "recurrent"}
    both = [*found["seconds"].values(), *step["seconds"].values()]
    assert all(0 < seconds < 10 for seconds in both)
