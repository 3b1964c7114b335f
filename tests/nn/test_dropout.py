"""Our dropout against what dropout is, and against PyTorch's."""

import pytest
import torch

from allyouneed.ground import runtime
from allyouneed.nn.dropout import Dropout

COUNT = 1_000_001  # not a multiple of four


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5])
def test_it_drops_its_share_and_keeps_the_mean(p: float) -> None:
    torch.manual_seed(0)
    x = Dropout(p)(torch.ones(COUNT, dtype=torch.double))
    zeros, others = (x == 0).double(), x[x != 0]
    margin = 4 * (p * (1 - p) / COUNT) ** 0.5
    assert abs(zeros.mean() - p) < margin
    assert abs(others.unique().item() * (1 - p) - 1) < 1e-4
    neighbours = torch.corrcoef(torch.stack((zeros[:-1], zeros[1:])))[0, 1]
    assert abs(neighbours) < 4 / COUNT**0.5  # four coins from one draw do not agree


@pytest.mark.parametrize("shape", [(1,), (3, 5), (2, 3, 7)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_shape_and_dtype_stay(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    x = torch.ones(shape, dtype=dtype)
    assert (Dropout(0.5)(x).shape, Dropout(0.5)(x).dtype) == (x.shape, x.dtype)


def test_the_gradient_goes_where_the_number_went() -> None:
    torch.manual_seed(0)
    x = torch.randn(100, requires_grad=True)
    y = Dropout(0.4)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(gradient * x, y)


def test_it_rests_in_use() -> None:
    x = torch.ones(50)
    assert torch.equal(Dropout(0.5).eval()(x), x)
    assert torch.equal(Dropout(0.0)(x), x)


def test_the_seed_decides() -> None:
    def drawn(seed: int) -> torch.Tensor:
        with runtime.seeded(torch.device("cpu"), seed):
            return Dropout(0.5)(torch.ones(64))

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))


@pytest.mark.parametrize("p", [-0.1, 1.0])
def test_a_share_that_cannot_be_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="p="):
        Dropout(p)


def test_a_share_near_all_leaves_numbers() -> None:
    x = Dropout(0.999999)(torch.ones(50))
    assert x.isfinite().all()
