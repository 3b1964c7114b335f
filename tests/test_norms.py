"""Norms against PyTorch's, statistics against NumPy-like arithmetic."""

import pytest
import torch
from torch import nn

from allyouneed.norms import LayerNorm, Residual, standardise


@pytest.fixture
def x() -> torch.Tensor:
    torch.manual_seed(0)
    return 3 + 2 * torch.randn(4, 5, 16, dtype=torch.double)


def test_layer_norm_equals_pytorch_with_gradients(x: torch.Tensor) -> None:
    ours, theirs = LayerNorm(16).double(), nn.LayerNorm(16).double()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        nn.init.normal_(a)
        b.data.copy_(a)
    x.requires_grad_()
    torch.testing.assert_close(ours(x), theirs(x))
    for a, b in zip(
        torch.autograd.grad(ours(x).square().sum(), [x, *ours.parameters()]),
        torch.autograd.grad(theirs(x).square().sum(), [x, *theirs.parameters()]),
        strict=True,
    ):
        torch.testing.assert_close(a, b)


def test_by_hand_equals_the_kernel(x: torch.Tensor) -> None:
    torch.testing.assert_close(standardise(x), LayerNorm(16).double()(x))
    assert standardise(x).mean(-1).abs().max() < 1e-12


def test_wiring_is_what_the_formulas_say(x: torch.Tensor) -> None:
    double = nn.Linear(16, 16).double()
    for wiring in ("post", "pre"):
        around = Residual(16, p_drop=0.0, wiring=wiring).double()
        norm = nn.LayerNorm(16).double()
        post, pre = norm(x + double(x)), x + double(norm(x))
        expected = post if wiring == "post" else pre
        torch.testing.assert_close(around(x, double), expected)


def test_dropout_falls_on_the_sublayer_alone(x: torch.Tensor) -> None:
    around = Residual(16, p_drop=0.5, wiring="pre").double()
    added = around(x, torch.ones_like) - x
    assert {0.0, 2.0} == set(added.round(decimals=9).unique().tolist())
