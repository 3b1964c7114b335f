"""Attention, by hand and in one fused kernel (Vaswani et al., 2017, section 3.2).

Shapes name their axes after the paper, here and in every other module:

    B  sentences in a batch    Q  query positions    d_model  width of the model
    H  attention heads         K  key positions      d_k      width of a head's keys
                                                     d_v      width of a head's values

A mask is boolean, broadcasts to (B, H, Q, K), and is True where a query may look. One
of numbers is refused with a ValueError.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.nn.kv_cache import KVCache
from allyouneed.nn.linear import Linear, scaled
from allyouneed.nn.masks import causal_mask, check
from allyouneed.nn.observing import Observed, collect
from allyouneed.nn.packing import Packing
from allyouneed.nn.relations import Relation

SHORT = 64**2  # scores of a head up to which plain products beat a CPU's kernel


def attention_weights(
    q: Tensor,
    k: Tensor,
    mask: Tensor | None = None,
    *,
    bias: Tensor | None = None,
    causal: bool = False,
) -> Tensor:
    """How much each query looks at each key (equation 1): (B, H, Q, K).

    Every row sums to one; a query with no key to look at gets a row of zeros. `bias` is
    added to the scaled scores.
    """
    check(mask)
    scores = scaled(q, k)
    scores = scores if bias is None else scores + bias
    mask = _and_causal(mask, q, k) if causal else mask
    if mask is None:
        return scores.softmax(-1)
    weights = scores.masked_fill(~mask, -torch.inf).softmax(-1)
    return weights.masked_fill(~mask, 0.0)  # softmax of a fully masked row is NaN


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    *,
    bias: Tensor | None = None,
    causal: bool = False,
    dropout: float = 0.0,
) -> Tensor:
    """`attention_weights(q, k, mask) @ v`, weights never stored: (B, H, Q, d_v)."""
    check(mask)
    causal = causal and q.shape[-2] > 1  # a lone query is the last: it looks everywhere
    here = q.device.type == "cpu"
    short = here and q.shape[-2] * k.shape[-2] <= SHORT and not dropout
    plain = mask is None and bias is None and q.shape[-2] == k.shape[-2]
    # The kernel's causal flag is the fast way, but takes no mask and aligns the starts.
    if causal and (short or not plain):
        mask, causal = _and_causal(mask, q, k), False
    if mask is None:
        return _mixed(q, k, v, bias, short=short, causal=causal, dropout=dropout)
    blind = ~mask.any(-1, keepdim=True)
    nowhere = torch.zeros_like(mask, dtype=q.dtype).masked_fill(
        ~(mask | blind), -torch.inf
    )
    added = nowhere if bias is None else bias + nowhere
    seen = _mixed(q, k, v, added, short=short, dropout=dropout)
    # Elsewhere the host would have to wait; a graph that is traced holds no numbers.
    if here and not torch.compiler.is_compiling() and not blind.any():
        return seen
    return seen.masked_fill(blind, 0.0)


def _mixed(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    added: Tensor | None,
    *,
    short: bool,
    causal: bool = False,
    dropout: float = 0.0,
) -> Tensor:
    """Values mixed by the softmax of the scaled scores plus `added`: (B, H, Q, d_v)."""
    if not short:
        return F.scaled_dot_product_attention(
            q, k, v, added, dropout_p=dropout, is_causal=causal
        )
    scores = (q * q.shape[-1] ** -0.5) @ k.mT
    return (scores if added is None else scores.add_(added)).softmax(-1) @ v


def _and_causal(mask: Tensor | None, q: Tensor, k: Tensor) -> Tensor:
    past = causal_mask(q.shape[-2], k.shape[-2], device=q.device)
    return past if mask is None else past & mask


class Observable(Observed):
    """A layer that shows its weights (B, H, Q, K)."""


class MultiHeadAttention(Observable):
    """Attention through `heads` learned projections at once (section 3.2.2).

    Args:
        d_model: width of the inputs and of the output.
        heads: number of projections, H.
        d_k, d_v: width of one head's keys and values; d_model / heads unless given
            (table 3, rows A and B).
        dropout: share of attention weights dropped in training; the paper drops none
            (section 5.4).
        bias: whether the projections add one; the paper's do not.
        relation: what it knows of relative positions; for self-attention only.
        kv_heads: keys and values, each shared by as many consecutive heads (grouped
            queries; Ainslie et al., 2023); one for each head unless given. A cache
            holds only these.

    Raises:
        ValueError: a size is below 1, or `heads` does not divide `d_model` and `d_k`
            or `d_v` is missing; or `kv_heads` does not divide `heads`.

    >>> layer = MultiHeadAttention(d_model=512, heads=8)
    >>> layer(torch.zeros(2, 7, 512), memory=torch.zeros(2, 9, 512)).shape
    torch.Size([2, 7, 512])
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        *,
        d_k: int | None = None,
        d_v: int | None = None,
        dropout: float = 0.0,
        bias: bool = False,
        relation: Relation | None = None,
        kv_heads: int | None = None,
    ) -> None:
        super().__init__()
        if d_model < 1 or heads < 1:
            raise ValueError(f"{d_model=}, {heads=}: give at least one of each")
        if d_model % heads and (d_k is None or d_v is None):
            raise ValueError(
                f"{d_model=} does not split into {heads=}: give both d_k and d_v"
            )
        shared = heads if kv_heads is None else kv_heads
        if shared < 1 or heads % shared:
            raise ValueError(f"{kv_heads=}: give a number that divides {heads=}")
        d_k, d_v = (d_model // heads if d is None else d for d in (d_k, d_v))
        if d_k < 1 or d_v < 1:
            raise ValueError(f"{d_k=}, {d_v=}: give at least 1, or None for a share")
        self.heads, self.kv_heads, self.dropout = heads, shared, dropout
        self.query = Linear(d_model, heads * d_k, bias=bias)
        self.key = Linear(d_model, shared * d_k, bias=bias)
        self.value = Linear(d_model, shared * d_v, bias=bias)
        self.output = Linear(heads * d_v, d_model, bias=bias)
        self.relation = relation or Relation()

    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
        *,
        causal: bool = False,
        cache: KVCache | None = None,
        packing: Packing | None = None,
    ) -> Tensor:
        """Let `x` (B, Q, d_model) look at `memory` (B, K, d_model), or at itself.

        Returns (B, Q, d_model). With a `cache`, `x` also looks at the positions of
        earlier calls; a `memory` is projected in the first call only. With a `packing`,
        `x` and the result are packed (N, d_model).

        Raises:
            ValueError: a `memory` for a layer with relative positions.
        """
        q = self._split(self.query(x), packing, self.heads)
        q = self.relation.turn(q, offset=len(cache or ()))
        k, v = self._keys_and_values(x, memory, cache, packing)
        if self.kv_heads < self.heads:
            each = self.heads // self.kv_heads
            k, v = (shared.repeat_interleave(each, dim=1) for shared in (k, v))
        bias = self.relation.bias(q, k)
        dropout = self.dropout if self.training else 0.0
        if self.observer is None and self.relation.fused:
            heads = attend(q, k, v, mask, bias=bias, causal=causal, dropout=dropout)
        else:
            weights = attention_weights(q, k, mask, bias=bias, causal=causal)
            if self.observer is not None:
                self.observer(weights.detach())
            heads = self.relation.mix(F.dropout(weights, dropout), v)
        heads = heads.transpose(1, 2).flatten(2)
        return self.output(heads if packing is None else packing.pack(heads))

    def _keys_and_values(
        self,
        x: Tensor,
        memory: Tensor | None,
        cache: KVCache | None,
        packing: Packing | None,
    ) -> tuple[Tensor, Tensor]:
        if memory is not None and type(self.relation) is not Relation:
            raise ValueError(
                f"{type(self.relation).__name__} knows distances within one sentence: "
                "make the layer that looks at a memory without `relation`"
            )
        if memory is not None and cache:
            return cache.kv
        source, packing = (x, packing) if memory is None else (memory, None)
        k = self._split(self.key(source), packing, self.kv_heads)
        v = self._split(self.value(source), packing, self.kv_heads)
        k = self.relation.turn(k, offset=len(cache or ()))
        return (k, v) if cache is None else cache.append(k, v)

    def _split(self, x: Tensor, packing: Packing | None, heads: int) -> Tensor:
        """(B, T, heads * width), or packed (N, ...) -> (B, heads, T, width)."""
        x = x if packing is None else packing.unpack(x)
        return x.unflatten(-1, (heads, -1)).transpose(1, 2)


@contextmanager
def watch(model: nn.Module) -> Iterator[dict[str, list[Tensor]]]:
    """Collect the weights (B, H, Q, K) of each attention layer of `model`, by name.

    A layer's list gets one entry for each call made inside the block, with the masks
    and caches of that very call.

    >>> model = nn.ModuleDict({"self": MultiHeadAttention(8, 2)})
    >>> with watch(model) as seen:
    ...     _ = model["self"](torch.zeros(1, 3, 8), causal=True)
    >>> seen["self"][0].shape
    torch.Size([1, 2, 3, 3])
    """
    with collect(model, Observable) as seen:
        yield seen
