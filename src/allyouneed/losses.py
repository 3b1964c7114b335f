"""What training minimises, and how surprised a model is (sections 5.4 and 6.1)."""

import math

from torch import Tensor

from allyouneed.text import PAD


def label_smoothing(
    logits: Tensor, targets: Tensor, *, epsilon: float = 0.1, pad: int = PAD
) -> Tensor:
    """Mean cross-entropy with smoothed targets (section 5.4): (B, T, V), (B, T) -> ().

    Each target keeps 1 - epsilon and shares epsilon over all V words, itself among
    them, as Szegedy et al. (2016) write it and PyTorch computes it. The paper's own
    code shares epsilon over the V - 1 other words and subtracts the least value the
    loss can take: give epsilon * V / (V - 1) here for the very same gradients.
    Padding counts nothing.

    Raises:
        ValueError: every target is padding, or `epsilon` is not in [0, 1).
    """
    if not 0 <= epsilon < 1:
        raise ValueError(f"{epsilon=}: give a share from 0 up to, not including, 1")
    real = targets != pad
    if not real.any():
        raise ValueError(f"every target is {pad=}: there is nothing to learn from")
    logp = logits.log_softmax(-1)
    chosen = logp.gather(-1, targets[..., None]).squeeze(-1)
    mixed = (1 - epsilon) * chosen + epsilon * logp.mean(-1)
    return -mixed[real].mean()


def perplexity(loss: float) -> float:
    """The number of words a model hesitates between: e to the loss (no smoothing).

    >>> round(perplexity(math.log(37_000)))
    37000
    """
    return math.exp(loss)
