"""Exercises that answer back: `check` tells a reader whether an answer is right.

A cell ends with `check(answer, expected, hint=...)`; an exercise still to be done holds
three dots where the answer belongs.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from numbers import Number
from typing import Literal

import numpy as np
import torch
from torch import Tensor

SIGNS = {"right": "✓", "wrong": "✗", "open": "…"}


@dataclass(frozen=True)
class Feedback:
    """What there is to say to an answer; a notebook shows it as a small card."""

    state: Literal["right", "wrong", "open"]
    message: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        body = f"{SIGNS[self.state]} {escape(self.message)}"
        card = f'<p class="answer answer-{self.state}"><strong>{body}</strong></p>'
        return {"text/html": card, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"{SIGNS[self.state]} {self.message}"


def check(
    answer: object, expected: object, *, hint: str, tolerance: float = 1e-4
) -> Feedback:
    """Say whether the answer is right, and if not, what to look at.

    Args:
        answer: Found by the reader: a tensor, a number, a list of numbers, a string.
            Three dots, or None as an unwritten function returns, wait for one.
        expected: What it must be.
        hint: Shown with a wrong answer: where to look, not what is right.
        tolerance: Largest difference, relative or absolute, that still counts as right.

    Raises:
        ValueError: the hint is blank.
        AssertionError: the answer is wrong and ALLYOUNEED_STRICT is 1.

    >>> check(2 + 2, 4, hint="Count again.")
    ✓ Right.
    >>> check(torch.ones(2), torch.ones(3), hint="One number for each key.")
    ✗ Not yet: shape (2,) where (3,) belongs. One number for each key.
    >>> check(..., 4, hint="Count again.")
    … Your turn: put your answer where the dots are and run the cell again.
    """
    if not hint.strip():
        raise ValueError(f"{hint=}: say where a reader with a wrong answer should look")
    if answer is ... or (answer is None and expected is not None):
        turn = "Your turn: put your answer where the dots are and run the cell again."
        return Feedback("open", turn)
    fault = _fault(answer, expected, tolerance)
    if fault is None:
        return Feedback("right", "Right.")
    if os.environ.get("ALLYOUNEED_STRICT") == "1":
        raise AssertionError(f"answer {answer!r}, expected {expected!r}: {fault}")
    return Feedback("wrong", f"Not yet: {fault}. {hint}")


def attempt(compute: Callable[[], object]) -> object:
    """What `compute` returns, or three dots while what it runs still holds blanks.

    So `check(attempt(lambda: mine(x)), expected, hint=...)` waits for code with three
    dots in the middle of it. Any other error of that code is raised.

    >>> blank = ...
    >>> attempt(lambda: blank + 1)
    Ellipsis
    """
    try:
        return compute()
    except (TypeError, AttributeError) as error:
        if "ellipsis" not in str(error):
            raise
        return ...


def _fault(answer: object, expected: object, tolerance: float) -> str | None:
    """What is wrong with the answer, None if nothing is."""
    if not _numeric(expected):
        if isinstance(answer, np.ndarray | Tensor):
            answer = answer.tolist()
        return None if answer == expected else f"{answer!r} is not it"
    try:
        mine = torch.as_tensor(answer, dtype=torch.float64).cpu()
    except (TypeError, ValueError, RuntimeError):
        return f"{type(answer).__name__} where numbers belong"
    theirs = torch.as_tensor(expected, dtype=torch.float64).cpu()
    if mine.shape != theirs.shape:
        return f"shape {tuple(mine.shape)} where {tuple(theirs.shape)} belongs"
    near = torch.isclose(mine, theirs, rtol=tolerance, atol=tolerance, equal_nan=True)
    if near.all():
        return None
    if not mine.shape:
        return f"{mine.item():g} is not it"
    wrong = int((~near).sum())
    return f"{wrong} of {near.numel()} numbers {'differs' if wrong == 1 else 'differ'}"


def _numeric(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_numeric(item) for item in value)
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    return isinstance(value, Number | Tensor)
