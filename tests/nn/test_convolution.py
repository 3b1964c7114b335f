"""Convolution against PyTorch's own layer, and against itself by another route."""

import itertools

import pytest
import torch
from torch import Tensor, nn

from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.convolution import (
    Convolution,
    convolve,
    measured_receptive_field,
    receptive_field,
)

B, T, D_IN, D_OUT = 3, 11, 6, 4
SHAPES = list(itertools.product((1, 2, 3, 4, 5), (1, 2, 3)))  # widths, dilations


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def x(length: int = T) -> Tensor:
    return torch.randn(B, length, D_IN, dtype=torch.double, requires_grad=True)


def layer(**choices: object) -> Convolution:
    return Convolution(D_IN, D_OUT, **choices).double()


def by_pytorch(ours: Convolution, x: Tensor) -> Tensor:
    """PyTorch's own layer with the weights of ours, padded by PyTorch."""
    own = ours.slide
    reach = own.dilation[0] * (own.kernel_size[0] - 1)
    theirs = nn.Conv1d(
        own.in_channels, own.out_channels, own.kernel_size,
        padding=reach if ours.causal else "same",
        dilation=own.dilation, groups=own.groups, bias=own.bias is not None,
    ).double()  # fmt: skip
    theirs.weight, theirs.bias = own.weight, own.bias
    out = theirs(x.transpose(1, 2))[..., : x.shape[1]]  # PyTorch pads both sides
    return out.transpose(1, 2)


@pytest.mark.filterwarnings("ignore:Using padding='same'")  # copies; right all the same
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("width", "dilation"), SHAPES)
def test_by_hand_and_layer_agree_with_pytorch(
    width: int, dilation: int, causal: bool
) -> None:
    ours, inputs = layer(width=width, dilation=dilation, causal=causal), x()
    weight, bias = ours.slide.weight, ours.slide.bias
    outs = [
        by_pytorch(ours, inputs),
        ours(inputs),
        convolve(inputs, weight, bias, dilation=dilation, causal=causal),
    ]
    theirs, *mine = (
        (out, *torch.autograd.grad(out.square().sum(), [inputs, weight, bias]))
        for out in outs
    )
    for results in mine:
        assert results[0].shape == (B, T, D_OUT)
        for got, want in zip(results, theirs, strict=True):
            torch.testing.assert_close(got, want)


@pytest.mark.parametrize("causal", [False, True])
def test_gated_is_one_half_times_the_sigmoid_of_the_other(causal: bool) -> None:
    ours, inputs = layer(gated=True, causal=causal), x()
    both = by_pytorch(ours, inputs)
    expected = both[..., :D_OUT] * both[..., D_OUT:].sigmoid()
    torch.testing.assert_close(ours(inputs), expected)


@pytest.mark.parametrize("dilation", [1, 3])
def test_separable_equals_one_kernel_of_rank_one_per_feature(dilation: int) -> None:
    ours, inputs = layer(separable=True, width=5, dilation=dilation), x()
    depth, point = ours.slide.weight[:, 0], ours.mix.weight  # (d_in, width)
    kernel = point[:, :, None] * depth[None]
    expected = convolve(inputs, kernel, ours.mix.bias, dilation=dilation)
    torch.testing.assert_close(ours(inputs), expected)
    torch.testing.assert_close(ours(inputs), ours.mix(by_pytorch(ours, inputs)))


@pytest.mark.parametrize("separable", [False, True])
@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("pieces", [[1] * T, [T], [2, 1, 5, 3]])
@pytest.mark.parametrize(("width", "dilation"), [(1, 2), (2, 1), (3, 4)])
def test_a_stream_in_pieces_equals_the_whole(
    width: int, dilation: int, pieces: list[int], gated: bool, separable: bool
) -> None:
    ours = layer(
        width=width, dilation=dilation, causal=True, gated=gated, separable=separable
    )
    inputs, outs, past = x(), [], None
    for piece in inputs.split(pieces, dim=1):
        outs.append(ours(piece, past))
        past = ours.remember(piece, past)
        assert past.shape == (B, ours.reach, D_IN)
    torch.testing.assert_close(torch.cat(outs, 1), ours(inputs))


@pytest.mark.parametrize(("gated", "outputs"), [(False, 512), (True, 1024)])
@pytest.mark.parametrize("separable", [False, True])
def test_parameters_follow_table_1(separable: bool, gated: bool, outputs: int) -> None:
    """Work per position: k * d^2, or k * d + d^2 when separable (section 4)."""
    k, d = 3, 512
    weights = k * d + d * outputs if separable else k * d * outputs
    ours = Convolution(d, d, width=k, gated=gated, separable=separable)
    assert sum(p.numel() for p in ours.parameters()) == weights + outputs


STACKS = {
    "contiguous": [1, 1, 1],
    "dilated": [1, 2, 4],
    "with holes": [1, 5],
}


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("dilations", STACKS.values(), ids=STACKS)
def test_the_receptive_field_is_what_the_gradient_reaches(
    dilations: list[int], gated: bool, causal: bool
) -> None:
    layers = [
        Convolution(D_IN, D_IN, dilation=dilation, gated=gated, causal=causal)
        for dilation in dilations
    ]
    seen = measured_receptive_field(nn.Sequential(*layers), 40)
    middle = seen[20].nonzero().flatten()
    assert int(middle.max() - middle.min()) + 1 == receptive_field(*layers)
    assert int(middle.max()) == (20 if causal else 20 + receptive_field(*layers) // 2)
    full = len(middle) == receptive_field(*layers)
    assert full == (dilations != STACKS["with holes"])


def test_a_change_moves_exactly_the_outputs_that_depend_on_it() -> None:
    stack = nn.Sequential(
        Convolution(D_IN, 8, dilation=2), nn.ReLU(), Convolution(8, D_OUT, width=2)
    ).double()
    seen, before = measured_receptive_field(stack, T), x().detach()
    for s in range(T):
        after = before.clone()
        after[:, s] += 1.0
        moved = (stack(after) != stack(before)).any(-1).any(0)
        assert torch.equal(moved, seen[:, s])


def test_any_module_can_be_measured_once_its_width_is_known() -> None:
    look = MultiHeadAttention(8, 2)
    assert measured_receptive_field(look, 5, d_in=8).all()
    with pytest.raises(ValueError, match="no Convolution: give d_in"):
        measured_receptive_field(look, 5)


def test_measuring_leaves_no_gradient_and_no_random_number_behind() -> None:
    ours, state = layer(), torch.get_rng_state()
    measured_receptive_field(ours, 5)
    assert all(p.grad is None for p in ours.parameters())
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", ["d_in", "d_out", "width", "dilation"])
def test_a_size_below_one_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}=0: give at least 1"):
        Convolution(**{"d_in": 4, "d_out": 4} | {name: 0})


def test_a_past_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="causal=False: make the layer causal"):
        layer()(x(), x(2))
    with pytest.raises(ValueError, match="past holds 3 inputs: give the 4 before x"):
        layer(causal=True, width=5)(x(), x(3))
