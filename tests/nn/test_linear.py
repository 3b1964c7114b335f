"""The turned product against PyTorch's layer."""

from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from allyouneed.nn import linear as module
from allyouneed.nn.linear import Linear, linear


@pytest.mark.parametrize("shape", [(6,), (1, 6), (4, 6), (2, 3, 6), (0, 6)])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("rows", [0, 256])
@pytest.mark.parametrize("threads", [1, 2])
def test_equals_pytorch(
    shape: tuple[int, ...],
    bias: bool,
    rows: int,
    threads: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ROWS", rows)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    torch.manual_seed(0)
    layer, x = Linear(6, 5, bias=bias).double(), torch.randn(shape).double()
    expected = F.linear(x, layer.weight, layer.bias)
    torch.testing.assert_close(layer(x), expected)
    with torch.no_grad():
        torch.testing.assert_close(layer(x), expected)
        torch.testing.assert_close(linear(x, layer.weight, layer.bias), expected)


@torch.no_grad()
def test_the_result_lies_in_memory_as_pytorch_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    y = linear(torch.randn(2, 3, 6), torch.randn(5, 6))
    assert y.is_contiguous()


@pytest.mark.parametrize(("threads", "calls"), [(1, 1), (2, 0)])
@torch.no_grad()
def test_one_thread_has_nothing_to_deal_out(
    threads: int, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Size] = []

    def plain(x: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        seen.append(x.shape)
        return torch.nn.functional.linear(x, *rest)

    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    monkeypatch.setattr(module, "F", SimpleNamespace(linear=plain))
    linear(torch.randn(3, 6), torch.randn(5, 6))
    assert len(seen) == calls
