"""Attention that costs less over long sequences: patterns, shared keys, one sum.

Shapes as in `attention`, and `T` positions that look back at each other. All of it is
causal: position t sees no later one.

`Pattern` says which earlier positions a query may see. `PatternedAttention` looks by
it, and several heads may share one key and one value. `LinearAttention` has no softmax:
what it has read is one matrix S (d_k, d_v) and one vector z (d_k,) a head.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.kv_cache import KVCache
from allyouneed.nn.linear import wide
from allyouneed.nn.packing import Packing
from allyouneed.nn.relations import Relation


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Which earlier positions a query sees; the defaults are all of them.

    Args:
        window: positions that a query sees, itself included; None: all.
        dilation: steps from one of them to the next.
        first: positions at the beginning that every later query sees as well.

    Raises:
        ValueError: `window` or `dilation` is below 1, or `first` below 0.
    """

    window: int | None = None
    dilation: int = 1
    first: int = 0

    def __post_init__(self) -> None:
        if self.dilation < 1 or (self.window is not None and self.window < 1):
            raise ValueError(
                f"window={self.window}, dilation={self.dilation}: give 1 or more"
            )
        if self.first < 0:
            raise ValueError(f"first={self.first}: give 0 or more")

    def mask(self, queries: int, keys: int, *, device: torch.device | None) -> Tensor:
        """True where a query may look, the last one at the last key: (Q, K).

        >>> Pattern(window=2, first=1).mask(4, 4, device=None).int()
        tensor([[1, 0, 0, 0],
                [1, 1, 0, 0],
                [1, 1, 1, 0],
                [1, 0, 1, 1]], dtype=torch.int32)
        """
        there = torch.arange(keys, device=device)
        back = torch.arange(keys - queries, keys, device=device)[:, None] - there
        seen = (back >= 0) & (back % self.dilation == 0)
        if self.window is not None:
            seen &= back < self.window * self.dilation
        return seen | ((back >= 0) & (there < self.first))


class OwnPast(MultiHeadAttention):
    """`MultiHeadAttention` of a sequence to its own past, and to nothing else."""

    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
        *,
        causal: bool = True,
        cache: KVCache | None = None,
        packing: Packing | None = None,
    ) -> Tensor:
        """Let each position of `x` (B, T, d_model) look back, same shape.

        Raises:
            ValueError: a memory, a mask or a packing, or looking ahead; a cache where
                a state takes its place.
        """
        if memory is not None or mask is not None or packing is not None or not causal:
            raise ValueError(
                "a long sequence looks at its own past: give no memory, mask or "
                "packing, and leave causal=True"
            )
        return self._look_back(x, cache)

    @abstractmethod
    def _look_back(self, x: Tensor, cache: KVCache | None) -> Tensor: ...


class PatternedAttention(OwnPast):
    """Attention of a sequence to its past by a pattern, keys shared or not.

    Raises:
        ValueError: as `MultiHeadAttention`.

    >>> layer = PatternedAttention(64, 8, Pattern(window=16), kv_heads=2)
    >>> layer(torch.zeros(2, 50, 64)).shape, layer.key.weight.shape
    (torch.Size([2, 50, 64]), torch.Size([16, 64]))
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        pattern: Pattern,
        *,
        kv_heads: int | None = None,
        d_k: int | None = None,
        relation: Relation | None = None,
    ) -> None:
        super().__init__(
            d_model, heads, d_k=d_k, d_v=d_k, relation=relation, kv_heads=kv_heads
        )
        self.pattern = pattern

    def _look_back(self, x: Tensor, cache: KVCache | None) -> Tensor:
        keys = len(cache or ()) + x.shape[1]
        seen = self.pattern.mask(x.shape[1], keys, device=x.device)
        return MultiHeadAttention.forward(self, x, mask=seen, cache=cache)


TINY = 1e-6  # as in the authors' code: features can round to a sum of zero


class State(NamedTuple):
    """What linear attention keeps of all it read: S (B, H, d_k, d_v), z (B, H, d_k)."""

    s: Tensor
    z: Tensor


def features(x: Tensor) -> Tensor:
    """elu(x) + 1 (Katharopoulos et al., 2020): positive, so that weights are."""
    return F.elu(x) + 1


def attend_linearly(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Mix the values of the past by feature products, all positions at once.

    The weight of key s for query t is features(q_t) . features(k_s), divided by the sum
    over s up to t: (B, H, T, d_k) twice, (B, H, T, d_v) -> (B, H, T, d_v).
    """
    weights = (features(wide(q)) @ features(wide(k)).mT).tril()
    return (weights @ wide(v) / (weights.sum(-1, keepdim=True) + TINY)).to(v.dtype)


def linear_weights(q: Tensor, k: Tensor) -> Tensor:
    """The weights of `attend_linearly`: (B, H, T, d_k) twice -> (B, H, T, T)."""
    weights = (features(wide(q)) @ features(wide(k)).mT).tril()
    return (weights / (weights.sum(-1, keepdim=True) + TINY)).to(q.dtype)


def linear_step(
    q: Tensor, k: Tensor, v: Tensor, state: State | None
) -> tuple[Tensor, State]:
    """`attend_linearly` for the next position, from the state alone.

    The same sums, ordered otherwise: q, k (B, H, d_k) and v (B, H, d_v) give
    (B, H, d_v), and the next state.
    """
    k = features(wide(k))
    s, z = k[..., :, None] * wide(v)[..., None, :], k
    if state is not None:
        s, z = state.s + s, state.z + z
    q = features(wide(q))[..., None, :]
    out = (q @ s / (q @ z[..., None] + TINY)).squeeze(-2)
    return out.to(v.dtype), State(s, z)


class LinearAttention(OwnPast):
    """Attention of a sequence to its past without the softmax: a state, no cache.

    >>> LinearAttention(64, 4)(torch.zeros(2, 50, 64)).shape
    torch.Size([2, 50, 64])
    """

    def __init__(self, d_model: int, heads: int) -> None:
        super().__init__(d_model, heads)

    def _look_back(self, x: Tensor, cache: KVCache | None) -> Tensor:
        if cache is not None:
            raise ValueError("linear attention keeps a state: give no cache")
        q, k, v = (
            self._split(layer(x), None, self.heads)
            for layer in (self.query, self.key, self.value)
        )
        if self.observer is None:
            heads = attend_linearly(q, k, v)
        else:
            weights = linear_weights(q, k)
            self.observer(weights.detach())
            heads = weights @ v
        return self.output(heads.transpose(1, 2).flatten(2))
