"""Sampling against greedy search, against counts, and against the formulas."""

import math
from collections import Counter

import pytest
import torch
from torch import Tensor

from allyouneed.decoding.greedy_search import greedy
from allyouneed.decoding.sampling import narrowed, sample
from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models.convolutional_translator import ConvolutionalConfig
from allyouneed.models.recurrent_translator import RecurrentConfig
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.models.transformer import TransformerConfig
from allyouneed.models.translators import Config, build

SOURCE = torch.tensor([[5, 6, 7, EOS], [8, EOS, PAD, PAD], [9, 5, EOS, PAD]])
KINDS: dict[str, Config] = {
    "transformer": TransformerConfig(
        vocab=10, d_model=16, layers=2, heads=2, d_ff=32, p_drop=0.0
    ),
    "recurrent": RecurrentConfig(vocab=10, d_model=16, layers=1, p_drop=0.0),
    "convolutional": ConvolutionalConfig(
        vocab=10, d_model=16, layers=2, p_drop=0.0, max_length=32
    ),
}


def make(kind: str = "transformer") -> EncoderDecoder:
    """An untrained model that is neither sure of its words nor without a favourite."""
    torch.manual_seed(0)
    model = build(KINDS[kind]).double().eval()
    with torch.no_grad():
        model.embedding.words.weight.mul_(1 if kind == "convolutional" else 3)
    return model


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("kind", KINDS)
def test_with_one_word_to_choose_from_it_is_greedy(kind: str) -> None:
    model = make(kind)
    wanted = greedy(model, SOURCE, extra=9)
    for narrow in ({"top_k": 1}, {"top_p": 1e-9}, {"temperature": 1e-4}):
        assert sample(model, SOURCE, generator=chance(), extra=9, **narrow) == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_texts_come_as_often_as_the_model_says(kind: str) -> None:
    """Counted over 4,000 draws, against the probability of the text read whole."""
    model, n = make(kind), 4_000
    source = SOURCE[1:2, :2]
    drawn = sample(model, source.expand(n, -1), generator=chance(), extra=1)
    counts = Counter(map(tuple, drawn))
    assert len(counts) > 20
    for words, count in counts.most_common(5):
        p = probability(model, source, [*words, EOS][:3])
        assert abs(count - n * p) < 5 * math.sqrt(n * p * (1 - p))


@torch.no_grad()
def probability(model: EncoderDecoder, source: Tensor, words: list[int]) -> float:
    inputs = torch.tensor([[BOS, *words[:-1]]])
    logp = model(source, inputs).log_softmax(-1)[0, range(len(words)), words]
    return logp.sum().exp().item()


def test_the_same_seed_draws_the_same() -> None:
    model = make()
    first, again, other = (
        sample(model, SOURCE, generator=chance(seed), extra=9) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_temperature_is_a_power_of_the_probabilities(temperature: float) -> None:
    p = torch.rand(4, 9, generator=chance()).softmax(-1)
    power = p ** (1 / temperature)
    expected = power / power.sum(-1, keepdim=True)
    torch.testing.assert_close(narrowed(p.log(), temperature=temperature), expected)


@pytest.mark.parametrize("top_k", [1, 3, 9, 50])
def test_the_k_likeliest_stay_in_proportion(top_k: int) -> None:
    scores = torch.randn(6, 9, generator=chance())
    for row, found in zip(scores, narrowed(scores, top_k=top_k), strict=True):
        kept = sorted(range(9), key=lambda word: -row[word].item())[:top_k]
        expected = torch.zeros(9)
        expected[kept] = row[kept].softmax(-1)
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("top_p", [1e-6, 0.3, 0.9, 1.0])
def test_the_nucleus_is_the_smallest_set_that_reaches_p(top_p: float) -> None:
    scores = torch.randn(20, 9, generator=chance(), dtype=torch.float64).float() * 2
    for p, found in zip(scores.softmax(-1), narrowed(scores, top_p=top_p), strict=True):
        total, kept = 0.0, []
        for word in sorted(range(9), key=lambda word: -p[word].item()):
            if total >= top_p:
                break
            kept.append(word)
            total += p[word].item()
        assert found.nonzero().flatten().tolist() == sorted(kept)
        torch.testing.assert_close(found[kept], p[kept] / p[kept].sum())


def test_first_the_k_likeliest_then_the_nucleus_of_them() -> None:
    scores = torch.tensor([[0.4, 0.3, 0.2, 0.1]]).log()
    both = narrowed(scores, top_k=2, top_p=0.5)  # 4/7 is enough
    torch.testing.assert_close(both, torch.tensor([[1.0, 0.0, 0.0, 0.0]]))


def test_bad_requests_are_refused() -> None:
    model = make()
    for wrong in (
        "temperature=0",
        "temperature=nan",
        "top_k=0",
        "top_p=0",
        "top_p=1.5",
    ):
        name, value = wrong.split("=")
        with pytest.raises(ValueError, match=wrong):
            sample(model, SOURCE, generator=chance(), **{name: float(value)})


def test_all_of_the_probability_is_all_of_the_words() -> None:
    scores = -torch.arange(60.0)[None]  # the sum of the first 20 rounds to 1
    torch.testing.assert_close(narrowed(scores, top_p=1.0), narrowed(scores))
    assert (narrowed(scores, top_p=1.0) > 0).all()
