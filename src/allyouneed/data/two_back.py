"""Two look-ups at once: at each place, the word before it and the word before that.

Two heads fetch both; one head has to mix them. The model is one layer, to see how.

    B  sequences in a batch    T  places, `PLACES`    H  heads
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.nn.attention import MultiHeadAttention, watch

WORDS, PLACES, WIDTH = 16, 8, 32


def questions(size: int, *, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw tokens (B, T) and, from the third place on, the two before (B, T - 2, 2)."""
    tokens = torch.randint(WORDS, (size, PLACES), generator=generator)
    return tokens, torch.stack((tokens[:, 1:-1], tokens[:, :-2]), dim=-1)


class TwoBack(nn.Module):
    """Embeddings, one causal attention layer, and a linear layer that answers twice.

    Nothing is added to what the layer returns (no residual connection).

    Args:
        heads: of the attention layer, whose width is `WIDTH`.
        d_k: width of a head, of its values too; `WIDTH` shared among them if None.
        think: what stands between the layer and the answer; nothing if None.
    """

    def __init__(
        self, heads: int, *, d_k: int | None = None, think: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.words = nn.Parameter(torch.randn(WORDS, WIDTH))
        self.places = nn.Parameter(torch.randn(PLACES, WIDTH))
        self.look = MultiHeadAttention(WIDTH, heads, d_k=d_k, d_v=d_k)
        self.think = think or nn.Identity()
        self.answer = nn.Linear(WIDTH, 2 * WORDS)

    def forward(self, tokens: Tensor) -> Tensor:
        """Score the words for both answers: (B, T) -> (B, T - 2, 2, WORDS)."""
        x = self.words[tokens] + self.places
        x = self.think(self.look(x, causal=True))
        return self.answer(x).unflatten(-1, (2, WORDS))[:, 2:]


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
        tokens, before = questions(size, generator=generator)
        loss = F.cross_entropy(model(tokens).flatten(0, 2), before.flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        yield loss.item()


@torch.no_grad()
def both_right(model: TwoBack, *, generator: torch.Generator) -> float:
    """Share of the places of 500 fresh sequences at which both words are right."""
    tokens, before = questions(500, generator=generator)
    right = model(tokens).argmax(-1) == before
    return right.all(-1).float().mean().item()


@torch.no_grad()
def looks_back(model: TwoBack, *, generator: torch.Generator) -> Tensor:
    """Mean weight of each head on the word before and the word before that: (H, 2)."""
    tokens, _ = questions(200, generator=generator)
    with watch(model) as seen:
        model(tokens)
    weights = seen["look"][0].mean(0)[:, 2:]  # (H, Q, K), queries from the third on
    offsets = [weights.diagonal(2 - back, dim1=-2, dim2=-1) for back in (1, 2)]
    return torch.stack([weight.mean(-1) for weight in offsets], dim=-1)


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
