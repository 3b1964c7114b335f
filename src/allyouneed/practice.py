"""Practice on a task: updates on fresh examples, their price, and an examination.

B  sequences in a batch    T  tokens    V  words of the vocabulary
"""

import time
from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.tasks import SILENT, Task


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy of the answers, in nats: (B, T, V), (B, T) -> ()."""
    return F.cross_entropy(logits.mT, targets, ignore_index=SILENT)


def exact(logits: Tensor, targets: Tensor) -> Tensor:
    """Tell which examples have all answers right: (B, T, V), (B, T) -> (B,), boolean.

    Raises:
        ValueError: an example has no answers.
    """
    due = targets != SILENT
    if not due.any(-1).all():
        raise ValueError("targets: a row is SILENT throughout, give it an answer")
    return ((logits.argmax(-1) == targets) | ~due).all(-1)


class Practice(NamedTuple):
    """One update: its number from 1, the loss before it, processor time so far."""

    step: int
    loss: float
    cpu_seconds: float


def practise(
    model: nn.Module,
    task: Task,
    *,
    steps: int,
    rate: float,
    generator: torch.Generator,
    size: int = 64,
) -> Iterator[Practice]:
    """Train a model (B, T) -> (B, T, V) by Adam on fresh examples; yield each update.

    The processor time is of this whole process, but not of what the caller does between
    two updates. Gradients longer than 1 are shortened to 1, for the recurrent models.
    """
    optimizer, seconds = torch.optim.Adam(model.parameters(), lr=rate), 0.0
    for step in range(1, steps + 1):
        start = time.process_time()
        tokens, targets = task.draw(size, generator=generator)
        current = loss(model(tokens), targets)
        optimizer.zero_grad()
        current.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        seconds += time.process_time() - start
        yield Practice(step, current.item(), seconds)


@torch.no_grad()
def examine(
    model: nn.Module, task: Task, *, size: int, generator: torch.Generator
) -> float:
    """Give the model `size` fresh examples: the share it answers exactly."""
    tokens, targets = task.draw(size, generator=generator)
    return exact(model(tokens), targets).float().mean().item()
