"""Words without padding: the same numbers, and less work."""

from dataclasses import replace

import pytest
import torch

from allyouneed.cost import measure
from allyouneed.ground.special_tokens import PAD
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.nn.losses import label_smoothing
from allyouneed.nn.norms import Wiring
from allyouneed.nn.packing import Packing
from allyouneed.nn.positions import Scheme

CONFIG = TransformerConfig(
    vocab=50, d_model=32, layers=2, heads=4, d_ff=48, p_drop=0.0, max_length=9
)
Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # source, target, labels
LENGTHS = torch.tensor([9, 4, 2, 6])


def padded(lengths: torch.Tensor) -> torch.Tensor:
    tokens = torch.randint(3, 50, (len(lengths), 9))
    return tokens.masked_fill(torch.arange(9) >= lengths[:, None], PAD)


@pytest.fixture
def batch() -> Batch:
    torch.manual_seed(0)
    target = padded(LENGTHS.flip(0))
    return padded(LENGTHS), target[:, :-1], target[:, 1:]


def test_packing_keeps_the_words_and_their_places() -> None:
    real = torch.arange(9) < LENGTHS[:, None]
    words = Packing.of(real)
    x = torch.randn(4, 9, 3)
    assert torch.equal(words.pack(x), x[real])
    assert torch.equal(words.unpack(words.pack(x)), x * real[..., None])


def test_a_batch_without_padding_stays_as_it_is() -> None:
    assert Packing.of(torch.ones(3, 5, dtype=torch.bool)) is None


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary", "shaw", "t5"])
@pytest.mark.parametrize("wiring", ["post", "pre"])
def test_the_loss_is_that_of_all_the_logits(
    positions: Scheme, wiring: Wiring, batch: Batch
) -> None:
    torch.manual_seed(1)
    config = replace(CONFIG, positions=positions, wiring=wiring)
    model, (source, target, labels) = Transformer(config).double(), batch
    whole = label_smoothing(model(source, target), labels, epsilon=0.1)
    packed = model.loss(source, target, labels, epsilon=0.1)
    torch.testing.assert_close(packed, whole)
    weights = list(model.parameters())
    torch.testing.assert_close(
        torch.autograd.grad(packed, weights), torch.autograd.grad(whole, weights)
    )


def test_padding_costs_little(batch: Batch) -> None:
    """Projections, feed-forward and logits of words alone; scores of all places."""
    model, (source, _, labels) = Transformer(CONFIG), batch
    full = [torch.full_like(part, 7) for part in batch]
    share = measure.flops(lambda: model.loss(*batch, epsilon=0.1)) / measure.flops(
        lambda: model.loss(*full, epsilon=0.1)
    )
    words = ((source != PAD).sum() + (labels != PAD).sum()) / (36 + 32)
    assert words < share < words + 0.15
