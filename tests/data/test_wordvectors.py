"""Word vectors against counting by hand and against what company must tell."""

import math
from itertools import product
from random import Random

import pytest
import torch

from allyouneed.data.wordvectors import word_vectors

TEXT = [
    ["the", "cat", "sees", "the", "dog"],
    ["a", "dog", "sees", "a", "cat"],
    ["the", "old", "dog", "sleeps"],
]


def test_full_width_gives_back_the_information_counted_by_hand() -> None:
    words, vectors = word_vectors(TEXT, window=2, width=7)
    meetings = dict.fromkeys(product(words, words), 0)
    for sentence in TEXT:
        for i, j in product(range(len(sentence)), repeat=2):
            if 0 < abs(i - j) <= 2:
                meetings[sentence[i], sentence[j]] += 1
    total = sum(meetings.values())
    alone = {a: sum(meetings[a, b] for b in words) / total for a in words}
    wanted = torch.zeros(7, 7, dtype=torch.float64)
    for i, j in product(range(7), repeat=2):
        if share := meetings[words[i], words[j]] / total:
            information = math.log(share / (alone[words[i]] * alone[words[j]]))
            wanted[i, j] = max(information, 0.0)
    signs = torch.linalg.eigvalsh(wanted)
    signs = signs[signs.abs().argsort(descending=True)].sign()
    torch.testing.assert_close(vectors * signs @ vectors.T, wanted)


def test_words_of_the_same_company_are_similar() -> None:
    random = Random(0)
    sides = [("cat", "dog", "eats", "sleeps"), ("rock", "hill", "lies", "stands")]
    text = [
        [random.choice(side[:2]), random.choice(side[2:])]
        for side in sides
        for _ in range(50)
    ]
    words, vectors = word_vectors(text, width=4)
    cosines = torch.nn.functional.normalize(vectors, dim=-1)
    cosines = cosines @ cosines.T

    def likeness(a: str, b: str) -> float:
        return cosines[words.index(a), words.index(b)].item()

    assert likeness("cat", "dog") > 0.9
    assert abs(likeness("cat", "rock")) < 0.1


def test_rare_words_keep_others_apart() -> None:
    near, _ = word_vectors([["a", "b"]] * 3, size=2, window=1, width=1)
    assert set(near) == {"a", "b"}
    with pytest.raises(ValueError, match="several words"):
        word_vectors([["a", "x", "b"], ["a"], ["b"]], size=2, window=1, width=1)


def test_sentences_do_not_meet() -> None:
    with pytest.raises(ValueError, match="several words"):
        word_vectors([["a"], ["b"]], width=1)


def test_too_wide() -> None:
    with pytest.raises(ValueError, match="width=8"):
        word_vectors(TEXT, width=8)
