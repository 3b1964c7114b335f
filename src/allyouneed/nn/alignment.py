"""Attention as translators had it before the Transformer: three ways to score.

    B  sentences in a batch    Q  target positions    d_model  width of the states
                               K  source positions

A score says how well a query, a state of the decoder, fits a key, a state of the
encoder; the softmax of the scores weighs the values. There is one head, H = 1.
"""

import torch
from torch import Tensor, nn

from allyouneed.nn.attention import Observable
from allyouneed.nn.linear import scaled


class Alignment(Observable):
    """A weighted mean of values; what scores the pairs is up to the subclass."""

    def keys(self, states: Tensor) -> Tensor:
        """What can be computed of the keys before any query comes: (B, K, d_model)."""
        return states

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """How well each query fits each of `keys(states)`: (B, Q, K)."""
        raise NotImplementedError

    def forward(
        self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Mix the values for each query: (B, Q, d_model).

        `keys` are those of the method `keys`; `mask` (B, 1, 1, K) is True at the source
        positions that hold a word, at least one of each sentence.
        """
        scores = self.scores(queries, keys)[:, None]
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = scores.softmax(-1)
        if self.observer is not None:
            self.observer(weights.detach())
        return weights[:, 0] @ values


class Additive(Alignment):
    """v . tanh(W q + U k), a small network for each pair (Bahdanau et al., 2015).

    >>> align = Additive(8)
    >>> states = torch.zeros(2, 5, 8)
    >>> align(torch.zeros(2, 3, 8), align.keys(states), states).shape
    torch.Size([2, 3, 8])
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model, bias=False)
        self.value = nn.Linear(d_model, 1, bias=False)

    def keys(self, states: Tensor) -> Tensor:
        """U k, the same for all queries: (B, K, d_model)."""
        return self.key(states)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """All v . tanh(W q + U k): (B, Q, K), through Q * K * d_model numbers."""
        hidden = self.query(queries)[:, :, None] + keys[:, None]
        return self.value(hidden.tanh()).squeeze(-1)


class Multiplicative(Alignment):
    """q . W k, which Luong et al. (2015) call "general"; "dot" is W = 1.

    >>> align, q, k = Multiplicative(8), torch.randn(2, 3, 8), torch.randn(2, 5, 8)
    >>> align.scores(q, align.keys(k)).shape
    torch.Size([2, 3, 5])
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.key = nn.Linear(d_model, d_model, bias=False)

    def keys(self, states: Tensor) -> Tensor:
        """W k, the same for all queries: (B, K, d_model)."""
        return self.key(states)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """All q . W k in one matrix product: (B, Q, K)."""
        return queries @ keys.mT


class ScaledDot(Alignment):
    """q . k over the square root of their width (Vaswani et al., 2017, equation 1)."""

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """All q . k / sqrt(d_model): (B, Q, K)."""
        return scaled(queries, keys)
