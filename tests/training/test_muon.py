"""Muon against PyTorch's own, and against the decomposition that it avoids."""

import pytest
import torch

from allyouneed.training.muon import Muon, orthogonalised


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="PyTorch before 2.9")
@pytest.mark.parametrize("shape", [(6, 6), (4, 9), (9, 4)])
def test_it_moves_as_pytorchs_does(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    start = torch.randn(shape)
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    movers = (
        Muon([ours], weight_decay=0.1),
        torch.optim.Muon([theirs], weight_decay=0.1, adjust_lr_fn="match_rms_adamw"),
    )
    for step in range(4):
        slope = torch.randn(shape)
        for weight, mover in zip((ours, theirs), movers, strict=True):
            mover.param_groups[0]["lr"] = 0.1 / (step + 1)
            weight.grad = slope.clone()
            mover.step()
    torch.testing.assert_close(ours, theirs, atol=0.01, rtol=0)  # theirs in bf16


@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3)])
def test_it_comes_near_the_decomposition(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    u, _, v = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    lengths = torch.linspace(1, 0.2, min(shape))
    turned = orthogonalised(u * lengths @ v)
    found = torch.diagonal(u.T @ turned @ v.T)
    torch.testing.assert_close(u * found @ v, turned)  # the same directions
    assert 0.65 < found.min() < found.max() < 1.25


def test_what_is_no_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shapes \[\(3,\)\]: give matrices"):
        Muon([torch.zeros(3)], weight_decay=0.1)


def test_a_matrix_without_a_gradient_stays() -> None:
    weight = torch.nn.Parameter(torch.ones(2, 2))
    Muon([weight], weight_decay=0.1).step()
    assert weight.equal(torch.ones(2, 2))


def test_it_goes_on_from_its_own_state() -> None:
    weight = torch.nn.Parameter(torch.ones(2, 2))
    weight.grad = torch.eye(2)
    mover = Muon([weight], weight_decay=0.1)
    mover.step()
    mover.load_state_dict(mover.state_dict())
    mover.step()
    assert weight.isfinite().all()
