"""Eight small tasks in one form, so that any model of sequences can be given each.

A model reads a question and a separator, and answers from the separator on. Answers of
more than one token are read back like the words of a translation, each one while the
next is asked for; training reads back the right ones (teacher forcing). To have every
answer right is the same either way: up to the first mistake both read the same tokens.

    B  sequences in a batch    T  tokens: question, separator, all answers but the last
    V  words of the vocabulary
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from allyouneed.data import associative_recall

SILENT = -100  # the target where no answer is due: cross_entropy passes over it
SEPARATOR, MARK, BLANK, FIRST = range(4)  # FIRST: the first of the task's own symbols
APART = 2**30  # from a lesson's seed to its examination's; PyTorch keeps 32 bits of one


class Examples(NamedTuple):
    """A batch: what the model reads and what it should say at each token, both (B, T).

    Targets are SILENT until the last token of the question.
    """

    tokens: Tensor
    targets: Tensor


@dataclass(frozen=True, kw_only=True)
class Task(ABC):
    """What the eight have in common.

    Attributes:
        symbols: how many different ones there are.
        length: tokens of the question before the separator.

    Raises:
        ValueError: fewer than two symbols or tokens.
    """

    symbols: int = 8
    length: int = 10

    def __post_init__(self) -> None:
        if self.symbols < 2 or self.length < 2:
            raise ValueError(f"{self.symbols=}, {self.length=}: give 2 or more of each")

    @property
    def vocab(self) -> int:
        """How many words a model of this task must know: V."""
        return FIRST + self.symbols

    @property
    def chance(self) -> float:
        """Best share of exact answers for one who does not read the question."""
        return 1 / self.symbols

    def draw(self, size: int, *, generator: torch.Generator) -> Examples:
        """Draw a batch of `size` examples.

        >>> task = Reverse(symbols=4, length=4)
        >>> tokens, targets = task.draw(1, generator=torch.Generator().manual_seed(0))
        >>> tokens.tolist(), targets.tolist()
        ([[3, 6, 4, 3, 0, 3, 4, 6]], [[-100, -100, -100, -100, 3, 4, 6, 3]])
        """
        question, answer = self._pose(size, generator)
        tokens = torch.cat((question, answer[:, :-1]), dim=1)
        silence = torch.full_like(question[:, 1:], SILENT)
        return Examples(tokens, torch.cat((silence, answer), dim=1))

    @abstractmethod
    def _pose(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw questions to their last token, where the answer starts, and answers."""

    def _symbols(self, size: int, length: int, generator: torch.Generator) -> Tensor:
        shape = (size, length)
        return torch.randint(FIRST, FIRST + self.symbols, shape, generator=generator)


class Copy(Task):
    """Say the symbols again."""

    @property
    def chance(self) -> float:
        """All sequences are as likely."""
        return float(self.symbols) ** -self.length

    def _pose(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        symbols = self._symbols(size, self.length, generator)
        return _separated(symbols), symbols


class Reverse(Copy):
    """Say the symbols from the last to the first."""

    def _pose(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        symbols = self._symbols(size, self.length, generator)
        return _separated(symbols), symbols.flip(-1)


class Sort(Task):
    """Say the symbols in the order of their numbers."""

    @property
    def chance(self) -> float:
        """Most likely are all symbols, each as often as the others."""
        each, more = divmod(self.length, self.symbols)
        orders = math.factorial(self.length) // (
            math.factorial(each) ** (self.symbols - more)
            * math.factorial(each + 1) ** more
        )
        return orders / self.symbols**self.length

    def _pose(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        symbols = self._symbols(size, self.length, generator)
        return _separated(symbols), symbols.sort(-1).values


@dataclass(frozen=True, kw_only=True)
class SelectiveCopy(Task):
    """Say the few symbols that stand among blanks.

    Attributes:
        items: how many there are.

    Raises:
        ValueError: no items, or more than the question has tokens.
    """

    items: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.items <= self.length:
            raise ValueError(f"{self.items=}: give from one to {self.length=}")

    @property
    def chance(self) -> float:
        """All sequences of that many symbols are as likely."""
        return float(self.symbols) ** -self.items

    def _pose(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        symbols = self._symbols(size, self.items, generator)
        places = _places(size, self.length, generator)[:, : self.items].sort(-1).values
        blanks = torch.full((size, self.length), BLANK)
        return _separated(blanks.scatter(-1, places, symbols)), symbols


class Recall(Task):
    """Keys and values, then a key: say its value (see `associative_recall.Recall`).

    There are as many values as keys, `symbols`; pairs are half of `length`.

    Raises:
        ValueError: an odd length, or no more keys than pairs.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.length % 2:
            raise ValueError(f"{self.length=}: give an even one, pairs of two tokens")
        self._pairs()

    @property
    def vocab(self) -> int:
        """Keys, then values."""
        return FIRST + 2 * self.symbols

    def _pose(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        drawn = self._pairs().questions(size, generator=generator)
        keys, values = FIRST + drawn.keys, FIRST + self.symbols + drawn.values
        pairs = torch.stack((keys, values), dim=-1).flatten(-2)
        asked, place = FIRST + drawn.asked[:, None], drawn.place[:, None] - 1
        return torch.cat((_separated(pairs), asked), dim=1), values.gather(-1, place)

    def _pairs(self) -> associative_recall.Recall:
        count, pairs = self.symbols, self.length // 2
        return associative_recall.Recall(keys=count, values=count, pairs=pairs)


class Needle(Task):
    """Say the one symbol of the haystack that a mark stands before."""

    def _pose(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        symbols = self._symbols(size, self.length, generator)
        place = torch.randint(self.length - 1, (size, 1), generator=generator)
        found = symbols.gather(-1, place + 1)
        return _separated(symbols.scatter(-1, place, MARK)), found


@dataclass(frozen=True, kw_only=True)
class Parity(Task):
    """Say the sum of the symbols, which count 0, 1, ..., modulo how many there are.

    Any number of symbols from one to `length`, after blanks: the short ones teach.
    """

    symbols: int = 2

    def _pose(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        symbols = self._symbols(size, self.length, generator)
        blanks = torch.randint(self.length, (size, 1), generator=generator)
        blank = torch.arange(self.length) < blanks
        total = (symbols - FIRST).masked_fill(blank, 0).sum(-1, keepdim=True)
        question = _separated(symbols.masked_fill(blank, BLANK))
        return question, FIRST + total % self.symbols


class FirstOfTwo(Task):
    """Say which of the first two symbols comes first; the others mean nothing."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.symbols < 3:
            raise ValueError(f"{self.symbols=}: give 3 or more, two and what is around")

    @property
    def chance(self) -> float:
        """Both are as likely."""
        return 0.5

    def _pose(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        shape = (size, self.length)
        others = torch.randint(2, self.symbols, shape, generator=generator)
        places = _places(*shape, generator)[:, :2]
        question = FIRST + others.scatter(-1, places, torch.arange(2).expand(size, 2))
        first = (places[:, 1:] < places[:, :1]).long()
        return _separated(question), FIRST + first


EIGHT = (Copy, Reverse, Sort, SelectiveCopy, Recall, Needle, Parity, FirstOfTwo)


def _separated(question: Tensor) -> Tensor:
    return F.pad(question, (0, 1), value=SEPARATOR)


def _places(size: int, length: int, generator: torch.Generator) -> Tensor:
    """All places in random order, for each example: (size, length)."""
    return torch.rand(size, length, generator=generator).argsort(-1)
