"""The numbers of one attention head, and what is said of each step of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SHAPES = {
    "x": (4, 3),
    "w_q": (3, 2),
    "w_k": (3, 2),
    "w_v": (3, 2),
    "weights": (4, 4),
}


@dataclass(frozen=True)
class Head:
    """One head on four words: x (4, 3), three matrices (3, 2), the weights (4, 4).

    Raises:
        ValueError: another shape; the panels have no room for it.
    """

    words: Sequence[str]
    x: np.ndarray
    w_q: np.ndarray
    w_k: np.ndarray
    w_v: np.ndarray
    weights: np.ndarray

    def __post_init__(self) -> None:
        for name, shape in SHAPES.items():
            values = np.asarray(getattr(self, name), dtype=float)
            if values.shape != shape:
                raise ValueError(
                    f"{name} has shape {values.shape}: this drawing wants {shape}"
                )
            object.__setattr__(self, name, values)

    @property
    def q(self) -> np.ndarray:
        """Queries (4, 2)."""
        return self.x @ self.w_q

    @property
    def k(self) -> np.ndarray:
        """Keys (4, 2)."""
        return self.x @ self.w_k

    @property
    def v(self) -> np.ndarray:
        """Values (4, 2)."""
        return self.x @ self.w_v

    @property
    def scores(self) -> np.ndarray:
        """A query in each row, a key in each column (4, 4)."""
        return self.q @ self.k.T

    @property
    def scaled(self) -> np.ndarray:
        """The scores over the square root of d_k (4, 4)."""
        return self.scores / self.q.shape[-1] ** 0.5

    @property
    def out(self) -> np.ndarray:
        """The mixed values (4, 2)."""
        return self.weights @ self.v


def counted(head: Head, at: int, row: int) -> str:
    """How one number of this step comes about."""
    word, best = head.words[row], int(head.weights[row].argmax())
    key, share = head.words[best], head.weights[row, best]
    out, q = _number(head.out[row, 0], ".2f"), _number(head.q[row, 0])
    score, scaled = (_number(t[row, best], ".2f") for t in (head.scores, head.scaled))
    return (
        f"Each word is a row of $X$. We follow “{word}”.",
        f"{_sum(head.x[row], head.w_q[:, 0], '.0f')} = {q}, one number of $q$",
        "The same rows, other columns: two more products.",
        f"{_sum(head.q[row], head.k[best])} = {score}: “{word}” asks “{key}”",
        f"{score} / √2 ≈ {scaled}",
        f"{_share(head.scaled[row], best)} ≈ {share:.3f}",
        f"{_sum(head.weights[row], head.v[:, 0], '.3f')} ≈ {out}",
    )[at]


def said(head: Head, at: int, row: int) -> str:
    """The step in one sentence, for those who cannot see it."""
    word, best = head.words[row], int(head.weights[row].argmax())
    score, share = _number(head.scores[row, best], ".2f"), head.weights[row, best]
    key = head.words[best]
    return (
        "Four words are four rows of numbers X.",
        "The queries Q are X times the learned matrix W Q.",
        "Keys K and values V are X times two more learned matrices.",
        f"The query of “{word}” times the key of “{key}” scores {score}.",
        "All scores are divided by the square root of d k, here 2.",
        f"Softmax makes shares of the row of “{word}”: {share:.0%} for “{key}”.",
        f"The output for “{word}” is the values mixed in these shares.",
    )[at]


def _sum(left: np.ndarray, right: np.ndarray, form: str = ".1f") -> str:
    """The products that make one number."""
    pairs = zip(left, right, strict=True)
    return " + ".join(f"{_number(a, form)}·{_number(b, 'g')}" for a, b in pairs)


def _share(scores: np.ndarray, best: int) -> str:
    """The softmax of one score: its power of e over the sum of all of them."""
    powers = " + ".join(f"{power:.2f}" for power in np.exp(scores))
    return f"exp {_number(scores[best], '.2f')} / ({powers})"


def _number(value: float, form: str = ".1f") -> str:
    return format(value, form).replace("-", "−")
