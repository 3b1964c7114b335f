"""Relative positions against their papers' formulas, pair by pair of positions."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.nn.attention import KVCache, MultiHeadAttention, watch
from allyouneed.nn.masks import causal_mask
from allyouneed.nn.positions import sinusoids
from allyouneed.nn.relations import Relation
from allyouneed.nn.relative_positions import (
    ALiBi,
    Rotary,
    Shaw,
    T5Bias,
    bucket,
    distances,
    relation,
    rotate,
    slopes,
)
from allyouneed.training import checkpoints

B, H, D_MODEL, D_K, D_V, T = 2, 4, 16, 6, 8, 9
RELATIVE = ["shaw", "t5", "alibi", "rotary"]


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def layer(scheme: str, *, causal: bool) -> MultiHeadAttention:
    own: Relation = (
        Shaw(D_K, D_V, clip=3)
        if scheme == "shaw"
        else relation(scheme, heads=H, d_k=D_K, d_v=D_V, causal=causal)
    )
    if isinstance(own, T5Bias):
        nn.init.normal_(own.table)
    return MultiHeadAttention(D_MODEL, H, d_k=D_K, d_v=D_V, relation=own).double()


def x(length: int = T) -> Tensor:
    return torch.randn(B, length, D_MODEL, dtype=torch.double)


def exact_bucket(distance: int, *, causal: bool, farthest: int = 128) -> int:
    """T5's rule in whole numbers: group j is from single (farthest / single)^(j/m)."""
    side = 32 if causal else 16
    first = 0 if causal or distance <= 0 else side
    far = max(-distance, 0) if causal else abs(distance)
    single = side // 2
    if far < single:
        return first + far
    groups, group = side - single, 0
    while group < groups - 1 and (far**groups) * single ** (group + 1) >= (
        single**groups
    ) * farthest ** (group + 1):
        group += 1
    return first + single + group


def turned(pairs: Tensor, place: int) -> Tensor:
    """A vector as complex numbers, each turned by multiplication with e^(i angle)."""
    z = torch.view_as_complex(pairs.unflatten(-1, (-1, 2)).contiguous())
    paces = [1 / 10000 ** (2 * i / D_K) for i in range(D_K // 2)]
    angles = place * torch.tensor(paces, dtype=torch.double)
    return z * torch.polar(torch.ones_like(angles), angles)


def score(own: Relation, head: int, q: Tensor, k: Tensor, i: int, j: int) -> Tensor:
    """Of query i and key j of one head, as the papers have it."""
    match own:
        case Rotary():
            return (turned(q, i) * turned(k, j).conj()).sum().real / D_K**0.5
        case ALiBi():
            return q @ k / D_K**0.5 - 2 ** (-8 * (head + 1) / H) * abs(i - j)
        case T5Bias():
            place = exact_bucket(j - i, causal=own.causal)
            return q @ k / D_K**0.5 + own.table[place, head]
        case Shaw():
            near = max(-own.clip, min(own.clip, j - i))
            return q @ (k + own.keys[own.clip + near]) / D_K**0.5
    raise NotImplementedError


def by_loops(look: MultiHeadAttention, x: Tensor, allowed: Tensor) -> Tensor:
    """The layer's output, every pair of positions on its own."""
    own = look.relation
    q, k, v = (
        (x @ part.weight.T).unflatten(-1, (H, -1)).transpose(1, 2)
        for part in (look.query, look.key, look.value)
    )
    out = torch.zeros(*q.shape[:-1], D_V, dtype=torch.double)
    rows = []
    for b in range(B):
        for h in range(H):
            for i in range(x.shape[1]):
                seen = [j for j in range(x.shape[1]) if allowed[b, i, j]]
                scores = [score(own, h, q[b, h, i], k[b, h, j], i, j) for j in seen]
                weights = torch.stack(scores).softmax(0)
                values = v[b, h, seen]
                if isinstance(own, Shaw):
                    near = [max(-own.clip, min(own.clip, j - i)) for j in seen]
                    values = values + own.values[[own.clip + n for n in near]]
                rows.append(weights @ values)
    out = torch.stack(rows).view(B, H, -1, D_V)
    return out.transpose(1, 2).flatten(2) @ look.output.weight.T


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("scheme", RELATIVE)
def test_equals_the_paper_s_formula_pair_by_pair(
    scheme: str, causal: bool, padded: bool
) -> None:
    look, sentences = layer(scheme, causal=causal), x()
    mask = torch.ones(B, 1, 1, T, dtype=torch.bool)
    mask[1, ..., 4:] = not padded
    allowed = mask[:, 0] & (causal_mask(T) if causal else torch.ones(T, T).bool())
    expected = by_loops(look, sentences, allowed)
    given = mask if padded else None
    fused = look(sentences, mask=given, causal=causal)
    with watch(look) as seen:
        by_hand = look(sentences, mask=given, causal=causal)
    torch.testing.assert_close(fused, expected)
    torch.testing.assert_close(by_hand, expected)
    assert seen[""][0].shape == (B, H, T, T)
    parameters = list(look.parameters())
    for mine, theirs in zip(
        torch.autograd.grad(fused.square().sum(), parameters),
        torch.autograd.grad(expected.square().sum(), parameters),
        strict=True,
    ):
        torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("steps", [[1] * T, [T], [2, 1, 6]])
@pytest.mark.parametrize("scheme", RELATIVE)
def test_cached_equals_one_pass(scheme: str, steps: list[int]) -> None:
    look, sentences, cache = layer(scheme, causal=True), x(), KVCache()
    parts = [look(p, causal=True, cache=cache) for p in sentences.split(steps, 1)]
    torch.testing.assert_close(torch.cat(parts, 1), look(sentences, causal=True))


@pytest.mark.parametrize("scheme", RELATIVE)
def test_only_distances_count(scheme: str) -> None:
    """A sentence that begins five positions later, after hidden filler, is the same."""
    look, sentences = layer(scheme, causal=False), x()
    later = torch.cat((x(5), sentences), 1)
    mask = (torch.arange(5 + T) >= 5).expand(1, 1, 1, -1)
    torch.testing.assert_close(look(later, mask=mask)[:, 5:], look(sentences))


@pytest.mark.parametrize("scheme", RELATIVE)
def test_order_counts(scheme: str) -> None:
    look, sentences = layer(scheme, causal=False), x()
    back = look(sentences.flip(1)).flip(1)
    gap = (back - look(sentences)).abs().max()
    if scheme == "alibi":  # alike in both directions: a mirror changes nothing
        assert gap < 1e-10
        order = [1, 0, *range(2, T)]
        gap = (look(sentences[:, order])[:, order] - look(sentences)).abs().max()
    assert gap > 1e-3


@pytest.mark.parametrize("shift", [1, 1000, 100_000])
def test_rotary_scores_know_the_difference_only(shift: int) -> None:
    own, (q, k) = Rotary(64), torch.randn(2, 1, 8, 30, 64, dtype=torch.double)
    scores = [
        own.turn(q, offset=offset) @ own.turn(k, offset=offset + 7).mT
        for offset in (0, shift)
    ]
    assert (scores[0] - scores[1]).abs().max() < 1e-10
    assert (scores[0] - q @ k.mT).abs().max() > 1


def test_rotary_turns_in_full_precision_whatever_comes() -> None:
    own, x = Rotary(64), torch.randn(1, 1, 3000, 64).bfloat16()
    turned = own.turn(x, offset=0)
    exact = rotate(x.double(), sinusoids(3000, 64))
    assert turned.dtype == torch.bfloat16
    torch.testing.assert_close(turned, exact.bfloat16(), rtol=0.01, atol=0.01)


@pytest.mark.parametrize("causal", [False, True])
def test_buckets_follow_the_rule_in_whole_numbers(causal: bool) -> None:
    far = torch.arange(-3000, 3001)
    expected = [exact_bucket(d, causal=causal) for d in far.tolist()]
    assert bucket(far, causal=causal).tolist() == expected


def test_buckets_by_hand() -> None:
    """T5's own example sizes: groups begin at 8, 12, 16, 23, 32, 46, 64, 91."""
    starts = [math.ceil(round(8 * 2 ** (j / 2), 9)) for j in range(8)]
    assert starts == [8, 12, 16, 23, 32, 46, 64, 91]
    for j, start in enumerate(starts):
        around = bucket(torch.tensor([-start + 1, -start, start]), causal=False)
        assert around.tolist() == [8 + j - 1, 8 + j, 16 + 8 + j]


def test_slopes_are_the_paper_s() -> None:
    assert slopes(8).tolist() == [1 / 2**i for i in range(1, 9)]
    sixteen = [2 ** (-i / 2) for i in range(1, 17)]
    assert slopes(16).tolist() == pytest.approx(sixteen)
    twelve = [1 / 2**i for i in range(1, 9)] + sixteen[0:8:2]
    assert slopes(12).tolist() == pytest.approx(twelve)


def test_what_is_far_counts_as_one_distance_for_shaw_and_t5_alone() -> None:
    q, k = torch.randn(1, H, 1, D_K), torch.randn(1, H, 600, D_K)
    own = {s: layer(s, causal=True).float().relation for s in ("shaw", "t5", "alibi")}
    first_same = {"shaw": 3, "t5": math.ceil(16 * 8 ** (15 / 16))}
    for scheme, far in first_same.items():
        bias = own[scheme].bias(q, k).flip(-1)  # by distance
        assert torch.equal(
            bias[..., far:], bias[..., far : far + 1].expand(1, H, 1, 600 - far)
        )
        assert not torch.equal(bias[..., far - 1], bias[..., far])
    fell = own["alibi"].bias(q, k).diff().squeeze()
    torch.testing.assert_close(fell, slopes(H)[:, None].expand(H, 599))


def test_distances_end_at_the_last_key() -> None:
    assert distances(torch.zeros(1, 8), torch.zeros(4, 8)).tolist() == [[-3, -2, -1, 0]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("scheme", RELATIVE)
def test_the_dtype_of_the_data_is_kept(scheme: str, dtype: torch.dtype) -> None:
    look, sentences = layer(scheme, causal=True).to(dtype), x().to(dtype)
    assert look(sentences, causal=True).dtype == dtype
    exact = look.double()(sentences.double(), causal=True)
    tolerance = 1e-5 if dtype == torch.float32 else 0.05
    near = look.to(dtype)(sentences, causal=True).double()
    torch.testing.assert_close(near, exact, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("scheme", RELATIVE)
def test_a_memory_is_refused(scheme: str) -> None:
    name = type(layer(scheme, causal=True).relation).__name__
    with pytest.raises(ValueError, match=f"{name} knows distances within one sentence"):
        layer(scheme, causal=True)(x(), x(4))


def test_an_odd_width_is_refused() -> None:
    with pytest.raises(ValueError, match="d_k=7 is odd"):
        Rotary(7)


@pytest.mark.parametrize("scheme", RELATIVE)
def test_a_checkpoint_brings_them_back(scheme: str, tmp_path: Path) -> None:
    sizes = TransformerConfig(
        vocab=9, d_model=16, layers=2, heads=2, d_ff=8, p_drop=0.0, positions=scheme
    )
    model, other = Transformer(sizes), Transformer(sizes)
    for weights in model.parameters():
        nn.init.normal_(weights)
    checkpoints.save(tmp_path / "one", model, step=1)
    checkpoints.restore(checkpoints.load(tmp_path / "one"), other)
    source, target = torch.randint(1, 9, (2, 1, 5))
    assert torch.equal(model(source, target), other(source, target))
    wrong = Transformer(replace(sizes, positions="none"))
    with pytest.raises(ValueError, match="positions"):
        checkpoints.restore(checkpoints.load(tmp_path / "one"), wrong)


def test_distances_of_more_queries_than_keys() -> None:
    found = distances(torch.zeros(3, 8), torch.zeros(2, 8))
    assert found.tolist() == [[1, 2], [0, 1], [-1, 0]]


@pytest.mark.parametrize(
    ("sizes", "causal"),
    [({"buckets": 2}, False), ({"buckets": 1}, True), ({"farthest": 16}, True)],
)
def test_buckets_that_cannot_be_are_refused(
    sizes: dict[str, int], causal: bool
) -> None:
    with pytest.raises(ValueError, match=r"buckets=\d+, farthest=\d+: give at least"):
        bucket(torch.tensor([-1]), **sizes, causal=causal)
