"""Train translators with and without attention, and record how each fares by length.

    python tools/record_bottleneck.py [--seeds 3] [--keep FOLDER]

All have as many parameters, the grammar's sentences and its recipe. All are also
trained three times as long, and the one without attention then at half and at twice its
width. Each is scored on unseen sentences by their length, on "it" as er, sie or es, and
on where it looks when it writes that word.
"""

import dataclasses
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import recording
import torch

from allyouneed.data import corpora
from allyouneed.data.grammar import Example, examples
from allyouneed.data.grammar.lexicon import lexicon
from allyouneed.decoding.greedy_search import translate
from allyouneed.evaluation import metrics
from allyouneed.ground.configurations import LATER
from allyouneed.ground.special_tokens import BOS, EOS
from allyouneed.models.translators import Config
from allyouneed.nn.attention import watch
from allyouneed.runs.experiments import Experiment, Running
from allyouneed.runs.presets import Kind, Preset

RECORD = recording.FOLDER / "bottleneck.jsonl"
KINDS: tuple[Kind, ...] = ("recurrent", "recurrent-plain", "transformer")
STEPS = 700
SENTENCES = {"test": 2500, "hard": 1500}
BINS = ((2, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 18))  # words of the source
PRONOUN = re.compile(r", weil (er|sie|es) zu ")


@dataclass(frozen=True, kw_only=True)
class Bottleneck:
    """One training: which translator, how many updates, how much wider than usual.

    The translator without attention hands over one vector: `wider` stretches it, and
    the rest of the model with it.
    """

    kind: Kind
    steps: int = STEPS
    seed: int = 0
    wider: float = dataclasses.field(default=1.0, metadata=LATER)


def trial(config: Bottleneck, *, keep: Path | None = None) -> dict[str, Any]:
    """Train, translate, and count; the model stays in a folder of `keep`, if given."""
    name = f"{config.kind}-{config.steps}-{config.seed}"
    name += "" if config.wider == 1 else f"-{config.wider:g}"
    with tempfile.TemporaryDirectory() as folder:
        run = experiment(config, (keep or Path(folder)) / name)
        running = run.trained(device=torch.device("cpu"))
    test = examples("test", count=SENTENCES["test"])
    found = translated(running, test)
    puzzles = {"test": list(told_apart(test))}
    puzzles["hard"] = list(told_apart(examples("hard", count=SENTENCES["hard"])))
    return {
        "parameters": sum(p.numel() for p in running.model.parameters()),
        "length": [by_length(test, found, words) for words in BINS],
        "exact": round(metrics.exact_match(found, [e.de for e in test]), 4),
        "bleu": round(metrics.bleu(found, [e.de for e in test]).value, 2),
        "it": {split: resolved(running, chosen) for split, chosen in puzzles.items()},
        "looks": looks(running, puzzles["test"]),
    }


def experiment(config: Bottleneck, folder: Path) -> Experiment:
    """One run of the grammar's recipe, so many updates long."""
    preset = Preset.grammar(config.kind)
    training = dataclasses.replace(preset.training, steps=config.steps)

    def model(vocab: int) -> Config:
        made = preset.model(vocab)
        d_model = 2 * round(config.wider * made.d_model / 2)
        return made if config.wider == 1 else dataclasses.replace(made, d_model=d_model)

    return Experiment(
        corpus=corpora.load("grammar", target="de"),
        preset=dataclasses.replace(preset, training=training, model=model),
        seed=config.seed,
        checkpoint=folder / "model.safetensors",
    )


def translated(running: Running, chosen: Sequence[Example]) -> list[str]:
    """German by greedy search."""
    running.model.eval()
    return translate(running.model, running.subwords, [e.en for e in chosen])


def by_length(
    test: Sequence[Example], found: Sequence[str], words: tuple[int, int]
) -> dict[str, Any]:
    """Scores of the sentences that have so many words."""
    least, most = words
    rows = [i for i, e in enumerate(test) if least <= len(e.en.split()) <= most]
    ours, references = [found[i] for i in rows], [test[i].de for i in rows]
    return {
        "words": words,
        "sentences": len(rows),
        "exact": round(metrics.exact_match(ours, references), 4),
        "bleu": round(metrics.bleu(ours, references).value, 2),
    }


def told_apart(chosen: Sequence[Example]) -> Iterator[Example]:
    """The sentences with an "it" whose two nouns differ in German gender."""
    for example in chosen:
        if example.antecedent and len({*genders(example)}) == 2:
            yield example


def genders(example: Example) -> tuple[str, str]:
    """Of the subject and of the object of the sentence."""
    first, second = (lexicon().nouns[word].gender for _, word in nouns(example))
    return first, second


def nouns(example: Example) -> list[tuple[int, str]]:
    """Where the two nouns stand, and which they are."""
    words = example.en.split()
    main = enumerate(words[: words.index("because")])
    return [(place, word) for place, word in main if word in lexicon().nouns]


def resolved(running: Running, puzzles: Sequence[Example]) -> dict[str, Any]:
    """How often "it" came out right, of the times that it came out at all."""
    found = [PRONOUN.search(german) for german in translated(running, puzzles)]
    said = [(m[1], e) for m, e in zip(found, puzzles, strict=True) if m]
    right = [pronoun == example.pronoun_de for pronoun, example in said]
    subject = [example.antecedent == "subject" for _, example in said]
    return {
        "sentences": len(puzzles),
        "said": len(said),
        "right": sum(right),
        "subject": sum(subject),
        "right_subject": sum(map(min, right, subject)),
    }


@torch.no_grad()
def looks(running: Running, puzzles: Sequence[Example]) -> dict[str, Any]:
    """Mean weight of each layer's heads on what is meant, the other noun, and "it".

    Of attention to the source: where it looks to write the pronoun. Of self-attention
    in an encoder: where "it" looks.
    """
    total: dict[str, Any] = {}
    for example in puzzles:
        spans = places(running, example)
        target = [BOS, *running.subwords.encode(example.de)]
        start = example.de.index(f"weil {example.pronoun_de} ") + len("weil")
        query = len(running.subwords.encode(example.de[:start]))
        source = torch.tensor([[*running.subwords.encode(example.en), EOS]])
        with watch(running.model) as seen:
            running.model(source, torch.tensor([target]))
        for name, (weights,) in seen.items():
            if name.startswith("decoder") and name.endswith(".attention"):
                continue  # a decoder's attention to its own words
            row = spans["it"][0] if name.startswith("encoder") else query
            here = torch.stack(
                [weights[0, :, row, span].sum(-1) for span in spans.values()]
            )
            total[name] = total.get(name, 0) + here / len(puzzles)
    return {
        name: {
            span: [round(w, 4) for w in row.tolist()]
            for span, row in zip(("meant", "other", "it"), sums, strict=True)
        }
        for name, sums in total.items()
    }


def places(running: Running, example: Example) -> dict[str, list[int]]:
    """Positions of the sub-words of the noun meant, of the other, and of "it"."""
    words, ends = example.en.split(), [0]
    for word in words:
        ends.append(ends[-1] + len(running.subwords.encode(word)))
    if ends[-1] != len(running.subwords.encode(example.en)):
        raise ValueError(f"{example.en!r}: its sub-words are not those of its words")
    subject, thing = (place for place, _ in nouns(example))
    meant, other = (
        (subject, thing) if example.antecedent == "subject" else (thing, subject)
    )
    chosen = {"meant": meant, "other": other, "it": words.index("it")}
    return {
        name: list(range(ends[place], ends[place + 1]))
        for name, place in chosen.items()
    }


def grid(seeds: int) -> list[Bottleneck]:
    """Each translator, then each for three times as long, then one by its width."""
    plain: Kind = "recurrent-plain"
    again: tuple[Kind, ...] = (plain, "recurrent", "transformer")
    return [
        *(Bottleneck(kind=kind, seed=seed) for kind in KINDS for seed in range(seeds)),
        *(
            Bottleneck(kind=kind, steps=3 * STEPS, seed=seed)
            for kind in again
            for seed in range(seeds)
        ),
        *(
            Bottleneck(kind=plain, steps=3 * STEPS, wider=wider, seed=seed)
            for wider in (0.5, 2.0)
            for seed in range(seeds)
        ),
    ]


def main() -> None:
    recording.run(__doc__, RECORD, trial, grid, keeps=True)


if __name__ == "__main__":
    main()
