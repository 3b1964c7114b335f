"""Norms against PyTorch's, statistics against NumPy-like arithmetic."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import nn

from allyouneed.nn.norms import (
    BatchNorm,
    GroupNorm,
    LayerNorm,
    Residual,
    RMSNorm,
    standardise,
)


@pytest.fixture
def x() -> torch.Tensor:
    torch.manual_seed(0)
    return 3 + 2 * torch.randn(4, 5, 16, dtype=torch.double)


def test_layer_norm_equals_pytorch_with_gradients(x: torch.Tensor) -> None:
    ours, theirs = LayerNorm(16).double(), nn.LayerNorm(16).double()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        nn.init.normal_(a)
        b.data.copy_(a)
    x.requires_grad_()
    torch.testing.assert_close(ours(x), theirs(x))
    for a, b in zip(
        torch.autograd.grad(ours(x).square().sum(), [x, *ours.parameters()]),
        torch.autograd.grad(theirs(x).square().sum(), [x, *theirs.parameters()]),
        strict=True,
    ):
        torch.testing.assert_close(a, b)


def test_by_hand_equals_the_kernel(x: torch.Tensor) -> None:
    torch.testing.assert_close(standardise(x), LayerNorm(16).double()(x))
    assert standardise(x).mean(-1).abs().max() < 1e-12


def test_wiring_is_what_the_formulas_say(x: torch.Tensor) -> None:
    double = nn.Linear(16, 16).double()
    for wiring in ("post", "pre"):
        around = Residual(16, p_drop=0.0, wiring=wiring).double()
        norm = nn.LayerNorm(16).double()
        post, pre = norm(x + double(x)), x + double(norm(x))
        expected = post if wiring == "post" else pre
        torch.testing.assert_close(around(x, double), expected)


def test_dropout_falls_on_the_sublayer_alone(x: torch.Tensor) -> None:
    around = Residual(16, p_drop=0.5, wiring="pre").double()
    added = around(x, torch.ones_like) - x
    assert {0.0, 2.0} == set(added.round(decimals=9).unique().tolist())


WORDS = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0], [1] * 5]) == 1


def twin(ours: nn.Module, theirs: nn.Module) -> None:
    """Give both the same gain and bias, drawn at random."""
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        nn.init.normal_(a)
        b.data.copy_(a)


def same_with_gradients(a: torch.Tensor, b: torch.Tensor, x: torch.Tensor) -> None:
    torch.testing.assert_close(a, b)
    weights = torch.linspace(-1, 1, a.numel(), dtype=a.dtype).view_as(a)
    torch.testing.assert_close(
        torch.autograd.grad((a * weights).sum(), x, retain_graph=True),
        torch.autograd.grad((b * weights).sum(), x, retain_graph=True),
    )


def test_rms_norm_equals_pytorch(x: torch.Tensor) -> None:
    ours = RMSNorm(16, eps=1e-3).double()
    theirs = nn.RMSNorm(16, eps=1e-3).double()
    twin(ours, theirs)
    x.requires_grad_()
    same_with_gradients(ours(x), theirs(x), x)


@pytest.mark.parametrize("groups", [1, 4, 16])
def test_group_norm_equals_pytorch(x: torch.Tensor, groups: int) -> None:
    ours, theirs = GroupNorm(16, groups=groups).double(), nn.GroupNorm(groups, 16)
    twin(ours, theirs.double())
    x.requires_grad_()
    same_with_gradients(ours(x), theirs(x.mT).mT, x)


def test_group_norm_of_a_padded_sentence_is_that_of_its_words(x: torch.Tensor) -> None:
    layer = GroupNorm(16, groups=2).double()
    padded = layer(x, WORDS)
    for i, words in enumerate(WORDS):
        alone = layer(x[i : i + 1, words])
        torch.testing.assert_close(padded[i, words], alone[0])


@pytest.mark.parametrize("masked", [False, True])
def test_batch_norm_equals_pytorch_in_training_and_in_use(
    x: torch.Tensor, masked: bool
) -> None:
    ours, theirs = BatchNorm(16).double(), nn.BatchNorm1d(16).double()
    twin(ours, theirs)
    words = WORDS if masked else torch.ones_like(WORDS)
    x.requires_grad_()
    for scale in (1, 3):  # twice: running statistics move, and move again
        seen = ours(scale * x, words if masked else None)[words]
        same_with_gradients(seen, theirs((scale * x)[words]), x)
    torch.testing.assert_close(ours.mean, theirs.running_mean)
    torch.testing.assert_close(ours.variance, theirs.running_var)
    ours.eval(), theirs.eval()
    torch.testing.assert_close(ours(x)[words], theirs(x[words]))


def test_the_axes_are_what_tells_norms_apart(x: torch.Tensor) -> None:
    torch.testing.assert_close(standardise(x), nn.LayerNorm(16).double()(x))
    batch = nn.BatchNorm1d(16).double()(x.flatten(0, 1)).view_as(x)
    torch.testing.assert_close(standardise(x, over=(0, 1)), batch)
    torch.testing.assert_close(
        standardise(x, over=1), nn.InstanceNorm1d(16).double()(x.mT).mT
    )
    torch.testing.assert_close(
        standardise(x, over=(1, 2)), nn.LayerNorm((5, 16)).double()(x)
    )


def test_what_padding_holds_moves_no_word(x: torch.Tensor) -> None:
    changed = x.masked_fill(~WORDS[..., None], 1e6)
    for layer in (BatchNorm(16).double(), GroupNorm(16, groups=4).double()):
        before, after = layer(x, WORDS)[WORDS], layer(changed, WORDS)[WORDS]
        torch.testing.assert_close(before, after)


def test_a_single_word_has_no_batch_statistics(x: torch.Tensor) -> None:
    layer = BatchNorm(16).double()
    with pytest.raises(ValueError, match="a batch of 1 words has no variance"):
        layer(x[:1, :1])
    assert layer.eval()(x[:1, :1]).isfinite().all()
    with pytest.raises(ValueError, match="mask counts no entry"):
        standardise(x, over=(1, 2), mask=torch.zeros(4, 5, 1, dtype=torch.bool))


def test_without_norm_or_without_a_way_around(x: torch.Tensor) -> None:
    double = nn.Linear(16, 16).double()
    bare = Residual(16, p_drop=0.0, norm="none").double()
    torch.testing.assert_close(bare(x, double), x + double(x))
    straight = Residual(16, p_drop=0.0, wiring="none").double()
    torch.testing.assert_close(straight(x, double), standardise(double(x)))
    counted = Residual(16, p_drop=0.0, norm="batch").double()
    assert torch.allclose(counted(x, double, WORDS)[WORDS].mean(0), x.new_zeros(16))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GroupNorm(16, groups=3), "groups=3 does not divide d_model=16"),
        (lambda: Residual(16, wiring="sideways"), "wiring='sideways': choose post"),
        (lambda: Residual(16, norm="bach"), "norm='bach': choose layer, rms"),
    ],
)
def test_a_wrong_choice_is_named(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("make", [BatchNorm, partial(GroupNorm, groups=4), RMSNorm])
def test_half_precision_holds_what_float32_does(
    make: Callable[[int], nn.Module], masked: bool
) -> None:
    """Squares of 300 are infinite in fp16, and so are sums of 1,000 numbers of 70."""
    torch.manual_seed(0)
    full, half, words = make(16), make(16).half(), torch.rand(50, 20) < 0.9
    x = (70 + 300 * torch.randn(50, 20, 16)).half()
    mask = words if masked else None
    seen = half(x, mask)
    assert seen.dtype == torch.float16
    torch.testing.assert_close(seen.float(), full(x.float(), mask), rtol=0, atol=4e-3)


def test_running_statistics_in_half_precision_are_pytorchs() -> None:
    torch.manual_seed(0)
    ours, theirs = BatchNorm(16).half(), nn.BatchNorm1d(16)
    x = (100 * torch.randn(1000, 16)).half()  # variance times count is infinite
    ours(x[None]), theirs(x.float())
    torch.testing.assert_close(
        (ours.mean, ours.variance),
        (theirs.running_mean.half(), theirs.running_var.half()),
        rtol=2e-3,
        atol=2e-3,
    )
