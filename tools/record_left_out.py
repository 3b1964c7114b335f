"""Train a small translator with one thing left out, and record what becomes of it.

    python tools/record_left_out.py [--seeds 3] [--workers 1] [--record FILE]

The translator is that of the chapter on the whole model, English to German on 8,000
sentences of the grammar: nothing is left out, or the positions, the decoder's mask, the
shift of the targets, or the factor on the embeddings. The last of these comes a second
time with positions divided by the same factor, so that both are in proportion again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import recording
import torch
from torch import Tensor

from allyouneed.data import corpora
from allyouneed.data.batches import Batch, Batches
from allyouneed.data.subwords import Subwords
from allyouneed.decoding.greedy_search import translate
from allyouneed.evaluation import metrics
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.training.loop import TrainingConfig, held_out_loss, train

RECORD = recording.FOLDER / "left-out.jsonl"
EVERY, SENTENCES = 50, 200
CPU = torch.device("cpu")
Piece = Literal["nothing", "positions", "mask", "shift", "factor", "factor, quiet"]
PIECES: tuple[Piece, ...] = (
    *("nothing", "positions", "mask", "shift", "factor", "factor, quiet"),
)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """One training; "factor, quiet" divides the positions by the factor as well."""

    piece: Piece
    steps: int = 700
    seed: int = 0


class Unshifted(Batch):
    """Its decoder reads the very word that it is to say."""

    @property
    def inputs(self) -> Tensor:
        """The labels: (B, T)."""
        return self.labels


@dataclass(frozen=True)
class Stream:
    """Batches as `train` takes them, with the targets shifted or not."""

    batches: Batches
    shifted: bool = True

    def from_step(self, step: int) -> Iterator[Batch]:
        """Batches without end, as if `step` of them had been taken."""
        return map(self._turned, self.batches.from_step(step))

    def epoch(self) -> Iterator[Batch]:
        """Every pair once."""
        return map(self._turned, self.batches.epoch(0))

    def _turned(self, batch: Batch) -> Batch:
        return batch if self.shifted else Unshifted(batch.source, batch.target)


@cache
def sentences() -> tuple[corpora.Corpus, Subwords]:
    """The grammar's sentences, and a vocabulary of both languages."""
    corpus = corpora.load("grammar", source="en", target="de", size=8_000)
    sides = [sentence for pair in corpus.train for sentence in pair]
    return corpus, Subwords.train(sides, size=1_000)


def model(config: LeftOut) -> Transformer:
    """The translator before training, without the piece."""
    torch.manual_seed(config.seed)
    scheme: Literal["none", "sinusoidal"] = "sinusoidal"
    if config.piece == "positions":
        scheme = "none"
    made = Transformer(
        TransformerConfig(
            vocab=len(sentences()[1]),
            d_model=96,
            layers=2,
            heads=4,
            d_ff=192,
            p_drop=0.0,
            positions=scheme,
        )
    )
    if config.piece == "mask":
        for layer in made.decoder:
            unmask(layer.attention)
    if config.piece.startswith("factor"):
        made.embedding.scale = 1.0
    if config.piece == "factor, quiet":
        quieten(made.place, 96**0.5)
    return made


def unmask(attention: Any) -> None:
    """Let a decoder's attention see the words that are still to come."""
    look = attention.forward
    attention.forward = lambda x, **given: look(x, **{**given, "causal": False})


def quieten(place: Any, factor: float) -> None:
    """Divide the positions by `factor` before they are added."""
    add = place.forward
    place.forward = lambda x, offset: x + (add(x, offset=offset) - x) / factor


def trained(learner: Transformer, config: LeftOut) -> dict[str, Any]:
    """Train, and end at the mean of the last five saves (section 6.1)."""
    corpus, subwords = sentences()
    shifted = config.piece != "shift"
    stream = Stream(
        Batches(corpus.train, subwords, tokens=384, seed=config.seed), shifted
    )
    unseen = Stream(Batches(corpus.valid[:100], subwords, tokens=2_048), shifted)
    recipe = TrainingConfig(steps=config.steps, warmup=60, peak=3e-3, epsilon_ls=0.0)
    curve, unseen_curve, saves = [], [], []
    for step in train(learner, stream, recipe, device=CPU):
        curve.append(step.loss)
        if step.step > config.steps - 100 and step.step % 20 == 0:
            saves.append({k: v.clone() for k, v in learner.state_dict().items()})
        if step.step % EVERY == 0:
            unseen_curve.append(round(held_out_loss(learner, unseen.epoch()), 4))
    mean = {name: torch.stack([s[name] for s in saves]).mean(0) for name in saves[0]}
    learner.load_state_dict(mean)
    return {
        "training": round(sum(curve[-EVERY:]) / EVERY, 4),
        "unseen": unseen_curve,
        "averaged": round(held_out_loss(learner, unseen.epoch()), 4),
    }


def left_out(config: LeftOut) -> dict[str, Any]:
    """Losses on the way, then 200 unseen sentences: exact answers and BLEU.

    A loss is taken as the model is trained: without its mask or its shift, it reads the
    answer on unseen sentences as well.
    """
    learner = model(config)
    losses = trained(learner, config)
    corpus, subwords = sentences()
    asked, wanted = zip(*corpus.test[:SENTENCES], strict=True)
    found = translate(learner.eval(), subwords, asked, device=CPU)
    return {
        **losses,
        "exact": round(metrics.exact_match(found, wanted), 4),
        "bleu": round(metrics.bleu(found, wanted).value, 2),
    }


def grid(seeds: int) -> list[LeftOut]:
    """Every piece, one seed after the other."""
    return [LeftOut(piece=p, seed=seed) for seed in range(seeds) for p in PIECES]


def main() -> None:
    recording.run(__doc__, RECORD, left_out, grid)


if __name__ == "__main__":
    main()
