"""Restricted self-attention: a query sees its neighbours only (section 4, table 1).

Shapes as in `attention`, and `T` positions that look at each other. A window of r
positions is the neighbourhood of a query, itself included: the r - 1 before it if
causal, else half of them on either side, an odd one after it, as under a convolution.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.nn.attention import Observable, attend, attention_weights


def local_mask(
    length: int,
    *,
    window: int,
    causal: bool = False,
    device: torch.device | None = None,
) -> Tensor:
    """Let each position look at the `window` around it, or up to it: (T, T).

    Raises:
        ValueError: `window` is below 1.

    >>> local_mask(4, window=3).int()
    tensor([[1, 1, 0, 0],
            [1, 1, 1, 0],
            [0, 1, 1, 1],
            [0, 0, 1, 1]], dtype=torch.int32)
    """
    before, after = _reach(window, causal=causal)
    everything = torch.ones(length, length, dtype=torch.bool, device=device)
    return everything.tril(after).triu(-before)


def attend_locally(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    *,
    window: int,
    causal: bool = False,
    dropout: float = 0.0,
) -> Tensor:
    """`attend` with `local_mask`, at a cost that grows as T * window: (B, H, T, d_v).

    Queries go in blocks of `window`, each with the 2 * window - 1 keys that one of them
    sees; all blocks go through the fused kernel at once.

    Args:
        q: queries, (B, H, T, d_k).
        k: keys, (B, H, T, d_k).
        v: values, (B, H, T, d_v).
        mask: True where a key is real, the same for all queries: (B, 1, 1, T).
        window: positions that a query sees, r in the paper.
        causal: the window ends at the query; else the query stands in its middle.
        dropout: share of the weights dropped.

    Raises:
        ValueError: `window` is below 1, queries and keys are not equally many, or the
            mask is not one of keys.
    """
    before, after = _reach(window, causal=causal)
    _check(q, k, mask)
    if not q.shape[-2]:
        return v
    size, length, block = len(q), q.shape[-2], min(window, q.shape[-2])
    before, after = min(before, length - 1), min(after, length - 1)
    keys, rest = before + block + after, -length % block

    def blocks(x: Tensor) -> Tensor:
        """(B, H, T, width) -> (B * blocks, H, keys, width)."""
        parts = F.pad(x, (0, 0, before, after + rest)).unfold(-2, keys, block)
        return parts.movedim(2, 1).flatten(0, 1).mT

    near = torch.ones(block, keys, dtype=torch.bool, device=q.device)
    near = near.triu().tril(before + after)
    real = near.new_ones(1, 1, 1, length) if mask is None else mask
    real = blocks(real.expand(size, -1, -1, -1).mT).mT
    queries = F.pad(q, (0, 0, 0, rest)).unflatten(-2, (-1, block)).transpose(1, 2)
    seen = attend(
        queries.flatten(0, 1), blocks(k), blocks(v), near & real, dropout=dropout
    )
    whole = seen.unflatten(0, (size, -1)).transpose(1, 2).flatten(2, 3)
    return whole[:, :, :length]


class LocalAttention(Observable):
    """`MultiHeadAttention` of a sequence to itself, each position within a window.

    Args:
        d_model: width of the input and of the output.
        heads: number of projections, H; divides `d_model`.
        window: positions that a query sees, r in the paper.
        causal: whether the window ends at the query.
        dropout: share of attention weights dropped in training.

    Raises:
        ValueError: a size is below 1, or `heads` does not divide `d_model`.

    >>> LocalAttention(512, 8, window=64)(torch.zeros(2, 100, 512)).shape
    torch.Size([2, 100, 512])
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        *,
        window: int,
        causal: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if d_model < 1 or heads < 1 or d_model % heads:
            raise ValueError(f"{d_model=}, {heads=}: give heads that divide d_model")
        _reach(window, causal=causal)
        self.heads, self.window, self.causal = heads, window, causal
        self.dropout = dropout
        self.query, self.key, self.value, self.output = (
            nn.Linear(d_model, d_model, bias=False) for _ in range(4)
        )

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Let `x` (B, T, d_model) look around; `mask` (B, 1, 1, T) tells real keys.

        Raises:
            ValueError: the mask is not one of keys.
        """
        q, k, v = (
            layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        dropout = self.dropout if self.training else 0.0
        r, causal = self.window, self.causal
        if self.observer is None:
            heads = attend_locally(
                q, k, v, mask, window=r, causal=causal, dropout=dropout
            )
        else:
            near = local_mask(x.shape[1], window=r, causal=causal, device=x.device)
            weights = attention_weights(q, k, near if mask is None else near & mask)
            self.observer(weights.detach())
            heads = F.dropout(weights, dropout) @ v
        return self.output(heads.transpose(1, 2).flatten(2))


def _reach(window: int, *, causal: bool) -> tuple[int, int]:
    """How far a query sees back, and how far ahead."""
    if window < 1:
        raise ValueError(f"{window=}: a query sees itself at least; give 1 or more")
    before = window - 1 if causal else (window - 1) // 2
    return before, window - 1 - before


def _check(q: Tensor, k: Tensor, mask: Tensor | None) -> None:
    if q.shape[-2] != k.shape[-2]:
        raise ValueError(
            f"{q.shape[-2]} queries, {k.shape[-2]} keys: a window is within one "
            "sequence; give as many keys as queries"
        )
    if mask is not None and (mask.ndim != 4 or mask.shape[1:] != (1, 1, k.shape[-2])):
        raise ValueError(
            f"mask has shape {tuple(mask.shape)}: give (B, 1, 1, {k.shape[-2]}), as "
            "masks.padding_mask makes it"
        )
