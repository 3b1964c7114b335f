"""The smallest translation there is: a sentence of letters, backwards."""

import dataclasses
import itertools
import random
from collections.abc import Iterator

import torch

from allyouneed.data.batches import Batch, Batches
from allyouneed.data.subwords import Subwords
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.training.loop import TrainingConfig


def pairs(count: int = 300) -> list[tuple[str, str]]:
    chance = random.Random(0)
    sources = (chance.choices("abcdefgh", k=chance.randint(2, 9)) for _ in range(count))
    return [(" ".join(words), " ".join(words[::-1])) for words in sources]


CPU = torch.device("cpu")
SUBWORDS = Subwords.train([source for source, _ in pairs()], size=20)
CONFIG = TrainingConfig(steps=6, warmup=3, peak=1e-2)


def make(p_drop: float = 0.0, dtype: torch.dtype = torch.float64) -> Transformer:
    torch.manual_seed(0)
    config = TransformerConfig(
        vocab=len(SUBWORDS), d_model=16, layers=1, heads=2, d_ff=24, p_drop=p_drop
    )
    return Transformer(config).to(dtype)


def stream(tokens: int = 256) -> Batches:
    return Batches(pairs(), SUBWORDS, tokens=tokens)


@dataclasses.dataclass
class Fixed:
    """The same list of batches over and over."""

    batches: list[Batch]

    def from_step(self, step: int) -> Iterator[Batch]:
        return itertools.islice(itertools.cycle(self.batches), step, None)
