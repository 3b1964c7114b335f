"""Restricted attention against full attention under a band, and its cost counted."""

from functools import partial

import pytest
import torch
from torch import Tensor

from allyouneed.cost import measure
from allyouneed.nn.attention import attend, watch
from allyouneed.nn.local_attention import LocalAttention, attend_locally, local_mask
from allyouneed.nn.masks import padding_mask

B, H, D_K, D_V = 3, 2, 8, 6
SIZES = [(1, 1), (1, 4), (7, 1), (7, 3), (12, 4), (13, 4), (13, 5), (5, 9), (6, 40)]


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def heads(length: int) -> tuple[Tensor, Tensor, Tensor]:
    shapes = ((B, H, length, width) for width in (D_K, D_K, D_V))
    q, k, v = (torch.randn(s, dtype=torch.double, requires_grad=True) for s in shapes)
    return q, k, v


def padded(length: int) -> Tensor:
    """Sentences of all, one and no real tokens; the last also begins with padding."""
    tokens = torch.ones(B, length, dtype=torch.long)
    tokens[1, 1:] = 0
    tokens[2] = 0
    return padding_mask(tokens, 0)


def band(length: int, window: int, *, causal: bool) -> Tensor:
    """Place by place: whether key j lies in the neighbourhood of query i."""
    back = window - 1 if causal else (window - 1) // 2
    rows = [
        [i - back <= j <= i - back + window - 1 for j in range(length)]
        for i in range(length)
    ]
    return torch.tensor(rows)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("length", "window"), SIZES)
def test_the_mask_is_the_neighbourhood(length: int, window: int, causal: bool) -> None:
    ours = local_mask(length, window=window, causal=causal)
    assert torch.equal(ours, band(length, window, causal=causal))
    assert int(ours.sum(-1).max()) <= window


@pytest.mark.parametrize("with_mask", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("length", "window"), SIZES)
def test_equals_full_attention_under_a_band_and_so_do_the_gradients(
    length: int, window: int, causal: bool, with_mask: bool
) -> None:
    q, k, v = heads(length)
    mask = padded(length) if with_mask else None
    near = band(length, window, causal=causal)
    ours = attend_locally(q, k, v, mask, window=window, causal=causal)
    full = attend(q, k, v, near if mask is None else near & mask)
    torch.testing.assert_close(ours, full)
    pull = torch.randn_like(full)
    found, wanted = (
        torch.autograd.grad((pull * x).sum(), (q, k, v)) for x in (ours, full)
    )
    torch.testing.assert_close(found, wanted)


def test_one_mask_serves_all_sentences() -> None:
    q, k, v = heads(10)
    mask = torch.arange(10).lt(7)[None, None, None]
    ours = attend_locally(q, k, v, mask, window=4)
    torch.testing.assert_close(ours, attend(q, k, v, band(10, 4, causal=False) & mask))


@pytest.mark.parametrize("causal", [False, True])
def test_twice_the_length_is_twice_the_work_not_four_times(causal: bool) -> None:
    def work(length: int, window: int) -> int:
        x = torch.ones(1, 2, length, 4)
        return measure.flops(
            lambda: attend_locally(x, x, x, window=window, causal=causal)
        )

    assert work(256, 16) == 2 * work(128, 16)
    assert work(256, 32) == pytest.approx(2 * work(256, 16), rel=0.02)
    needed = 4 * 256 * 16 * (2 * 4)
    assert needed < work(256, 16) < 2 * needed


def lived(length: int) -> Tensor:
    x = torch.ones(1, 8, length, 16)
    return attend_locally(x, x, x, window=16)


def lived_full(length: int) -> Tensor:
    x = torch.ones(1, 8, length, 16)
    return attend(x, x, x, local_mask(length, window=16))


def test_memory_is_linear_where_the_mask_of_full_attention_is_square() -> None:
    cpu = torch.device("cpu")
    ours, longer = (
        measure.peak_bytes(partial(lived, 2**k), device=cpu) for k in (14, 15)
    )
    full = measure.peak_bytes(partial(lived_full, 2**14), device=cpu)
    assert full > 2**28  # the mask alone, a byte for each pair
    assert ours < full / 2
    assert longer < 3 * ours


def test_the_layer_is_the_same_whether_it_is_watched_or_not() -> None:
    layer = LocalAttention(16, 4, window=5, causal=True).double().eval()
    x, mask = torch.randn(B, 11, 16, dtype=torch.double), padded(11)
    alone = layer(x, mask)
    with watch(layer) as seen:
        watched = layer(x, mask)
    torch.testing.assert_close(alone, watched)
    weights = seen[""][0]
    assert weights.shape == (B, 4, 11, 11)
    assert not weights[:, :, ~band(11, 5, causal=True)].any()
    torch.testing.assert_close(layer(x), layer(x, torch.ones_like(mask)))


def test_dropout_drops_in_training_only() -> None:
    layer = LocalAttention(16, 4, window=5, dropout=0.5)
    x = torch.randn(B, 11, 16)
    assert not torch.equal(layer(x), layer(x))
    layer.eval()
    assert torch.equal(layer(x), layer(x))


def test_errors_say_what_to_do() -> None:
    q, k, v = heads(6)
    with pytest.raises(ValueError, match="window=0"):
        attend_locally(q, k, v, window=0)
    with pytest.raises(ValueError, match="window=-1"):
        LocalAttention(8, 2, window=-1)
    with pytest.raises(ValueError, match="6 queries, 5 keys"):
        attend_locally(q, k[:, :, :5], v[:, :, :5], window=2)
    with pytest.raises(ValueError, match="padding_mask"):
        attend_locally(q, k, v, torch.ones(6, 6, dtype=torch.bool), window=2)
    for length in (1, 5, 7):
        with pytest.raises(ValueError, match=r"give \(B, 1, 1, 6\)"):
            attend_locally(q, k, v, padded(length), window=2)
    with pytest.raises(ValueError, match="divide d_model"):
        LocalAttention(10, 4, window=2)


def test_nothing_looks_at_nothing() -> None:
    q, k, v = heads(0)
    assert attend_locally(q, k, v, window=3).shape == v.shape
