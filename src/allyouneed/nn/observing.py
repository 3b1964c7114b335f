"""Layers that show what they compute, in the very call that computes it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


class Observed(nn.Module):
    """A layer that shows something of each call to an observer, if it has one."""

    observer: Callable[[Any], None] | None = None  # set by `collect`


@contextmanager
def collect(model: nn.Module, kind: type[Observed]) -> Iterator[dict[str, list[Any]]]:
    """Lists of what the layers of this kind show inside the block, by layer's name."""
    layers = {k: m for k, m in model.named_modules() if isinstance(m, kind)}
    seen: dict[str, list[Any]] = {name: [] for name in layers}
    for name, layer in layers.items():
        layer.observer = seen[name].append
    try:
        yield seen
    finally:
        for layer in layers.values():
            layer.observer = None
