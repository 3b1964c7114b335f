"""Adam as the paper has it, and what is used in its place today (section 5.3).

Only matrices of hidden layers are decayed, or turned by Muon: not embeddings, which
hold a row for each word, nor gains and biases, which have no size to keep small.
"""

from collections.abc import Callable
from typing import Any, Literal, get_args

import torch
from torch import nn

from allyouneed.training.muon import Muon

Kind = Literal["adam", "adamw", "muon"]


def optimizer(
    model: nn.Module,
    kind: Kind = "adam",
    *,
    betas: tuple[float, float] = (0.9, 0.98),
    eps: float = 1e-9,
    weight_decay: float = 0.1,
    fused: bool = False,
) -> torch.optim.Optimizer:
    """What moves the parameters of `model`, its learning rate still to be set.

    Args:
        model: whose parameters.
        kind: "adam", the paper's, without decay; "adamw", decay apart from the gradient
            (Loshchilov and Hutter, 2019); "muon", each hidden matrix by a step whose
            singular values are all alike (Jordan et al., 2024), as large as AdamW's
            would be (Liu et al., 2025), and AdamW for the rest.
        betas: of Adam, the shares that its two means keep.
        eps: of Adam, against a division by nothing.
        weight_decay: share of a matrix lost in an update, times the learning rate.
        fused: whether one kernel updates all parameters.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in get_args(Kind):
        raise ValueError(f"{kind=}: choose {', '.join(get_args(Kind))}")
    if kind == "adam":
        return torch.optim.Adam(model.parameters(), betas=betas, eps=eps, fused=fused)
    hidden = hidden_matrices(model)
    known = {id(weight) for weight in hidden}
    others = [p for p in model.parameters() if id(p) not in known]
    groups = [{"params": others, "weight_decay": 0.0}]
    if kind == "adamw":
        groups = [{"params": hidden, "weight_decay": weight_decay}, *groups]
    adam = torch.optim.AdamW(groups, betas=betas, eps=eps, fused=fused)
    if kind == "adamw":
        return adam
    return Together(Muon(hidden, weight_decay=weight_decay), adam)


def hidden_matrices(model: nn.Module) -> list[torch.Tensor]:
    """The weights of its linear layers, without the one that scores the words."""
    last = getattr(model, "output", None)
    return [
        layer.weight
        for layer in model.modules()
        if isinstance(layer, nn.Linear) and layer is not last
    ]


class Together(torch.optim.Optimizer):
    """Several optimizers as one: each moves its own parameters."""

    def __init__(self, *parts: torch.optim.Optimizer) -> None:
        self.parts = parts
        groups = [dict(group) for part in parts for group in part.param_groups]
        super().__init__(groups, {})
        self._share()

    def __getstate__(self) -> dict[str, Any]:
        """What is copied: PyTorch's leaves out all but state and groups."""
        return {**super().__getstate__(), "parts": self.parts}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        super().load_state_dict(state_dict)
        self._share()

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Let each part move what is its own."""
        loss = closure() if closure else None
        for part in self.parts:
            part.step()
        return loss

    def _share(self) -> None:
        """One state and one set of groups, whoever reads or writes them."""
        groups = iter(self.param_groups)
        for part in self.parts:
            part.state = self.state
            part.param_groups = [next(groups) for _ in part.param_groups]
