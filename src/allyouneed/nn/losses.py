"""What training minimises, and how surprised a model is (sections 5.4 and 6.1)."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from allyouneed.ground.special_tokens import PAD
from allyouneed.nn.linear import wide

BLOCK = 2**22  # scores at once: 16 MB, about what a CPU's cache holds


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
    _check_share(epsilon)
    _check_targets(targets, pad)
    real = targets != pad
    logp = logits.log_softmax(-1)
    chosen = logp.gather(-1, targets.where(real, 0)[..., None]).squeeze(-1)
    mixed = (1 - epsilon) * chosen
    if epsilon:  # else a score of -inf would count, as 0 * inf
        mixed = mixed + epsilon * logp.mean(-1)
    return -mixed[real].mean()


def vocabulary_loss(
    states: Tensor, words: Tensor, targets: Tensor, *, epsilon: float = 0.1
) -> Tensor:
    """`label_smoothing` of all scores, never all stored: (N, d), (V, d), (N,) -> ().

    The scores `states @ words.T` come a block of rows at a time, and the block's part
    of the gradient is taken while it is at hand (as in Liger Kernel, Hsu et al., 2024).
    So the loss can be differentiated once, not twice.

    Raises:
        ValueError: every target is padding (seen on a CPU, NaN elsewhere: to look would
            make the host wait), or `epsilon` is not in [0, 1).
    """
    _check_share(epsilon)
    if targets.device.type == "cpu":
        _check_targets(targets, PAD)
    kind, dtype = states.device.type, states.dtype
    if torch.is_autocast_enabled(kind):
        dtype = torch.get_autocast_dtype(kind)
    loss: Tensor = _VocabularyLoss.apply(states, words, targets, epsilon, dtype)
    return loss


class _VocabularyLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        states: Tensor,
        words: Tensor,
        targets: Tensor,
        epsilon: float,
        dtype: torch.dtype,
    ) -> Tensor:
        d_states, d_words = torch.empty_like(states), torch.zeros_like(words)
        loss = wide(states.new_zeros(()))
        share = 1 / (targets != PAD).sum().to(loss.dtype)  # fp16 counts to 65,504
        with torch.autocast(states.device.type, enabled=False):
            columns = words.to(dtype)
            for rows in _blocks(len(states), len(words), states.device):
                block = states[rows].to(dtype)
                part, slope = _slope(block @ columns.T, targets[rows, None], epsilon)
                loss = loss + part
                if any(ctx.needs_input_grad):
                    slope = slope.to(block.dtype)
                    d_states[rows] = (slope @ columns).to(states.dtype)
                    d_words += slope.T @ block
        ctx.save_for_backward(d_states, d_words, share)
        return loss * share

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        d_states, d_words, share = ctx.saved_tensors
        slope = slope * share
        return d_states * slope, d_words * slope, None, None, None


def _slope(scores: Tensor, targets: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """The loss summed over rows, and how it rises with each score: (), (N, V).

    `scores` are (N, V), `targets` (N, 1).
    """
    scores = wide(scores)
    real = targets != PAD
    logp = scores.log_softmax(-1)
    mixed = (1 - epsilon) * logp.gather(1, targets)
    if epsilon:
        mixed = mixed + epsilon * logp.mean(-1, keepdim=True)
    loss = -mixed.where(real, 0.0).sum()
    slope = logp.exp_().sub_(epsilon / scores.shape[-1])
    slope.scatter_add_(1, targets, slope.new_full(targets.shape, epsilon - 1))
    return loss, slope.mul_(real)


def _blocks(rows: int, vocab: int, device: torch.device) -> Iterator[slice]:
    """Rows whose scores a CPU's cache holds, or a card at ease (1 GB)."""
    count = max(1, (BLOCK if device.type == "cpu" else 2**28) // vocab)
    return (slice(start, start + count) for start in range(0, rows, count))


def perplexity(loss: float) -> float:
    """The number of words a model hesitates between: e to the loss (no smoothing).

    Infinite where that is too large for a float, as for a model that has diverged.

    >>> round(perplexity(math.log(37_000)))
    37000
    """
    try:
        return math.exp(loss)
    except OverflowError:
        return math.inf


def _check_share(epsilon: float) -> None:
    if not 0 <= epsilon < 1:
        raise ValueError(f"{epsilon=}: give a share from 0 up to, not including, 1")


def _check_targets(targets: Tensor, pad: int) -> None:
    if not (targets != pad).any():
        raise ValueError(f"every target is {pad=}: there is nothing to learn from")
