"""The loss against PyTorch's and against the paper's own code, by arithmetic."""

import functools
import math

import pytest
import torch
import torch.nn.functional as F

from allyouneed.cost import measure
from allyouneed.ground.special_tokens import PAD
from allyouneed.nn import losses
from allyouneed.nn.losses import label_smoothing, perplexity, vocabulary_loss

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


@pytest.fixture
def states() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    targets = torch.randint(1, V, (13,))
    targets[[2, 12]] = PAD
    rows = (torch.randn(n, 6, dtype=torch.double, requires_grad=True) for n in (13, V))
    return *rows, targets


@pytest.mark.parametrize("epsilon", [0.0, 0.1])
@pytest.mark.parametrize("rows", [1, 5, 13, 100])
def test_the_loss_by_blocks_equals_pytorch(
    epsilon: float,
    rows: int,
    states: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x, words, targets = states
    monkeypatch.setattr(losses, "BLOCK", rows * V)
    ours = 3 * vocabulary_loss(x, words, targets, epsilon=epsilon)
    theirs = 3 * F.cross_entropy(
        x @ words.T, targets, ignore_index=PAD, label_smoothing=epsilon
    )
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(
        torch.autograd.grad(ours, (x, words)), torch.autograd.grad(theirs, (x, words))
    )


def test_the_loss_by_blocks_in_half_precision(
    states: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
) -> None:
    x, words = (part.detach().float().requires_grad_() for part in states[:2])
    exact = vocabulary_loss(x, words, states[2])
    with torch.autocast("cpu", torch.bfloat16):
        rough = vocabulary_loss(x, words, states[2])
        logits = (x @ words.T).float()
    theirs = F.cross_entropy(logits, states[2], ignore_index=PAD, label_smoothing=0.1)
    assert rough.dtype == torch.float32
    assert rough != exact
    torch.testing.assert_close(rough, theirs)
    torch.testing.assert_close(
        torch.autograd.grad(rough, (x, words)),
        torch.autograd.grad(theirs, (x, words)),
        rtol=0.02,
        atol=2e-3,
    )


def test_the_loss_by_blocks_stores_no_scores_of_all_words() -> None:
    x, words = torch.randn(4096, 8), torch.randn(8000, 8)
    targets = torch.randint(1, 8000, (4096,))
    peak = measure.peak_bytes(
        functools.partial(vocabulary_loss, x, words, targets),
        device=torch.device("cpu"),
    )
    assert peak < 4096 * 8000 * 4


def test_a_loss_by_blocks_over_nothing_is_refused() -> None:
    x, words = torch.zeros(2, 4), torch.zeros(V, 4)
    with pytest.raises(ValueError, match="every target is pad=0"):
        vocabulary_loss(x, words, torch.full((2,), PAD))
    with pytest.raises(ValueError, match=r"epsilon=-1"):
        vocabulary_loss(x, words, torch.ones(2).long(), epsilon=-1)


def test_perplexity_of_a_blind_guess_is_the_vocabulary() -> None:
    loss = label_smoothing(torch.zeros(1, 4, V), torch.ones(1, 4).long(), epsilon=0.0)
    assert math.isclose(perplexity(loss.item()), V, rel_tol=1e-6)


@pytest.mark.parametrize("epsilon", [0.0, 0.1])
def test_a_word_that_is_ruled_out_counts_as_in_pytorch(epsilon: float) -> None:
    logits = torch.tensor([[1.0, 2.0, -math.inf, 3.0, 0.0]] * 3, requires_grad=True)
    targets = torch.tensor([1, 3, PAD])
    expected = F.cross_entropy(
        logits, targets, ignore_index=PAD, label_smoothing=epsilon
    )
    assert expected.isfinite() == (epsilon == 0)
    ours = label_smoothing(logits[None], targets[None], epsilon=epsilon)
    torch.testing.assert_close(ours, expected)
    by_blocks = vocabulary_loss(
        torch.ones(3, 1), logits[0, :, None].detach(), targets, epsilon=epsilon
    )
    torch.testing.assert_close(by_blocks, expected)
    if epsilon == 0:
        (slope,) = torch.autograd.grad(ours, logits)
        torch.testing.assert_close(slope, torch.autograd.grad(expected, logits)[0])


def test_perplexity_beyond_any_float_is_infinite() -> None:
    assert perplexity(1000.0) == math.inf
    assert math.isnan(perplexity(math.nan))


@pytest.mark.parametrize(
    ("dtype", "count"), [(torch.float16, 70_000), (torch.bfloat16, 257)]
)
def test_half_precision_counts_every_word(dtype: torch.dtype, count: int) -> None:
    x, words = torch.zeros(count, 1, dtype=dtype), torch.zeros(V, 1, dtype=dtype)
    loss = vocabulary_loss(x, words, torch.ones(count).long())
    assert loss.item() == pytest.approx(math.log(V), rel=1e-4)


def test_padding_may_have_a_number_that_is_no_word(
    scored: tuple[torch.Tensor, torch.Tensor],
) -> None:
    logits, targets = scored
    marked = targets.where(targets != PAD, -100)
    torch.testing.assert_close(
        label_smoothing(logits, marked, pad=-100), label_smoothing(logits, targets)
    )
