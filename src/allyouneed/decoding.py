"""From scores to sentences: greedy and beam search (section 6.1).

Shapes: `B` sentences still open, `K` beams of each, `V` words. A translator is a model
with `encode` and `decode`. Its memory can be reordered, so a sentence leaves the batch
when it ends and costs nothing more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from allyouneed.text import BOS, EOS, PAD, Subwords


class Memory(Protocol):
    """An encoded source that can also remember what was decoded from it."""

    def streaming(self) -> "Memory":
        """A copy that remembers."""

    def select(self, rows: Tensor) -> None:
        """Keep these rows, in this order."""


class Translator(Protocol):
    """What decoding, training and evaluation need of a model."""

    def encode(self, source: Tensor) -> Any:
        """Read the source (B, S) into a `Memory`."""

    def decode(self, target: Tensor, memory: Any) -> Tensor:
        """Score the next words: (B, T) -> (B, T, V)."""


def length_penalty(length: int | Tensor, *, alpha: float = 0.6) -> float | Tensor:
    """What a log-probability is divided by (Wu et al., 2016): ((5 + length) / 6)^alpha.

    >>> length_penalty(1), round(length_penalty(13), 3)
    (1.0, 1.933)
    """
    return ((5 + length) / 6) ** alpha


@torch.no_grad()
def greedy(model: Translator, source: Tensor, *, extra: int = 50) -> list[list[int]]:
    """The likeliest next word, again and again: B lists of ids, the end word left out.

    A sentence stops at its end word, or at the source's length plus `extra` words.
    """
    limits = _limits(source, extra)
    sentences: list[list[int]] = [[] for _ in limits]
    memory = model.encode(source).streaming()
    rows = torch.arange(len(limits), device=source.device)
    words = torch.full_like(rows, BOS)
    while len(rows):
        words = model.decode(words[:, None], memory)[:, -1].argmax(-1)
        open_ = torch.zeros_like(rows, dtype=torch.bool)
        for i, (row, word) in enumerate(
            zip(rows.tolist(), words.tolist(), strict=True)
        ):
            if word != EOS:
                sentences[row].append(word)
                open_[i] = len(sentences[row]) < limits[row]
        if not open_.all():
            keep = open_.nonzero().squeeze(-1)
            memory.select(keep)
            rows, words = rows[keep], words[keep]
    return sentences


@dataclass
class Hypothesis:
    """A finished translation and its log-probability over the length penalty."""

    words: list[int]
    score: float


@torch.no_grad()
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
    if beams < 1:
        raise ValueError(f"{beams=}: give at least 1, which is greedy search")
    if alpha < 0:
        raise ValueError(f"{alpha=}: give 0 for no penalty, or more")
    limits = torch.tensor(_limits(source, extra), device=source.device)
    best = [Hypothesis([], -torch.inf) for _ in limits]
    memory = model.encode(source).streaming()
    search = _Search.start(memory, limits, beams, alpha)
    while len(search.rows):
        scores = model.decode(search.words[..., -1].reshape(-1, 1), memory)[:, -1]
        search.extend(scores.float().log_softmax(-1), best)
        search.drop_finished(memory, best)
    return best


@dataclass
class _Search:
    """The open hypotheses: words (B, K, t) and log-probabilities (B, K) of each row."""

    rows: Tensor  # which sentence of the batch this is
    limits: Tensor
    words: Tensor
    logp: Tensor
    origin: Tensor  # (B, K): the row of the memory that each beam continues
    ended: Tensor  # how many hypotheses of the row have met their end word
    alpha: float

    @classmethod
    def start(
        cls, memory: Memory, limits: Tensor, beams: int, alpha: float
    ) -> "_Search":
        rows = torch.arange(len(limits), device=limits.device)
        memory.select(rows.repeat_interleave(beams))
        words = rows.new_full((len(rows), beams, 1), BOS)
        logp = torch.full((len(rows), beams), -torch.inf, device=limits.device)
        logp[:, 0] = 0.0  # all beams are the same empty sentence: count it once
        origin = torch.arange(logp.numel(), device=limits.device).view_as(logp)
        return cls(rows, limits, words, logp, origin, torch.zeros_like(rows), alpha)

    def extend(self, step: Tensor, best: list[Hypothesis]) -> None:
        """Add one word to each open beam, given (B * K, V) log-probabilities."""
        beams, length = self.logp.shape[1], self.words.shape[-1]
        flat = (self.logp[..., None] + step.view(*self.logp.shape, -1)).flatten(1)
        logp, choice = flat.topk(2 * beams)  # K of them at least do not end here
        parent, word = choice // step.shape[-1], choice % step.shape[-1]
        ends = word == EOS
        top_ends = ends[:, :beams] & logp[:, :beams].isfinite()
        ending = logp[:, :beams].where(top_ends, -torch.inf)
        self.finish(ending, self._follow(parent[:, :beams]), length, best)
        self.ended = self.ended + top_ends.sum(-1)
        self.logp, kept = logp.masked_fill(ends, -torch.inf).topk(beams)
        parent, word = parent.gather(1, kept), word.gather(1, kept)
        self.words = torch.cat((self._follow(parent), word[..., None]), dim=-1)
        self.origin = self.origin[:, :1] + parent
        full = self.logp.where((self.limits == length)[:, None], -torch.inf)
        self.finish(full, self.words, length, best)

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
        """Close the sentences that cannot improve and reorder the memory's rows."""
        beams = self.logp.shape[1]
        hope = self.logp[:, 0] / length_penalty(self.limits, alpha=self.alpha)
        reached = hope.new_tensor([best[row].score for row in self.rows.tolist()])
        open_ = (hope > reached) & (self.ended < beams)
        keep = (open_ & (self.words.shape[-1] <= self.limits)).nonzero().squeeze(-1)
        memory.select(self.origin[keep].flatten())
        for name in ("rows", "limits", "words", "logp", "ended"):
            setattr(self, name, getattr(self, name)[keep])
        count = self.logp.numel()
        self.origin = torch.arange(count, device=keep.device).view_as(self.logp)


def translate(
    model: Translator,
    subwords: Subwords,
    sentences: Sequence[str],
    *,
    beams: int = 1,
    alpha: float = 0.6,
    tokens: int = 4096,
    device: torch.device | None = None,
) -> list[str]:
    """Translate sentences, at most `tokens` source tokens times beams at once.

    Raises:
        ValueError: a sentence is blank.
    """
    encoded = [[*subwords.encode(sentence), EOS] for sentence in sentences]
    for i, ids in enumerate(encoded):
        if len(ids) == 1:
            raise ValueError(f"sentences[{i}]={sentences[i]!r} is blank: leave it out")
    out = [""] * len(encoded)
    for rows in _of_like_length([len(ids) for ids in encoded], tokens // beams):
        source = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(encoded[row]) for row in rows],
            batch_first=True,
            padding_value=PAD,
        ).to(device)
        if beams == 1:
            found = greedy(model, source)
        else:
            found = [h.words for h in beam(model, source, beams=beams, alpha=alpha)]
        for row, ids in zip(rows, found, strict=True):
            out[row] = subwords.decode(ids)
    return out


def _limits(source: Tensor, extra: int) -> list[int]:
    if extra < 1:
        raise ValueError(f"{extra=}: a translation needs room for at least 1 word")
    return ((source != PAD).sum(-1) + extra).tolist()


def _of_like_length(lengths: list[int], tokens: int) -> Iterator[list[int]]:
    """Group rows, longest first, so that a group's padded size stays under `tokens`."""
    group: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if group and (len(group) + 1) * lengths[group[0]] > tokens:
            yield group
            group = []
        group.append(row)
    if group:
        yield group
