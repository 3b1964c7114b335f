"""Attention against PyTorch's own, and against itself by another route."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from twins import attention_pairs, copy

from allyouneed.nn.alignment import ScaledDot
from allyouneed.nn.attention import (
    SHORT,
    MultiHeadAttention,
    attend,
    attention_weights,
    watch,
)
from allyouneed.nn.kv_cache import KVCache
from allyouneed.nn.masks import causal_mask, padding_mask
from allyouneed.nn.positions import Scheme
from allyouneed.nn.relative_positions import relation

B, H, D_MODEL, PAD = 3, 4, 32, 0
TOKENS = torch.tensor([[1, 2, 3, 4, 5], [1, 2, 3, PAD, PAD], [1, PAD, PAD, PAD, PAD]])


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def layer(*, bias: bool = False) -> MultiHeadAttention:
    return MultiHeadAttention(D_MODEL, H, bias=bias).double()


def as_pytorch(ours: MultiHeadAttention) -> nn.MultiheadAttention:
    """PyTorch's own layer with the weights of ours."""
    bias = ours.output.bias is not None
    theirs = nn.MultiheadAttention(D_MODEL, H, bias=bias, batch_first=True).double()
    copy(attention_pairs(theirs, ours))
    return theirs


def x(length: int) -> Tensor:
    return torch.randn(B, length, D_MODEL, dtype=torch.double, requires_grad=True)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("kind", ["self", "causal", "cross"])
def test_agrees_with_pytorch(kind: str, padded: bool, bias: bool) -> None:
    ours = layer(bias=bias)
    queries, memory = x(5), x(5) if kind == "cross" else None
    keys = queries if memory is None else memory
    mask = padding_mask(TOKENS, PAD) if padded else None

    with watch(ours) as seen:
        by_hand = ours(queries, memory, mask, causal=kind == "causal")
    fused = ours(queries, memory, mask, causal=kind == "causal")
    theirs = as_pytorch(ours)
    expected, weights = theirs(
        queries, keys, keys,
        key_padding_mask=TOKENS == PAD if padded else None,
        attn_mask=~causal_mask(5) if kind == "causal" else None,
        average_attn_weights=False,
    )  # fmt: skip

    torch.testing.assert_close(fused, expected)
    torch.testing.assert_close(by_hand, expected)
    torch.testing.assert_close(seen[""][0], weights)
    for got, want in zip(
        torch.autograd.grad(fused.square().sum(), [queries, ours.key.weight]),
        torch.autograd.grad(expected.square().sum(), [queries, theirs.in_proj_weight]),
        strict=True,
    ):
        want = want if want.shape == got.shape else want.chunk(3)[1]
        torch.testing.assert_close(got, want)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("leading", [None, (), (B, 1), (B, H)])
@pytest.mark.parametrize("queries", [1, 5, 7])
def test_fused_equals_by_hand(
    queries: int, leading: tuple | None, causal: bool
) -> None:
    q, k, v = (torch.randn(B, H, n, 8) for n in (queries, 7, 7))
    mask = None if leading is None else torch.rand(*leading, queries, 7) > 0.4
    by_hand = attention_weights(q, k, mask, causal=causal) @ v
    torch.testing.assert_close(attend(q, k, v, mask, causal=causal), by_hand)


def test_a_query_that_may_look_nowhere_gets_zeros_and_finite_gradients() -> None:
    q, k, v = (torch.randn(1, 1, 3, 4, requires_grad=True) for _ in range(3))
    mask = torch.tensor(
        [[True, True, True], [False, False, False], [True, False, True]]
    )
    for out in (attention_weights(q, k, mask) @ v, attend(q, k, v, mask)):
        assert out[0, 0, 1].tolist() == [0, 0, 0, 0]
        grads = torch.autograd.grad(out.sum(), [q, k, v])
        assert all(g.isfinite().all() for g in grads)


@pytest.mark.parametrize("steps", [[1] * 6, [6], [2, 1, 3]])
def test_cached_decoding_equals_one_pass(steps: list[int]) -> None:
    look = layer()
    sentence, memory = x(6), x(4)
    own, cross = KVCache(), KVCache()
    looked, read = [], []
    for chunk in sentence.split(steps, dim=1):
        looked.append(look(chunk, causal=True, cache=own))
        read.append(look(chunk, memory, cache=cross))
    torch.testing.assert_close(torch.cat(looked, 1), look(sentence, causal=True))
    torch.testing.assert_close(torch.cat(read, 1), look(sentence, memory))
    # Attending to every key twice gives the same output, so look at the cache itself.
    assert [cache.kv[0].shape[-2] for cache in (own, cross)] == [6, 4]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("keys", [64, 65])
def test_kernel_and_products_agree_with_the_weights(
    keys: int, biased: bool, masked: bool, causal: bool
) -> None:
    q, k, v = (
        torch.randn(2, 3, keys, 4, dtype=torch.double, requires_grad=True)
        for _ in range(3)
    )
    mask = torch.rand(2, 1, 1, keys) < 0.5 if masked else None
    bias = torch.randn(3, keys, keys, dtype=torch.double) if biased else None
    weights = attention_weights(q, k, mask, bias=bias, causal=causal)
    expected, found = weights @ v, attend(q, k, v, mask, bias=bias, causal=causal)
    torch.testing.assert_close(found, expected)
    ways = [torch.autograd.grad(y.square().sum(), (q, k, v)) for y in (expected, found)]
    torch.testing.assert_close(*ways)
    assert (keys**2 > SHORT) == (keys == 65)  # one of each kind


def test_a_long_past_is_remembered_whole() -> None:
    look, cache, sentence = layer(), KVCache(), x(37)
    steps = [look(part, causal=True, cache=cache) for part in sentence.split(1, dim=1)]
    torch.testing.assert_close(torch.cat(steps, 1), look(sentence, causal=True))


def test_no_gradient_goes_wrong_through_an_earlier_call() -> None:
    look, cache = layer(), KVCache()
    steps = [look(part, causal=True, cache=cache) for part in x(4).split(1, dim=1)]
    with pytest.raises(RuntimeError, match="inplace operation"):
        torch.cat(steps).sum().backward()


def test_select_reorders_the_cached_sentences() -> None:
    look, cache = layer(), KVCache()
    past, new, rows = x(4), x(1), torch.tensor([2, 2, 0])
    look(past, causal=True, cache=cache)
    cache.select(rows)
    whole = look(torch.cat([past[rows], new], 1), causal=True)
    torch.testing.assert_close(look(new, causal=True, cache=cache), whole[:, -1:])


@torch.no_grad()
def test_rows_that_move_late_are_those_that_move_at_once() -> None:
    """Bit by bit, whatever is selected, added and read between, on a cache's growth."""
    late, chance = KVCache(), torch.Generator().manual_seed(0)
    at_once = [torch.randn(5, 2, 0, 3), torch.randn(5, 2, 0, 4)]
    for added in (1, 0, 3, 1, 0, 0, 2, 1):
        rows = torch.randint(len(at_once[0]), (4,), generator=chance)
        if added != 3:  # once, nothing is selected between two additions
            late.select(rows)
            at_once = [part[rows] if len(late) else part for part in at_once]
        if added:
            new = [torch.randn(len(p), 2, added, p.shape[-1]) for p in at_once]
            at_once = [torch.cat(pair, 2) for pair in zip(at_once, new, strict=True)]
            late.append(*new)
        if len(late) != 5:  # once, nothing reads between two selections
            for kept, expected in zip(late.kv, at_once, strict=True):
                assert torch.equal(kept, expected)


def test_select_can_be_differentiated() -> None:
    cache, k = KVCache(), x(4).requires_grad_()
    cache.append(k[:, None], k[:, None])
    cache.select(torch.tensor([2, 2, 0]))
    cache.kv[0].sum().backward()
    assert k.grad.flatten(1).mean(1).tolist() == [1, 0, 2, *[0] * (len(k) - 3)]


def test_watch_ends_with_its_block_even_on_error() -> None:
    watched = layer()
    with pytest.raises(RuntimeError), watch(watched):
        raise RuntimeError
    assert watched.observer is None


def test_parameters_follow_table_3() -> None:
    """Rows B shrink d_k alone; over 18 layers, d_k = 16 saves the 7 million printed."""
    count = [
        sum(p.numel() for p in MultiHeadAttention(512, 8, d_k=d_k, d_v=64).parameters())
        for d_k in (64, 16)
    ]
    assert round(18 * (count[0] - count[1]) / 1e6) == 65 - 58


def test_only_weights_are_saved() -> None:
    assert sorted(layer().state_dict()) == [
        "key.weight", "output.weight", "query.weight", "value.weight",
    ]  # fmt: skip


@pytest.mark.parametrize("sizes", [(0, 1), (8, 0)])
def test_a_size_below_one_is_refused(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        MultiHeadAttention(*sizes)


def test_indivisible_width_is_refused_by_name() -> None:
    with pytest.raises(
        ValueError, match=r"d_model=10 .* heads=3: give both d_k and d_v"
    ):
        MultiHeadAttention(10, 3, d_k=4)


@pytest.mark.parametrize("keys", [8, 80])  # by products, and by the kernel
def test_large_scores_stay_numbers_in_half_precision(keys: int) -> None:
    v = torch.randn(1, 1, keys, 64)
    q = torch.full((1, 1, keys, 64), 45.0)
    k = q * torch.linspace(0.5, 1, keys)[:, None]
    assert (q.half() @ k.half().mT).isinf().any()  # unscaled, they are too large
    weights = attention_weights(q.half(), k.half())
    torch.testing.assert_close(weights.float(), attention_weights(q, k))
    seen = attend(q.half(), k.half(), v.half())
    torch.testing.assert_close(weights @ v.half(), seen, rtol=0, atol=2e-3)


@pytest.mark.parametrize("length", [8, 80])
@pytest.mark.parametrize("scheme", ["sinusoidal", "shaw", "alibi"])
def test_watching_changes_nothing_in_half_precision(
    scheme: Scheme, length: int
) -> None:
    look = MultiHeadAttention(
        128, 2, relation=relation(scheme, heads=2, d_k=64, d_v=64, causal=False)
    )
    with torch.no_grad():  # each word looks at itself, with a score of about 200,000
        look.query.weight.mul_(100)
        look.key.weight.copy_(look.query.weight)
    look, sentence = look.half(), torch.randn(2, length, 128).half()
    q = look.query(sentence).unflatten(-1, (2, -1)).transpose(1, 2)
    assert (q @ q.mT).isinf().any()
    alone = look(sentence)
    with watch(look) as seen:
        torch.testing.assert_close(look(sentence), alone, rtol=0, atol=4e-3)
    assert seen[""][0].isfinite().all()


def test_one_head_of_scaled_products_has_room_in_half_precision() -> None:
    states = torch.full((1, 2, 64), 45.0)
    align = ScaledDot()
    torch.testing.assert_close(
        align.scores(states.half(), states.half()).float(), align.scores(states, states)
    )


def test_a_block_inside_another_takes_nothing_from_it() -> None:
    look, sentence = layer(), x(5)
    with watch(look) as outer:
        with watch(look) as inner:
            look(sentence)
        look(sentence)
    assert (len(outer[""]), len(inner[""])) == (2, 1)
    assert torch.equal(outer[""][0], inner[""][0])


@pytest.mark.parametrize("widths", [{"d_k": 0}, {"d_v": 0}])
def test_a_width_of_nothing_is_refused(widths: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"d_k=\d, d_v=\d: give at least 1"):
        MultiHeadAttention(8, 2, **widths)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("look", [attend, attention_weights])
def test_a_mask_of_numbers_is_refused(look: Callable, causal: bool) -> None:
    q = torch.zeros(1, 1, 3, 4)
    given = (q, q, q) if look is attend else (q, q)
    with pytest.raises(ValueError, match=r"mask has torch\.float32: give torch\.bool"):
        look(*given, torch.zeros(3, 3), causal=causal)
