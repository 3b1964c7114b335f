"""Patterns, shared keys and linear attention against loops and PyTorch's own."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from allyouneed.nn.attention import MultiHeadAttention, watch
from allyouneed.nn.kv_cache import KVCache
from allyouneed.nn.linear import Linear
from allyouneed.nn.local_attention import local_mask
from allyouneed.nn.long_attention import (
    TINY,
    LinearAttention,
    Pattern,
    PatternedAttention,
    attend_linearly,
    features,
    linear_step,
)
from allyouneed.nn.masks import padding_mask
from allyouneed.nn.packing import Packing
from allyouneed.nn.relative_positions import ALiBi, Rotary

B, H, T, D_K, D_V = 2, 3, 11, 4, 5
PATTERNS = [
    Pattern(),
    Pattern(window=1),
    Pattern(window=4),
    Pattern(window=3, dilation=2),
    Pattern(window=3, first=2),
    Pattern(window=2, dilation=4, first=3),
]


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def sees(pattern: Pattern, query: int, key: int) -> bool:
    """One pair, told as a sentence would."""
    if key > query:
        return False
    window = range(pattern.window or query + 1)
    near = key in [query - pattern.dilation * step for step in window]
    return near or key < pattern.first


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_told_pair_by_pair(pattern: Pattern) -> None:
    told = [[sees(pattern, i, j) for j in range(T)] for i in range(T)]
    assert pattern.mask(T, T, device=None).tolist() == told
    assert pattern.mask(2, T, device=None).tolist() == told[-2:]


def test_a_window_is_the_local_mask() -> None:
    ours = Pattern(window=4).mask(T, T, device=None)
    assert torch.equal(ours, local_mask(T, window=4, causal=True))


def test_without_a_pattern_it_is_the_layer_of_the_paper() -> None:
    ours, plain = PatternedAttention(24, 4, Pattern()), MultiHeadAttention(24, 4)
    plain.load_state_dict(ours.state_dict())
    x = torch.randn(B, T, 24)
    torch.testing.assert_close(ours(x), plain(x, causal=True))


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_shared_keys_are_pytorchs_grouped_ones(kv_heads: int, pattern: Pattern) -> None:
    layer, x = (
        PatternedAttention(24, 4, pattern, kv_heads=kv_heads),
        torch.randn(B, T, 24),
    )
    q = layer.query(x).view(B, T, 4, 6).transpose(1, 2)
    k, v = (
        part(x).view(B, T, kv_heads, 6).transpose(1, 2)
        for part in (layer.key, layer.value)
    )
    told = torch.tensor([[sees(pattern, i, j) for j in range(T)] for i in range(T)])
    by_torch = F.scaled_dot_product_attention(q, k, v, told, enable_gqa=True)
    expected = layer.output(by_torch.transpose(1, 2).flatten(2))
    torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize("kv_heads", [1, 2])
def test_a_memory_and_packed_words_share_keys_too(kv_heads: int) -> None:
    """Grouped keys are those of a full layer whose heads have the same ones."""
    torch.manual_seed(0)
    few = MultiHeadAttention(24, 4, kv_heads=kv_heads)
    full = MultiHeadAttention(24, 4)
    full.load_state_dict(
        few.state_dict()
        | {
            f"{name}.weight": getattr(few, name)
            .weight.unflatten(0, (kv_heads, 6))
            .repeat_interleave(4 // kv_heads, 0)
            .flatten(0, 1)
            for name in ("key", "value")
        }
    )
    x, memory = torch.randn(2, 5, 24), torch.randn(2, 7, 24)
    torch.testing.assert_close(few(x, memory), full(x, memory))
    torch.testing.assert_close(few(x, causal=True), full(x, causal=True))
    packing = Packing.of(torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 0]]).bool())
    assert packing is not None
    packed = packing.pack(x)
    mine, theirs = (
        layer(packed, causal=True, packing=packing) for layer in (few, full)
    )
    torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("kv_heads", [1, 4])
@pytest.mark.parametrize("relation", [ALiBi(4), Rotary(6), None])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_word_by_word_with_a_cache_is_the_same(
    pattern: Pattern, relation: ALiBi | Rotary | None, kv_heads: int
) -> None:
    layer = PatternedAttention(24, 4, pattern, kv_heads=kv_heads, relation=relation)
    x, cache = torch.randn(B, T, 24), KVCache()
    with torch.no_grad():
        steps = [layer(part, cache=cache) for part in x.split([3, *[1] * (T - 3)], 1)]
        torch.testing.assert_close(torch.cat(steps, 1), layer(x))
    assert cache.kv[0].shape == (B, kv_heads, T, 6)


def heads() -> tuple[Tensor, Tensor, Tensor]:
    shapes = ((B, H, T, width) for width in (D_K, D_K, D_V))
    q, k, v = (torch.randn(s, dtype=torch.double, requires_grad=True) for s in shapes)
    return q, k, v


def one_by_one(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """The mean that a query takes of the values, weight after weight."""
    out = torch.zeros(B, H, T, D_V, dtype=q.dtype)
    for t in range(T):
        total, mixed = torch.zeros(B, H, 1, dtype=q.dtype), torch.zeros(())
        for s in range(t + 1):
            weight = (features(q[:, :, t]) * features(k[:, :, s])).sum(-1, keepdim=True)
            total, mixed = total + weight, mixed + weight * v[:, :, s]
        out[:, :, t] = mixed / (total + TINY)
    return out


def test_features_are_pytorchs_elu_and_one() -> None:
    x = torch.linspace(-4, 4, 9)
    assert (features(x) > 0).all()
    torch.testing.assert_close(features(x), torch.where(x > 0, x + 1, x.exp()))


def test_linear_attention_is_the_mean_told_weight_by_weight() -> None:
    q, k, v = heads()
    torch.testing.assert_close(attend_linearly(q, k, v), one_by_one(q, k, v))


def test_the_state_says_the_same_and_so_do_the_gradients() -> None:
    q, k, v = heads()
    state, seen = None, []
    for t in range(T):
        out, state = linear_step(q[:, :, t], k[:, :, t], v[:, :, t], state)
        seen.append(out)
    step_by_step, at_once = torch.stack(seen, 2), attend_linearly(q, k, v)
    torch.testing.assert_close(step_by_step, at_once)
    assert state
    assert state.s.shape == (B, H, D_K, D_V)
    weights = torch.randn_like(at_once)
    ours = torch.autograd.grad((step_by_step * weights).sum(), (q, k, v))
    theirs = torch.autograd.grad((at_once * weights).sum(), (q, k, v))
    torch.testing.assert_close(ours, theirs)


def test_features_that_round_to_nothing_divide_nothing() -> None:
    q = torch.full((1, 1, 3, D_K), -200.0)
    assert attend_linearly(q, q, torch.ones(1, 1, 3, D_V)).isfinite().all()


def test_the_layer_projects_looks_and_projects() -> None:
    layer, x = LinearAttention(24, 4), torch.randn(B, T, 24)
    q, k, v = (
        part(x).view(B, T, 4, 6).transpose(1, 2)
        for part in (layer.query, layer.key, layer.value)
    )
    seen = attend_linearly(q, k, v).transpose(1, 2).flatten(2)
    torch.testing.assert_close(layer(x), layer.output(seen))


@pytest.mark.parametrize("layer", [LinearAttention, PatternedAttention])
def test_nothing_comes_from_later(layer: type[MultiHeadAttention]) -> None:
    x = torch.randn(B, T, 24)
    later = torch.cat((x[:, :6], torch.randn(B, T - 6, 24)), 1)
    made = (
        layer(24, 4)
        if layer is LinearAttention
        else PatternedAttention(24, 4, Pattern())
    )
    torch.testing.assert_close(made(x)[:, :6], made(later)[:, :6])


def test_bad_input_is_named() -> None:
    x, words = torch.zeros(1, 3, 8), torch.ones(1, 3, dtype=torch.long)
    linear, patterned = LinearAttention(8, 2), PatternedAttention(8, 2, Pattern())
    with pytest.raises(ValueError, match=r"window=0, dilation=1: give 1 or more"):
        Pattern(window=0)
    with pytest.raises(ValueError, match=r"first=-1: give 0 or more"):
        Pattern(first=-1)
    with pytest.raises(ValueError, match=r"kv_heads=3: give a number that divides"):
        PatternedAttention(8, 4, Pattern(), kv_heads=3)
    for layer in (linear, patterned):
        with pytest.raises(ValueError, match="looks at its own past"):
            layer(x, mask=padding_mask(words, 0))
        with pytest.raises(ValueError, match="looks at its own past"):
            layer(x, causal=False)
    with pytest.raises(ValueError, match="keeps a state: give no cache"):
        linear(x, cache=KVCache())


def test_projections_are_the_house_s_own() -> None:
    layer = PatternedAttention(8, 4, Pattern(), kv_heads=2)
    assert isinstance(layer.key, Linear)
    assert layer.key.weight.shape == (4, 8)


def test_more_queries_than_keys_stand_before_the_first() -> None:
    seen = Pattern().mask(3, 2, device=None)
    assert seen.tolist() == [[False, False], [True, False], [True, True]]


def test_half_precision_holds_the_sums_of_linear_attention() -> None:
    q, k, v = (torch.rand(1, 1, 40, 64) * 20 for _ in range(3))
    exact, halves = attend_linearly(q, k, v), (q.half(), k.half(), v.half())
    assert (features(halves[0]) @ features(halves[1]).mT).sum(-1).isinf().any()
    close = partial(torch.testing.assert_close, rtol=2e-3, atol=2e-3)
    close(attend_linearly(*halves).float(), exact)
    state = None
    for t in range(40):
        q_t, k_t, v_t = (part[:, :, t] for part in halves)
        out, state = linear_step(q_t, k_t, v_t, state)
        close(out.float(), exact[:, :, t])


def test_linear_attention_shows_the_weights_it_mixes_by() -> None:
    layer, x = LinearAttention(24, 4).double(), torch.randn(B, T, 24).double()
    alone = layer(x)
    with watch(layer) as seen:
        torch.testing.assert_close(layer(x), alone)
    (weights,) = seen[""]
    total = weights.sum(-1)
    torch.testing.assert_close(total, torch.ones_like(total), rtol=0, atol=10 * TINY)
    assert torch.equal(weights, weights.tril())


@pytest.mark.parametrize("ignored", [{"kv_heads": 2}, {"relation": ALiBi(4)}])
def test_linear_attention_takes_nothing_that_it_would_ignore(
    ignored: dict[str, object],
) -> None:
    with pytest.raises(TypeError, match=next(iter(ignored))):
        LinearAttention(16, 4, **ignored)
