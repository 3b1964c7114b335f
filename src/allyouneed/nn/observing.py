"""Layers that show what they compute, in the very call that computes it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

Observer = Callable[[Any], None]


class Observed(nn.Module):
    """A layer that shows something of each call to an observer, if it has one."""

    observer: Observer | None = None  # set by `collect`


@contextmanager
def collect(model: nn.Module, kind: type[Observed]) -> Iterator[dict[str, list[Any]]]:
    """Lists of what the layers of this kind show inside the block, by layer's name.

    A block around this one goes on seeing all calls.
    """
    layers = {k: m for k, m in model.named_modules() if isinstance(m, kind)}
    seen: dict[str, list[Any]] = {name: [] for name in layers}
    outer = {name: layer.observer for name, layer in layers.items()}
    for name, layer in layers.items():
        layer.observer = _both(outer[name], seen[name].append)
    try:
        yield seen
    finally:
        for name, layer in layers.items():
            layer.observer = outer[name]


def _both(outer: Observer | None, own: Observer) -> Observer:
    def observe(shown: Any) -> None:
        if outer is not None:
            outer(shown)
        own(shown)

    return observe
