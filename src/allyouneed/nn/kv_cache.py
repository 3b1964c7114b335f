"""Keys and values that were computed once and are looked at again and again.

Shapes: `B` sentences, `H` heads, `K` positions so far, `d_k` and `d_v` their widths.
"""

from torch import Tensor


class KVCache:
    """Keys (B, H, K, d_k) and values (B, H, K, d_v) of the positions seen so far.

    >>> import torch
    >>> cache = KVCache()
    >>> keys, values = cache.append(torch.zeros(2, 8, 1, 4), torch.zeros(2, 8, 1, 4))
    >>> len(cache), keys.shape
    (1, torch.Size([2, 8, 1, 4]))
    """

    def __init__(self) -> None:
        self._parts: list[Tensor] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def kv(self) -> tuple[Tensor, Tensor]:
        """All keys and values, oldest first."""
        k, v = (part[:, :, : self._length] for part in self._parts)
        return k, v

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add the newest positions and return all of them, oldest first.

        They are written over the room kept for them: a gradient cannot go back through
        an earlier call, and autograd says so.
        """
        end = self._length + k.shape[-2]
        if not self._parts or end > self._parts[0].shape[-2]:
            old = self.kv if self._parts else (k[:, :, :0], v[:, :, :0])
            room = max(end, 2 * self._length)  # so that few steps copy all of it
            self._parts = [_longer(part, room) for part in old]
        for part, new in zip(self._parts, (k, v), strict=True):
            part[:, :, self._length : end] = new
        self._length = end
        return self.kv

    def select(self, rows: Tensor) -> None:
        """Keep these rows of the batch, in this order: beam search's survivors."""
        self._parts = [part.index_select(0, rows) for part in self._parts]


def _longer(part: Tensor, room: int) -> Tensor:
    """A copy in a larger place: (B, H, K, d) -> (B, H, room, d)."""
    batch, heads, length, width = part.shape
    longer = part.new_empty(batch, heads, room, width)
    longer[:, :, :length] = part
    return longer
