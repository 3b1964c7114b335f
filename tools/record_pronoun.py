"""Ask each head of grammar translators whether it decides what "it" means; record it.

    python tools/record_pronoun.py [--seeds 3] [--keep FOLDER]

Seed 0 is the translator that comes with the package; the others are trained by the same
preset. Each translates all pairs of sentences of the grammar in which one adjective
turns "it" from the subject to the object, whole and without each of its heads; and 400
unseen sentences without such a puzzle, drawn by the seed, as the control.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import recording
import torch

from allyouneed.data.corpora import load
from allyouneed.data.pronoun_pairs import pronoun_pairs
from allyouneed.runs import pretrained
from allyouneed.runs.experiments import Experiment
from allyouneed.runs.presets import Preset
from allyouneed.studies import pronoun_heads

RECORD = recording.FOLDER / "pronoun.jsonl"


@dataclass(frozen=True, kw_only=True)
class Pronouns:
    """One translator, and how many plain sentences are the control."""

    others: int = 400
    seed: int = 0


def decided(config: Pronouns, *, keep: Path | None = None) -> dict[str, Any]:
    """Study one translator; a trained one stays in a folder of `keep`, if given."""
    corpus, name = load("grammar", target="de"), f"grammar-{config.seed}"
    if config.seed == 0:
        model, subwords, _ = pretrained.load("grammar-en-de")
    else:
        with tempfile.TemporaryDirectory() as folder:
            model, subwords, _ = Experiment(
                corpus=corpus,
                preset=Preset.grammar(),
                seed=config.seed,
                checkpoint=(keep or Path(folder)) / name / "model.safetensors",
            ).trained(device=torch.device("cpu"))
    others = pronoun_heads.sample(
        [english for english, _ in corpus.test], config.others, seed=config.seed
    )
    return pronoun_heads.study(model.eval(), subwords, pronoun_pairs(), others)


def grid(seeds: int) -> list[Pronouns]:
    """A translator for each seed."""
    return [Pronouns(seed=seed) for seed in range(seeds)]


def main() -> None:
    recording.run(__doc__, RECORD, decided, grid, keeps=True)


if __name__ == "__main__":
    main()
