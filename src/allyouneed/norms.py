"""Layer normalisation and how a sub-layer is wrapped (sections 3.1 and 5.4).

Shapes: `B` sentences, `T` positions, `d_model` features; the statistics are those of
one position, over its features alone (Ba et al., 2016).
"""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Wiring = Literal["post", "pre"]


def standardise(x: Tensor, *, eps: float = 1e-5) -> Tensor:
    """Give each position mean 0 and variance 1 over its features: (..., d_model).

    The variance is the biased one, divided by d_model and not by d_model - 1.
    """
    mean = x.mean(-1, keepdim=True)
    variance = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / (variance + eps).sqrt()


class LayerNorm(nn.Module):
    """`standardise(x) * gain + bias` in one kernel: (B, T, d_model), same shape."""

    def __init__(self, d_model: int, *, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise every position on its own: (B, T, d_model)."""
        return F.layer_norm(x, self.gain.shape, self.gain, self.bias, self.eps)


class Residual(nn.Module):
    """A sub-layer with dropout, a way around it, and LayerNorm (sections 3.1, 5.4).

    Wired "post", as in the paper: LayerNorm(x + Dropout(sublayer(x))). Wired "pre", as
    in most models since: x + Dropout(sublayer(LayerNorm(x))); the stack then ends with
    a LayerNorm of its own (Xiong et al., 2020).

    Raises:
        ValueError: an unknown `wiring`.
    """

    def __init__(
        self, d_model: int, *, p_drop: float = 0.1, wiring: Wiring = "post"
    ) -> None:
        super().__init__()
        if wiring not in ("post", "pre"):
            raise ValueError(f"{wiring=}: choose post or pre")
        self.norm, self.wiring = LayerNorm(d_model), wiring
        self.dropout = nn.Dropout(p_drop)

    def forward(self, x: Tensor, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        """Pass `x` (B, T, d_model) through and around `sublayer`, same shape."""
        if self.wiring == "pre":
            return x + self.dropout(sublayer(self.norm(x)))
        return self.norm(x + self.dropout(sublayer(x)))
