"""The position-wise network and the embeddings (Vaswani et al., 2017, 3.3 and 3.4).

Shapes: `B` sentences, `T` positions, `d_model` and `d_ff` widths, `V` words.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.nn.linear import Linear, linear


class FeedForward(nn.Module):
    """max(0, x W1 + b1) W2 + b2 at each position alone (equation 2).

    (B, T, d_model) -> (B, T, d_model), through `d_ff` hidden units.

    Args:
        d_model: width of the states.
        d_ff: hidden units.
        gated: whether SiLU(x Wg + bg) times the hidden units takes the place of max(0,
            .), a third matrix (SwiGLU; Shazeer, 2020).

    >>> import torch
    >>> FeedForward(d_model=512, d_ff=2048)(torch.zeros(2, 7, 512)).shape
    torch.Size([2, 7, 512])
    """

    def __init__(self, d_model: int, d_ff: int, *, gated: bool = False) -> None:
        super().__init__()
        self.hidden = Linear(d_model, d_ff)
        self.gate = Linear(d_model, d_ff) if gated else None
        self.output = Linear(d_ff, d_model)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the same two layers to every position: (B, T, d_model), same shape."""
        if self.gate is None:
            return self.output(self.hidden(x).relu())
        return self.output(F.silu(self.gate(x)) * self.hidden(x))


class Embedding(nn.Module):
    """Words as vectors times the square root of `d_model` (section 3.4).

    The weights (V, d_model) start with variance 1 / d_model, so that a scaled word has
    variance 1, and the same weights turn states back into scores: `logits`.
    """

    def __init__(self, vocab: int, d_model: int) -> None:
        super().__init__()
        self.scale = d_model**0.5
        self.words = nn.Embedding(vocab, d_model)
        nn.init.normal_(self.words.weight, std=d_model**-0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """Look up and scale: (B, T) -> (B, T, d_model)."""
        return self.words(tokens) * self.scale

    def logits(self, states: Tensor) -> Tensor:
        """Score each word by its dot product with the state: (B, T, V)."""
        return linear(states, self.words.weight)
