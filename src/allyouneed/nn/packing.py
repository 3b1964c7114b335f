"""Words without the padding between them, for what looks at each word alone.

Shapes: `B` sentences, `T` positions, padding among them, `N` words.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

WORTH = 0.05  # share of padding up to which words stay: to move them costs, too


@dataclass(frozen=True)
class Packing:
    """Where the words of a padded batch stand: their `places` among its B * T.

    >>> import torch
    >>> words = Packing(torch.tensor([0, 1, 3]), batch=2, length=2)
    >>> words.unpack(words.pack(torch.arange(4.0).view(2, 2, 1))).flatten()
    tensor([0., 1., 0., 3.])
    """

    places: Tensor
    batch: int
    length: int

    @classmethod
    def of(cls, real: Tensor) -> "Packing | None":
        """Pack where `real` (B, T) is True; None where that would gain nothing.

        Only a CPU packs: another device's host would have to wait for the count, and a
        traced graph has none.
        """
        if real.device.type != "cpu" or torch.compiler.is_compiling():
            return None
        places = real.flatten().nonzero().squeeze(-1)
        if len(places) > (1 - WORTH) * real.numel():
            return None
        return cls(places, *real.shape)

    def pack(self, x: Tensor) -> Tensor:
        """Keep the words: (B, T, ...) -> (N, ...)."""
        return x.flatten(0, 1).index_select(0, self.places)

    def unpack(self, x: Tensor) -> Tensor:
        """Put the words back, with zeros for padding: (N, ...) -> (B, T, ...)."""
        padded = x.new_zeros(self.batch * self.length, *x.shape[1:])
        padded = padded.index_copy(0, self.places, x)
        return padded.unflatten(0, (self.batch, self.length))
