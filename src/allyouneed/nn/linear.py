"""Linear maps, fast for the few rows of a decoding step, and all scaled products."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ROWS, NUMBERS = 256, 2**19  # of a result, up to which turning was seen to be faster


class Linear(nn.Linear):
    """`nn.Linear` by `linear`: (..., d_in) -> (..., d_out)."""

    def forward(self, x: Tensor) -> Tensor:
        """Map the last axis."""
        return linear(x, self.weight, self.bias)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return x W^T + b: (..., d_in), (d_out, d_in), (d_out,) -> (..., d_out).

    A CPU's library splits a product by the rows of its result. Of a few rows there is
    little to split: then W x^T, turned back, takes less time. The result lies in memory
    as always, for what reads it next wants its rows in one piece.
    """
    rows = x.shape[:-1].numel()
    few = rows <= ROWS and rows * len(weight) <= NUMBERS
    if torch.is_grad_enabled() or x.device.type != "cpu" or not few:
        return F.linear(x, weight, bias)
    turned = x.reshape(rows, x.shape[-1]).T
    y = weight @ turned if bias is None else torch.addmm(bias[:, None], weight, turned)
    return y.T.contiguous().view(*x.shape[:-1], len(weight))


def scaled(q: Tensor, k: Tensor) -> Tensor:
    """All q . k / sqrt(d_k): (..., Q, d_k), (..., K, d_k) -> (..., Q, K).

    Products beyond 65,504 are infinite in fp16, so there the queries are scaled first.
    """
    if q.dtype == torch.float16:
        return (q * q.shape[-1] ** -0.5) @ k.mT
    return q @ k.mT / q.shape[-1] ** 0.5
