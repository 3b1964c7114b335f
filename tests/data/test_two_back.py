"""Two look-ups at once: the answers are the words before, and twins stay twins."""

import pytest
import torch

from allyouneed.data import two_back
from allyouneed.data.two_back import TwoBack


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_answers_are_the_two_words_before() -> None:
    tokens, before = two_back.questions(50, generator=seeded())
    for row, answers in zip(tokens.tolist(), before.tolist(), strict=True):
        assert answers == [[row[i - 1], row[i - 2]] for i in range(2, len(row))]


def test_four_words_before_can_be_asked_and_none_that_is_not_there() -> None:
    tokens, before = two_back.questions(9, back=4, generator=seeded())
    for row, answers in zip(tokens.tolist(), before.tolist(), strict=True):
        assert answers == [row[i - 4 : i][::-1] for i in range(4, len(row))]
    model = TwoBack(4, back=4)
    assert model(tokens).shape == (*before.shape, two_back.WORDS)
    looks = two_back.looks_back(model, generator=seeded())
    assert looks.shape == (4, 4)
    assert bool((looks.sum(1) < 1).all())
    with pytest.raises(ValueError, match="back=8: ask for 1 to 7 words before"):
        two_back.questions(1, back=8, generator=seeded())


def test_an_answer_depends_on_what_stands_before_and_on_nothing_behind() -> None:
    torch.manual_seed(0)
    model = TwoBack(2)
    tokens, _ = two_back.questions(1, generator=seeded())
    other = tokens.clone()
    other[0, 5] = (other[0, 5] + 1) % two_back.WORDS
    moved = (model(tokens) - model(other)).abs().amax((0, 2, 3)) > 1e-6
    assert moved.tolist() == [False] * 3 + [True] * 3


def test_practice_teaches_two_heads_to_look_at_one_word_each() -> None:
    torch.manual_seed(0)
    model = TwoBack(2)
    untaught = two_back.both_right(model, generator=seeded(9))
    updates = two_back.practise(model, steps=250, rate=0.01, generator=seeded())
    losses = list(updates)
    assert losses[-1] < losses[0] / 10
    assert untaught < 0.1
    assert two_back.both_right(model, generator=seeded(9)) > 0.9
    looks = two_back.looks_back(model, generator=seeded(8))
    assert looks.shape == (2, 2)
    assert looks.amax(1).min() > 0.8
    assert looks.argmax(1).unique().numel() == 2


def test_only_exact_twins_stay_twins() -> None:
    distances = []
    for noise in (0.0, 1e-3):
        torch.manual_seed(0)
        model = TwoBack(2)
        two_back.make_twins(model.look, noise=noise)
        assert two_back.apart(model.look) == 0
        for _ in two_back.practise(model, steps=60, rate=0.01, generator=seeded()):
            pass
        distances.append(two_back.apart(model.look))
    exact, nudged = distances
    assert exact < 1e-4
    assert nudged > 0.1


def test_twins_of_four_heads_are_refused() -> None:
    with pytest.raises(ValueError, match=r"layer\.heads=4.*give a layer with 2"):
        two_back.make_twins(TwoBack(4).look)
