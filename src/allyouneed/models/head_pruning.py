"""Heads taken out of a trained model show what they were worth (Michel et al., 2019).

A layer's output is a sum with one term for each head (section 3.2.2): without one of
them, the others are as they were.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.relations import Relation
from allyouneed.nn.relative_positions import Shaw

Model = TypeVar("Model", bound=nn.Module)


def pruned(layer: MultiHeadAttention, keep: Sequence[int]) -> MultiHeadAttention:
    """A copy of the layer that has these of its heads, and is smaller by the others.

    Raises:
        ValueError: `keep` is empty, names a head twice or one that is not there, or the
            layer's relation of positions has numbers for each head.

    >>> layer = pruned(MultiHeadAttention(d_model=512, heads=8), keep=[0, 5])
    >>> layer.heads, layer.query.weight.shape, layer.output.weight.shape
    (2, torch.Size([128, 512]), torch.Size([512, 128]))
    """
    smaller = copy.deepcopy(layer)
    _shrink(smaller, keep)
    return smaller


def prune(model: Model, keep: Mapping[str, Sequence[int]]) -> Model:
    """A copy of the model in which each layer named in `keep` has only these heads.

    Names are those of `attention.watch`.

    Raises:
        ValueError: no attention layer has such a name; and as `pruned` does.
    """
    smaller = copy.deepcopy(model)
    layers = {
        name: layer
        for name, layer in smaller.named_modules()
        if isinstance(layer, MultiHeadAttention)
    }
    if unknown := sorted({*keep} - {*layers}):
        raise ValueError(f"keep names {unknown[0]!r}: the layers are {[*layers]}")
    for name, heads in keep.items():
        _shrink(layers[name], heads)
    return smaller


def _shrink(layer: MultiHeadAttention, keep: Sequence[int]) -> None:
    there = range(layer.heads)
    if not keep or len({*keep}) < len(keep) or not {*keep} <= {*there}:
        raise ValueError(f"{keep=}: name some of the heads 0 to {there[-1]}, each once")
    if not _same_for_all_heads(layer.relation):
        raise ValueError(
            f"{type(layer.relation).__name__} has numbers for each head: prune a layer "
            "whose positions treat all heads alike"
        )
    each = layer.heads // layer.kv_heads
    shared = [head // each for head in keep]  # a key of its own for each that stays
    _keep(layer.query, layer.heads, keep)
    _keep(layer.key, layer.kv_heads, shared)
    _keep(layer.value, layer.kv_heads, shared)
    output = _of(layer.output.weight.mT, layer.heads, keep).mT.contiguous()
    layer.output.weight = nn.Parameter(output)
    layer.output.in_features = output.shape[1]
    layer.heads = layer.kv_heads = len(keep)


def _keep(projection: nn.Linear, heads: int, keep: Sequence[int]) -> None:
    projection.weight = _of(projection.weight, heads, keep)
    projection.out_features = len(projection.weight)
    if projection.bias is not None:
        projection.bias = _of(projection.bias, heads, keep)


def _of(weight: Tensor, heads: int, keep: Sequence[int]) -> nn.Parameter:
    """The rows (heads * width, ...) of these heads."""
    rows = weight.detach().unflatten(0, (heads, -1))[torch.tensor(keep)]
    return nn.Parameter(rows.flatten(0, 1).clone())


def _same_for_all_heads(relation: Relation) -> bool:
    return type(relation).bias is Relation.bias or isinstance(relation, Shaw)
