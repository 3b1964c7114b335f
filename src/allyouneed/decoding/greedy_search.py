"""From scores to sentences: one word after the other, or whole texts at once.

Shapes: `B` sentences still open, `V` words. A translator is a model with `encode` and
`decode`. Its memory can be reordered, so a sentence leaves the batch when it ends and
costs nothing more. Beam search has a module of its own, `beam_search`.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from allyouneed.data.subwords import Subwords
from allyouneed.decoding.beam_search import Hypothesis, beam, length_penalty
from allyouneed.decoding.next_words import checked, likeliest, limits
from allyouneed.ground.plain_text import tidy
from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models.seq2seq import Translator, longest

__all__ = [
    "Hypothesis",
    "beam",
    "greedy",
    "length_penalty",
    "translate",
    "word_by_word",
]


def greedy(model: Translator, source: Tensor, *, extra: int = 50) -> list[list[int]]:
    """The likeliest next word, again and again: B lists of ids, the end word left out.

    A sentence stops at its end word, or at the source's length plus `extra` words.
    """
    return word_by_word(model, source, likeliest, extra=extra)


@torch.no_grad()
def word_by_word(
    model: Translator,
    source: Tensor,
    choose: Callable[[Tensor], Tensor],
    *,
    extra: int = 50,
) -> list[list[int]]:
    """The word that `choose` takes from the scores (B, V) -> (B,), again and again.

    A sentence stops at its end word, or at the source's length plus `extra` words.

    Raises:
        FloatingPointError: the scores are no numbers: the model is broken.
    """
    most = limits(model, source, extra)
    sentences: list[list[int]] = [[] for _ in most]
    memory = model.encode(source).streaming()
    rows = torch.arange(len(most), device=source.device)
    words = torch.full_like(rows, BOS)
    while len(rows):
        words = choose(checked(model.decode(words[:, None], memory)[:, -1]))
        open_ = []
        for i, (row, word) in enumerate(
            zip(rows.tolist(), words.tolist(), strict=True)
        ):
            if word != EOS:
                sentences[row].append(word)
                if len(sentences[row]) < most[row]:
                    open_.append(i)
        if len(open_) < len(rows):
            keep = rows.new_tensor(open_)
            memory.select(keep)
            rows, words = rows[keep], words[keep]
    return sentences


def translate(
    model: Translator,
    subwords: Subwords,
    sentences: Sequence[str],
    *,
    beams: int = 1,
    alpha: float = 0.6,
    extra: int = 50,
    tokens: int = 4096,
    device: torch.device | None = None,
) -> list[str]:
    """Translate sentences, at most `tokens` source tokens times beams at once.

    Each is made `tidy`, as those were that the model has learnt from. None becomes
    longer than its source by more than `extra` sub-words. One that is longer than the
    model's learned positions becomes "", with a warning.

    Raises:
        ValueError: a sentence is blank, all are too long, `sentences` is but one, or
            `beams` is below 1.
        FloatingPointError: the scores are no numbers: the model is broken.
    """
    if beams < 1:
        raise ValueError(f"{beams=}: give at least 1, which is greedy search")
    if isinstance(sentences, str):
        raise ValueError(f"{sentences=} is a string: give a list of sentences")
    encoded = [[*subwords.encode(tidy(sentence)), EOS] for sentence in sentences]
    for i, ids in enumerate(encoded):
        if len(ids) == 1:
            raise ValueError(f"sentences[{i}]={sentences[i]!r} is blank: leave it out")
    out = [""] * len(encoded)
    for rows in _of_like_length(_readable(model, encoded), tokens // beams):
        source = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(encoded[row]) for row in rows],
            batch_first=True,
            padding_value=PAD,
        ).to(device)
        if beams == 1:
            found = greedy(model, source, extra=extra)
        else:
            best = beam(model, source, beams=beams, alpha=alpha, extra=extra)
            found = [hypothesis.words for hypothesis in best]
        for row, ids in zip(rows, found, strict=True):
            out[row] = subwords.decode(ids)
    return out


def _readable(model: Translator, encoded: list[list[int]]) -> dict[int, int]:
    """Lengths of the sentences, without those that the model has no positions for."""
    lengths, bound = dict(enumerate(map(len, encoded))), longest(model)
    if bound is None:
        return lengths
    kept = {row: length for row, length in lengths.items() if length <= bound}
    for row in [row for row in lengths if row not in kept]:
        problem = (
            f"sentences[{row}] has {lengths[row]} sub-words with its end, this model "
            f"learned positions for {bound}"
        )
        if not kept:
            raise ValueError(f"{problem}: make it shorter")
        warnings.warn(f"{problem}: it is not translated", stacklevel=3)
    return kept


def _of_like_length(lengths: dict[int, int], tokens: int) -> Iterator[list[int]]:
    """Group rows, longest first, so that a group's padded size stays under `tokens`."""
    group: list[int] = []
    for row in sorted(lengths, key=lambda row: -lengths[row]):
        if group and (len(group) + 1) * lengths[group[0]] > tokens:
            yield group
            group = []
        group.append(row)
    if group:
        yield group
