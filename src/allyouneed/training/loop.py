"""The training loop: one generator that hands out a record of every update (section 5).

The caller prints, draws, stops: `for step in train(model, batches, config)`. A run
that was killed goes on from its checkpoint as if nothing had happened: the data's order
and the dropout of every update depend on the seed and the update's number alone.
"""

import dataclasses
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from allyouneed.data.batches import Batch
from allyouneed.data.subwords import Subwords
from allyouneed.ground import runtime, storage
from allyouneed.ground.special_tokens import PAD
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.nn.losses import label_smoothing
from allyouneed.training import checkpoints
from allyouneed.training.distributed import Alone, Several
from allyouneed.training.updates import Learner, Step, TrainingConfig

__all__ = ["Step", "TrainingConfig", "held_out_loss", "train"]


class Stream(Protocol):
    """Where batches come from: `batches.Batches`, or anything with its one method."""

    def from_step(self, step: int) -> Iterator[Batch]:
        """Batches without end, as if `step` of them had already been taken."""


def train(
    model: EncoderDecoder,
    batches: Stream,
    config: TrainingConfig,
    *,
    device: torch.device | None = None,
    checkpoint: Path | None = None,
    every: int = 500,
    keep: int = 0,
    subwords: Subwords | None = None,
    settings: Mapping[str, Any] | None = None,
    seconds: float = math.inf,
    accelerator: Any = None,
) -> Iterator[Step]:
    """Train `model` in place and hand out a record of each update.

    Where `checkpoint` exists, the run goes on from there, on a CPU to the same bits
    that a run without a break would have reached.

    Args:
        model: the translator; moved to `device`.
        batches: the data.
        config: the recipe. A run may go on with more `steps`, with nothing else.
        device: `runtime.device()` unless given.
        checkpoint: file to go on from and to save to, at the end and between.
        every: updates from one save to the next.
        keep: how many of the last saves stay beside it (see `checkpoints.average`).
        subwords: the vocabulary, kept in the checkpoint.
        settings: JSON that tells this run from others, such as the corpus.
        seconds: stop after this many, those before a kill included.
        accelerator: an `accelerate.Accelerator`, when several processes share the work.

    Raises:
        ValueError: the checkpoint is damaged or of a run with other settings; `every`
            or `seconds` leaves nothing to do; an update finds no target token, for
            the batches have ended or hold padding alone.
        FloatingPointError: the loss or the gradient is no longer a number; the model
            and the checkpoint are as they were before.
        OSError: nothing can be written where `checkpoint` is.
    """
    if every < 1 or not seconds > 0:
        raise ValueError(f"{every=}, {seconds=}: give at least 1, and more than 0")
    team = Alone() if accelerator is None else Several(accelerator)
    device = device or (accelerator.device if accelerator else runtime.device())
    run = Learner(model, config, device, team)
    own = {**config.identity(), **(settings or {})}
    saver = None
    if checkpoint:
        made_on = runtime.provenance(device)
        saver = _Saver(checkpoint, every, keep, subwords, own, made_on)
        saver.restore(run)
    team.start(model)
    return _steps(run, batches, saver, seconds)


def held_out_loss(
    model: nn.Module, batches: Iterable[Batch], *, device: torch.device | None = None
) -> float:
    """Mean loss over all target tokens of `batches`, without dropout or smoothing.

    `losses.perplexity` of it is the paper's PPL, per sub-word (table 3).

    Raises:
        ValueError: there is no batch, or nothing but padding in them.
    """
    total, count = 0.0, 0
    with _in_use(model), torch.no_grad():
        for batch in batches:
            tokens = int((batch.labels != PAD).sum())
            if not tokens:
                continue
            batch = batch.to(device) if device else batch
            logits = model(batch.source, batch.inputs)
            total += tokens * label_smoothing(logits, batch.labels, epsilon=0.0).item()
            count += tokens
    if not count:
        raise ValueError("batches hold no target token: give at least one that does")
    return total / count


@contextmanager
def _in_use(model: nn.Module) -> Iterator[None]:
    """Leave training for the block; some parts may have been out of it, and stay so."""
    training = [part for part in model.modules() if part.training]
    model.eval()
    try:
        yield
    finally:
        for part in training:
            part.training = True


def _steps(
    run: Learner, batches: Stream, saver: "_Saver | None", seconds: float
) -> Iterator[Step]:
    config = run.config
    stream = batches.from_step(run.step * config.accumulate)
    stop = run.step >= config.steps or run.seconds >= seconds
    while not stop:
        record = run.update(list(itertools.islice(stream, config.accumulate)))
        stop = record.step >= config.steps or run.team.agree(record.seconds >= seconds)
        if saver and run.team.main and (stop or record.step % saver.every == 0):
            saver.save(run)
        yield record


@dataclasses.dataclass
class _Saver:
    """Where a run is saved to, and what makes it this run and no other."""

    path: Path
    every: int
    keep: int
    subwords: Subwords | None
    settings: dict[str, Any]
    provenance: dict[str, Any]

    def save(self, run: Learner) -> None:
        checkpoints.save(
            self.path,
            run.model,
            step=run.step,
            optimizer=run.optimizer,
            subwords=self.subwords,
            settings=self.settings,
            provenance=self.provenance,
            state={
                "tokens": run.tokens,
                "seconds": run.seconds,
                "scaler": run.scaler.state_dict(),
            },
        )
        self.keep_copy(run.step)

    def keep_copy(self, step: int) -> None:
        if self.keep:
            storage.replace(storage.copy_of(self.path, step), self.path.read_bytes())
            for old in storage.copies(self.path)[: -self.keep]:
                old.unlink()

    def restore(self, run: Learner) -> None:
        storage.check(self.path)
        storage.tidy(self.path)
        if not self.path.exists():
            return
        found = checkpoints.load(self.path)
        checkpoints.restore(
            found, run.model, optimizer=run.optimizer, settings=self.settings
        )
        run.step, state = found.about["step"], found.about["state"]
        run.tokens, run.seconds = state["tokens"], state["seconds"]
        if state["scaler"] and run.scaler.is_enabled():
            run.scaler.load_state_dict(state["scaler"])
        self.keep_copy(run.step)  # a kill may have come between the save and its copy
