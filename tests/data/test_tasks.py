"""Each task's answers are those of a plain solver, and no question is left out."""

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import torch

from allyouneed.data import tasks
from allyouneed.data.tasks import BLANK, EIGHT, FIRST, MARK, SEPARATOR, SILENT, Task

Tokens = list[int]


def recalled(question: Tokens) -> Tokens:
    *pairs, _, asked = question
    return [dict(zip(pairs[::2], pairs[1::2], strict=True))[asked]]


SOLVERS: dict[type[Task], Callable[[Tokens], Tokens]] = {
    tasks.Copy: lambda q: q[:-1],
    tasks.Reverse: lambda q: q[-2::-1],
    tasks.Sort: lambda q: sorted(q[:-1]),
    tasks.SelectiveCopy: lambda q: [x for x in q[:-1] if x != BLANK],
    tasks.Recall: recalled,
    tasks.Needle: lambda q: [q[q.index(MARK) + 1]],
    tasks.Parity: lambda q: [FIRST + q[:-1].count(FIRST + 1) % 2],
    tasks.FirstOfTwo: lambda q: [next(x for x in q if x in (FIRST, FIRST + 1))],
}
EXAMPLES = {kind: kind(length=8) for kind in EIGHT} | {
    tasks.Recall: tasks.Recall(length=8, symbols=5)
}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def split(tokens: Tokens, targets: Tokens) -> tuple[Tokens, Tokens]:
    """The question as the model reads it, and the answer."""
    silent = targets.count(SILENT)
    assert targets[:silent] == [SILENT] * silent
    return tokens[: silent + 1], targets[silent:]


@pytest.mark.parametrize("kind", EIGHT)
def test_answers_are_those_of_a_plain_solver(kind: type[Task]) -> None:
    task = EXAMPLES[kind]
    batch = task.draw(300, generator=seeded())
    assert batch.tokens.shape == batch.targets.shape
    for tokens, targets in zip(*(x.tolist() for x in batch), strict=True):
        question, answer = split(tokens, targets)
        assert answer == SOLVERS[kind](question)
        assert tokens == question + answer[:-1]
        assert question.count(SEPARATOR) == 1
        assert question.index(SEPARATOR) == task.length
        assert max(tokens + answer) < task.vocab


@pytest.mark.parametrize("kind", EIGHT)
def test_every_place_matters_and_every_answer_comes(kind: type[Task]) -> None:
    task = EXAMPLES[kind]
    tokens, targets = task.draw(4000, generator=seeded(1))
    answers = targets[:, -1].bincount()
    answers = answers[answers > 0] / len(targets)
    if kind is not tasks.Sort:  # whose last answer is mostly a high symbol
        assert answers.tolist() == pytest.approx(
            [1 / len(answers)] * len(answers), abs=0.03
        )
    for place in range(task.length):
        seen = tokens[:, place].unique()
        assert len(seen) > 1, f"place {place} is always the same"


def others(question: Tokens, place: int) -> Iterator[Tokens]:
    """The question with another symbol at that place, or one exchanged with it."""
    for symbol in {*question}:
        yield [*question[:place], symbol, *question[place + 1 :]]
    for there in range(len(question)):
        swapped = [*question]
        swapped[place], swapped[there] = swapped[there], swapped[place]
        yield swapped


def matters(kind: type[Task], place: int) -> bool:
    """Whether what stands there can change the answer."""
    tokens, targets = EXAMPLES[kind].draw(50, generator=seeded(2))
    for row, target in zip(tokens.tolist(), targets.tolist(), strict=True):
        question, answer = split(row, target)
        for other in others(question, place):
            with suppress(KeyError, ValueError, StopIteration):  # of another task
                if SOLVERS[kind](other) != answer:
                    return True
    return False


@pytest.mark.parametrize("kind", EIGHT)
def test_no_place_can_be_left_unread(kind: type[Task]) -> None:
    assert all(matters(kind, place) for place in range(EXAMPLES[kind].length))


def test_parity_turns_with_every_single_symbol() -> None:
    tokens, _ = tasks.Parity(length=9).draw(50, generator=seeded())
    counts = set()
    for row in tokens.tolist():
        answer = SOLVERS[tasks.Parity](row)
        counts.add(blanks := row.count(BLANK))
        assert row[:blanks] == [BLANK] * blanks
        for place in range(blanks, 9):
            flipped = list(row)
            flipped[place] = 2 * FIRST + 1 - row[place]
            assert SOLVERS[tasks.Parity](flipped) != answer
    assert counts == set(range(9))


@pytest.mark.parametrize("kind", EIGHT)
def test_chance_is_the_share_of_the_best_blind_guess(kind: type[Task]) -> None:
    task = kind(length=4, symbols=2 if kind is tasks.Parity else 3)
    _, targets = task.draw(30_000, generator=seeded())
    answers = Counter(tuple(x for x in row if x != SILENT) for row in targets.tolist())
    ((_, most),) = answers.most_common(1)
    assert most / 30_000 == pytest.approx(task.chance, abs=0.012, rel=0.15)


def test_chance_of_sorting_by_counting_every_question() -> None:
    for symbols, length in [(2, 5), (3, 4), (4, 3)]:
        every = itertools.product(range(symbols), repeat=length)
        most = max(Counter(tuple(sorted(q)) for q in every).values())
        task = tasks.Sort(symbols=symbols, length=length)
        assert task.chance == pytest.approx(most / symbols**length)


def test_the_question_and_nothing_else_decides_the_seed() -> None:
    for task in EXAMPLES.values():
        first, again, other = (task.draw(9, generator=seeded(s)) for s in (3, 3, 4))
        assert torch.equal(first.tokens, again.tokens)
        assert not torch.equal(first.tokens, other.tokens)


def test_sums_of_more_than_two_symbols() -> None:
    tokens, targets = tasks.Parity(symbols=5, length=6).draw(99, generator=seeded())
    digits = (tokens[:, :6] - FIRST).clamp(min=0)  # a blank counts nothing
    assert torch.equal(targets[:, -1] - FIRST, digits.sum(-1) % 5)
    assert math.isclose(tasks.Parity(symbols=5).chance, 0.2)


@pytest.mark.parametrize(
    ("kind", "wrong", "named"),
    [
        (tasks.Copy, {"symbols": 1}, "symbols=1"),
        (tasks.Sort, {"length": 1}, "length=1"),
        (tasks.SelectiveCopy, {"items": 0}, "items=0"),
        (tasks.SelectiveCopy, {"items": 11}, "items=11"),
        (tasks.Recall, {"length": 9}, "length=9"),
        (tasks.Recall, {"length": 16}, "keys=8"),
        (tasks.FirstOfTwo, {"symbols": 2}, "symbols=2"),
    ],
)
def test_tasks_that_cannot_be(
    kind: type[Task], wrong: dict[str, int], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        kind(**wrong)
