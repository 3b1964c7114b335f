"""Train four models on few examples and on many, and record what they know of others.

    python tools/record_hunger.py [--seeds 3] [--workers 1] [--record FILE] [--pilot]

Both rules of `sample_complexity`, from 16 examples to 1,024, as many updates for all;
and at 64 examples once more with dropout. `--pilot` tries two rates with a seed of its
own and 1,024 examples; the better by the held-out loss of both rules is in `RATES`.
"""

import dataclasses
from typing import get_args

import recording

from allyouneed.studies import sample_complexity
from allyouneed.studies.sample_complexity import PILOT_RATES, RATES, Diet

RECORD = recording.FOLDER / "hunger.jsonl"
EXAMPLES = (16, 64, 256, 1024)
DROPOUT = 0.2
PILOT_SEED = 100


def trials(seeds: int) -> list[Diet]:
    """Every rule, model and number of examples, one seed after the other."""
    return [
        Diet(
            rule=rule,
            model=dataclasses.replace(model, p_drop=p_drop),
            examples=examples,
            rate=RATES[name],
            seed=seed,
        )
        for seed in range(seeds)
        for examples, p_drop in [*((n, 0.0) for n in EXAMPLES), (64, DROPOUT)]
        for rule in get_args(sample_complexity.Rule)
        for name, model in sample_complexity.eaters().items()
    ]


def pilot() -> list[Diet]:
    """Every rule and model with each rate, where examples are plenty."""
    return [
        Diet(rule=rule, model=model, examples=EXAMPLES[-1], rate=rate, seed=PILOT_SEED)
        for rule in get_args(sample_complexity.Rule)
        for model in sample_complexity.eaters().values()
        for rate in PILOT_RATES
    ]


if __name__ == "__main__":
    recording.run(__doc__, RECORD, sample_complexity.fed, trials, pilot=pilot)
