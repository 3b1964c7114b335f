"""Normalisation, and how a sub-layer is wrapped in it (sections 3.1 and 5.4).

Shapes: `B` sentences, `T` positions, `d_model` features. A norm is a choice of the axes
of x (B, T, d_model) that share a mean and a variance:

    layer  the features of one position           (Ba et al., 2016; the paper's)
    rms    the same, without the mean             (Zhang and Sennrich, 2019)
    group  the positions and some features of one sentence    (Wu and He, 2018)
    batch  one feature, at all positions of all sentences     (Ioffe and Szegedy, 2015)

The last two would count padding: their `mask` (B, T) is True where a word is.
"""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.nn.dropout import Dropout
from allyouneed.nn.linear import wide

Norm = Literal["layer", "rms", "batch", "none"]
Wiring = Literal["post", "pre", "none"]


def standardise(
    x: Tensor,
    *,
    over: int | tuple[int, ...] = -1,
    mask: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Give `x` mean 0 and variance 1 over the axes `over`: (B, T, d_model), same shape.

    The variance is the biased one, divided by the count and not by one less. `mask`
    broadcasts to `x` and is True where an entry counts; the others move along.

    >>> standardise(torch.arange(3).double(), eps=0.0).round(decimals=2).tolist()
    [-1.22, 0.0, 1.22]
    """
    exact = wide(x)
    mean, variance = moments(exact, over=over, mask=mask)
    return ((exact - mean) / (variance + eps).sqrt()).to(x.dtype)


def moments(
    x: Tensor, *, over: int | tuple[int, ...], mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and biased variance over the axes `over`, which stay with size 1.

    Raises:
        ValueError: `mask` leaves nothing to count.
    """
    if mask is None:
        mean = x.mean(over, keepdim=True)
        return mean, x.var(over, keepdim=True, correction=0)
    counts = mask.expand_as(x)
    count = counts.sum(over, keepdim=True)
    if not count.all():
        raise ValueError("mask counts no entry where statistics are due: leave it out")
    mean = x.where(counts, 0).sum(over, keepdim=True) / count
    variance = (x - mean).where(counts, 0).square().sum(over, keepdim=True) / count
    return mean, variance


class LayerNorm(nn.Module):
    """`standardise(x) * gain + bias` in one kernel: (B, T, d_model), same shape."""

    def __init__(self, d_model: int, *, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Normalise every position on its own: (B, T, d_model)."""
        return F.layer_norm(x, self.gain.shape, self.gain, self.bias, self.eps)


class RMSNorm(nn.Module):
    """x over the root of its mean square, times a gain: (B, T, d_model), same shape."""

    def __init__(self, d_model: int, *, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(d_model))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Scale every position on its own: (B, T, d_model)."""
        exact = wide(x)
        root = (exact.square().mean(-1, keepdim=True) + self.eps).rsqrt()
        return (exact * root).to(x.dtype) * self.gain


class GroupNorm(nn.Module):
    """`standardise` over all positions of a sentence and a group of features.

    Args:
        d_model: features, gain and bias of their own for each.
        groups: parts of the features; 1 normalises a sentence as a whole, `d_model`
            each feature along the sentence.

    A position's output depends on those after it: not for a decoder.

    Raises:
        ValueError: `groups` does not divide `d_model`.
    """

    def __init__(self, d_model: int, *, groups: int, eps: float = 1e-5) -> None:
        super().__init__()
        if groups < 1 or d_model % groups:
            raise ValueError(f"{groups=} does not divide {d_model=}: give a divisor")
        self.groups, self.eps = groups, eps
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Normalise every sentence on its own: (B, T, d_model), same shape."""
        parts = x.unflatten(-1, (self.groups, -1))
        counts = None if mask is None else mask[..., None, None]
        x = standardise(parts, over=(1, 3), mask=counts, eps=self.eps).flatten(-2)
        return x * self.gain + self.bias


class BatchNorm(nn.Module):
    """Each feature over all words of the batch; in use, as it was while training.

    `eval` takes the running mean and variance, in which a batch counts `momentum`.

    Raises:
        ValueError: while training, the batch holds a single word.
    """

    mean: Tensor
    variance: Tensor

    def __init__(
        self, d_model: int, *, momentum: float = 0.1, eps: float = 1e-5
    ) -> None:
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.register_buffer("mean", torch.zeros(d_model))
        self.register_buffer("variance", torch.ones(d_model))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Normalise each feature: (B, T, d_model), same shape."""
        mean, variance = (
            self._moments(x, mask) if self.training else (self.mean, self.variance)
        )
        exact = (wide(x) - mean) / (variance + self.eps).sqrt()
        return exact.to(x.dtype) * self.gain + self.bias

    def _moments(self, x: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Of this batch; the running ones come a step nearer to them."""
        count = int(mask.sum()) if mask is not None else x.shape[:-1].numel()
        if count < 2:
            raise ValueError(
                f"a batch of {count} words has no variance: give more, or call eval()"
            )
        counts = None if mask is None else mask[..., None]
        mean, variance = moments(wide(x), over=tuple(range(x.dim() - 1)), mask=counts)
        with torch.no_grad():  # what is kept is unbiased, what is used is not
            unbiased = variance.flatten() * count / (count - 1)
            self.mean.lerp_(mean.flatten().to(self.mean), self.momentum)
            self.variance.lerp_(unbiased.to(self.variance), self.momentum)
        return mean, variance


class Unnormed(nn.Module):
    """No normalisation: what it is worth shows where it is missing."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Return `x` as it came: (B, T, d_model)."""
        return x


def norm(kind: Norm, d_model: int) -> LayerNorm | RMSNorm | BatchNorm | Unnormed:
    """Make the norm of that name.

    Raises:
        ValueError: an unknown `kind`.
    """
    match kind:
        case "layer":
            return LayerNorm(d_model)
        case "rms":
            return RMSNorm(d_model)
        case "batch":
            return BatchNorm(d_model)
        case "none":
            return Unnormed()
    raise ValueError(f"norm={kind!r}: choose layer, rms, batch or none")


class Residual(nn.Module):
    """A sub-layer with dropout, a way around it, and a norm (sections 3.1, 5.4).

    Wired "post", as in the paper: norm(x + Dropout(sublayer(x))). Wired "pre", as in
    most models since: x + Dropout(sublayer(norm(x))); the stack then ends with a norm
    of its own (Xiong et al., 2020). Wired "none", there is no way around the sub-layer:
    norm(Dropout(sublayer(x))).

    Raises:
        ValueError: an unknown `wiring` or `norm`.
    """

    def __init__(
        self,
        d_model: int,
        *,
        p_drop: float = 0.1,
        wiring: Wiring = "post",
        norm: Norm = "layer",
    ) -> None:
        super().__init__()
        if wiring not in ("post", "pre", "none"):
            raise ValueError(f"{wiring=}: choose post, pre or none")
        self.norm, self.wiring = _norm(norm, d_model), wiring
        self.dropout = Dropout(p_drop)

    def forward(
        self,
        x: Tensor,
        sublayer: Callable[[Tensor], Tensor],
        mask: Tensor | None = None,
    ) -> Tensor:
        """Pass `x` (B, T, d_model) through and around `sublayer`, same shape.

        `mask` (B, T) is True at words, for norms that would count padding.
        """
        if self.wiring == "pre":
            return x + self.dropout(sublayer(self.norm(x, mask)))
        changed = self.dropout(sublayer(x))
        return self.norm(changed if self.wiring == "none" else x + changed, mask)


_norm = norm  # inside `Residual` the name is the argument's
