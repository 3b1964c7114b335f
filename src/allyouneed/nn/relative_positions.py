"""Where tokens stand to each other, told to self-attention itself.

Four schemes, each an `attention.Relation`: what it needs is done to queries and keys
(`Rotary`), to scores (`T5Bias`, `ALiBi`), or to scores and values (`Shaw`). All know
distances only, so a shift of the whole sentence changes nothing, and any length runs:
to Shaw and T5 all that is far is equally far (from 16 tokens on, and from 113 or, in an
encoder, 91), ALiBi and rotary count on, to distances they were perhaps not trained for.

Shapes as in `attention`; distances are key position minus query position, (Q, K), and
the last query stands at the last key.

All four act on self-attention alone, as in their papers (Shaw et al., 2018, section 3;
T5's code; RoFormer, section 4.1; ALiBi has no encoder): between the positions of two
languages there is no distance.
"""

import math

import torch
from torch import Tensor, nn

from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.linear import scaled, wide
from allyouneed.nn.positions import Scheme, Waves
from allyouneed.nn.relations import Relation


def distances(q: Tensor, k: Tensor) -> Tensor:
    """Key position minus query position: (..., Q, d_k), (..., K, d_k) -> (Q, K).

    >>> distances(torch.zeros(2, 8), torch.zeros(3, 8)).tolist()
    [[-1, 0, 1], [-2, -1, 0]]
    """
    queries, keys = q.shape[-2], k.shape[-2]
    here = torch.arange(keys - queries, keys, device=k.device)
    return torch.arange(keys, device=k.device) - here[:, None]


def rotate(x: Tensor, waves: Tensor) -> Tensor:
    """Turn each pair of components by its wave's angle: (..., T, d_k), same shape.

    `waves` (T, d_k) are sines and cosines in turn, as `positions.sinusoids` has them.

    >>> quarter = torch.tensor([[1.0, 0.0]])  # sine and cosine of a quarter turn
    >>> rotate(torch.tensor([[3.0, 4.0]]), quarter).tolist()
    [[-4.0, 3.0]]
    """
    sin, cos = waves.unflatten(-1, (-1, 2)).unbind(-1)
    a, b = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cos - b * sin, a * sin + b * cos), dim=-1).flatten(-2)


class Rotary(Relation):
    """Queries and keys turned by their positions (Su et al., 2021).

    Pair i turns by 1 / 10000^(2i / d_k) radians a position. A score depends on the
    angle between query and key, and so on the difference of their positions.

    Raises:
        ValueError: `d_k` is odd: one component would have no partner.
    """

    def __init__(self, d_k: int) -> None:
        if d_k % 2:
            raise ValueError(f"{d_k=} is odd: rotary turns pairs, choose an even width")
        self.waves = Waves(d_k)

    def turn(self, x: Tensor, *, offset: int) -> Tensor:
        """Turn queries or keys (B, H, T, d_k) that stand at offset, offset + 1, ..."""
        exact = wide(x)  # halves blur angles
        return rotate(exact, self.waves.like(exact, offset=offset)).to(x.dtype)


def slopes(heads: int) -> Tensor:
    """What each head charges for a step of distance (Press et al., 2022): (heads,).

    From 2^(-8/heads) to 2^-8 by one factor. For a number of heads that is no power of
    two: those of the power below, then every other one of the power above, as in the
    authors' code.

    >>> slopes(4).tolist()
    [0.25, 0.0625, 0.015625, 0.00390625]
    """
    power = 2 ** int(math.log2(heads))
    known = [2 ** (-8 * i / power) for i in range(1, power + 1)]
    between = [2 ** (-4 * i / power) for i in range(1, 2 * power, 2)]
    return torch.tensor((known + between)[:heads])


class ALiBi(Relation):
    """Scores lowered in proportion to the distance; nothing is learned.

    The paper has a decoder only. An encoder is charged for both directions alike, one
    of the ways its first author proposes (issue 5 of attention_with_linear_biases).
    """

    def __init__(self, heads: int) -> None:
        self.slopes = slopes(heads)

    def bias(self, q: Tensor, k: Tensor) -> Tensor:
        """Minus slope times distance: (1, H, Q, K)."""
        far = distances(q, k).abs()
        return (-self.slopes.to(q.device)[:, None, None] * far).to(q.dtype)[None]


def bucket(
    distance: Tensor, *, buckets: int = 32, farthest: int = 128, causal: bool
) -> Tensor:
    """Number the distances, the near ones singly, the far ones in ever wider groups.

    T5's rule (Raffel et al., 2020, section 2.1, and their code), same shape: half of
    the buckets hold one distance each, the other half grow by a constant factor until
    `farthest`, and the last holds whatever is farther. A causal layer spends all of
    them on the past, others half of them on each side.

    >>> bucket(torch.tensor([0, -1, -15, -16, -127, -128, -900]), causal=True).tolist()
    [0, 1, 15, 16, 31, 31, 31]
    >>> bucket(torch.tensor([-1, 0, 1, 8, 900]), causal=False).tolist()
    [1, 0, 17, 24, 31]

    Raises:
        ValueError: too few buckets for one distance each, or none of them is farther.
    """
    side = buckets if causal else buckets // 2
    if not 1 <= side // 2 < farthest:
        raise ValueError(
            f"{buckets=}, {farthest=}: give at least {2 if causal else 4} buckets, and "
            "a distance beyond those that have one each"
        )
    later = 0 if causal else side * (distance > 0)
    far = (-distance).clamp(min=0) if causal else distance.abs()
    single = side // 2
    share = (far.clamp(min=1) / single).log() / math.log(farthest / single)
    group = single + (share * (side - single)).long()
    return later + torch.where(far < single, far, group.clamp(max=side - 1))


class T5Bias(Relation, nn.Module):
    """One learned number for each head and bucket of distances, added to the scores.

    It starts at zero, where the bucket of a distance that training never met stays. As
    in T5, all layers of a stack share one (see `tie`).
    """

    def __init__(self, heads: int, *, causal: bool, buckets: int = 32) -> None:
        super().__init__()
        self.causal = causal
        self.table = nn.Parameter(torch.zeros(buckets, heads))

    def bias(self, q: Tensor, k: Tensor) -> Tensor:
        """The number of each distance's bucket: (1, H, Q, K)."""
        places = bucket(distances(q, k), buckets=len(self.table), causal=self.causal)
        return self.table[places].permute(2, 0, 1).to(q.dtype)[None]


class Shaw(Relation, nn.Module):
    """Learned vectors of distances, added to keys and values (Shaw et al., 2018).

    Distances beyond `clip` count as `clip`. The heads of a layer share the vectors.
    What is added to the values needs the weights: no fused kernel does this one.
    """

    fused = False

    def __init__(self, d_k: int, d_v: int, *, clip: int = 16) -> None:
        super().__init__()
        self.clip = clip
        self.keys = nn.Parameter(torch.randn(2 * clip + 1, d_k) * d_k**-0.5)
        self.values = nn.Parameter(torch.randn(2 * clip + 1, d_v) * d_v**-0.5)

    def bias(self, q: Tensor, k: Tensor) -> Tensor:
        """Each query times the vector of each distance, scaled: (B, H, Q, K)."""
        each = scaled(q, self.keys.to(q.dtype))  # (B, H, Q, 2 clip + 1)
        return each.gather(-1, self._places(q, k).expand(*q.shape[:-1], -1))

    def mix(self, weights: Tensor, v: Tensor) -> Tensor:
        """Mix values, each with the vector of its distance: (B, H, Q, d_v)."""
        places = self._places(weights, v).expand_as(weights)
        each = weights.new_zeros(*weights.shape[:-1], len(self.values))
        each = each.scatter_add(-1, places, weights)
        return weights @ v + each @ self.values.to(v.dtype)

    def _places(self, q: Tensor, k: Tensor) -> Tensor:
        return distances(q, k).clamp(-self.clip, self.clip) + self.clip


def relation(
    scheme: Scheme, *, heads: int, d_k: int, d_v: int, causal: bool
) -> Relation:
    """Make what a self-attention layer needs for these positions.

    For those that are added to the embeddings, a relation that does nothing.

    Raises:
        ValueError: rotary positions with an odd `d_k`.
    """
    match scheme:
        case "shaw":
            return Shaw(d_k, d_v)
        case "t5":
            return T5Bias(heads, causal=causal)
        case "alibi":
            return ALiBi(heads)
        case "rotary":
            return Rotary(d_k)
    return Relation()


def tie(stack: nn.Module) -> None:
    """Let all self-attentions of a stack share the first one's T5 bias, as T5's do."""
    layers = [
        layer
        for layer in stack.modules()
        if isinstance(layer, MultiHeadAttention) and isinstance(layer.relation, T5Bias)
    ]
    for layer in layers:
        layer.relation = layers[0].relation
