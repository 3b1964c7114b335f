"""Where a token stands, added to what it is (Vaswani et al., 2017, section 3.5).

Each scheme is a module that takes embeddings (B, T, d_model) and the position `offset`
of the first of them, and returns the same shape: `Sinusoidal`, `Learned`, `Unplaced`.
Relative schemes add nothing here; they act inside of attention (`relative_positions`).
"""

from typing import Literal, get_args

import torch
from torch import Tensor, nn

Absolute = Literal["sinusoidal", "learned", "none"]
Relative = Literal["shaw", "t5", "alibi", "rotary"]
Scheme = Absolute | Relative


def sinusoids(length: int, d_model: int, *, offset: int = 0) -> Tensor:
    """Sines at even places, cosines at odd ones, in float64: (length, d_model).

    Pair i turns by 1 / 10000^(2i / d_model) radians a position.

    Raises:
        ValueError: `d_model` is odd: a pair would lack its cosine.

    >>> sinusoids(2, 4)[0].tolist()
    [0.0, 1.0, 0.0, 1.0]
    """
    if d_model % 2:
        raise ValueError(f"{d_model=} is odd: sines and cosines need an even width")
    places = torch.arange(offset, offset + length, dtype=torch.float64)
    pairs = torch.arange(0, d_model, 2, dtype=torch.float64)
    angles = places[:, None] * 10_000 ** (-pairs / d_model)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)


class Waves:
    """`sinusoids` kept in one dtype and on one device, and made longer when needed."""

    def __init__(self, width: int) -> None:
        self.table = sinusoids(0, width)  # no buffer: a cast would round it twice

    def like(self, x: Tensor, *, offset: int) -> Tensor:
        """Rows offset, offset + 1, ..., one for each position of `x`: (T, width)."""
        end, table = offset + x.shape[-2], self.table
        if end > len(table) or (table.dtype, table.device) != (x.dtype, x.device):
            with torch.inference_mode(False):  # else no later call could train
                table = sinusoids(max(256, 2 * end), table.shape[-1]).to(x)
            if type(table) is Tensor:  # what `torch.export` traces holds no numbers
                self.table = table
        return table[offset:end]


class Sinusoidal(nn.Module):
    """The paper's fixed waves, for any length."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.waves = Waves(d_model)

    def forward(self, x: Tensor, *, offset: int = 0) -> Tensor:
        """Add the waves of positions offset, offset + 1, ...: (B, T, d_model)."""
        return x + self.waves.like(x, offset=offset)


class Learned(nn.Module):
    """One trained vector a position (table 3, row E); none beyond `max_length`."""

    def __init__(self, d_model: int, *, max_length: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(max_length, d_model) * d_model**-0.5)

    def forward(self, x: Tensor, *, offset: int = 0) -> Tensor:
        """Add the vectors of positions offset, offset + 1, ...: (B, T, d_model).

        Raises:
            ValueError: the sentence is longer than the table.
        """
        end, max_length = offset + x.shape[-2], len(self.table)
        if end > max_length:
            raise ValueError(
                f"a sentence of {end} tokens is longer than {max_length=}: "
                "train with a longer table, or use sinusoidal positions"
            )
        return x + self.table[offset:end]


class Unplaced(nn.Module):
    """Nothing added: order comes from relations in attention, or the causal mask."""

    def forward(self, x: Tensor, *, offset: int = 0) -> Tensor:  # noqa: ARG002
        """Return `x` as it came: (B, T, d_model)."""
        return x


def positions(
    scheme: Scheme, d_model: int, *, max_length: int | None = None
) -> Sinusoidal | Learned | Unplaced:
    """Make the module that adds positions of that name to embeddings.

    Raises:
        ValueError: an unknown `scheme`, or learned positions without `max_length`.
    """
    match scheme:
        case "sinusoidal":
            return Sinusoidal(d_model)
        case "learned" if max_length:
            return Learned(d_model, max_length=max_length)
        case "learned":
            raise ValueError(f"learned positions with {max_length=}: give a length")
        case "none" | "shaw" | "t5" | "alibi" | "rotary":
            return Unplaced()
    *known, last = (*get_args(Absolute), *get_args(Relative))
    raise ValueError(f"{scheme=}: choose {', '.join(known)} or {last}")
