"""Exact search: the best of all translations, and the certainty that it is the best.

Branch and bound, as Stahlberg and Byrne (2019) search: what beam search finds is a
bound. Another word only lowers a log-probability, so a beginning that cannot beat the
bound is dropped with all that would follow. They go deep first; here the likeliest
beginnings come first, many at once. Both ways end at the same translation.

Shapes: `B` sentences, `N` beginnings looked at together, `T` words of the longest.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from allyouneed.decoding.beam_search import Hypothesis, beam, length_penalty, limits
from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models.seq2seq import Memory, Translator


@dataclass(frozen=True)
class Optimum:
    """The best translation there is, if the search came to its end.

    Attributes:
        best: it, or the best so far.
        proven: whether every other translation is worse for certain.
        opened: beginnings whose next words were looked at.
    """

    best: Hypothesis
    proven: bool
    opened: int


@torch.no_grad()
def exact_search(
    model: Translator,
    source: Tensor,
    *,
    alpha: float = 0.0,
    extra: int = 50,
    most: int = 20_000,
    together: int = 64,
) -> list[Optimum]:
    """The translation of the highest score, for each sentence of `source` (B, S).

    The score and the longest length are those of `beam`. A length penalty makes a later
    end worth more, so fewer beginnings can be dropped: much slower than `alpha` 0.

    Args:
        model: any translator; nothing needs to be known of its memory.
        source: padded at the end.
        alpha: of the length penalty.
        extra: words that a translation may be longer than its source.
        most: beginnings after which a sentence is given up, its optimum unproven.
        together: beginnings looked at in one batch, of all sentences.

    Raises:
        ValueError: `most` or `together` is below 1, `alpha` below 0.
    """
    for name, value in (("most", most), ("together", together)):
        if value < 1:
            raise ValueError(f"{name}={value}: give at least 1")
    bounds = beam(model, source, alpha=alpha, extra=extra)
    memory = model.encode(source)
    searches = [
        _Search(bound, limit, alpha, most)
        for bound, limit in zip(bounds, limits(model, source, extra), strict=True)
    ]
    while rows := [i for i, search in enumerate(searches) if search.goes_on()]:
        rows = rows[:together]
        group = [(i, b) for i in rows for b in searches[i].take(together // len(rows))]
        steps = _next_words(model, memory, group, source.device)
        for (i, beginning), step in zip(group, steps, strict=True):
            searches[i].extend(beginning, step)
    return [Optimum(s.best, not s.hopeful(), s.opened) for s in searches]


Beginning = tuple[float, list[int]]  # minus its log-probability, and its words


@dataclass
class _Search:
    """A sentence's beginnings still open, as a heap: the likeliest is the first."""

    best: Hypothesis
    limit: int
    alpha: float
    most: int
    opened: int = 0
    open_: list[Beginning] = field(default_factory=lambda: [(0.0, [BOS])])

    @property
    def least(self) -> float:
        """What the log-probability of a beginning must exceed to be of any use."""
        return self.best.score * float(length_penalty(self.limit, alpha=self.alpha))

    def hopeful(self) -> bool:
        """Whether an open beginning might still lead to something better."""
        return bool(self.open_) and -self.open_[0][0] > self.least

    def goes_on(self) -> bool:
        """Whether there is something to look at, and leave to do so."""
        return self.opened < self.most and self.hopeful()

    def take(self, count: int) -> list[Beginning]:
        """The likeliest beginnings that are of use, at most so many."""
        group: list[Beginning] = []
        while len(group) < count and self.goes_on():
            group.append(heapq.heappop(self.open_))
            self.opened += 1
        return group

    def extend(self, beginning: Beginning, step: Tensor) -> None:
        """Note the end among the next words (V,), and open what may beat the best."""
        cost, words = beginning
        logp = step - cost
        self._finish(words[1:], logp[EOS].item(), len(words))
        for word in (logp > self.least).nonzero().flatten().tolist():
            if word == EOS:
                continue
            longer, value = [*words, word], logp[word].item()
            if len(words) == self.limit:
                self._finish(longer[1:], value, self.limit)
            else:
                heapq.heappush(self.open_, (-value, longer))

    def _finish(self, words: list[int], logp: float, length: int) -> None:
        score = logp / float(length_penalty(length, alpha=self.alpha))
        if score > self.best.score:
            self.best = Hypothesis(words, score)


def _next_words(
    model: Translator,
    memory: Memory,
    group: Sequence[tuple[int, Beginning]],
    device: torch.device,
) -> Tensor:
    """Log-probabilities of all next words of beginnings, each of a sentence: (N, V)."""
    rows = torch.tensor([row for row, _ in group], device=device)
    texts = [torch.tensor(words) for _, (_, words) in group]
    last = torch.tensor([len(words) - 1 for words in texts], device=device)
    copy = memory.streaming()
    copy.select(rows)
    padded = torch.nn.utils.rnn.pad_sequence(texts, batch_first=True, padding_value=PAD)
    scores = model.decode(padded.to(device), copy)
    return scores[torch.arange(len(last), device=device), last].float().log_softmax(-1)
