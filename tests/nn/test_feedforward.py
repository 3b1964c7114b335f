"""The position-wise network and the embeddings, each against an independent route."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from allyouneed.nn.feedforward import Embedding, FeedForward


@pytest.fixture
def x() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(2, 7, 16, dtype=torch.double)


def test_network_is_two_convolutions_of_width_one(x: torch.Tensor) -> None:
    network = FeedForward(16, 40).double()
    up, down = nn.Conv1d(16, 40, 1), nn.Conv1d(40, 16, 1)
    for conv, layer in ((up, network.hidden), (down, network.output)):
        conv.weight = nn.Parameter(layer.weight[:, :, None])
        conv.bias = layer.bias
    torch.testing.assert_close(network(x), down(up(x.mT).relu()).mT)


def test_network_is_equation_2(x: torch.Tensor) -> None:
    network = FeedForward(16, 40).double()
    w1, b1, w2, b2 = (p.detach().numpy() for p in network.parameters())
    hidden = (x.numpy() @ w1.T + b1).clip(min=0)
    expected = torch.from_numpy(hidden @ w2.T + b2)
    torch.testing.assert_close(network(x).detach(), expected)


def test_a_gate_multiplies_the_hidden_units(x: torch.Tensor) -> None:
    """SwiGLU in NumPy; with two thirds of the units it has as many parameters."""
    network = FeedForward(16, 40, gated=True).double()
    assert network.gate is not None
    hidden, gate, output = (
        x.numpy() @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
        if layer is not network.output
        else layer.weight.detach().numpy()
        for layer in (network.hidden, network.gate, network.output)
    )
    swish = gate / (1 + np.exp(-gate))
    expected = (swish * hidden) @ output.T + network.output.bias.detach().numpy()
    torch.testing.assert_close(network(x).detach(), torch.from_numpy(expected))


def test_a_position_depends_on_itself_alone(x: torch.Tensor) -> None:
    x.requires_grad_()
    FeedForward(16, 40).double()(x)[0, 3].sum().backward()
    assert x.grad is not None
    reached = x.grad.norm(dim=-1) > 0
    assert reached.nonzero().tolist() == [[0, 3]]


def test_looking_up_is_a_product_with_one_hot_vectors() -> None:
    torch.manual_seed(0)
    embedding, tokens = Embedding(50, 16).double(), torch.randint(50, (2, 7))
    rows = F.one_hot(tokens, 50).double() @ embedding.words.weight
    torch.testing.assert_close(embedding(tokens), 4 * rows)


def test_a_scaled_word_starts_with_variance_one() -> None:
    torch.manual_seed(0)
    embedding = Embedding(5_000, 64)
    spread = embedding(torch.arange(5_000)).std()
    torch.testing.assert_close(spread, torch.ones(()), atol=0.01, rtol=0)
    assert embedding.words.weight.std() < 0.13


def test_logits_use_the_same_table_unscaled(x: torch.Tensor) -> None:
    embedding = Embedding(50, 16).double()
    scores = torch.einsum("btd,vd->btv", x, embedding.words.weight)
    torch.testing.assert_close(embedding.logits(x), scores)
    assert sum(p.numel() for p in embedding.parameters()) == 50 * 16
