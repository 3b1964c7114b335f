"""Pruned layers against layers whose other heads are silenced by hand."""

import pytest
import torch
from torch import nn

from allyouneed.ground.special_tokens import BOS, EOS
from allyouneed.models.head_pruning import prune, pruned
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.nn.attention import MultiHeadAttention, watch
from allyouneed.nn.relations import Relation
from allyouneed.nn.relative_positions import Shaw

KEEP = [2, 0]


def make(**changes: object) -> MultiHeadAttention:
    torch.manual_seed(0)
    layer = MultiHeadAttention(12, 4, d_k=3, d_v=5, **changes).double()
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    return layer


def test_heads_that_shared_a_key_keep_what_they_say() -> None:
    whole, x = make(kv_heads=2, bias=True), torch.randn(2, 6, 12).double()
    smaller = pruned(whole, KEEP)
    with torch.no_grad():
        for gone in {*range(4)} - {*KEEP}:
            whole.output.weight[:, gone * 5 : gone * 5 + 5] = 0
    torch.testing.assert_close(smaller(x), whole(x))


@pytest.mark.parametrize("bias", [False, True])
def test_a_pruned_layer_is_the_whole_one_without_the_other_terms(bias: bool) -> None:
    whole, x = make(bias=bias), torch.randn(2, 6, 12).double()
    before = whole(x, causal=True)
    smaller = pruned(whole, KEEP)
    assert torch.equal(before, whole(x, causal=True))  # a copy: nothing was taken away
    with torch.no_grad():
        for gone in {*range(4)} - {*KEEP}:
            whole.output.weight[:, gone * 5 : gone * 5 + 5] = 0
    torch.testing.assert_close(smaller(x, causal=True), whole(x, causal=True))
    lost = 2 * (12 * (3 + 3 + 5) + 5 * 12) + bias * 2 * (3 + 3 + 5)
    count = [sum(p.numel() for p in part.parameters()) for part in (whole, smaller)]
    assert count[0] - count[1] == lost


@pytest.mark.parametrize("kv_heads", [None, 1, 2])
def test_the_heads_that_stay_see_what_they_saw(kv_heads: int | None) -> None:
    whole, x = make(kv_heads=kv_heads), torch.randn(2, 6, 12).double()
    layers = nn.ModuleDict({"whole": whole, "smaller": pruned(whole, KEEP)})
    with watch(layers) as seen:
        for layer in layers.values():
            layer(x)
    (all_heads,), (kept,) = seen.values()
    torch.testing.assert_close(kept, all_heads[:, KEEP])


def test_one_layer_of_a_model_is_pruned_and_the_model_still_translates() -> None:
    torch.manual_seed(0)
    config = TransformerConfig(vocab=20, d_model=16, layers=2, heads=4, d_ff=16)
    model = Transformer(config).double().eval()
    smaller = prune(model, {"decoder.1.cross_attention": [3]})
    source, target = torch.tensor([[7, 8, EOS]]), torch.tensor([[BOS, 9]])
    assert smaller.decoder[1].cross_attention.heads == 1
    assert smaller.decoder[0].cross_attention.heads == 4
    with torch.no_grad():
        model.decoder[1].cross_attention.output.weight[:, :12] = 0
    torch.testing.assert_close(smaller(source, target), model(source, target))
    torch.testing.assert_close(
        smaller(source, target), prune(smaller, {})(source, target)
    )


class Slopes(Relation):
    """Another number for each head."""

    def bias(self, q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        return q.new_zeros(1, q.shape[1], q.shape[2], k.shape[2])


@pytest.mark.parametrize(
    ("layer", "keep", "message"),
    [
        ({}, [], r"keep=\[\]: name some of the heads 0 to 3"),
        ({}, [1, 1], r"keep=\[1, 1\]"),
        ({}, [4], r"keep=\[4\]"),
        ({"relation": Slopes()}, [0], "Slopes has numbers for each head"),
    ],
)
def test_what_cannot_be_pruned_is_named(
    layer: dict[str, object], keep: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        pruned(make(**layer), keep)


def test_an_unknown_layer_is_named() -> None:
    layers = nn.ModuleDict({"only": make()})
    with pytest.raises(ValueError, match=r"keep names 'other': the layers are \['on"):
        prune(layers, {"other": [0]})


def test_vectors_that_all_heads_share_stay() -> None:
    whole, x = make(relation=Shaw(3, 5)), torch.randn(2, 6, 12).double()
    smaller = pruned(whole, KEEP)
    with torch.no_grad():
        for gone in {*range(4)} - {*KEEP}:
            whole.output.weight[:, gone * 5 : gone * 5 + 5] = 0
    torch.testing.assert_close(smaller(x), whole(x))


def test_a_layer_may_be_the_whole_model_and_tells_its_new_sizes() -> None:
    layer = prune(make(), {"": KEEP})
    assert layer.heads == 2
    for part in (layer.query, layer.key, layer.value, layer.output):
        assert (part.out_features, part.in_features) == part.weight.shape
