"""Practice on a task: updates on fresh examples, their price, and examinations.

B  sequences in a batch    T  tokens    V  words of the vocabulary
"""

import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.data.tasks import APART, MARK, SILENT, Needle, Task
from allyouneed.ground import runtime
from allyouneed.models.sequence_models import MixerConfig, SequenceModel


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
    parameters, seconds = list(model.parameters()), 0.0
    fused = runtime.fuses(parameters[0].device)
    optimizer = torch.optim.Adam(parameters, lr=rate, fused=fused)
    for step in range(1, steps + 1):
        start = time.process_time()
        tokens, targets = task.draw(size, generator=generator)
        current = loss(model(tokens), targets)
        optimizer.zero_grad()
        current.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
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


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One model, one task, one seed: the configuration of a trial (see `sweeps`).

    Args:
        task: what is learnt.
        model: who learns it; its vocabulary is the task's.
        steps: updates, each on `size` examples.
        rate: of Adam.
        every: updates from one examination to the next.
        seed: of parameters and examples; the examinations are the same for all models.

    Raises:
        ValueError: the model knows fewer words than the task has.
    """

    task: Task
    model: MixerConfig
    steps: int
    rate: float
    size: int = 64
    every: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        if self.model.vocab < self.task.vocab:
            raise ValueError(
                f"{self.model.vocab=}: the task needs {self.task.vocab=} words"
            )


def learn(lesson: Lesson) -> dict[str, Any]:
    """Take the lesson: its course, and at the end the share of exact answers.

    The course has, for each examination, the step, the processor seconds of all updates
    so far, the mean loss of those since the last, and the share of 256 examples that
    are answered exactly. At the end it is 2,000, and 2,000 of twice the length.
    """
    model, updates = taught(lesson)
    exam = torch.Generator().manual_seed(lesson.seed + APART)
    course: dict[str, list[float]] = {
        "steps": [],
        "seconds": [],
        "loss": [],
        "exact": [],
    }
    losses = []
    for update in updates:
        losses.append(update.loss)
        if update.step % lesson.every == 0:
            share = examine(model, lesson.task, size=256, generator=exam)
            row = (update.step, update.cpu_seconds, sum(losses) / len(losses), share)
            for column, number in zip(course.values(), row, strict=True):
                column.append(round(number, 4))
            losses.clear()
    longer = dataclasses.replace(lesson.task, length=2 * lesson.task.length)
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "exact": examine(model, lesson.task, size=2000, generator=exam),
        "exact_longer": examine(model, longer, size=2000, generator=exam),
        "course": course,
    }


def seek(lesson: Lesson) -> dict[str, Any]:
    """Take a lesson in finding the needle, then look for it at each distance.

    The haystack is twice as long as in the lesson. `found` has the share of 10,000
    needles whose mark stands `distance` tokens before the separator, for each distance,
    and `asked` how many they are.

    Raises:
        ValueError: the task is another.
    """
    if not isinstance(lesson.task, Needle):
        raise ValueError(f"{lesson.task=} has no needle to seek: take Needle")
    model, updates = taught(lesson)
    for _ in updates:
        pass
    longer = dataclasses.replace(lesson.task, length=2 * lesson.task.length)
    exam = torch.Generator().manual_seed(lesson.seed + APART)
    tokens, targets = longer.draw(10_000, generator=exam)
    parts = zip(tokens.split(1000), targets.split(1000), strict=True)
    with torch.no_grad():
        right = torch.cat([exact(model(asked), due) for asked, due in parts])
    distance = longer.length - (tokens == MARK).int().argmax(-1)
    there, count = distance.unique(return_counts=True)
    found = distance.bincount(right.double())[there] / count
    return {
        "distance": there.tolist(),
        "asked": count.tolist(),
        "found": [round(share, 4) for share in found.tolist()],
    }


def taught(lesson: Lesson) -> tuple[SequenceModel, Iterator[Practice]]:
    """A fresh model, and the updates that teach it while they are read."""
    with runtime.seeded(torch.device("cpu"), lesson.seed):
        model = SequenceModel(lesson.model)
    updates = practise(
        model,
        lesson.task,
        steps=lesson.steps,
        rate=lesson.rate,
        generator=torch.Generator().manual_seed(lesson.seed),
        size=lesson.size,
    )
    return model, updates
