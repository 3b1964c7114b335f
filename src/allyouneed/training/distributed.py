"""Several processes at one batch: the work is shared, the result is that of one.

Each process takes its rows of every batch; gradients are added up over all of them, so
that an update is the one a single process would have made. `Alone` is that process.
"""

import os
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from allyouneed.data.batches import Batch

if TYPE_CHECKING:
    from accelerate import Accelerator


def launched() -> "Accelerator | None":
    """The processes' meeting point if `accelerate launch` started several, else None.

    Raises:
        ModuleNotFoundError: Accelerate is not installed; it says how to.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return None
    try:
        from accelerate import Accelerator
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            'Accelerate is not installed: pip install "allyouneed[several]"'
        ) from None
    return Accelerator()


class Alone:
    """A team of one, which does everything itself and talks to nobody."""

    rank, main = 0, True

    def start(self, model: nn.Module) -> None:
        """Have every process begin with the same parameters."""

    def share(self, batch: Batch) -> Batch:
        """Take this process's rows of the batch (B, S), (B, T); perhaps none."""
        return batch

    def sum(self, parameters: list[nn.Parameter], loss: Tensor) -> Tensor:
        """Add up all processes' gradients, in place, and their losses ()."""
        del parameters
        return loss

    def agree(self, stop: bool) -> bool:
        """Tell whether any process wants to stop: then all do."""
        return stop


class Several(Alone):
    """The processes that `accelerate launch` started, on GPUs or on CPUs."""

    def __init__(self, accelerator: "Accelerator") -> None:
        self.accelerator = accelerator
        self.rank, self.size = accelerator.process_index, accelerator.num_processes
        self.main = accelerator.is_main_process

    def start(self, model: nn.Module) -> None:
        """Send the first process's parameters to the others."""
        from accelerate.utils import broadcast

        for parameter in model.parameters():
            broadcast(parameter.data)

    def share(self, batch: Batch) -> Batch:
        """Take every so-many-th row, so that all get sentences of like length."""
        rows = slice(self.rank, None, self.size)
        return Batch(batch.source[rows], batch.target[rows])

    def sum(self, parameters: list[nn.Parameter], loss: Tensor) -> Tensor:
        """Send everything in one message: many small ones would cost more."""
        zero = (torch.zeros_like(p) if p.grad is None else p.grad for p in parameters)
        parts = [g.flatten() for g in zero]
        message = torch.cat([*parts, loss.to(parts[0].dtype)[None]])
        total = self.accelerator.reduce(message, reduction="sum")
        *sums, loss = total.split([*map(len, parts), 1])
        for parameter, gradient in zip(parameters, sums, strict=True):
            parameter.grad = gradient.view_as(parameter)
        return loss.squeeze(0)

    def agree(self, stop: bool) -> bool:
        """Ask all."""
        flag = torch.tensor(float(stop), device=self.accelerator.device)
        return bool(self.accelerator.reduce(flag, reduction="sum") > 0)
