"""Positions against the formula of section 3.5, written out number by number."""

import math

import pytest
import torch

from allyouneed.nn.positions import Learned, Sinusoidal, positions, sinusoids


def test_sinusoids_equal_the_formula() -> None:
    d_model = 16
    table = sinusoids(30, d_model)
    for pos in range(30):
        for i in range(d_model // 2):
            angle = pos / 10000 ** (2 * i / d_model)
            assert math.isclose(table[pos, 2 * i], math.sin(angle), abs_tol=1e-14)
            assert math.isclose(table[pos, 2 * i + 1], math.cos(angle), abs_tol=1e-14)


@pytest.mark.parametrize("k", [1, 7, 100])
def test_a_shift_is_one_linear_map_for_all_positions(k: int) -> None:
    turn = torch.zeros(64, 64, dtype=torch.double)
    for i in range(0, 64, 2):
        angle = k / 10000 ** (i / 64)
        cos, sin = math.cos(angle), math.sin(angle)
        block = torch.tensor([[cos, -sin], [sin, cos]], dtype=torch.double)
        turn[i : i + 2, i : i + 2] = block
    here, there = sinusoids(5000, 64), sinusoids(5000, 64, offset=k)
    assert (here @ turn - there).abs().max() < 1e-10


def test_double_precision_is_not_lost_on_the_way() -> None:
    place = Sinusoidal(16)
    place(torch.zeros(1, 4, 16))
    exact = place.double()(torch.zeros(1, 4, 16, dtype=torch.double))
    torch.testing.assert_close(exact[0], sinusoids(4, 16), rtol=0, atol=0)


@pytest.mark.parametrize("scheme", ["sinusoidal", "learned", "none"])
def test_an_offset_continues_the_sentence(scheme: str) -> None:
    place, x = positions(scheme, 8, max_length=900), torch.randn(2, 700, 8)
    parts = [place(x[:, :300]), place(x[:, 300:], offset=300)]
    torch.testing.assert_close(torch.cat(parts, 1), place(x))


def test_only_learned_positions_have_parameters() -> None:
    counts = {
        scheme: sum(p.numel() for p in positions(scheme, 8, max_length=5).parameters())
        for scheme in ("sinusoidal", "learned", "none")
    }
    assert counts == {"sinusoidal": 0, "learned": 40, "none": 0}
    assert not Sinusoidal(8).state_dict()


def test_an_odd_width_and_too_long_a_sentence_are_refused() -> None:
    with pytest.raises(ValueError, match="d_model=7 is odd"):
        Sinusoidal(7)
    with pytest.raises(ValueError, match="6 tokens is longer than max_length=5"):
        Learned(4, max_length=5)(torch.zeros(1, 2, 4), offset=4)


def test_a_look_without_gradients_leaves_a_table_that_trains() -> None:
    place, x = Sinusoidal(8), torch.randn(1, 3, 8, requires_grad=True)
    with torch.inference_mode():
        place(torch.zeros(1, 3, 8))
    x.clone().mul_(place(x)).sum().backward()  # saves what it multiplies by
    assert not place.waves.table.is_inference()
