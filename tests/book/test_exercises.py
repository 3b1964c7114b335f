"""What a reader is told, by answer; the words are those a notebook stores."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from allyouneed.book.exercises import attempt, check

HINT = "Look at the axis."


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLYOUNEED_STRICT", raising=False)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (3, 3.0),
        (0.1 + 0.2, 0.3),
        (torch.ones(2, 2), [[1, 1], [1, 1]]),
        ([True, False], torch.tensor([True, False])),
        (torch.ones(2, requires_grad=True), torch.ones(2)),
        (torch.tensor([-torch.inf, torch.nan]), torch.tensor([-torch.inf, torch.nan])),
        ("diagonal", "diagonal"),
        ({"a"}, {"a"}),
        (None, None),
        ([], []),
        (torch.ones(2), np.ones(2)),
        (np.array(["a", "b"]), ["a", "b"]),
    ],
)
def test_right_answers(answer: object, expected: object) -> None:
    assert check(answer, expected, hint=HINT).state == "right"


@pytest.mark.parametrize(
    ("answer", "expected", "said"),
    [
        (3, 4, "3 is not it"),
        (0.3003, 0.3, "0.3003 is not it"),
        ("three", 3, "str where numbers belong"),
        ({3}, 3, "set where numbers belong"),
        ("row", "diagonal", "'row' is not it"),
        (3, [3], r"shape \(\) where \(1,\) belongs"),
        (torch.ones(2, 3), torch.ones(3, 2), r"shape \(2, 3\) where \(3, 2\) belongs"),
        (np.array([1, 2]), "x", r"\[1, 2\] is not it"),
        ([1, 2, 3], [1, 2, 4], "1 of 3 numbers differs"),
        ([1, 2, 3], [1, 0, 4], "2 of 3 numbers differ"),
        (torch.tensor([-torch.inf]), torch.tensor([torch.inf]), "1 of 1 numbers"),
    ],
)
def test_wrong_answers_say_what_is_wrong(
    answer: object, expected: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    feedback = check(answer, expected, hint=HINT)
    assert feedback.state == "wrong"
    assert feedback.message.endswith(HINT)
    monkeypatch.setenv("ALLYOUNEED_STRICT", "1")
    with pytest.raises(AssertionError, match=said):
        check(answer, expected, hint=HINT)


@pytest.mark.parametrize("answer", [..., None])
def test_an_open_exercise_is_no_error_even_under_test(
    answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLYOUNEED_STRICT", "1")
    assert check(answer, 3, hint=HINT).state == "open"


def test_tolerance_is_the_authors_choice() -> None:
    assert check(0.33, 1 / 3, hint=HINT, tolerance=0.01).state == "right"


def test_what_a_notebook_shows_is_escaped() -> None:
    shown = check("<b>", "a", hint=HINT)._repr_mimebundle_()
    assert "<b>" not in shown["text/html"]
    assert shown["text/plain"].startswith("✗ Not yet: '<b>' is not it.")


def test_a_hint_is_required() -> None:
    with pytest.raises(ValueError, match="hint"):
        check(1, 1, hint=" ")


def blank_in_the_middle(x: torch.Tensor) -> torch.Tensor:
    scores = ...
    return scores.softmax(-1) @ x  # type: ignore[attr-defined]


def blank_at_the_end(x: torch.Tensor) -> object:
    [x] = ...  # type: ignore[misc]
    return x


@pytest.mark.parametrize("unwritten", [blank_in_the_middle, blank_at_the_end])
def test_code_that_still_holds_blanks_is_open(
    unwritten: Callable[[torch.Tensor], object],
) -> None:
    answer = attempt(lambda: unwritten(torch.ones(2)))
    assert check(answer, torch.ones(2), hint=HINT).state == "open"


def test_what_is_written_is_run_and_its_own_errors_are_raised() -> None:
    assert check(attempt(lambda: 2 + 2), 4, hint=HINT).state == "right"
    with pytest.raises(TypeError, match="unsupported operand"):
        attempt(lambda: "2" - 2)
