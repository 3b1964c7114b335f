"""Train grammar translators, and record what several as one are worth, at what cost.

    python tools/record_ensembles.py [--seeds 3]

Each trial trains three translators that differ in their seed alone, each for a third of
the updates, and one for all of them: the same cost. Scores are of unseen sentences.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

import recording
import torch

from allyouneed import evaluation
from allyouneed.data import Corpus, load
from allyouneed.decoding import translate
from allyouneed.ensembles import Ensemble
from allyouneed.experiments import Experiment, Running
from allyouneed.presets import Preset
from allyouneed.seq2seq import Translator

RECORD = recording.FOLDER / "ensembles.jsonl"
STEPS = 200
MEMBERS = 3
SENTENCES = 500


@dataclass(frozen=True, kw_only=True)
class Ensembles:
    """How many translators of how many updates each."""

    steps: int = STEPS
    members: int = MEMBERS
    seed: int = 0


def compared(config: Ensembles) -> dict[str, Any]:
    """Scores of each member, of the first two and so on together, and of the one."""
    corpus = load("grammar", target="de")
    seeds = [100 * config.seed + number for number in range(config.members)]
    members = [trained(corpus, config.steps, seed) for seed in seeds]
    one = trained(corpus, config.steps * config.members, seeds[0])
    models = [running.model.eval() for running in members]
    return {
        "parameters": sum(p.numel() for p in one.model.parameters()),
        "alone": [score(corpus, one, model) for model in models],
        "together": [
            score(corpus, one, Ensemble(models[:count]))
            for count in range(2, len(models) + 1)
        ],
        "one": score(corpus, one, one.model.eval()),
    }


def trained(corpus: Corpus, steps: int, seed: int) -> Running:
    """One translator by the grammar's preset, so many updates long."""
    preset = Preset.grammar()
    training = dataclasses.replace(preset.training, steps=steps)
    preset = dataclasses.replace(preset, training=training, average=1)
    experiment = Experiment(corpus=corpus, preset=preset, seed=seed)
    return experiment.trained(device=torch.device("cpu"))


def score(corpus: Corpus, running: Running, model: Translator) -> dict[str, float]:
    """BLEU and exact matches, as a share, by greedy search; all share the sub-words."""
    sources, references = zip(*corpus.test[:SENTENCES], strict=True)
    found = translate(model, running.subwords, sources)
    return {
        "bleu": round(evaluation.bleu(found, references).value, 2),
        "exact": round(evaluation.exact_match(found, references), 4),
    }


def grid(seeds: int) -> list[Ensembles]:
    """The same three times over, with other seeds."""
    return [Ensembles(seed=seed) for seed in range(seeds)]


def main() -> None:
    given = recording.command(__doc__, RECORD).parse_args()
    recording.record(compared, grid(given.seeds), given)


if __name__ == "__main__":
    main()
