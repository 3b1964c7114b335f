"""The convolutional translator against loops by hand, and against itself in pieces."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models.convolutional_translator import (
    ConvolutionalConfig,
    ConvolutionalTranslator,
)
from allyouneed.nn.attention import watch

SIZES = ConvolutionalConfig(vocab=50, d_model=16, layers=3, p_drop=0.0)
SOURCE = torch.tensor([[7, 8, 9, 10, 11, EOS], [5, 6, EOS, PAD, PAD, PAD]])
TARGET = torch.tensor([[BOS, 9, 8, 7, 6], [BOS, 4, PAD, PAD, PAD]])


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def make(**changes: object) -> ConvolutionalTranslator:
    return ConvolutionalTranslator(replace(SIZES, **changes)).double().eval()


def gated(layer: nn.Module, window: Tensor) -> Tensor:
    """Equation for one window (width, d_model): half times sigmoid of half."""
    weights, bias = layer.slide.weight, layer.slide.bias
    a, b = (torch.einsum("oik,ki->o", weights, window) + bias).chunk(2)
    return a * b.sigmoid()


def by_hand(model: ConvolutionalTranslator, source: Tensor, target: Tensor) -> Tensor:
    """One sentence, one position at a time (Gehring et al., 2017, section 3)."""
    x = words = model.place(model.embedding(source))
    for layer in model.encoder:
        padded = F.pad(x, (0, 0, 1, 1))
        rows = [gated(layer, padded[i : i + 3]) for i in range(len(x))]
        x = (x + torch.stack(rows)) / 2**0.5
    keys, values = x, (x + words) / 2**0.5
    y = said = model.place(model.embedding(target))
    for layer in model.decoder:
        padded, rows = F.pad(y, (0, 0, 2, 0)), []
        for i in range(len(y)):
            state = gated(layer.convolution, padded[i : i + 3])
            query = (layer.query(state) + said[i]) / 2**0.5
            weights = (keys @ query / 16**0.5).softmax(0)
            rows.append((state + layer.context(weights @ values)) / 2**0.5)
        y = (y + torch.stack(rows)) / 2**0.5
    return y @ model.embedding.words.weight.T


def test_the_model_equals_a_loop_over_positions() -> None:
    model = make()
    expected = by_hand(model, SOURCE[0], TARGET[0])
    torch.testing.assert_close(model(SOURCE[:1], TARGET[:1])[0], expected)


def test_every_layer_that_writes_looks_at_the_source() -> None:
    model = make()
    with watch(model) as seen:
        model(SOURCE, TARGET)
    assert list(seen) == [f"decoder.{i}.attention" for i in range(3)]
    for (weights,) in seen.values():
        assert weights.shape == (2, 1, 5, 6)
        torch.testing.assert_close(weights.sum(-1), torch.ones(2, 1, 5).double())
        assert not weights[1, :, :, 3:].any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": 0}, "layers=0"),
        ({"width": 4}, "width=4 has no middle"),
        ({"p_drop": 1.0}, "p_drop=1.0"),
        ({"positions": "rotary"}, "positions='rotary'"),
    ],
)
def test_a_config_that_cannot_be_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**changes)
