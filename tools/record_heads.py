"""Take heads out of trained grammar translators, one by one, and record what is lost.

    python tools/record_heads.py [--seeds 3] [--record FILE] [--keep FOLDER]

Each seed's translator is trained by the grammar's preset (the mean of its last saves).
Then every attention layer is tried without each of its heads, and with the best of them
alone: the one whose loss hurt most on the part `valid`. Scores are those of `test`.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

import allyouneed
from allyouneed import evaluation, records, runtime
from allyouneed.attention import MultiHeadAttention
from allyouneed.data import Pair, load
from allyouneed.decoding import translate
from allyouneed.experiments import Experiment, Running
from allyouneed.heads import prune
from allyouneed.presets import Preset

RECORD = Path(allyouneed.__file__).parent / "records/heads.jsonl"
SENTENCES = 400


def trained(seed: int, folder: Path) -> Running:
    """The grammar's translator, trained from nothing."""
    experiment = Experiment(
        corpus=load("grammar", target="de"),
        preset=Preset.grammar(),
        seed=seed,
        checkpoint=folder / f"grammar-{seed}/model.safetensors",
    )
    running = experiment.start()
    for _ in running.steps:
        pass
    return experiment.averaged(running)


def score(
    running: Running, keep: dict[str, list[int]], pairs: Sequence[Pair]
) -> dict[str, float]:
    """Exact matches, as a share, and BLEU of the model with these heads alone."""
    model = prune(running.model, keep).eval()
    found = translate(model, running.subwords, [pair[0] for pair in pairs])
    references = [pair[1] for pair in pairs]
    return {
        "exact": round(evaluation.exact_match(found, references), 4),
        "bleu": round(evaluation.bleu(found, references).value, 2),
    }


def tried(running: Running) -> dict[str, Any]:
    """Scores whole, without each head, with one head a layer, and with one in all."""
    corpus = load("grammar", target="de")
    valid, test = corpus.valid[:SENTENCES], corpus.test[:SENTENCES]
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
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--seeds", type=int, default=3)
    words.add_argument("--record", type=Path, default=RECORD)
    words.add_argument("--keep", type=Path, help="folder for the trained translators")
    given = words.parse_args()
    for seed in range(given.seeds):
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            running = trained(seed, given.keep or Path(folder))
            metrics = tried(running)
        record = {
            "corpus": "grammar",
            "target": "de",
            "preset": "grammar",
            "seed": seed,
            "sentences": SENTENCES,
            "metrics": metrics,
            "wall_seconds": round(time.perf_counter() - start, 1),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "provenance": runtime.provenance(torch.device("cpu")),
        }
        records.append(given.record, record)
        print(seed, metrics["whole"], metrics["all_alone"])


if __name__ == "__main__":
    main()
