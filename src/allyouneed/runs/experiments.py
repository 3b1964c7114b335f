"""One translator from corpus to scores: what the command line and the benchmarks run.

Everything a run draws by chance follows from its seed: the first parameters, the order
of the data, dropout. The corpus itself is drawn, or split, the same for all seeds.
"""

import dataclasses
import hashlib
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import torch

from allyouneed.data.batches import Batches
from allyouneed.data.corpora import Corpus, Pair
from allyouneed.data.subwords import Subwords
from allyouneed.decoding.greedy_search import translate
from allyouneed.evaluation import metrics
from allyouneed.evaluation.metrics import Score
from allyouneed.ground import runtime, storage
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.models.translators import build
from allyouneed.runs.presets import Preset
from allyouneed.training import checkpoints
from allyouneed.training.loop import train
from allyouneed.training.updates import Step


@dataclasses.dataclass(frozen=True, kw_only=True)
class Experiment:
    """A corpus and a recipe, ready to be trained with one seed.

    Args:
        corpus: its training split, and nothing else of it, is learnt from.
        preset: the recipe.
        seed: of parameters, order and dropout.
        checkpoint: file to go on from and to save to; None keeps nothing.
    """

    corpus: Corpus
    preset: Preset
    seed: int = 0
    checkpoint: Path | None = None

    def settings(self) -> dict[str, Any]:
        """What makes this experiment this one, beside model and training: JSON."""
        pairs = hashlib.sha256(repr(self.corpus.train).encode()).hexdigest()
        return {
            "corpus": self.corpus.name,
            "source": self.corpus.source,
            "target": self.corpus.target,
            "pairs": len(self.corpus.train),
            "pairs_sha256": pairs[:16],
            "vocab": self.preset.vocab,
            "batch_tokens": self.preset.tokens,
        }

    def subwords(self) -> Subwords:
        """The vocabulary: the checkpoint's, or learnt from both training sides."""
        if self.checkpoint and self.checkpoint.exists():
            return checkpoints.load_translator(self.checkpoint).subwords
        sides = (sentence for pair in self.corpus.train for sentence in pair)
        return Subwords.train(sides, size=self.preset.vocab)

    def start(
        self,
        *,
        device: torch.device | None = None,
        seconds: float = math.inf,
        accelerator: Any = None,
    ) -> "Running":
        """Make everything ready; training happens while `steps` is read.

        The arguments are those of `training.train`, and so are the errors.
        """
        subwords = self.subwords()
        with runtime.seeded(torch.device("cpu"), self.seed):
            model = build(self.preset.model(len(subwords)))
        steps = train(
            model,
            Batches(
                self.corpus.train, subwords, tokens=self.preset.tokens, seed=self.seed
            ),
            dataclasses.replace(self.preset.training, seed=self.seed),
            device=device,
            checkpoint=self.checkpoint,
            every=self.preset.every,
            keep=self.preset.average if self.preset.average > 1 else 0,
            subwords=subwords,
            settings=self.settings(),
            seconds=seconds,
            accelerator=accelerator,
        )
        return Running(model, subwords, steps)

    def trained(self, *, device: torch.device | None = None) -> "Running":
        """Train to the end; the model then has the mean of the last saves, if kept."""
        running = self.start(device=device)
        for _ in running.steps:
            pass
        return self.averaged(running)

    def last_saves(self) -> list[Path]:
        """The files that the final parameters are the mean of."""
        kept = storage.copies(self.checkpoint) if self.checkpoint else []
        return kept[-self.preset.average :]

    def averaged(self, running: "Running") -> "Running":
        """Give the trained model the mean parameters of the last saves, and keep them.

        They go into a file of their own, `averaged.safetensors` beside the checkpoint.
        """
        if self.preset.average == 1 or self.checkpoint is None:
            return running
        mean = checkpoints.average(self.last_saves())
        checkpoints.restore(mean, running.model)
        checkpoints.save(
            self.checkpoint.with_name("averaged.safetensors"),
            running.model,
            step=mean.about["step"],
            subwords=running.subwords,
            settings=mean.about["settings"],
            provenance=mean.about["provenance"],
        )
        return running

    def record(self, scores: "Scores") -> dict[str, Any]:
        """The finished run in JSON: what its checkpoint says of it, and the scores.

        `wall_seconds` is training, all parts of an interrupted run, and translating.
        """
        if self.checkpoint is None:
            raise ValueError("checkpoint=None: name a file, the record is read from it")
        about = checkpoints.load(self.checkpoint).about
        del about["state"]["scaler"]
        return about | {
            "seed": self.seed,
            "averaged": max(1, len(self.last_saves())),
            "metrics": scores.metrics(),
            "wall_seconds": round(about["state"]["seconds"] + scores.seconds, 1),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }


class Running(NamedTuple):
    """A model, its vocabulary, and the records of the updates that train it."""

    model: EncoderDecoder
    subwords: Subwords
    steps: Iterator[Step]


@dataclasses.dataclass(frozen=True)
class Scores:
    """Translations of a split and how good they are."""

    translations: list[str]
    bleu: Score
    chrf: Score
    exact_match: float
    beams: int
    seconds: float

    def metrics(self) -> dict[str, Any]:
        """The numbers and their recipes, for a record."""
        return {
            "bleu": round(self.bleu.value, 2),
            "bleu_signature": self.bleu.signature,
            "chrf": round(self.chrf.value, 2),
            "chrf_signature": self.chrf.signature,
            "exact_match": round(self.exact_match, 4),
            "sentences": len(self.translations),
            "beams": self.beams,
            "decoding_seconds": round(self.seconds, 2),
        }


def score(
    model: EncoderDecoder,
    subwords: Subwords,
    pairs: Sequence[Pair],
    *,
    language: str,
    beams: int = 4,
    alpha: float = 0.6,
    device: torch.device | None = None,
) -> Scores:
    """Translate the sources of `pairs` and compare with their targets.

    Raises:
        ValueError: `pairs` is empty or `beams` below 1.
    """
    device = device or torch.device("cpu")
    model.to(device).eval()
    start = runtime.seconds(device)
    sources, references = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found = translate(model, subwords, sources, beams=beams, alpha=alpha, device=device)
    return Scores(
        found,
        metrics.bleu(found, references, language=language),
        metrics.chrf(found, references),
        metrics.exact_match(found, references),
        beams,
        runtime.seconds(device) - start,
    )
