"""Four checks that take no training, put to the parts of `planted_bugs`.

    shape      the result has the right shape, and no NaN
    reference  another implementation gives the same numbers, masks and all
    property   what the paper says of the part, whatever the numbers are
    by hand    the formula, worked out for the smallest case

The reference is PyTorch's own layer. For positions PyTorch has none: there it is the
sample code that note 004 corrected its own by.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.nn.masks import causal_mask
from allyouneed.studies.planted_bugs import Kind, Part

Function = Callable[..., Tensor]
B, T, D, H = 3, 7, 64, 4
CLOSE = 1e-4  # float32 computed by two routes


def same(one: Tensor, other: Tensor) -> bool:
    """Whether both are alike to rounding, in shape too."""
    return one.shape == other.shape and bool((one - other).abs().max() < CLOSE)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    """Normal numbers, drawn anew for each seed."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def queries() -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values: each (B, H, T, D / H)."""
    return drawn(B, H, T, D // H, seed=1), *drawn(2, B, H, T, D // H, seed=2)


def shape(kind: Kind, function: Function) -> bool:
    """Whether the result has the shape that it should, all of it finite."""
    x = drawn(B, T, D)
    apart: tuple[int, ...] = (B, H, T, D // H)
    if kind == "attention":
        out = function(*queries(), causal_mask(T))
    elif kind == "heads":
        out = function(x, H)
    else:
        out, apart = function(x), (B, T, D)
    return out.shape == apart and bool(out.isfinite().all())


def reference(kind: Kind, function: Function) -> bool:
    """Whether PyTorch, or for positions the sample code, gives the same."""
    x = drawn(B, T, D)
    if kind == "attention":
        q, k, v = queries()
        mask = causal_mask(T)
        theirs = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return same(function(q, k, v, mask), theirs)
    if kind == "heads":
        layer = nn.MultiheadAttention(D, H, bias=False, batch_first=True)
        q, k, v = (
            function(x @ part.T, H) for part in layer.in_proj_weight.detach().chunk(3)
        )
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        ours, (theirs, _) = layer.out_proj(mixed), layer(x, x, x)
        return same(ours.detach(), theirs.detach())
    if kind == "norm":
        return same(function(x), nn.LayerNorm(D)(x).detach())
    return same(function(x), x + sample_code(T, D))


def sample_code(length: int, d_model: int) -> Tensor:
    """Positions as note 004's sample code has them, exponent and all: (T, d_model)."""
    rows = torch.zeros(length, d_model)
    for place in range(length):
        for i in range(0, d_model, 2):
            angle = place / 10_000 ** (2 * i / d_model)
            rows[place, i], rows[place, i + 1] = math.sin(angle), math.cos(angle)
    return rows


def properties(kind: Kind, function: Function) -> bool:
    """Whether the part does what the paper says that it is for."""
    return PROPERTIES[kind](function)


def _mixes_the_past(function: Function) -> bool:
    """Weights sum to one, and no later word changes an earlier result."""
    q, k, v = queries()
    mask, later = causal_mask(T), drawn(B, H, 1, D // H, seed=3)
    ones = function(q, k, torch.ones_like(v), mask)
    swapped = [torch.cat((part[:, :, :-1], later), 2) for part in (k, v)]
    before, after = function(q, k, v, mask), function(q, *swapped, mask)
    return same(ones, torch.ones_like(v)) and same(before[:, :, :-1], after[:, :, :-1])


def _keeps_places(function: Function) -> bool:
    """What a head has of one place comes from that place."""
    x = drawn(B, T, D)
    other = torch.cat((x[:, :-1], drawn(B, 1, D, seed=3)), 1)
    return same(function(x, H)[:, :, :-1], function(other, H)[:, :, :-1])


def _standardises(function: Function) -> bool:
    """Each position has mean 0 and variance 1, whatever stands around it."""
    x = 5 + 3 * drawn(B, T, D)
    out = function(x)
    means, squares = out.mean(-1), out.square().mean(-1)
    level = same(means, torch.zeros(B, T)) and same(squares, torch.ones(B, T))
    return level and same(out[:, :1], function(x[:, :1]))


def _tells_places_apart(function: Function) -> bool:
    """Every place has a code of its own, and products depend on the distance alone."""
    codes = function(torch.zeros(B, T, D))
    products = codes @ codes.mT
    distances = [products.diagonal(n, 1, 2) for n in range(T)]
    apart = torch.pdist(codes[0]).min() > CLOSE
    return bool(apart) and all(same(x, x[:, :1].expand_as(x)) for x in distances)


PROPERTIES: Mapping[Kind, Callable[[Function], bool]] = MappingProxyType(
    {
        "attention": _mixes_the_past,
        "heads": _keeps_places,
        "norm": _standardises,
        "positions": _tells_places_apart,
    }
)


def by_hand(kind: Kind, function: Function) -> bool:
    """Whether the smallest case comes out as with a pencil.

    Attention: one head, d_k = 4, q = k = (1, 1, 1, 1) at place 1 and zeros at place 0,
    values 1 and 2. Place 0 sees itself; the scores of place 1 are 0 and 4 / 2.
    """
    if kind == "attention":
        q = torch.tensor([[0.0], [1.0]]).expand(1, 1, 2, 4)
        weight = math.exp(2) / (1 + math.exp(2))
        wanted = torch.tensor([[1.0], [1 + weight]]).expand(1, 1, 2, 4)
        return same(function(q, q, q + 1, causal_mask(2)), wanted)
    if kind == "heads":
        x = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
        return same(function(x, 2), torch.tensor([[[[1.0], [3.0]], [[2.0], [4.0]]]]))
    if kind == "norm":
        return same(function(torch.tensor([[[1.0, 3.0]]])), torch.tensor([[[-1.0, 1]]]))
    first, second = (math.sin(1), math.cos(1)), (math.sin(0.01), math.cos(0.01))
    rows = torch.tensor([[[0.0, 1, 0, 1], [*first, *second]]])
    return same(function(torch.zeros(1, 2, 4)), rows)


CHECKS: Mapping[str, Callable[[Kind, Function], bool]] = MappingProxyType(
    {
        "shape": shape,
        "reference": reference,
        "property": properties,
        "by hand": by_hand,
    }
)


@torch.no_grad()
def complains(check: str, part: Part) -> bool:
    """Whether a check says that the part is wrong.

    Raises:
        ValueError: there is no such check.
    """
    if check not in CHECKS:
        raise ValueError(f"{check=}: choose one of {', '.join(CHECKS)}")
    return not CHECKS[check](part.kind, part.function)
