"""Keys and values that were computed once and are looked at again and again.

Shapes: `B` sentences, `H` heads, `K` positions so far, `d_k` and `d_v` their widths.
"""

import torch
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
        self._rows: Tensor | None = None  # of the parts, in this order; None: all

    def __len__(self) -> int:
        return self._length

    @property
    def kv(self) -> tuple[Tensor, Tensor]:
        """All keys and values, oldest first."""
        self._reorder(self._length)
        k, v = (part[:, :, : self._length] for part in self._parts)
        return k, v

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add the newest positions and return all of them, oldest first.

        They are written over the room kept for them: a gradient cannot go back through
        an earlier call, and autograd says so.
        """
        end = self._length + k.shape[-2]
        self._reorder(end)
        if not self._parts or end > self._parts[0].shape[-2]:
            old = self.kv if self._parts else (k[:, :, :0], v[:, :, :0])
            room = max(end, 2 * self._length)  # so that few steps copy all of it
            self._parts = [_longer(part, room) for part in old]
        for part, new in zip(self._parts, (k, v), strict=True):
            part[:, :, self._length : end] = new
        self._length = end
        return self.kv

    def select(self, rows: Tensor) -> None:
        """Keep these rows of the batch, in this order: beam search's survivors.

        They move when next they are read or added to: once, however often selected,
        and to where the next position has room already.
        """
        self._rows = rows if self._rows is None else self._rows[rows]

    def _reorder(self, room: int) -> None:
        """Move the rows selected since the last time, if any: (B, H, room, d) each."""
        rows, self._rows = self._rows, None
        if rows is not None:
            parts = (part[:, :, : self._length] for part in self._parts)
            self._parts = [_moved(part, rows, room) for part in parts]


def _moved(part: Tensor, rows: Tensor, room: int) -> Tensor:
    """These rows in a larger place: (B, H, K, d), (R,) -> (R, H, room, d)."""
    _, heads, length, width = part.shape
    moved = part.new_empty(len(rows), heads, room, width)
    if torch.is_grad_enabled():  # `out` cannot be differentiated
        moved[:, :, :length] = part.index_select(0, rows)
    else:
        torch.index_select(part, 0, rows, out=moved[:, :, :length])
    return moved


def _longer(part: Tensor, room: int) -> Tensor:
    """A copy in a larger place: (B, H, K, d) -> (B, H, room, d)."""
    batch, heads, length, width = part.shape
    longer = part.new_empty(batch, heads, room, width)
    longer[:, :, :length] = part
    return longer
