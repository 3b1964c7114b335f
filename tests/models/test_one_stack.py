"""One stack against PyTorch's encoder, the paper's decoder, and naive loops."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from twins import copy, encoder_layer

from allyouneed.ground.special_tokens import PAD
from allyouneed.models.layers import DecoderLayer, EncoderLayer, TransformerConfig
from allyouneed.models.one_stack import PatchStack, Stack, TextStack, cut
from allyouneed.nn.masks import causal_mask, prefix_mask

SIZES = TransformerConfig(
    vocab=30, d_model=16, layers=2, heads=4, d_ff=24, p_drop=0.0, wiring="pre"
)
TOKENS = torch.tensor([[7, 8, 9, 10, 11], [5, 6, 4, PAD, PAD]])


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def disturbed(model: nn.Module) -> nn.Module:
    """Norms and biases as no model starts with, so that an exchange shows."""
    for name, weights in model.named_parameters():
        if "norm" in name or "bias" in name:
            nn.init.normal_(weights, mean=1.0, std=0.1)
    return model.double()


@pytest.mark.parametrize("wiring", ["post", "pre"])
@pytest.mark.parametrize("causal", [False, True])
def test_a_stack_is_pytorchs_encoder(*, wiring: str, causal: bool) -> None:
    config = replace(SIZES, wiring=wiring, bias=True, positions="none")
    ours = disturbed(Stack(config))
    sizes = {"d_model": 16, "nhead": 4, "dim_feedforward": 24}
    layers = [
        encoder_layer(x, **sizes, norm_first=wiring == "pre") for x in ours.layers
    ]
    last = nn.LayerNorm(16, dtype=torch.double) if wiring == "pre" else None
    if last is not None:
        copy([(last.weight, ours.norm.gain), (last.bias, ours.norm.bias)])
    theirs = nn.TransformerEncoder(layers[0], 2, norm=last, enable_nested_tensor=False)
    theirs.layers = nn.ModuleList(layers)
    x = torch.randn(3, 5, 16, dtype=torch.double)
    mask = causal_mask(5) if causal else None
    expected = theirs(x, mask=None if mask is None else ~mask)
    torch.testing.assert_close(ours(x, mask), expected)


def test_a_causal_layer_is_the_papers_decoder_that_reads_no_source() -> None:
    decoder, encoder = disturbed(DecoderLayer(SIZES)), disturbed(EncoderLayer(SIZES))
    weights = {
        name.replace("around.2.", "around.1."): value
        for name, value in decoder.state_dict().items()
        if "cross" not in name and "around.1." not in name
    }
    encoder.load_state_dict(weights)
    nn.init.zeros_(decoder.cross_attention.output.weight)
    x, memory = torch.randn(2, 3, 5, 16, dtype=torch.double)
    torch.testing.assert_close(
        encoder(x, causal_mask(5)), decoder(x, memory, None), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("causal", [False, True])
def test_padding_changes_no_word(*, causal: bool) -> None:
    model = TextStack(SIZES, causal=causal).double()
    alone = model(TOKENS[1:, :3])
    torch.testing.assert_close(model(TOKENS)[1:, :3], alone)


def moved(model: TextStack, read: Tensor | None = None) -> list[list[bool]]:
    """Row i, column j: whether another word at j changes the scores at i."""
    before = model(TOKENS[:1], read)[0]
    rows = []
    for j in range(5):
        other = TOKENS[:1].clone()
        other[0, j] = 20
        rows.append((model(other, read)[0] - before).abs().amax(-1) > 1e-9)
    return torch.stack(rows, -1).tolist()


def test_who_is_seen() -> None:
    full, past = (TextStack(SIZES, causal=c).double() for c in (False, True))
    assert moved(full) == [[True] * 5] * 5
    assert moved(past) == [[j <= i for j in range(5)] for i in range(5)]
    prefix = [[j <= i or j < 3 for j in range(5)] for i in range(5)]
    assert moved(past, torch.tensor([3])) == prefix


def test_prefix_mask_is_the_loop() -> None:
    read = [0, 2, 4]
    found = prefix_mask(torch.tensor(read), 4)[:, 0].tolist()
    assert found == [
        [[j <= i or j < n for j in range(4)] for i in range(4)] for n in read
    ]


def test_patches_are_the_loop() -> None:
    images = torch.randn(2, 6, 8)
    found = cut(images, 3, 2)
    expected = [
        [
            images[b, i : i + 3, j : j + 2].flatten()
            for i in (0, 3)
            for j in (0, 2, 4, 6)
        ]
        for b in range(2)
    ]
    assert torch.equal(found, torch.stack([torch.stack(row) for row in expected]))


def test_a_patch_is_a_convolution_as_wide_as_its_step() -> None:
    config = replace(SIZES, vocab=3, positions="learned", max_length=4)
    model, images = PatchStack(config, numbers=16), torch.randn(5, 8, 8)
    kernel = model.enter.weight.view(16, 1, 4, 4)
    maps = nn.functional.conv2d(images[:, None], kernel, model.enter.bias, stride=4)
    torch.testing.assert_close(
        model.enter(cut(images, 4, 4)), maps.flatten(2).mT, rtol=1e-4, atol=1e-5
    )
    assert model(cut(images, 4, 4)).shape == (5, 3)


@pytest.mark.parametrize("positions", ["learned", "none"])
def test_the_order_of_patches_counts_where_they_have_places(positions: str) -> None:
    config = replace(SIZES, vocab=3, positions=positions, max_length=4)
    model, patches = (
        PatchStack(config, numbers=4).double(),
        torch.randn(1, 4, 4).double(),
    )
    gap = (model(patches) - model(patches.flip(1))).abs().max().item()
    assert math.isclose(gap, 0, abs_tol=1e-9) == (positions == "none")


def test_images_that_do_not_divide_are_named() -> None:
    with pytest.raises(ValueError, match=r"8 x 8 do not divide.*height=3"):
        cut(torch.zeros(1, 8, 8), 3, 2)


@pytest.mark.parametrize("causal", [False, True])
def test_t5_spends_every_bucket_on_what_is_seen(*, causal: bool) -> None:
    model = TextStack(replace(SIZES, positions="t5"), causal=causal)
    model(torch.full((1, 200), 7))[0, :, 3].sum().backward()
    table = model.stack.layers[0].attention.relation.table
    assert (table.grad.abs().sum(1) > 0).sum() == (32 if causal else 31)
