"""Said or told? The labelled task behind `record_pretraining`, from four novels.

A passage of twelve words is said by somebody or told by the author: quotation marks are
the labels. Two novels are to learn from, a third chooses rates, a fourth is the test.
A judge is a stack with two scores more; a rival only counts the words of a passage.

B  passages    T  words of each
"""

from collections.abc import Iterator
from functools import cache

import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from allyouneed.data import literature, quoted_words
from allyouneed.data.quoted_words import Passages
from allyouneed.models import TextStack, TransformerConfig
from allyouneed.studies import one_cycle

LABELS, TUNING = (100, 300, 1000, 3000), (1e-3, 3e-3, 1e-2)
WEIGHTS = (0.01, 0.1, 1.0, 10.0, 100.0)  # of the counts: scikit-learn's C
TUNED, TUNED_LONGER = 80, 400  # updates: 2,560 passages are hardly all of 3,000
BATCH, EXAMINED = 32, 1000


@cache
def novels() -> tuple[dict[str, Tensor], dict[str, Passages], int]:
    """Of each part its words in a row and its passages; and how many ids there are."""
    text = literature.load("en")
    known = quoted_words.vocabulary(text.train)
    parts = {"train": text.train, "valid": text.valid, "test": text.test}
    rows = {
        name: torch.tensor(quoted_words.numbered(quoted_words.words(part), known))
        for name, part in parts.items()
    }
    asked = {name: quoted_words.passages(part, known) for name, part in parts.items()}
    return rows, asked, quoted_words.FIRST + len(known)


def made(*, causal: bool) -> TextStack:
    """Two layers of 64, four heads, not trained."""
    config = TransformerConfig(
        vocab=novels()[2],
        d_model=64,
        layers=2,
        heads=4,
        d_ff=128,
        p_drop=0.1,
        wiring="pre",
    )
    return TextStack(config, causal=causal)


@torch.no_grad()
def right(model: nn.Module, part: Passages) -> float:
    """Share of passages named right."""
    model.eval()
    rows = torch.linspace(0, len(part.said) - 1, EXAMINED).long()
    named = model(part.tokens[rows]).argmax(-1)
    return round((named == part.said[rows]).float().mean().item(), 4)


class Judge(nn.Module):
    """A stack, and two scores from the mean of its states."""

    def __init__(self, text: TextStack) -> None:
        super().__init__()
        self.text, self.answer = text, nn.Linear(text.config.d_model, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """Told or said: (B, T) -> (B, 2)."""
        return self.answer(self.text.states(tokens).mean(1))


def chosen(labels: int, seed: int) -> Passages:
    """So many passages of the first two novels, half of them said."""
    part = novels()[1]["train"]
    order = torch.randperm(
        len(part.said), generator=torch.Generator().manual_seed(seed)
    )
    said = part.said[order].bool()
    rows = torch.cat((order[said][: labels // 2], order[~said][: labels // 2]))
    return Passages(part.tokens[rows], part.said[rows])


def tuned(
    model: TextStack, labels: int, rate: float, seed: int, updates: int
) -> list[float]:
    """Share right on the third and on the fourth novel, after the labels."""
    given = chosen(labels, seed)
    fresh = made(causal=model.causal)
    fresh.load_state_dict(model.state_dict())
    judge = Judge(fresh)
    chance = torch.Generator().manual_seed(seed)

    def losses() -> Iterator[Tensor]:
        while True:
            rows = torch.randint(labels, (BATCH,), generator=chance)
            yield F.cross_entropy(judge(given.tokens[rows]), given.said[rows])

    one_cycle.fit(judge, losses(), rate=rate, steps=updates, beta2=0.98, fused=True)
    return [right(judge, novels()[1][part]) for part in ("valid", "test")]


def counted(labels: int, weight: float, seed: int) -> list[float]:
    """The same by how often each word stands in a passage, without any order."""
    given, seen = chosen(labels, seed), []
    bag = CountVectorizer(analyzer=lambda row: row, vocabulary=range(novels()[2]))
    judge = LogisticRegression(C=weight, max_iter=1000)
    judge.fit(bag.transform(given.tokens.tolist()), given.said.numpy())
    for part in (novels()[1][name] for name in ("valid", "test")):
        rows = torch.linspace(0, len(part.said) - 1, EXAMINED).long()
        named = bag.transform(part.tokens[rows].tolist())
        seen.append(round(float(judge.score(named, part.said[rows].numpy())), 4))
    return seen
