"""Beam search, and a look at each of its steps (section 6.1).

Shapes: `B` sentences still open, `K` beams of each, `t` words so far, `V` words of the
vocabulary. A sentence leaves the batch when it is done and costs nothing more.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from allyouneed.decoding.next_words import checked, largest, limits
from allyouneed.ground.special_tokens import BOS, EOS
from allyouneed.models.seq2seq import Memory, Translator


def length_penalty(length: int | Tensor, *, alpha: float = 0.6) -> float | Tensor:
    """What a log-probability is divided by (Wu et al., 2016): ((5 + length) / 6)^alpha.

    >>> length_penalty(1), round(length_penalty(13), 3)
    (1.0, 1.933)
    """
    return ((5 + length) / 6) ** alpha


@dataclass
class Hypothesis:
    """A finished translation and its log-probability over the length penalty."""

    words: list[int]
    score: float


class Step(NamedTuple):
    """One step of a search: 2 K candidates of each open sentence, the likeliest first.

    Attributes:
        rows: which sentence of the batch each is, (B,).
        words: the hypotheses before the step, BOS first, (B, K, t).
        logp: log-probability of each candidate, (B, 2 K).
        parent: which hypothesis it continues, (B, 2 K).
        word: the word that it adds, (B, 2 K).
        ends: whether the candidate is an end that counts, of the first K, (B, K).
        kept: the candidates that stay open, the likeliest first, (B, K).
    """

    rows: Tensor
    words: Tensor
    logp: Tensor
    parent: Tensor
    word: Tensor
    ends: Tensor
    kept: Tensor

    def followed(self) -> Tensor:
        """The rows of the memory that the open hypotheses now continue: (B * K,)."""
        parent = self.parent.gather(1, self.kept)
        first = torch.arange(0, parent.numel(), parent.shape[1], device=parent.device)
        return (first[:, None] + parent).flatten()


def beam(
    model: Translator,
    source: Tensor,
    *,
    beams: int = 4,
    alpha: float = 0.6,
    extra: int = 50,
) -> list[Hypothesis]:
    """The best finished translation that `beams` open ones lead to, for each sentence.

    The defaults are the paper's. A sentence is done when `beams` hypotheses have ended,
    when no open one can still beat the best, or at the source's length plus `extra`
    words. The end word counts in the length and is left out of the result.

    Raises:
        ValueError: `beams` is below 1, or `alpha` below 0.
    """
    best = [Hypothesis([], -torch.inf) for _ in source]
    deque(beam_steps(model, source, best, beams=beams, alpha=alpha, extra=extra), 0)
    return best


@torch.no_grad()
def beam_steps(
    model: Translator,
    source: Tensor,
    best: list[Hypothesis],
    *,
    beams: int = 4,
    alpha: float = 0.6,
    extra: int = 50,
) -> Iterator[Step]:
    """The steps of `beam` while it is at work; it runs through them itself.

    `best` holds what was found so far, one for each sentence, and is kept up to date.

    Raises:
        ValueError: `beams` is below 1, or `alpha` below 0.
    """
    if beams < 1:
        raise ValueError(f"{beams=}: give at least 1, which is greedy search")
    if not alpha >= 0:
        raise ValueError(f"{alpha=}: give 0 for no penalty, or more")
    most = torch.tensor(limits(model, source, extra), device=source.device)
    memory = model.encode(source).streaming(beams)
    search = _Search.start(most, beams, alpha)
    while len(search.rows):
        scores = model.decode(search.words[..., -1].reshape(-1, 1), memory)[:, -1]
        step = search.extend(checked(scores).float(), best)
        memory.follow(step.followed())
        yield step
        search.drop_finished(memory, best)


@dataclass
class _Search:
    """The open hypotheses: words (B, K, t) and log-probabilities (B, K) of each row."""

    rows: Tensor  # which sentence of the batch this is
    limits: Tensor
    words: Tensor
    logp: Tensor
    ended: Tensor  # how many hypotheses of the row have met their end word
    alpha: float

    @classmethod
    def start(cls, limits: Tensor, beams: int, alpha: float) -> "_Search":
        rows = torch.arange(len(limits), device=limits.device)
        words = rows.new_full((len(rows), beams, 1), BOS)
        logp = torch.full((len(rows), beams), -torch.inf, device=limits.device)
        logp[:, 0] = 0.0  # all beams are the same empty sentence: count it once
        return cls(rows, limits, words, logp, torch.zeros_like(rows), alpha)

    def extend(self, scores: Tensor, best: list[Hypothesis]) -> Step:
        """Add one word to each open beam, given scores (B * K, V)."""
        beams, length = self.logp.shape[1], self.words.shape[-1]
        logp, parent, word = self._candidates(scores)
        ends = word == EOS
        top_ends = ends[:, :beams] & logp[:, :beams].isfinite()
        ending = logp[:, :beams].where(top_ends, -torch.inf)
        self.finish(ending, self._follow(parent[:, :beams]), length, best)
        self.ended = self.ended + top_ends.sum(-1)
        self.logp, kept = logp.masked_fill(ends, -torch.inf).topk(beams)
        step = Step(self.rows, self.words, logp, parent, word, top_ends, kept)
        parent, word = parent.gather(1, kept), word.gather(1, kept)
        self.words = torch.cat((self._follow(parent), word[..., None]), dim=-1)
        full = self.logp.where((self.limits == length)[:, None], -torch.inf)
        self.finish(full, self.words, length, best)
        return step

    def _candidates(self, scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The 2 K best ways to go on: log-probability, parent beam, word (B, 2 K).

        K of them at least do not end here.
        """
        wanted = 2 * self.logp.shape[1]
        top, word = largest(scores.log_softmax(-1), wanted)
        logp = (self.logp.flatten()[:, None] + top).view(len(self.rows), -1)
        logp, choice = logp.topk(wanted)
        word = word.view(len(self.rows), -1).gather(1, choice)
        return logp, choice // top.shape[-1], word

    def _follow(self, parent: Tensor) -> Tensor:
        """The words so far of each beam's parent: (B, K) -> (B, K, t)."""
        length = self.words.shape[-1]
        return self.words.gather(1, parent[..., None].expand(-1, -1, length))

    def finish(
        self, logp: Tensor, words: Tensor, length: int, best: list[Hypothesis]
    ) -> None:
        """Note each row's best hypothesis of these (B, K), where it is a new best."""
        top, beam = (logp / length_penalty(length, alpha=self.alpha)).max(-1)
        for i, (row, score) in enumerate(
            zip(self.rows.tolist(), top.tolist(), strict=True)
        ):
            if score > best[row].score:
                best[row] = Hypothesis(words[i, beam[i], 1:].tolist(), score)

    def drop_finished(self, memory: Memory, best: list[Hypothesis]) -> None:
        """Close the sentences that cannot improve."""
        beams = self.logp.shape[1]
        hope = self.logp[:, 0] / length_penalty(self.limits, alpha=self.alpha)
        reached = hope.new_tensor([best[row].score for row in self.rows.tolist()])
        open_ = (hope > reached) & (self.ended < beams)
        keep = (open_ & (self.words.shape[-1] <= self.limits)).nonzero().squeeze(-1)
        if len(keep) == len(open_):
            return
        memory.select(keep)
        for name in ("rows", "limits", "words", "logp", "ended"):
            setattr(self, name, getattr(self, name)[keep])
