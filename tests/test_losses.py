"""The loss against PyTorch's and against the paper's own code, by arithmetic."""

import math

import pytest
import torch
import torch.nn.functional as F

from allyouneed.losses import label_smoothing, perplexity
from allyouneed.text import PAD

V = 11


@pytest.fixture
def scored() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    logits = torch.randn(3, 5, V, dtype=torch.double, requires_grad=True)
    targets = torch.randint(1, V, (3, 5))
    targets[1, 3:] = PAD
    return logits, targets


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.5])
def test_equals_pytorch(
    epsilon: float, scored: tuple[torch.Tensor, torch.Tensor]
) -> None:
    logits, targets = scored
    ours = label_smoothing(logits, targets, epsilon=epsilon)
    theirs = F.cross_entropy(
        logits.flatten(0, 1),
        targets.flatten(),
        ignore_index=PAD,
        label_smoothing=epsilon,
    )
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(
        torch.autograd.grad(ours, logits), torch.autograd.grad(theirs, logits)
    )


def test_the_paper_s_own_code_needs_a_larger_epsilon(
    scored: tuple[torch.Tensor, torch.Tensor],
) -> None:
    logits, targets = scored
    real = targets != PAD
    smooth = F.one_hot(targets, V) * (0.9 - 0.1 / (V - 1)) + 0.1 / (V - 1)
    theirs = -(smooth * logits.log_softmax(-1)).sum(-1)[real].mean()
    ours = label_smoothing(logits, targets, epsilon=0.1 * V / (V - 1))
    torch.testing.assert_close(ours, theirs)


def test_a_loss_over_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="every target is pad=0"):
        label_smoothing(torch.zeros(1, 2, V), torch.full((1, 2), PAD), epsilon=0.1)
    with pytest.raises(ValueError, match=r"epsilon=1\.0"):
        label_smoothing(torch.zeros(1, 2, V), torch.ones(1, 2).long(), epsilon=1.0)


def test_perplexity_of_a_blind_guess_is_the_vocabulary() -> None:
    loss = label_smoothing(torch.zeros(1, 4, V), torch.ones(1, 4).long(), epsilon=0.0)
    assert math.isclose(perplexity(loss.item()), V, rel_tol=1e-6)
