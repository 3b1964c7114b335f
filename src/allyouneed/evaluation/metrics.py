"""How good translations are: sacreBLEU's scores, each with its signature (section 6.1).

A BLEU value means nothing without the recipe that made it (Post, 2018), so the two
travel together. Sentences are whole and untouched: no tokens, no lower case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sacrebleu.metrics import BLEU, CHRF

# Languages whose words stand between blanks, and how the others are cut.
WORDS = (
    "af ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu ha he hi "
    "hr hu hy id is it ka kk kn la lb lt lv mk ml mr ms mt nb ne nl nn no pa pl ps pt "
    "ro ru si sk sl so sq sr sv sw ta te tr uk ur uz vi xh yo zu"
)
OTHERWISE = MappingProxyType(
    {"zh": "zh", "ja": "ja-mecab", "ko": "ko-mecab"}
    | dict.fromkeys(("th", "lo", "km", "my", "bo"), "char")
)


@dataclass(frozen=True)
class Score:
    """A value from 0 to 100 and the recipe that others need to compare with it."""

    value: float
    signature: str

    def __str__(self) -> str:
        """Write the value with the one digit that papers print, then the recipe."""
        return f"{self.value:.1f}  {self.signature}"


def bleu(
    hypotheses: Sequence[str], references: Sequence[str], *, language: str = "de"
) -> Score:
    """Score a corpus with cased, detokenised BLEU.

    `language` is that of the references, with or without a region ("zh-CN"). How they
    are cut follows from it, as in sacreBLEU: Chinese into characters, Japanese and
    Korean by MeCab, Thai, Lao, Khmer, Burmese and Tibetan, which write no blanks
    either, into characters ("char"), all others into words by the rules of WMT ("13a").

    Raises:
        ValueError: there is no sentence, not one reference for each hypothesis, or
            `language` is no code of a language.
        ModuleNotFoundError: MeCab is not installed; it says how to.

    >>> str(bleu(["Die Katze schläft heute."], ["Die Katze schläft heute."]))[:16]
    '100.0  nrefs:1|c'
    """
    _aligned(hypotheses, references)
    metric = _metric(_tokenizer(language))
    score = metric.corpus_score(list(hypotheses), [list(references)])
    return Score(score.score, str(metric.get_signature()))


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> Score:
    """Score a corpus with chrF: n-grams of characters, whatever the language.

    Raises:
        ValueError: there is no sentence, or not one reference for each hypothesis.
    """
    _aligned(hypotheses, references)
    metric = CHRF()
    score = metric.corpus_score(list(hypotheses), [list(references)])
    return Score(score.score, str(metric.get_signature()))


def exact_match(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Tell the share of sentences, from 0 to 1, that are the reference to the letter.

    Raises:
        ValueError: there is no sentence, or not one reference for each hypothesis.

    >>> exact_match(["Ja.", "Nein."], ["Ja.", "Doch."])
    0.5
    """
    _aligned(hypotheses, references)
    same = sum(map(str.__eq__, hypotheses, references))
    return same / len(references)


def _tokenizer(language: str) -> str:
    """The name of sacreBLEU's way to cut a language: of zh, zh-CN, zh_Hans or ZH."""
    main = language.replace("_", "-").partition("-")[0].lower()
    if main in WORDS.split():
        return "13a"
    if main not in OTHERWISE:
        raise ValueError(
            f"{language=} is not known: give a code of ISO 639-1, such as de or zh-CN"
        )
    return OTHERWISE[main]


def _metric(tokenizer: str) -> BLEU:
    try:
        return BLEU(tokenize=tokenizer)
    except RuntimeError as error:  # so it tells that a package is missing
        extra = tokenizer.partition("-")[0]
        raise ModuleNotFoundError(
            f'{tokenizer} is not installed: pip install "sacrebleu[{extra}]"'
        ) from error


def _aligned(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    for name, given in (("hypotheses", hypotheses), ("references", references)):
        if isinstance(given, str):
            raise ValueError(f"{name}={given!r} is a string: give a list of sentences")
    if len(hypotheses) != len(references):
        raise ValueError(
            f"{len(hypotheses)} hypotheses against {len(references)} references: "
            "give one reference for each hypothesis, in the same order"
        )
    if not references:
        raise ValueError("hypotheses and references are empty: give 1 sentence or more")
