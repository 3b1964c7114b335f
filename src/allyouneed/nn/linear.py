"""Linear maps, fast for the few rows of a decoding step, and all scaled products.

Sums and products beyond 65,504 are infinite in fp16: `wide` is for the former.
"""

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

    A CPU's library deals the rows of the result out to its threads. Of a few rows there
    is little to deal: then W x^T, turned back, takes less time, unless there is but one
    thread. The result lies in memory as always, for what reads it next wants its rows
    in one piece.
    """
    rows = x.shape[:-1].numel()
    few = rows <= ROWS and rows * len(weight) <= NUMBERS
    traced = torch.compiler.is_compiling()  # a graph knows nothing of threads
    deals = not traced and x.device.type == "cpu" and torch.get_num_threads() > 1
    if torch.is_grad_enabled() or not (few and deals):
        return F.linear(x, weight, bias)
    turned = x.reshape(rows, x.shape[-1]).T
    y = weight @ turned if bias is None else torch.addmm(bias[:, None], weight, turned)
    return y.T.contiguous().view(*x.shape[:-1], len(weight))


def scaled(q: Tensor, k: Tensor) -> Tensor:
    """All q . k / sqrt(d_k): (..., Q, d_k), (..., K, d_k) -> (..., Q, K).

    In fp16 the queries are scaled first, so that no product is infinite.
    """
    if q.dtype == torch.float16:
        return (q * q.shape[-1] ** -0.5) @ k.mT
    return q @ k.mT / q.shape[-1] ** 0.5


def wide(x: Tensor) -> Tensor:
    """`x` itself, or in float32 if it is half as wide: to add up many, or squares."""
    return x.to(torch.promote_types(x.dtype, torch.float32))
