"""Does one head decide: pronouns are found, turned ones counted, heads taken out."""

import pytest
import torch

from allyouneed.data.pronoun_pairs import PronounPair, pronoun_pairs
from allyouneed.data.subwords import Subwords
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.studies.pronoun_heads import (
    Places,
    Spoken,
    heads,
    looks,
    said,
    sample,
    scores,
    study,
    without,
    word_spans,
)

PAIR = PronounPair(
    en=("The bicycle is big.", "The box is small."),
    de=("weil es zu groß ist", "weil sie zu klein ist"),
    nouns=("bicycle", "box"),
    pronouns=("es", "sie"),
)


def test_every_pair_differs_in_one_word_and_in_the_pronoun() -> None:
    pairs = pronoun_pairs()
    assert len({pair.en for pair in pairs}) == len(pairs) > 500
    for pair in pairs:
        first, second = (sentence.split() for sentence in pair.en)
        assert [a == b for a, b in zip(first, second, strict=True)].count(False) == 1
        assert [said(sentence) for sentence in pair.de] == list(pair.pronouns)
        assert pair.pronouns[0] != pair.pronouns[1]
        assert all(noun in pair.en[0] for noun in pair.nouns)


def test_scores_count_what_is_right_and_what_turned() -> None:
    pairs = [PAIR] * 4
    whole = Spoken(["es", "es", "es", "sie"], ["sie", "sie", "er", "sie"])
    now = Spoken(["sie", "es", "", "sie"], ["sie", "es", "sie", "sie"])
    assert scores(pairs, whole, whole) == {
        "right": 0.75,
        "pairs": 0.5,
        "turned": 0.0,
        "turned_subject": 0.0,
        "turned_object": 0.0,
    }
    found = scores(pairs, whole, now)
    assert found["pairs"] == 0.0
    assert found["turned_subject"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["turned_object"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["right"] == 0.5


def test_the_first_of_equal_words_is_meant() -> None:
    pieces = ["▁the", "▁bi", "cycle", "▁and", "▁the", "▁box", "."]
    spans = word_spans(pieces)
    assert (spans["the"], spans["bicycle"], spans["box"]) == (
        range(1),
        range(1, 3),
        range(5, 7),
    )


def test_a_sample_has_no_puzzle() -> None:
    texts = ["It rains.", "He rests because it is late.", "She sings."]
    assert sorted(sample(texts, 2, seed=0)) == ["It rains.", "She sings."]


def test_a_study_takes_out_each_head_once() -> None:
    pairs = pronoun_pairs()[:2]
    texts = [text for pair in pairs for text in (*pair.en, *pair.de)]
    subwords = Subwords.train(texts, size=60)
    torch.manual_seed(0)
    config = TransformerConfig(vocab=60, d_model=16, layers=1, heads=2, d_ff=16)
    model = Transformer(config).eval()
    found = study(model, subwords, pairs, ["The dog"])
    assert [(h["layer"], h["head"]) for h in found["without"]] == heads(model)
    assert len(heads(model)) == 6
    assert {"at_subject", "tells"} <= found["without"][0].keys()
    layer = ("encoder.0.attention", 1)
    assert without(model, layer).encoder[0].attention.heads == 1
    place = Places(model, subwords, pairs[0])
    told = looks([place], *layer)
    assert 0 < told["at_subject"] < 1
    assert told["tells"] in (0.0, 1.0)
