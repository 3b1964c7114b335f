"""Exact search against trying everything, and against what beam search finds."""

import itertools

import pytest
import torch
from torch import Tensor

from allyouneed.decoding.beam_search import Hypothesis, beam, length_penalty
from allyouneed.decoding.exact import exact_search
from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models.convolutional_translator import ConvolutionalConfig
from allyouneed.models.recurrent_translator import RecurrentConfig
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.models.transformer import TransformerConfig
from allyouneed.models.translators import Config, build

VOCAB, EXTRA = 5, 2
SOURCE = torch.tensor([[4, 3, EOS], [3, EOS, PAD], [4, EOS, PAD]])
KINDS: dict[str, Config] = {
    "transformer": TransformerConfig(
        vocab=VOCAB, d_model=16, layers=2, heads=2, d_ff=32, p_drop=0.0
    ),
    "recurrent": RecurrentConfig(vocab=VOCAB, d_model=16, layers=1, p_drop=0.0),
    "convolutional": ConvolutionalConfig(
        vocab=VOCAB, d_model=16, layers=2, p_drop=0.0, max_length=16
    ),
}
every_kind = pytest.mark.parametrize("config", KINDS.values(), ids=KINDS)


def make(config: Config, seed: int, *, sharpness: float = 6.0) -> EncoderDecoder:
    """An untrained model that is sure enough of its words for searches to differ."""
    torch.manual_seed(seed)
    model = build(config).double().eval()
    with torch.no_grad():
        model.embedding.words.weight.mul_(sharpness)
    return model


@torch.no_grad()
def best_of_all(model: EncoderDecoder, source: Tensor, alpha: float) -> Hypothesis:
    """Score every sentence that ends in time, or is cut off, each read whole."""
    limit = int((source != PAD).sum()) + EXTRA
    words = torch.tensor([*itertools.product(range(VOCAB), repeat=limit)])
    inputs = torch.cat((torch.full((len(words), 1), BOS), words[:, :-1]), dim=1)
    steps = model(source.expand(len(words), -1), inputs).float().log_softmax(-1)
    logp = steps.gather(-1, words[..., None]).squeeze(-1).cumsum(-1)
    ends = torch.where(words == EOS, torch.arange(limit), limit).amin(-1)
    last = ends.clamp(max=limit - 1)
    penalty = length_penalty(last + 1, alpha=alpha)
    scores = logp.gather(-1, last[:, None]).squeeze(-1) / penalty
    top = int(scores.argmax())
    return Hypothesis(words[top, : ends[top]].tolist(), float(scores[top]))


@every_kind
@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_better(config: Config, alpha: float, seed: int) -> None:
    model = make(config, seed)
    found = exact_search(model, SOURCE, alpha=alpha, extra=EXTRA, together=7)
    for row, optimum in zip(SOURCE.split(1), found, strict=True):
        short = row[:, : int((row != PAD).sum())]
        wanted = best_of_all(model, short, alpha)
        assert optimum.proven
        assert optimum.best.words == wanted.words
        assert optimum.best.score == pytest.approx(wanted.score, rel=1e-5)


def test_there_is_something_that_a_narrow_beam_misses() -> None:
    """Else the test above would hold for beam search too."""
    config, missed = KINDS["transformer"], 0
    for seed in range(8):
        model = make(config, seed)
        best = [o.best for o in exact_search(model, SOURCE, extra=EXTRA)]
        greedy = beam(model, SOURCE, beams=1, alpha=0, extra=EXTRA)
        for ours, theirs in zip(best, greedy, strict=True):
            assert ours.score >= theirs.score - 1e-6
            missed += ours.words != theirs.words
    assert missed


def test_the_bound_spares_work_and_the_group_changes_nothing() -> None:
    model = make(KINDS["transformer"], 0)
    one, many = (exact_search(model, SOURCE, extra=8, together=n) for n in (1, 1_000))
    assert [o.best.words for o in one] == [o.best.words for o in many]
    # The likeliest first: no beginning is opened that is less likely than the best.
    assert all(o.opened <= m.opened for o, m in zip(one, many, strict=True))
    assert all(o.opened < VOCAB**8 / 100 for o in many)


def test_one_that_gives_up_says_so() -> None:
    model = make(KINDS["transformer"], 0, sharpness=0.1)  # all words about as likely
    for optimum in exact_search(model, SOURCE, alpha=0.6, extra=9, most=3):
        assert optimum.opened == 3
        assert not optimum.proven


def test_bad_requests_are_refused() -> None:
    model = make(KINDS["transformer"], 0)
    with pytest.raises(ValueError, match="most=0: give at least 1"):
        exact_search(model, SOURCE, most=0)
    with pytest.raises(ValueError, match="together=0: give at least 1"):
        exact_search(model, SOURCE, together=0)
    with pytest.raises(ValueError, match="alpha=-1"):
        exact_search(model, SOURCE, alpha=-1)
