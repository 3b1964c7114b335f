"""What comes with the package translates, and says where it comes from."""

import pytest

from allyouneed.data.corpora import load
from allyouneed.decoding.greedy_search import translate
from allyouneed.evaluation import metrics
from allyouneed.runs import pretrained

LEAST = {"grammar-en-de": 90, "grammar-en-de-recurrent": 90, "help-en-zh": 30}  # BLEU


@pytest.mark.parametrize("name", pretrained.available())
def test_a_shipped_translator_is_as_good_as_its_record(name: str) -> None:
    model, subwords, about = pretrained.load(name)
    corpus, source, target, *_ = name.split("-")
    pairs = load(corpus, source=source, target=target).test[:200]
    found = translate(model, subwords, [pair[0] for pair in pairs])
    score = metrics.bleu(found, [pair[1] for pair in pairs], language=target)
    assert score.value > LEAST[name]
    assert about["settings"]["corpus"] == corpus
    assert about["provenance"]["commit"]


def test_an_unknown_name_is_answered_by_the_known() -> None:
    with pytest.raises(ValueError, match=r"name='gramar' .* take grammar-en-de"):
        pretrained.load("gramar")
