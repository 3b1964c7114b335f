"""sacreBLEU's scores against the formulas written out by hand."""

import math
import sys
from collections import Counter

import pytest

from allyouneed.evaluation.metrics import bleu, chrf, exact_match

FOUND = ["the cat sat on the old mat", "a dog ran to a red house today", "we saw it"]
RIGHT = ["the cat sat on the mat", "a dog ran into the red house today", "we saw him"]


def ngrams(items: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(items[i : i + n]) for i in range(len(items) - n + 1))


def bleu_by_hand(found: list[str], right: list[str]) -> float:
    """Papineni et al. (2002): clipped precisions of n-grams, brevity penalty."""
    logs = 0.0
    for n in range(1, 5):
        pairs = [
            (ngrams(f.split(), n), ngrams(r.split(), n))
            for f, r in zip(found, right, strict=True)
        ]
        hits = sum((f & r).total() for f, r in pairs)
        logs += math.log(hits / sum(f.total() for f, _ in pairs)) / 4
    lengths = [sum(len(s.split()) for s in side) for side in (found, right)]
    return 100 * min(1.0, math.exp(1 - lengths[1] / lengths[0])) * math.exp(logs)


def chrf_by_hand(found: list[str], right: list[str]) -> float:
    """Popović (2015): F2 of the mean precision and recall of 1- to 6-grams."""
    precision = recall = 0.0
    for n in range(1, 7):
        pairs = [
            (ngrams(list(f.replace(" ", "")), n), ngrams(list(r.replace(" ", "")), n))
            for f, r in zip(found, right, strict=True)
        ]
        hits = sum((f & r).total() for f, r in pairs)
        precision += hits / sum(f.total() for f, _ in pairs) / 6
        recall += hits / sum(r.total() for _, r in pairs) / 6
    return 100 * 5 * precision * recall / (4 * precision + recall)


def test_bleu_is_the_formula_and_carries_its_signature() -> None:
    score = bleu(FOUND, RIGHT)
    assert score.value == pytest.approx(bleu_by_hand(FOUND, RIGHT))
    assert score.signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|")
    assert str(score) == f"{score.value:.1f}  {score.signature}"


def test_short_translations_are_penalised() -> None:
    short = [sentence.rsplit(" ", 2)[0] for sentence in RIGHT[:2]]
    assert bleu(short, RIGHT[:2]).value == pytest.approx(bleu_by_hand(short, RIGHT[:2]))
    assert bleu(short, RIGHT[:2]).value < 80


def test_chrf_is_the_formula() -> None:
    assert chrf(FOUND, RIGHT).value == pytest.approx(chrf_by_hand(FOUND, RIGHT))
    assert "nc:6|nw:0" in chrf(FOUND, RIGHT).signature


def test_case_counts() -> None:
    assert bleu(["Die Katze schläft heute"], ["die katze schläft heute"]).value < 60


def test_chinese_is_cut_into_characters() -> None:
    found, right = ["这只猫今天睡了一整天。"], ["这只猫昨天睡了一整天。"]
    as_words = bleu(found, right, language="de").value
    score = bleu(found, right, language="zh")
    spaced = bleu([" ".join(found[0])], [" ".join(right[0])], language="de").value
    assert score.value == pytest.approx(spaced)
    assert as_words < 1 < score.value
    assert "tok:zh" in score.signature


def test_exact_match_forgives_nothing() -> None:
    right = ["Ja.", "Nein.", "Doch.", "So."]
    assert exact_match(["Ja.", "nein.", "Doch. ", "So."], right) == 0.5


@pytest.mark.parametrize("metric", [bleu, chrf, exact_match])
@pytest.mark.parametrize(
    ("found", "right", "message"),
    [
        ([], [], "empty"),
        (["a"], ["a", "b"], "1 hypotheses against 2 references"),
        ("abc", ["a", "b", "c"], "hypotheses='abc' is a string"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    metric: object, found: list[str], right: list[str], message: str
) -> None:
    assert callable(metric)
    with pytest.raises(ValueError, match=message):
        metric(found, right)


@pytest.mark.parametrize("tag", ["zh", "ZH", "zh-CN", "zh_CN", "zh-Hans", "zh-Hant-TW"])
def test_chinese_is_chinese_by_any_of_its_names(tag: str) -> None:
    found, right = ["我们今天去公园散步。"], ["我们今天去公园玩。"]
    assert bleu(found, right, language=tag) == bleu(found, right, language="zh")


@pytest.mark.parametrize(
    ("tag", "tokenizer"),
    [("de-AT", "13a"), ("EN", "13a"), ("fr", "13a"), ("th", "char")],
)
def test_the_way_to_cut_follows_from_the_language(tag: str, tokenizer: str) -> None:
    assert f"|tok:{tokenizer}|" in bleu(FOUND, RIGHT, language=tag).signature


@pytest.mark.parametrize("tag", ["", "german", "13a", "xx", "zho"])
def test_a_language_that_is_none_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match=f"language='{tag}' is not known"):
        bleu(FOUND, RIGHT, language=tag)


@pytest.mark.parametrize(("tag", "module"), [("ja", "MeCab"), ("ko-KR", "mecab_ko")])
def test_japanese_and_korean_say_what_they_need(
    tag: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    expected = rf'pip install "sacrebleu\[{tag[:2]}\]"'
    with pytest.raises(ModuleNotFoundError, match=expected):
        bleu(["今日は晴れ。"], ["今日は晴れ。"], language=tag)
