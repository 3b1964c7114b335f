"""Table 1 against the paper's orders, PyTorch's counter, and gradients."""

import math

import pytest
import torch
from torch import nn

from allyouneed.cost import measure
from allyouneed.cost.complexity import (
    KINDS,
    Cell,
    Kind,
    flops,
    operations,
    path,
    sequential,
)
from allyouneed.nn.attention import MultiHeadAttention, attend
from allyouneed.nn.convolution import Convolution, measured_receptive_field
from allyouneed.nn.local_attention import LocalAttention, attend_locally
from allyouneed.nn.recurrent import GRU, LSTM, RNN, Recurrent

N, D, HEADS = 24, 16, 4
CELLS: dict[Cell, Recurrent] = {"rnn": RNN(D, D), "gru": GRU(D, D), "lstm": LSTM(D, D)}


def counted(layer: nn.Module, n: int) -> int:
    return measure.flops(lambda: layer(torch.ones(1, n, D)))


@pytest.mark.parametrize("heads", [1, 2, 8])
@pytest.mark.parametrize("n", [1, 7, 24])
def test_attention_is_counted_whatever_the_heads(n: int, heads: int) -> None:
    layer = MultiHeadAttention(D, heads)
    assert counted(layer, n) == flops("attention", n=n, d=D, projections=True)
    q = torch.ones(1, heads, n, D // heads)
    assert measure.flops(lambda: attend(q, q, q)) == flops("attention", n=n, d=D)


@pytest.mark.parametrize(
    ("n", "r"), [(24, 8), (25, 8), (24, 5), (7, 7), (7, 12), (5, 20)]
)
def test_restricted_attention_is_counted_in_its_blocks(n: int, r: int) -> None:
    layer = LocalAttention(D, HEADS, window=r)
    wanted = flops("restricted", n=n, d=D, r=r, projections=True)
    assert counted(layer, n) == wanted
    q = torch.ones(1, HEADS, n, D // HEADS)
    found = measure.flops(lambda: attend_locally(q, q, q, window=r, causal=r <= n))
    assert found == flops("restricted", n=n, d=D, r=r)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("n", [1, 7])
def test_recurrent_layers_are_counted(cell: Cell, n: int) -> None:
    layer = CELLS[cell]
    whole = flops("recurrent", n=n, d=D, cell=cell, projections=True)
    assert counted(layer, n) == whole
    state = layer.step(torch.ones(1, D))
    step = measure.flops(lambda: layer.step(torch.ones(1, D), state))
    assert n * step == whole == 2 * flops("recurrent", n=n, d=D, cell=cell)


@pytest.mark.parametrize("k", [1, 3, 4])
def test_convolutions_are_counted(k: int) -> None:
    plain = Convolution(D, D, width=k)
    dilated = Convolution(D, D, width=k, dilation=2)
    separable = Convolution(D, D, width=k, separable=True)
    assert counted(plain, N) == flops("convolution", n=N, d=D, k=k)
    assert counted(dilated, N) == flops("dilated", n=N, d=D, k=k)
    assert counted(separable, N) == flops("separable", n=N, d=D, k=k)


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_step_is_three_forward_passes(kind: Kind) -> None:
    layers: dict[Kind, nn.Module] = {
        "attention": MultiHeadAttention(D, HEADS),
        "convolution": Convolution(D, D),
        "dilated": Convolution(D, D, dilation=3),
        "separable": Convolution(D, D, separable=True),
        "restricted": LocalAttention(D, HEADS, window=8),
        "recurrent": GRU(D, D),
    }
    x = torch.ones(1, N, D, requires_grad=True)

    def step() -> None:
        out = layers[kind](x)
        (out[0] if kind == "recurrent" else out).sum().backward()

    forward = flops(kind, n=N, d=D, r=8, cell="gru", projections=True)
    first = 2 * 3 * D * D if kind == "recurrent" else 0  # the state of zeros
    assert measure.flops(step) == 3 * forward - first


@pytest.mark.parametrize(
    ("kind", "powers"),
    [
        ("attention", (2, 1, 0, 0)),
        ("recurrent", (1, 2, 0, 0)),
        ("convolution", (1, 2, 1, 0)),
        ("dilated", (1, 2, 1, 0)),
        ("separable", (1, 2, 0, 0)),
        ("restricted", (1, 1, 0, 1)),
    ],
)
def test_the_orders_are_the_paper_s(kind: Kind, powers: tuple[int, ...]) -> None:
    # Far out, where only the leading term is left: log2 of the growth as it doubles.
    sizes = {"n": 2**20, "d": 2**20, "k": 2**3, "r": 2**10}
    for count in (operations, flops):
        small = count(kind, **sizes)
        grown = [count(kind, **(sizes | {s: 2 * sizes[s]})) for s in sizes]
        found = [math.log2(more / small) for more in grown]
        assert found == pytest.approx(powers, abs=0.01)


def test_the_paper_s_remark_on_separable_convolution() -> None:
    # With k = n it costs as much as attention and a feed-forward layer (section 4).
    n, d = 300, 512
    both = operations("attention", n=n, d=d) + n * d * d
    assert operations("separable", n=n, d=d, k=n) == both


def steps_by_gradient(layer_of: dict[int, nn.Module], n: int) -> int:
    """Layers until the last output depends on the first input, and the other way."""
    for depth in range(1, n):
        stack = nn.Sequential(*(layer_of[i] for i in range(depth)))
        seen = measured_receptive_field(stack.double(), n, d_in=4)
        if bool(seen[-1, 0]):
            return depth
    raise AssertionError("never")


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("width", [3, 4, 5])
@pytest.mark.parametrize("n", [2, 9, 10, 14])
def test_paths_are_those_that_gradients_take(n: int, width: int, causal: bool) -> None:
    torch.manual_seed(0)
    depths = range(n)

    def convolutions(**own: int | bool) -> dict[int, nn.Module]:
        return {i: Convolution(4, 4, width=width, causal=causal, **own) for i in depths}

    dilated: dict[int, nn.Module] = {
        i: Convolution(4, 4, width=width, dilation=width**i, causal=True)
        for i in range(4)
    }
    local: dict[int, nn.Module] = {
        i: LocalAttention(4, 1, window=width, causal=causal) for i in depths
    }
    whole: dict[int, nn.Module] = {0: MultiHeadAttention(4, 1)}
    size = {"n": n, "causal": causal}
    plain = steps_by_gradient(convolutions(), n)
    assert plain == path("convolution", k=width, **size)
    separable = steps_by_gradient(convolutions(separable=True), n)
    assert separable == path("separable", k=width, **size)
    assert steps_by_gradient(dilated, n) == path("dilated", k=width, **size)
    assert steps_by_gradient(local, n) == path("restricted", r=width, **size)
    assert steps_by_gradient(whole, n) == path("attention", **size)


def test_dilated_kernels_that_look_both_ways_leave_holes_near_the_ends() -> None:
    layers = (Convolution(4, 4, dilation=3**i) for i in range(4))
    stack = nn.Sequential(*layers).double()
    seen = measured_receptive_field(stack, 9)
    assert not seen[-1, 0]  # eight back is nine back and one ahead, and nine is outside
    assert measured_receptive_field(stack, 10)[-1, 0]


@pytest.mark.parametrize("n", [2, 10, 1000])
def test_paths_grow_as_the_table_says(n: int) -> None:
    assert path("attention", n=n) == 1
    assert path("recurrent", n=n) == n - 1
    assert path("convolution", n=n, k=3, causal=True) == math.ceil((n - 1) / 2)
    assert path("restricted", n=n, r=16, causal=True) == math.ceil((n - 1) / 15)
    assert 3 ** path("dilated", n=n, k=3, causal=True) >= n
    assert 3 ** (path("dilated", n=n, k=3, causal=True) - 1) < n
    assert [sequential(kind, n=n) for kind in KINDS] == [1, n, 1, 1, 1, 1]
    assert all(path(kind, n=1) == 0 for kind in KINDS)


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="choose from attention"):
        operations("transformer", n=1, d=1)
    with pytest.raises(ValueError, match="n=0"):
        sequential("recurrent", n=0)
    with pytest.raises(ValueError, match="d=0"):
        flops("attention", n=1, d=0)
    with pytest.raises(ValueError, match="no neighbour"):
        path("convolution", n=5, k=2)
