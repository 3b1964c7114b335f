"""Train translators from sentences to their trees, and record how deep they can parse.

    python tools/record_parsing.py [--seeds 3]

The Transformer and the recurrent translator with attention, as many parameters each,
read trees of at most five open brackets, with their words as leaves. A second
Transformer reads trees of any depth, a third has XX for each word. The recipe is the
grammar's with smaller batches, a lower peak, and long gradients clipped. All are scored
on the same unseen sentences by the depth of their trees.
"""

import dataclasses
import functools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import recording
import torch

from allyouneed.data.corpora import Corpus, Pair
from allyouneed.data.grammar import Split
from allyouneed.data.parsing import (
    Parse,
    agreement,
    anonymous,
    depth,
    linearised,
    packed,
    treebank,
    unpacked,
)
from allyouneed.decoding.greedy_search import translate
from allyouneed.runs.experiments import Experiment, Running
from allyouneed.runs.presets import Kind, Preset

RECORD = recording.FOLDER / "parsing.jsonl"
SHALLOW, ANY = 5, 11  # open brackets in the trees trained on; none has more than 11
DRAWN = {"train": 12_000, "test": 8_000}
SENTENCES = 7_500
TESTED = 150  # sentences of a depth, where there are as many
BINS = ((2, 3), (4, 4), (5, 5), (6, 6), (7, 7), (8, 8), (9, 11))
EXTRA = 60  # symbols that a line may be longer than its sentence; the paper has 300
SHOWN = 3  # wrong trees of a depth that the record keeps


@dataclass(frozen=True, kw_only=True)
class Parsing:
    """One training: which translator, on how deep trees, with which leaves."""

    kind: Kind
    deepest: int
    words: bool
    steps: int = 700
    tokens: int = 512
    sentences: int = SENTENCES
    seed: int = 0


@functools.cache
def drawn(split: Split) -> list[Parse]:
    """Sentences and trees, the same for all trials."""
    return treebank(split, count=DRAWN[split])


def chosen(config: Parsing) -> list[Parse]:
    """What it is trained on."""
    bank = [parse for parse in drawn("train") if depth(parse.tree) <= config.deepest]
    return bank[: config.sentences]


def parsed(config: Parsing) -> dict[str, Any]:
    """Train, parse, and count."""
    bank = chosen(config)
    lines = [packed(linearised(parse.tree, words=config.words)) for parse in bank]
    sentences = [parse.sentence for parse in bank]
    running, losses = trained(config, list(zip(sentences, lines, strict=True)))
    longest = max(len(line.split()) for line in lines)
    return {
        "parameters": sum(p.numel() for p in running.model.parameters()),
        "vocabulary": len(running.subwords),
        "trained": len(lines),
        "longest": longest,
        "losses": losses,
        "depths": [by_depth(running, least, most, longest) for least, most in BINS],
    }


def trained(config: Parsing, train: list[Pair]) -> tuple[Running, list[float]]:
    """The translator, the mean of its last saves; and the loss, each 100 updates."""
    preset = Preset.grammar(config.kind)
    training = dataclasses.replace(
        preset.training, steps=config.steps, peak=2e-3, clip=1.0
    )
    corpus = Corpus(
        name="treebank",
        source="en",
        target="brackets",
        train=train,
        valid=[],
        test=[],
        notice="Made by the grammar of allyouneed.",
    )
    with tempfile.TemporaryDirectory() as folder:
        experiment = Experiment(
            corpus=corpus,
            preset=dataclasses.replace(preset, training=training, tokens=config.tokens),
            seed=config.seed,
            checkpoint=Path(folder) / "model.safetensors",
        )
        running = experiment.start(device=torch.device("cpu"))
        losses = [step.loss for step in running.steps]
        return experiment.averaged(running), [round(x, 4) for x in losses[99::100]]


def by_depth(running: Running, least: int, most: int, longest: int) -> dict[str, Any]:
    """Scores of unseen sentences whose trees are so deep; `longest` in symbols."""
    bank = [p for p in drawn("test") if least <= depth(p.tree) <= most][:TESTED]
    sentences = [parse.sentence for parse in bank]
    found = translate(running.model.eval(), running.subwords, sentences, extra=EXTRA)
    lines = [anonymous(unpacked(line)) for line in found]
    gold = [linearised(parse.tree) for parse in bank]
    rows = [i for i, line in enumerate(gold) if len(line.split()) <= longest]
    wrong = [i for i, line in enumerate(gold) if lines[i] != line]
    return {
        "depth": [least, most],
        "all": counts(lines, bank),
        "short": counts([lines[i] for i in rows], [bank[i] for i in rows]),
        "wrong": [[bank[i].sentence, gold[i], lines[i]] for i in wrong[:SHOWN]],
    }


def counts(lines: Sequence[str], bank: Sequence[Parse]) -> dict[str, int] | None:
    """What agrees; None where no sentence is."""
    if not bank:
        return None
    return dataclasses.asdict(agreement(lines, [parse.tree for parse in bank]))


def grid(seeds: int) -> list[Parsing]:
    """The Transformer with trees of any depth as its control; then the others."""
    changes: list[tuple[Kind, int, bool]] = [
        ("transformer", SHALLOW, True),
        ("transformer", ANY, True),
    ]
    others: list[tuple[Kind, int, bool]] = [
        ("recurrent", SHALLOW, True),
        ("transformer", SHALLOW, False),
    ]
    order = [(seed, *change) for seed in range(seeds) for change in changes]
    order += [(seed, *other) for other in others for seed in range(seeds)]
    return [
        Parsing(kind=kind, deepest=deepest, words=words, seed=seed)
        for seed, kind, deepest, words in order
    ]


def main() -> None:
    recording.run(__doc__, RECORD, parsed, grid)


if __name__ == "__main__":
    main()
