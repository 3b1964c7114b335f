"""Time an update of each translator of `table_2`, all three taking turns.

    python tools/record_pace.py [--seeds 3] [--record FILE]

They read the same batches. What is kept is the median of the processor time that an
update takes, so that a machine with other work changes the ratios little.
"""

import time
from dataclasses import dataclass
from statistics import median
from typing import Any

import recording
import torch

from allyouneed.data import corpora
from allyouneed.data.batches import Batches
from allyouneed.data.subwords import Subwords
from allyouneed.ground import runtime
from allyouneed.models.translators import build
from allyouneed.studies import table_2
from allyouneed.training.distributed import Alone
from allyouneed.training.updates import Learner, TrainingConfig

RECORD = recording.FOLDER / "pace.jsonl"
CPU = torch.device("cpu")


@dataclass(frozen=True, kw_only=True)
class Pace:
    """One measurement: so many updates of each model; the seed is of their batches."""

    corpus: str = "multi30k"
    target: str = "de"
    updates: int = 60
    seed: int = 0


def paced(config: Pace) -> dict[str, Any]:
    """Processor seconds of an update, the median, and each one's, by model."""
    train = corpora.load(config.corpus, target=config.target).train
    subwords = Subwords.train((s for pair in train for s in pair), size=table_2.VOCAB)
    batches = Batches(train, subwords, tokens=table_2.TOKENS, seed=config.seed)
    learners = {}
    for name, model in table_2.MODELS.items():
        with runtime.seeded(CPU, config.seed):
            recipe = TrainingConfig(steps=config.updates, warmup=config.updates)
            learners[name] = Learner(build(model), recipe, CPU, Alone())
    seconds: dict[str, list[float]] = {name: [] for name in learners}
    for _, batch in zip(range(config.updates), batches.from_step(0), strict=False):
        for name, learner in learners.items():
            start = time.process_time()
            learner.update([batch])
            seconds[name].append(round(time.process_time() - start, 4))
    return {
        "median": {name: round(median(s), 4) for name, s in seconds.items()},
        "seconds": seconds,
    }


def main() -> None:
    given = recording.command(__doc__, RECORD).parse_args()
    recording.record(paced, [Pace(seed=s) for s in range(given.seeds)], given)


if __name__ == "__main__":
    main()
