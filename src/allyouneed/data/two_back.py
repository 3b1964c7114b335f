"""Two look-ups at once: at each place, the word before it and the word before that.

Two heads fetch both; one head has to mix them. The model is one layer, to see how.
More can be asked: with `back=4`, the four words before.

    B  sequences in a batch    T  places, `PLACES`    H  heads
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.nn.attention import MultiHeadAttention, watch

WORDS, PLACES, WIDTH = 16, 8, 32


def questions(
    size: int, *, back: int = 2, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw tokens (B, T) and, where so many stand before, these: (B, T - back, back).

    Raises:
        ValueError: not from 1 to PLACES - 1 words back.
    """
    if not 1 <= back < PLACES:
        raise ValueError(f"{back=}: ask for 1 to {PLACES - 1} words before")
    tokens = torch.randint(WORDS, (size, PLACES), generator=generator)
    before = [tokens[:, back - i : PLACES - i] for i in range(1, back + 1)]
    return tokens, torch.stack(before, dim=-1)


class TwoBack(nn.Module):
    """Embeddings, one causal attention layer, and a linear layer that answers.

    Nothing is added to what the layer returns (no residual connection).

    Args:
        heads: of the attention layer, whose width is `WIDTH`.
        back: how many words before a place are asked, so many answers it gives.
        d_k: width of a head, of its values too; `WIDTH` shared among them if None.
        think: what stands between the layer and the answer; nothing if None.
    """

    def __init__(
        self,
        heads: int,
        *,
        back: int = 2,
        d_k: int | None = None,
        think: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.back = back
        self.words = nn.Parameter(torch.randn(WORDS, WIDTH))
        self.places = nn.Parameter(torch.randn(PLACES, WIDTH))
        self.look = MultiHeadAttention(WIDTH, heads, d_k=d_k, d_v=d_k)
        self.think = think or nn.Identity()
        self.answer = nn.Linear(WIDTH, back * WORDS)

    def forward(self, tokens: Tensor) -> Tensor:
        """Score the words for each answer: (B, T) -> (B, T - back, back, WORDS)."""
        x = self.words[tokens] + self.places
        x = self.think(self.look(x, causal=True))
        return self.answer(x).unflatten(-1, (self.back, WORDS))[:, self.back :]


def practise(
    model: TwoBack,
    *,
    steps: int,
    rate: float,
    generator: torch.Generator,
    size: int = 64,
) -> Iterator[float]:
    """Train by Adam on fresh sequences and yield the loss before each update."""
    adam = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(steps):
        tokens, before = questions(size, back=model.back, generator=generator)
        loss = F.cross_entropy(model(tokens).flatten(0, 2), before.flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        yield loss.item()


@torch.no_grad()
def both_right(model: TwoBack, *, generator: torch.Generator) -> float:
    """Share of the places of 500 fresh sequences at which every word is right."""
    tokens, before = questions(500, back=model.back, generator=generator)
    right = model(tokens).argmax(-1) == before
    return right.all(-1).float().mean().item()


@torch.no_grad()
def looks_back(model: TwoBack, *, generator: torch.Generator) -> Tensor:
    """Mean weight of each head on each word that is asked, nearest first: (H, back)."""
    back = model.back
    tokens, _ = questions(200, back=back, generator=generator)
    with watch(model) as seen:
        model(tokens)
    weights = seen["look"][0].mean(0)[:, back:]  # (H, Q, K), of the places asked
    offsets = [
        weights.diagonal(back - i, dim1=-2, dim2=-1).mean(-1)
        for i in range(1, back + 1)
    ]
    return torch.stack(offsets, dim=-1)


@torch.no_grad()
def make_twins(layer: MultiHeadAttention, *, noise: float = 0.0) -> None:
    """Make the second of two heads a copy of the first; `noise` is on its part of W^O.

    Raises:
        ValueError: the layer has another number of heads.
    """
    if layer.heads != 2:
        raise ValueError(f"{layer.heads=}: twins are two, give a layer with 2 heads")
    for linear in (layer.query, layer.key, layer.value):
        first, second = linear.weight.chunk(2)
        second.copy_(first)
    first, second = layer.output.weight.chunk(2, dim=1)
    second.copy_(first + noise * torch.randn_like(first))


def apart(layer: MultiHeadAttention) -> float:
    """Distance of the first two heads' queries, relative to the first's length."""
    first, second = layer.query.weight.detach().chunk(layer.heads)[:2]
    return ((first - second).norm() / first.norm()).item()
