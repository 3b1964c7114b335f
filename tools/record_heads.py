"""Take heads out of trained grammar translators, one by one, and record what is lost.

    python tools/record_heads.py [--seeds 3] [--keep FOLDER]

Each seed's translator is trained by the grammar's preset (the mean of its last saves).
Then every attention layer is tried without each of its heads, and with the best of them
alone: the one whose loss hurt most on the part `valid`. Scores are those of `test`.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import recording
import torch

from allyouneed.data.corpora import Pair, load
from allyouneed.decoding.greedy_search import translate
from allyouneed.evaluation import metrics
from allyouneed.models.head_pruning import prune
from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.runs.experiments import Experiment, Running
from allyouneed.runs.presets import Preset

RECORD = recording.FOLDER / "heads.jsonl"
SENTENCES = 400


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """One translator, and how many sentences of a part judge it."""

    sentences: int = SENTENCES
    seed: int = 0


def pruned(config: Pruning, *, keep: Path | None = None) -> dict[str, Any]:
    """Train and take heads out; the model stays in a folder of `keep`, if given."""
    corpus, name = load("grammar", target="de"), f"grammar-{config.seed}"
    with tempfile.TemporaryDirectory() as folder:
        running = Experiment(
            corpus=corpus,
            preset=Preset.grammar(),
            seed=config.seed,
            checkpoint=(keep or Path(folder)) / name / "model.safetensors",
        ).trained(device=torch.device("cpu"))
    valid, test = (part[: config.sentences] for part in (corpus.valid, corpus.test))
    return tried(running, valid, test)


def grid(seeds: int) -> list[Pruning]:
    """A translator for each seed."""
    return [Pruning(seed=seed) for seed in range(seeds)]


def score(
    running: Running, keep: dict[str, list[int]], pairs: Sequence[Pair]
) -> dict[str, float]:
    """Exact matches, as a share, and BLEU of the model with these heads alone."""
    model = prune(running.model, keep).eval()
    found = translate(model, running.subwords, [pair[0] for pair in pairs])
    references = [pair[1] for pair in pairs]
    return {
        "exact": round(metrics.exact_match(found, references), 4),
        "bleu": round(metrics.bleu(found, references).value, 2),
    }


def tried(
    running: Running, valid: Sequence[Pair], test: Sequence[Pair]
) -> dict[str, Any]:
    """Scores whole, without each head, with one head a layer, and with one in all."""
    layers = {
        name: layer.heads
        for name, layer in running.model.named_modules()
        if isinstance(layer, MultiHeadAttention)
    }
    without: dict[str, list[dict[str, float]]] = {}
    best: dict[str, list[int]] = {}
    for name, heads in layers.items():
        others = [[h for h in range(heads) if h != gone] for gone in range(heads)]
        left = [score(running, {name: keep}, valid)["bleu"] for keep in others]
        best[name] = [left.index(min(left))]
        without[name] = [score(running, {name: keep}, test) for keep in others]
    return {
        "whole": score(running, {}, test),
        "without": without,
        "best": {name: keep[0] for name, keep in best.items()},
        "alone": {name: score(running, {name: best[name]}, test) for name in layers},
        "all_alone": score(running, best, test),
    }


def main() -> None:
    recording.run(__doc__, RECORD, pruned, grid, keeps=True)


if __name__ == "__main__":
    main()
