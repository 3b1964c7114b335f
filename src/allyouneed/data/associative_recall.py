"""Associative recall: a task as small as attention itself, and one head to learn it.

A question lists pairs of a key and a value and asks for one of the keys; the answer is
the value beside it. A head reads one blank token and then the pairs:

    B  questions in a batch    N  tokens: a blank one, then the pairs
    V  values there are        d_model, d_k  as in the paper
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Look = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


class Questions(NamedTuple):
    """A batch: pairs (B, N - 1), the key asked for and its place among the tokens (B,).

    A key that is not there has the blank token's place, 0, and the same share of every
    value as its targets.
    """

    keys: Tensor
    values: Tensor
    asked: Tensor
    place: Tensor
    targets: Tensor  # (B, V), shares that sum to one


@dataclass(frozen=True, kw_only=True)
class Recall:
    """The task: how many keys and values there are, how many pairs a question lists.

    Attributes:
        absent: share of the questions whose key is not in the list.

    Raises:
        ValueError: too few keys, or `absent` is no share.

    >>> task = Recall(keys=6, values=3, pairs=4)
    >>> task.questions(2, generator=torch.Generator().manual_seed(0)).keys.shape
    torch.Size([2, 4])
    """

    keys: int = 32
    values: int = 16
    pairs: int = 8
    absent: float = 0.0

    def __post_init__(self) -> None:
        if min(self.pairs, self.values) < 1:
            raise ValueError(f"{self.pairs=}, {self.values=}: give 1 or more of each")
        if self.keys <= self.pairs:
            raise ValueError(
                f"{self.keys=} for {self.pairs=}: give more keys than pairs, one for "
                "each and one that can be absent"
            )
        if not 0 <= self.absent <= 1:
            raise ValueError(f"{self.absent=}: give a share from 0 to 1")

    def questions(self, size: int, *, generator: torch.Generator) -> Questions:
        """Draw a batch of `size` questions."""
        order = torch.rand(size, self.keys, generator=generator).argsort(-1)
        values = torch.randint(self.values, (size, self.pairs), generator=generator)
        place = torch.randint(1, self.pairs + 1, (size,), generator=generator)
        gone = torch.rand(size, generator=generator) < self.absent
        asked = order.gather(-1, torch.where(gone, self.pairs, place - 1)[:, None])
        answers = values.gather(-1, place[:, None] - 1)[:, 0]
        targets = F.one_hot(answers, self.values).float()
        targets[gone] = 1 / self.values
        keys, place = order[:, : self.pairs], place.masked_fill(gone, 0)
        return Questions(keys, values, asked[:, 0], place, targets)


class RecallHead(nn.Module):
    """One attention head with a linear read-out.

    A token is the sum of its key's and its value's embedding, the query a projection of
    the key asked for. Initially q and k have components of variance 1.

    Args:
        task: the questions it will be asked.
        look: what the head does, from q (B, 1, d_k), k and v (B, N, d_k) and tokens x
            (B, N, d_model) to what the read-out sees, (B, 1, any width).
        generator: draws the parameters.
        d_model, d_k: widths of tokens and of queries, keys and values.
        gain: factor on the initial W^Q.
    """

    def __init__(
        self,
        task: Recall,
        look: Look,
        *,
        generator: torch.Generator,
        d_model: int = 32,
        d_k: int = 32,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.look = look

        def drawn(*shape: int, scale: float = 1.0) -> nn.Parameter:
            return nn.Parameter(torch.randn(*shape, generator=generator) * scale)

        self.key = drawn(task.keys, d_model)
        self.value = drawn(task.values, d_model)
        self.blank = drawn(1, 1, d_model, scale=2**0.5)
        self.w_q = drawn(d_model, d_k, scale=gain * d_model**-0.5)
        self.w_k = drawn(d_model, d_k, scale=(2 * d_model) ** -0.5)
        self.w_v = drawn(d_model, d_k, scale=(2 * d_model) ** -0.5)
        tokens = torch.zeros(1, task.pairs + 1, d_k)
        x = tokens.new_zeros(1, task.pairs + 1, d_model)
        width = look(tokens[:, :1], tokens, tokens, x).shape[-1]
        self.w_read = drawn(width, task.values, scale=width**-0.5)

    def forward(self, questions: Questions) -> Tensor:
        """Score the values for each question: (B, V)."""
        return self.read(self.look(*self.project(questions)))

    def project(self, questions: Questions) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What `look` is given: q (B, 1, d_k), k and v (B, N, d_k), x as tokens."""
        pairs = self.key[questions.keys] + self.value[questions.values]
        x = torch.cat((self.blank.expand(len(pairs), 1, -1), pairs), dim=1)
        q = self.key[questions.asked][:, None] @ self.w_q
        return q, x @ self.w_k, x @ self.w_v, x

    def read(self, seen: Tensor) -> Tensor:
        """Scores of the values, from what the head saw: (B, 1, width) -> (B, V)."""
        return (seen @ self.w_read)[:, 0]


def loss(head: RecallHead, questions: Questions) -> Tensor:
    """Mean cross-entropy of the head's answers, in nats: ()."""
    return F.cross_entropy(head(questions), questions.targets)


def practise(
    head: RecallHead,
    task: Recall,
    *,
    steps: int,
    rate: float,
    generator: torch.Generator,
    size: int = 64,
    pace: float = 1.0,
) -> Iterator[float]:
    """Train the head by Adam on fresh questions and yield the loss before each step.

    W^Q learns at `pace` times the rate of the others.
    """
    others = [weights for weights in head.parameters() if weights is not head.w_q]
    optimizer = torch.optim.Adam(others, lr=rate)
    optimizer.add_param_group({"params": [head.w_q], "lr": pace * rate})
    for _ in range(steps):
        current = loss(head, task.questions(size, generator=generator))
        optimizer.zero_grad()
        current.backward()
        optimizer.step()
        yield current.item()
