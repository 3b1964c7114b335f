"""A study's course: training by the clock, looks on the way, saves to go on from.

A long trial saves itself, and goes on from there if it is killed: on a CPU to the same
bits, but for the clock.
"""

import copy
import dataclasses
import math
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from allyouneed.data.batches import Batches
from allyouneed.data.corpora import Corpus, load
from allyouneed.data.subwords import Subwords
from allyouneed.ground import runtime, storage
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.runs.experiments import score
from allyouneed.studies import searches
from allyouneed.studies.translation_study import Study, fresh
from allyouneed.training.loop import held_out_loss, train
from allyouneed.training.updates import Step

SAVED = 200  # updates from one save of a trial to the next


def study(config: Study, folder: Path | None = None) -> dict[str, Any]:
    """Train, translate the part `test`, and tell how good it is, and how it came.

    `valid_loss` is in nats per sub-word without smoothing. A loss that is no number
    ends the training: `diverged` is then its update, and there are no scores. With a
    `folder` the trial is saved there, and goes on from there; `resumed` says how often.
    """
    device = torch.device(config.device or "cpu")
    corpus = _corpus(config.corpus, config.source, config.target)
    subwords = _subwords(
        config.corpus, config.source, config.target, config.model.vocab
    )
    learner = _Learning(config, corpus, subwords, device, folder)
    diverged = None
    try:
        learner.learn()
    except FloatingPointError:
        diverged = learner.updates + 1
    about: dict[str, Any] = {
        "parameters": sum(p.numel() for p in learner.model.parameters()),
        "updates": learner.updates,
        "tokens": learner.tokens,
        "seconds": round(learner.seconds, 2),
        "diverged": diverged,
        "course": learner.course,
        "averaged": None,
    }
    if config.looks:
        about["looks"] = learner.looks
    if folder:
        about["resumed"] = learner.resumed
    if diverged is None:
        about |= learner.scored(learner.model, config.beams)
        if config.average > 1:
            mean = learner.mean(config.average)
            about["averaged"] = learner.scored(mean, config.beams)
        if config.searched:
            about["searched"] = searches.compared(
                learner.means(), subwords, corpus, device=device
            )
    return about


class _Learning:
    """A training, its clock, and the looks at what was held out."""

    def __init__(
        self,
        config: Study,
        corpus: Corpus,
        subwords: Subwords,
        device: torch.device,
        folder: Path | None,
    ) -> None:
        self.config, self.corpus, self.subwords = config, corpus, subwords
        self.device, self.model = device, fresh(config, len(subwords))
        self.saves = _Saves(folder) if folder else None
        self.last: deque[dict[str, Tensor]] = deque(maxlen=config.average)
        self.updates, self.tokens, self.seconds, self.resumed = 0, 0, 0.0, 0
        self.losses: list[float] = []
        self.looks: list[dict[str, Any]] = []
        names = ("updates", "tokens", "seconds", "loss", "valid_loss")
        self.course: dict[str, list[float]] = {name: [] for name in names}
        if self.saves:
            self.saves.restore(self)

    def learn(self) -> None:
        for step in self._timed():
            self.updates, self.tokens = step.step, step.tokens
            self.losses.append(step.loss)
            self._keep()
            if step.step % self.config.every == 0:
                self._look()
            if step.step in self.config.looks:
                self._translate()
            if self.saves and step.step % SAVED == 0:
                self.saves.save(self)
        if self.losses:
            self._look()

    def _timed(self) -> Iterator[Step]:
        """The updates, and what each of them costs; none after the time is over."""
        config = self.config
        steps = train(
            self.model,
            Batches(
                self.corpus.train, self.subwords, tokens=config.tokens, seed=config.seed
            ),
            dataclasses.replace(config.training, seed=config.seed),
            device=self.device,
            checkpoint=self.saves.checkpoint if self.saves else None,
            every=SAVED,
            keep=2 if self.saves else 0,
        )
        while self.seconds < (config.seconds or math.inf):
            start = self._clock()
            step = next(steps, None)
            self.seconds += self._clock() - start
            if step is None:
                return
            yield step

    def _clock(self) -> float:
        on_cpu = self.device.type == "cpu"
        return time.process_time() if on_cpu else runtime.seconds(self.device)

    def _look(self) -> None:
        mean = sum(self.losses) / len(self.losses)
        valid = self._held_out(self.model)
        row = (self.updates, self.tokens, self.seconds, mean, valid)
        self.losses.clear()
        for column, number in zip(self.course.values(), row, strict=True):
            column.append(round(number, 4))

    def _translate(self) -> None:
        where = {"updates": self.updates, "seconds": round(self.seconds, 2)}
        self.looks.append(where | self.scored(self.model, beams=1))

    def _keep(self) -> None:
        """Let the mean of the last parameters have these, if their turn has come."""
        config = self.config
        left = config.training.steps - self.updates
        if config.average > 1 and left % config.apart == 0:
            self.last.append(
                {n: p.detach().cpu().clone() for n, p in self.model.named_parameters()}
            )

    def mean(self, count: int) -> EncoderDecoder:
        """The model with the mean of the last `count` parameters that were kept."""
        model, last = copy.deepcopy(self.model), list(self.last)[-count:]
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(torch.stack([p[name] for p in last]).mean(0))
        return model

    def means(self) -> dict[int, EncoderDecoder]:
        """The models that `searches` compares, by how many saves they are of."""
        counts = sorted({min(n, self.config.average) for n in searches.MEANS})
        return {n: self.mean(n) if self.last else self.model for n in counts}

    def _held_out(self, model: nn.Module) -> float:
        valid = Batches(self.corpus.valid, self.subwords, tokens=4096)
        return held_out_loss(model, valid.epoch(0), device=self.device)

    def scored(self, model: EncoderDecoder, beams: int) -> dict[str, Any]:
        found = score(
            model,
            self.subwords,
            self.corpus.test,
            language=self.config.target,
            beams=beams,
            device=self.device,
        )
        return {
            "valid_loss": round(self._held_out(model), 4),
            "bleu": round(found.bleu.value, 2),
            "bleu_signature": found.bleu.signature,
            "chrf": round(found.chrf.value, 2),
            "chrf_signature": found.chrf.signature,
            "exact": round(found.exact_match, 4),
        }


class _Saves:
    """Where a trial is saved: beside `train`'s checkpoint, what else a study knows.

    A kill may come between the two files. So both keep the save before the last, and
    the trial goes on from the last update that both have.
    """

    KEPT = ("updates", "tokens", "seconds", "resumed", "losses", "looks", "course")

    def __init__(self, folder: Path) -> None:
        self.checkpoint = folder / "checkpoint.safetensors"
        self.state = folder / "state.safetensors"

    def save(self, learner: _Learning) -> None:
        about = {name: getattr(learner, name) for name in self.KEPT}
        tensors = {
            f"{number}.{name}": tensor
            for number, parameters in enumerate(learner.last)
            for name, tensor in parameters.items()
        }
        storage.write(storage.copy_of(self.state, learner.updates), tensors, about)
        for old in storage.copies(self.state)[:-2]:
            old.unlink()

    def restore(self, learner: _Learning) -> None:
        for path in (self.checkpoint, self.state):
            storage.tidy(path)
        states = {path.stem[-9:]: path for path in storage.copies(self.state)}
        saves = {path.stem[-9:]: path for path in storage.copies(self.checkpoint)}
        both = max(states.keys() & saves.keys(), default=None)
        if both is None:
            self.checkpoint.unlink(missing_ok=True)
            return
        storage.replace(self.checkpoint, saves[both].read_bytes())
        tensors, about = storage.read(states[both])
        for name in self.KEPT:
            setattr(learner, name, about[name])
        learner.resumed += 1
        kept: dict[str, dict[str, Tensor]] = defaultdict(dict)
        for name, tensor in tensors.items():
            number, _, parameter = name.partition(".")
            kept[number][parameter] = tensor
        learner.last.extend(kept[number] for number in sorted(kept, key=int))


@cache
def _corpus(name: str, source: str, target: str) -> Corpus:
    return load(name, source=source, target=target)


@cache
def _subwords(name: str, source: str, target: str, size: int) -> Subwords:
    train = _corpus(name, source, target).train
    return Subwords.train((side for pair in train for side in pair), size=size)
