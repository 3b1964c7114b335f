"""Dropout (Srivastava et al., 2014; section 5.4), at a price that a CPU can pay."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STEPS = 2**16  # a coin is 16 random bits


class Dropout(nn.Module):
    """In training, zero each number with probability `p` and scale up the others.

    PyTorch draws 32 random bits for a number, one after the other, and on a CPU that
    is slow. Here 64 bits decide four numbers, and `p` is rounded to the next 1/65,536.
    On other devices it is PyTorch's own kernel.

    Raises:
        ValueError: `p` is not in [0, 1).

    >>> _ = torch.manual_seed(0)
    >>> Dropout(0.25)(torch.ones(2, 500)).unique()
    tensor([0.0000, 1.3333])
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"{p=}: give a share from 0 up to, not including, 1")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Drop some of `x`, any shape; outside training none."""
        if not self.training or not self.p:
            return x
        if x.device.type != "cpu":
            return F.dropout(x, self.p)
        return x * _coins(x, min(round(self.p * STEPS), STEPS - 1))

    def extra_repr(self) -> str:
        """Show `p` when the model is printed."""
        return f"p={self.p}"


def _coins(x: Tensor, dropped: int) -> Tensor:
    """Zero with probability `dropped` / STEPS, else what keeps the mean: like `x`."""
    bits = torch.empty(-(-x.numel() // 4), dtype=torch.int64, device=x.device)
    coins = bits.random_(-(2**63), None).view(torch.int16)[: x.numel()].view(x.shape)
    keep = (coins >= dropped - STEPS // 2).to(x.dtype)
    return keep.mul_(STEPS / (STEPS - dropped))
