"""Convolution over a sequence: one small kernel, slid along all positions.

Shapes: `B` sentences, `T` positions, `d_in` and `d_out` features, a kernel of `width`
positions whose neighbours stand `dilation` apart. Features come last, as everywhere.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def convolve(
    x: Tensor,
    kernel: Tensor,
    bias: Tensor | None = None,
    *,
    dilation: int = 1,
    causal: bool = False,
) -> Tensor:
    """Sum shifted inputs, each through its matrix: (B, T, d_in) -> (B, T, d_out).

    `kernel` (d_out, d_in, width) holds a matrix for each shift, the earliest first, as
    `nn.Conv1d` does: this is cross-correlation, the kernel is not flipped.

    >>> x = torch.tensor([[[1.0], [2.0], [3.0], [4.0]]])
    >>> convolve(x, torch.tensor([[[100.0, 10.0, 1.0]]])).flatten().tolist()
    [12.0, 123.0, 234.0, 340.0]
    """
    padded = _pad(x, (kernel.shape[-1] - 1) * dilation, causal=causal)
    parts = []
    for shift, matrix in enumerate(kernel.unbind(-1)):
        start = shift * dilation
        parts.append(padded[:, start : start + x.shape[1]] @ matrix.T)
    out = torch.stack(parts).sum(0)
    return out if bias is None else out + bias


class Convolution(nn.Module):
    """One convolution that keeps the length, zeros standing in beyond the ends.

    It has width * d_in * d_out weights and d_out biases. A separable one convolves each
    feature on its own, then mixes the features at each position (Chollet, 2017; Kaiser
    et al., 2018): width * d_in + d_in * d_out weights. A gated one computes two outputs
    and multiplies one by the sigmoid of the other (Gehring et al., 2017).

    Args:
        d_in, d_out: features of the input and of the output.
        width: positions under the kernel, k in the paper's table 1.
        dilation: distance between these positions (ByteNet: Kalchbrenner et al., 2016).
        causal: all the zeros go to the left, so that no position sees a later one.
        gated: the gated linear unit, which doubles the outputs computed.
        separable: depth-wise, then point-wise.

    Raises:
        ValueError: a size is below 1.

    >>> layer = Convolution(512, 512, causal=True, dilation=4)
    >>> layer(torch.zeros(2, 7, 512)).shape, layer.reach
    (torch.Size([2, 7, 512]), 8)
    """

    def __init__(
        self,
        d_in: int,
        d_out: int,
        *,
        width: int = 3,
        dilation: int = 1,
        causal: bool = False,
        gated: bool = False,
        separable: bool = False,
    ) -> None:
        super().__init__()
        sizes = {"d_in": d_in, "d_out": d_out, "width": width, "dilation": dilation}
        for name, size in sizes.items():
            if size < 1:
                raise ValueError(f"{name}={size}: give at least 1")
        self.d_in, self.reach = d_in, (width - 1) * dilation
        self.causal, self.gated = causal, gated
        computed = 2 * d_out if gated else d_out
        if separable:
            self.slide = nn.Conv1d(
                d_in, d_in, width, dilation=dilation, groups=d_in, bias=False
            )
            self.mix: nn.Module = nn.Linear(d_in, computed)
        else:
            self.slide = nn.Conv1d(d_in, computed, width, dilation=dilation)
            self.mix = nn.Identity()

    def forward(self, x: Tensor, past: Tensor | None = None) -> Tensor:
        """Slide over `x` (B, T, d_in), or on from `past` (B, reach, d_in).

        Returns (B, T, d_out). `past` are the inputs before `x`, in place of the zeros.

        Raises:
            ValueError: a `past` for a layer that is not causal, or of another length.
        """
        before = self._pad(x) if past is None else self._after(past, x)
        out = self.mix(self.slide(before.mT).mT)
        return F.glu(out, dim=-1) if self.gated else out

    def remember(self, x: Tensor, past: Tensor | None = None) -> Tensor:
        """The inputs that `forward` wants as `past` after `x`: (B, reach, d_in)."""
        before = self._pad(x) if past is None else self._after(past, x)
        return before[:, before.shape[1] - self.reach :]

    def _pad(self, x: Tensor) -> Tensor:
        return _pad(x, self.reach, causal=self.causal)

    def _after(self, past: Tensor, x: Tensor) -> Tensor:
        if not self.causal:
            raise ValueError("past is given, but causal=False: make the layer causal")
        if past.shape[1] != self.reach:
            raise ValueError(
                f"past holds {past.shape[1]} inputs: give the {self.reach} before x"
            )
        return torch.cat((past, x), dim=1)


def receptive_field(*layers: Convolution) -> int:
    """How many inputs an output of these layers, one upon the other, depends on.

    Counts from the first to the last; a dilation that grows too fast leaves holes.

    >>> receptive_field(*(Convolution(1, 1, dilation=2**i) for i in range(4)))
    31
    """
    return 1 + sum(layer.reach for layer in layers)


def measured_receptive_field(
    module: nn.Module, length: int, *, d_in: int | None = None
) -> Tensor:
    """Which inputs each output depends on, by gradient: boolean (T, T), outputs first.

    Args:
        module: maps (B, T, d_in) to (B, T, anything). Dropout wants `module.eval()`.
        length: positions of the input, T.
        d_in: features of the input; those of the first `Convolution` unless given.

    Raises:
        ValueError: no `d_in` is given, and there is no `Convolution` to tell.

    >>> measured_receptive_field(Convolution(4, 4, causal=True), 4).int()
    tensor([[1, 0, 0, 0],
            [1, 1, 0, 0],
            [1, 1, 1, 0],
            [0, 1, 1, 1]], dtype=torch.int32)
    """
    if d_in is None:
        layers = (m for m in module.modules() if isinstance(m, Convolution))
        first = next(layers, None)
        if first is None:
            raise ValueError("d_in=None, and module has no Convolution: give d_in")
        d_in = first.d_in
    weight = next(module.parameters())
    generator = torch.Generator(weight.device).manual_seed(0)
    # Eight random inputs at once: a ReLU may hide a dependence from one of them.
    x = torch.empty(8, length, d_in, dtype=weight.dtype, device=weight.device)
    x = x.normal_(generator=generator).requires_grad_()
    out = module(x)
    pull = torch.empty_like(out).normal_(generator=generator)  # sums may cancel
    rows = [
        torch.autograd.grad((pull * out)[:, t].sum(), x, retain_graph=True)[0]
        for t in range(length)
    ]
    return torch.stack([row.ne(0).any(-1).any(0) for row in rows])


def _pad(x: Tensor, reach: int, *, causal: bool) -> Tensor:
    """(B, T, d_in) -> (B, T + reach, d_in); the odd zero of an odd reach comes last."""
    left = reach if causal else reach // 2
    return F.pad(x, (0, 0, left, reach - left))
