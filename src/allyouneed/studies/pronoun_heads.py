"""Whether one head of a translator decides what "it" means.

Every pair of `pronoun_pairs` is translated by the whole model, and once more without
each head. Beside it stands what a head looks at, and what else breaks without it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import torch

from allyouneed.data.pronoun_pairs import PronounPair
from allyouneed.data.subwords import Subwords
from allyouneed.decoding.greedy_search import translate
from allyouneed.ground.special_tokens import BOS, EOS
from allyouneed.models.head_pruning import prune
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.nn.attention import MultiHeadAttention, watch

SAID = re.compile(r"\bweil (er|sie|es)\b")
Head = tuple[str, int]
Translate = Callable[[Sequence[str]], list[str]]


def said(german: str) -> str:
    """The pronoun behind "weil"; "" if another word stands there.

    >>> said("Er schläft nicht, weil sie zu laut ist.")
    'sie'
    """
    found = SAID.search(german)
    return found[1] if found else ""


def heads(model: EncoderDecoder) -> list[Head]:
    """All heads, as the name of the layer and a number from 0."""
    return [
        (name, head)
        for name, layer in model.named_modules()
        if isinstance(layer, MultiHeadAttention)
        for head in range(layer.heads)
    ]


def without(model: EncoderDecoder, head: Head) -> EncoderDecoder:
    """A copy of the model that lacks the head."""
    name, gone = head
    others = [h for layer, h in heads(model) if layer == name and h != gone]
    return prune(model, {name: others}).eval()


@dataclass(frozen=True)
class Spoken:
    """The pronouns of the first and of the second sentence of each pair."""

    first: list[str]
    second: list[str]

    @classmethod
    def of(cls, pairs: Sequence[PronounPair], put: Translate) -> "Spoken":
        """Translate each sentence once; several pairs share one."""
        different = sorted({sentence for pair in pairs for sentence in pair.en})
        spoken = dict(zip(different, map(said, put(different)), strict=True))
        return cls(*([spoken[pair.en[i]] for pair in pairs] for i in (0, 1)))


def scores(
    pairs: Sequence[PronounPair], whole: Spoken, now: Spoken
) -> dict[str, float]:
    """Shares: right sentences and pairs, and what turned of those right before.

    `turned` counts a pronoun that became that of the pair's other noun: of all, and of
    the sentences where "it" means the subject and the object.
    """
    right, turned = [], []
    for i, (before, after) in enumerate(
        ((whole.first, now.first), (whole.second, now.second))
    ):
        due = [pair.pronouns[i] for pair in pairs]
        other = [pair.pronouns[1 - i] for pair in pairs]
        right.append([a == d for a, d in zip(after, due, strict=True)])
        turned.append(
            [
                a == o
                for a, b, d, o in zip(after, before, due, other, strict=True)
                if b == d
            ]
        )
    both = [a and b for a, b in zip(*right, strict=True)]
    return {
        "right": _share(right[0] + right[1]),
        "pairs": _share(both),
        "turned": _share(turned[0] + turned[1]),
        "turned_subject": _share(turned[0]),
        "turned_object": _share(turned[1]),
    }


def _share(true: Sequence[bool]) -> float:
    return round(sum(true) / max(1, len(true)), 4)


def study(
    model: EncoderDecoder,
    subwords: Subwords,
    pairs: Sequence[PronounPair],
    others: Sequence[str],
) -> dict[str, Any]:
    """Scores whole, without each head, and where each head looks.

    `others` are sentences without a puzzle: `changed` is the share of them that comes
    out differently without the head.
    """

    def by(one: EncoderDecoder) -> Translate:
        return lambda sentences: translate(one, subwords, sentences)

    whole, plain = Spoken.of(pairs, by(model)), by(model)(others)
    places = [Places(model, subwords, pair) for pair in pairs]
    lost = []
    for name, head in heads(model):
        smaller = by(without(model, (name, head)))
        changed = [a != b for a, b in zip(smaller(others), plain, strict=True)]
        lost.append(
            {"layer": name, "head": head, "changed": _share(changed)}
            | scores(pairs, whole, Spoken.of(pairs, smaller))
            | looks(places, name, head)
        )
    return {
        "pairs": len(pairs),
        "whole": scores(pairs, whole, whole),
        "without": lost,
    }


class Places:
    """Weights of a pair's two sentences, from where the pronoun is read or said.

    An encoder's row is that of "it"; a decoder's that of "weil", which says the
    pronoun next, in the reference. Columns are the two nouns of the source.
    """

    def __init__(
        self, model: EncoderDecoder, subwords: Subwords, pair: PronounPair
    ) -> None:
        self.rows = [
            self._look(model, subwords, en, de.partition(" weil ")[0] + " weil", pair)
            for en, de in zip(pair.en, pair.de, strict=True)
        ]

    @staticmethod
    @torch.no_grad()
    def _look(
        model: EncoderDecoder, subwords: Subwords, en: str, de: str, pair: PronounPair
    ) -> dict[Head, tuple[float, float]]:
        source, target = (subwords.encode(text) for text in (en, de))
        spans = word_spans(subwords.pieces(en))
        with watch(model) as seen:
            model(torch.tensor([[*source, EOS]]), torch.tensor([[BOS, *target]]))
        it, found = spans["it"].start, {}
        for name, (weights, *_) in seen.items():
            if name.startswith("decoder") and "cross" not in name:
                continue  # it sees German words alone
            row = weights[0, :, it if name.startswith("encoder") else -1]
            subject, thing = (row[:, list(spans[noun])].sum(-1) for noun in pair.nouns)
            for head, weights_of in enumerate(zip(subject, thing, strict=True)):
                found[name, head] = (float(weights_of[0]), float(weights_of[1]))
        return found


def looks(places: Sequence[Places], layer: str, head: int) -> dict[str, float]:
    """Mean weights, and how often they tell which sentence of a pair it is.

    `tells` is the share of pairs in which the head looks more at the object, compared
    with the subject, in the sentence whose "it" means the object; a half is chance.
    """
    if (layer, head) not in places[0].rows[0]:
        return {}
    both = [[row[layer, head] for row in place.rows] for place in places]
    lean = [[thing - subject for subject, thing in pair] for pair in both]
    count = 2 * len(both)
    means = [sum(w[i] for pair in both for w in pair) / count for i in (0, 1)]
    return {
        "at_subject": round(means[0], 4),
        "at_object": round(means[1], 4),
        "tells": _share([second > first for first, second in lean]),
    }


def word_spans(pieces: Sequence[str]) -> dict[str, range]:
    """Where each word lies among its sentence's pieces; of equal words, the first.

    >>> word_spans(["▁The", "▁bi", "cycle", "▁sings", "."])["bicycle"]
    range(1, 3)
    """
    starts = [i for i, piece in enumerate(pieces) if piece.startswith("▁")]
    spans: dict[str, range] = {}
    for start, end in zip(starts, [*starts[1:], len(pieces)], strict=True):
        word = "".join(pieces[start:end]).removeprefix("▁").rstrip(".,")
        spans.setdefault(word, range(start, end))
    return spans


def sample(sentences: Sequence[str], count: int, *, seed: int) -> list[str]:
    """So many of the sentences that hold no puzzle, drawn at random."""
    plain = [text for text in sentences if "because it" not in text]
    return Random(seed).sample(plain, count)
