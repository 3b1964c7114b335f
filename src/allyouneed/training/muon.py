"""Muon: every direction of a matrix moves as far (Jordan et al., 2024).

PyTorch's, from 2.9 on, multiplies in bf16, which took a CPU twenty times as long as
float32. So this one follows the device; a test holds the two against each other.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

A, B, C = 3.4445, -4.775, 2.0315  # of the polynomial: short directions grow fast
ROUNDS, LEAST = 5, 1e-7


def orthogonalised(matrix: Tensor) -> Tensor:
    """Nearly U V^T of a matrix U S V^T, by products alone: (m, n) -> (m, n).

    After five rounds of Newton and Schulz its singular values lie between about 0.7 and
    1.2; in float32 on a CPU, else in bf16.

    >>> torch.linalg.svdvals(orthogonalised(torch.tensor([[9.0, 0.0], [0.0, 1.0]])))
    tensor([0.7529, 0.7034])
    """
    cpu = matrix.device.type == "cpu"
    x = matrix.float() if cpu else matrix.bfloat16()
    x = x.T if matrix.shape[0] > matrix.shape[1] else x
    x = x / x.norm().clamp(min=LEAST)
    for _ in range(ROUNDS):
        square = x @ x.T
        x = A * x + (B * square + C * square @ square) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x


class Muon(torch.optim.Optimizer):
    """Moves matrices by their orthogonalised momentum, as far as AdamW would.

    Args:
        params: matrices alone.
        weight_decay: share of a matrix lost in an update, times the learning rate.
        momentum: share of the running mean that an update keeps (Nesterov's).

    Raises:
        ValueError: one of them is no matrix.
    """

    def __init__(
        self, params: Iterable[Tensor], *, weight_decay: float, momentum: float = 0.95
    ) -> None:
        defaults = {"lr": 1e-3, "weight_decay": weight_decay, "momentum": momentum}
        super().__init__(params, defaults)
        for group in self.param_groups:
            if wrong := [tuple(p.shape) for p in group["params"] if p.ndim != 2]:
                raise ValueError(f"shapes {wrong}: give matrices, others to AdamW")

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Move every matrix that has a gradient."""
        loss = None
        if closure:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(
                        weight,
                        lr=group["lr"],
                        weight_decay=group["weight_decay"],
                        momentum=group["momentum"],
                    )
        return loss

    def _move(
        self, weight: Tensor, *, lr: float, weight_decay: float, momentum: float
    ) -> None:
        assert weight.grad is not None
        state = self.state[weight]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(weight)
        mean = state["momentum_buffer"].lerp_(weight.grad, 1 - momentum)
        turned = orthogonalised(weight.grad.lerp(mean, momentum))
        size = 0.2 * max(weight.shape) ** 0.5  # of AdamW's steps (Liu et al., 2025)
        weight.mul_(1 - lr * weight_decay)
        weight.add_(turned.to(weight.dtype), alpha=-lr * size)
