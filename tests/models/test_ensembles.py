"""Ensembles against the probabilities of their members, averaged by hand."""

import pytest
import torch
from torch import Tensor

from allyouneed.decoding.greedy_search import beam, greedy
from allyouneed.ground.special_tokens import BOS, EOS
from allyouneed.models.ensembles import Ensemble
from allyouneed.models.recurrent_translator import RecurrentConfig, RecurrentTranslator
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.models.transformer import Transformer, TransformerConfig

VOCAB = 11
SOURCE = torch.tensor([[5, 6, 7, EOS], [8, 9, EOS, 0]])


def member(seed: int, *, vocab: int = VOCAB) -> EncoderDecoder:
    torch.manual_seed(seed)
    if seed % 2:
        return RecurrentTranslator(RecurrentConfig(vocab=vocab, d_model=8)).eval()
    config = TransformerConfig(vocab=vocab, d_model=8, layers=1, heads=2, d_ff=16)
    return Transformer(config).eval()


def by_hand(members: list[EncoderDecoder], source: Tensor, extra: int) -> list[int]:
    """Greedy, one sentence, the whole target anew at each step."""
    words = [BOS]
    while len(words) <= (source != 0).sum() + extra:
        target = torch.tensor([words])
        mean = sum(m(source, target)[0, -1].softmax(-1) for m in members)
        assert isinstance(mean, Tensor)
        if (word := int(mean.argmax())) == EOS:
            break
        words.append(word)
    return words[1:]


@torch.no_grad()
def test_the_mean_is_of_probabilities() -> None:
    members = [member(seed) for seed in range(3)]
    both, target = Ensemble(members), torch.tensor([[BOS, 4, 5], [BOS, 6, 7]])
    found = both.decode(target, both.encode(SOURCE)).exp()
    each = [m(SOURCE, target).softmax(-1) for m in members]
    torch.testing.assert_close(found, sum(each) / 3)
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 3))


@torch.no_grad()
@pytest.mark.parametrize("first", range(3))
def test_greedy_search_keeps_all_memories_in_step(first: int) -> None:
    members = [member(first + i) for i in range(3)]
    found = greedy(Ensemble(members), SOURCE, extra=6)
    assert found == [by_hand(members, row[None], 6) for row in SOURCE]


@pytest.mark.parametrize("seed", range(2))
def test_copies_of_one_translator_are_that_translator(seed: int) -> None:
    alone = member(seed)
    same = Ensemble([alone, alone])
    one, other = (beam(m, SOURCE, beams=3, extra=6) for m in (alone, same))
    assert [h.words for h in one] == [h.words for h in other]
    scores = [torch.tensor([h.score for h in found]) for found in (one, other)]
    torch.testing.assert_close(*scores)


def test_members_must_fit() -> None:
    with pytest.raises(ValueError, match=r"vocabularies of \[11, 12\]"):
        Ensemble([member(0), member(1, vocab=12)])
    with pytest.raises(ValueError, match="give one translator"):
        Ensemble([])
