"""Recurrent layers, by hand and in one fused kernel: RNN, LSTM, GRU.

They are what the paper leaves behind (section 1): every state waits for the one before.

    B  sentences in a batch    T  time steps       d_in     features of an input
    h  hidden state            c  cell state       d_model  features of a state

One layer, one direction, from a state of zeros unless one is given: h of an `RNN` and a
`GRU`, `LSTMState(h, c)` of an `LSTM`. PyTorch's kernel runs wherever nobody watches the
gates and the form allows it; the weights lie as in PyTorch's layers.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, NamedTuple, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.nn.linear import wide
from allyouneed.nn.observing import Observed, collect

Activation = Callable[[Tensor], Tensor]
Gates = dict[str, Tensor]
Parts = tuple[Tensor, ...]  # of a state: (h,) or (h, c)


class LSTMState(NamedTuple):
    """What an LSTM hands to its next step: h, which others see, and c; (B, d_model)."""

    h: Tensor
    c: Tensor


State = TypeVar("State", Tensor, LSTMState)


class Recurrent(Observed, Generic[State]):
    """What the three layers share: the loop that hands on the state of a cell."""

    kernel: Any  # torch's fused function; None where a form has none
    _cell: Callable[..., tuple[Parts, Gates]]  # of the inputs and the parts of a state

    def __init__(
        self, weights: type, d_in: int, d_model: int, bias: float | None = None
    ) -> None:
        super().__init__()
        if d_in < 1 or d_model < 1:
            raise ValueError(f"{d_in=}, {d_model=}: give at least one of each")
        self.d_in, self.d_model = d_in, d_model
        self.weights = weights(d_in, d_model)  # held in one piece, but never called
        if bias is not None:  # the forget or update gate is the second in both layouts
            nn.init.constant_(self.weights.bias_ih_l0[d_model : 2 * d_model], bias)
            nn.init.zeros_(self.weights.bias_hh_l0[d_model : 2 * d_model])

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Every h and the last state: (B, T, d_in) -> (B, T, d_model), state.

        Raises:
            ValueError: `x` or `state` does not have this layer's sizes.
        """
        parts = self._start(x, state, axes=3)
        by_hand = self.observer is not None or self.kernel is None
        outputs, parts = self._unroll(x, parts) if by_hand else self._fused(x, parts)
        return outputs, self._pack(parts)

    def step(self, x: Tensor, state: State | None = None) -> State:
        """The state after one more input: (B, d_in), state -> state, by hand.

        Raises:
            ValueError: `x` or `state` does not have this layer's sizes.
        """
        parts, _ = self._cell(self._project(x), *self._start(x, state, axes=2))
        return self._pack(parts)

    def _unroll(self, x: Tensor, parts: Parts) -> tuple[Tensor, Parts]:
        outputs, seen = [], []
        for inputs in self._project(x).unbind(1):  # all inputs at once: none waits
            parts, gates = self._cell(inputs, *parts)
            outputs.append(parts[0])
            seen.append({name: gate.detach() for name, gate in gates.items()})
        if self.observer is not None:
            self.observer({k: torch.stack([g[k] for g in seen], 1) for k in seen[0]})
        return torch.stack(outputs, 1), parts

    def _fused(self, x: Tensor, parts: Parts) -> tuple[Tensor, Parts]:
        hidden = [part[None].contiguous() for part in parts]
        outputs, *last = self.kernel(
            x, hidden if len(hidden) > 1 else hidden[0], self.weights.all_weights[0],
            has_biases=True, num_layers=1, dropout=0.0, bidirectional=False,
            train=torch.is_grad_enabled(),  # else cuDNN keeps nothing for backward
            batch_first=True,
        )  # fmt: skip
        return outputs, tuple(part[0] for part in last)

    def _project(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weights.weight_ih_l0, self.weights.bias_ih_l0)

    def _recur(self, h: Tensor) -> Tensor:
        return F.linear(h, self.weights.weight_hh_l0, self.weights.bias_hh_l0)

    def _start(self, x: Tensor, state: State | None, *, axes: int) -> Parts:
        if x.ndim != axes or x.shape[-1] != self.d_in or not x.numel():
            sizes = f"(B, T, {self.d_in})" if axes == 3 else f"(B, {self.d_in})"
            raise ValueError(f"x has shape {tuple(x.shape)}: give {sizes}, not empty")
        wanted = [(len(x), self.d_model)] * (2 if isinstance(self, LSTM) else 1)
        if state is None:
            return tuple(x.new_zeros(shape) for shape in wanted)
        parts = (state,) if isinstance(state, Tensor) else tuple(state)
        if (shapes := [tuple(part.shape) for part in parts]) != wanted:
            raise ValueError(f"state has {shapes=}: give {wanted}, for this batch")
        return parts

    def _pack(self, parts: Parts) -> Any:
        return LSTMState(*parts) if len(parts) > 1 else parts[0]


class RNN(Recurrent[Tensor]):
    """h' = tanh(W x + b + U h + a), the plain recurrent layer (Elman, 1990).

    Any `activation` but tanh is computed by hand.

    Raises:
        ValueError: a size is below 1.

    >>> outputs, h = RNN(3, 8)(torch.zeros(2, 5, 3))
    >>> outputs.shape, h.shape
    (torch.Size([2, 5, 8]), torch.Size([2, 8]))
    """

    def __init__(
        self, d_in: int, d_model: int, *, activation: Activation = torch.tanh
    ) -> None:
        super().__init__(nn.RNN, d_in, d_model)
        self.activation = activation
        self.kernel = torch.rnn_tanh if activation is torch.tanh else None

    def _cell(self, inputs: Tensor, h: Tensor) -> tuple[Parts, Gates]:
        return (self.activation(inputs + self._recur(h)),), {}


class LSTM(Recurrent[LSTMState]):
    """c' = f * c + i * g, h' = o * tanh(c'): three gates (Hochreiter 1997, Gers 2000).

    The gates f, i, o and the candidate g are computed from x and h, and multiply
    neither: f multiplies the cell state, i the candidate, o tanh(c').

    The forget gate's bias starts from `forget_bias`, above 0 to remember; if None, from
    PyTorch's uniform numbers within 1 / sqrt(d_model) of 0.

    Raises:
        ValueError: a size is below 1.

    >>> outputs, (h, c) = LSTM(3, 8, forget_bias=1.0)(torch.zeros(2, 5, 3))
    >>> outputs.shape, c.shape
    (torch.Size([2, 5, 8]), torch.Size([2, 8]))
    """

    def __init__(
        self, d_in: int, d_model: int, *, forget_bias: float | None = None
    ) -> None:
        super().__init__(nn.LSTM, d_in, d_model, forget_bias)
        self.kernel = torch.lstm

    def _cell(self, inputs: Tensor, h: Tensor, c: Tensor) -> tuple[Parts, Gates]:
        i, f, g, o = (inputs + self._recur(h)).chunk(4, -1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        gates = {"input": i, "forget": f, "output": o, "candidate": g, "cell": c}
        return (o * c.tanh(), c), gates


class GRU(Recurrent[Tensor]):
    """h' = z * h + (1 - z) * candidate: two gates and no cell state (Cho et al., 2014).

    z near 1 keeps the old state, as in Cho et al. and PyTorch; in Chung et al. (2014)
    z and 1 - z change places.

    Args:
        d_in, d_model: features of an input and of the state.
        reset_after: whether r multiplies U h + a, as in PyTorch, or h before the
            matrix, U (r * h) + a, as in Cho et al. (by hand; other numbers).
        update_bias: what the update gate's bias starts from; see `LSTM`.

    Raises:
        ValueError: a size is below 1.

    >>> GRU(3, 8, update_bias=1.0).step(torch.zeros(2, 3)).shape
    torch.Size([2, 8])
    """

    def __init__(
        self,
        d_in: int,
        d_model: int,
        *,
        reset_after: bool = True,
        update_bias: float | None = None,
    ) -> None:
        super().__init__(nn.GRU, d_in, d_model, update_bias)
        self.reset_after = reset_after
        self.kernel = torch.gru if reset_after else None

    def _cell(self, inputs: Tensor, h: Tensor) -> tuple[Parts, Gates]:
        x_r, x_z, x_g = inputs.chunk(3, -1)
        h_r, h_z, h_g = self._recur(h).chunk(3, -1)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        h_g = r * h_g if self.reset_after else self._recur(r * h).chunk(3, -1)[2]
        g = (x_g + h_g).tanh()
        return (z * h + (1 - z) * g,), {"reset": r, "update": z, "candidate": g}


@contextmanager
def watch_gates(model: nn.Module) -> Iterator[dict[str, list[Gates]]]:
    """Collect the gates, each (B, T, d_model), of each recurrent layer, by name.

    A layer's list gets one entry for each call made inside the block, computed by hand
    in that very call. LSTM: input, forget, output, candidate and c, as `cell`; GRU:
    reset, update, candidate; an RNN has none.

    >>> model = nn.ModuleDict({"reader": GRU(3, 8)})
    >>> with watch_gates(model) as seen:
    ...     _ = model["reader"](torch.zeros(2, 5, 3))
    >>> seen["reader"][0]["update"].shape
    torch.Size([2, 5, 8])
    """
    with collect(model, Recurrent) as seen:
        yield seen


def clip_by_norm(gradients: Iterable[Tensor], norm: float) -> list[Tensor]:
    """The gradients times min(1, norm / their common length), in new tensors.

    Raises:
        ValueError: `norm` is not above 0.

    >>> clip_by_norm([torch.tensor([3.0, 4.0])], norm=1.0)
    [tensor([0.6000, 0.8000])]
    """
    if not norm > 0:
        raise ValueError(f"{norm=}: give a length above 0")
    gradients = list(gradients)
    length = sum(float(wide(g).square().sum()) for g in gradients) ** 0.5
    return [g * min(1.0, norm / length) if length else g for g in gradients]
