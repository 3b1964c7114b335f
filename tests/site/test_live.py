"""The translator in the page is the library's: same pieces, same scores, same words."""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import export_live
import pytest
import torch
from playwright.sync_api import Page
from torch import Tensor

from allyouneed.data.corpora import load
from allyouneed.data.grammar import examples
from allyouneed.data.grammar.lexicon import lexicon
from allyouneed.data.subwords import Subwords
from allyouneed.decoding.beam_search import beam
from allyouneed.decoding.greedy_search import greedy
from allyouneed.ground.plain_text import tidy
from allyouneed.ground.special_tokens import BOS, EOS
from allyouneed.models.head_pruning import prune
from allyouneed.models.transformer import Transformer
from allyouneed.nn import attention
from allyouneed.nn.positions import Unplaced
from allyouneed.runs import pretrained

ROOT = Path(__file__).parents[2]
CLOSE = 1e-4  # of a logit: the page sums in double precision, PyTorch in single
ODD = [
    "",
    " two  blanks ",
    "naïve 😀😀",
    "<s>",
    "</s> <unk>",
    "▁",
    "a▁b",
    "\u3000",
    "e\u0301",
]
ODD += [
    "tab\there",
    "\ufb01le",
    "so\u00adft",
    "a\u00a0b",
    "按钮 打开",
    "x" * 60,
    "\x85",
    "\x1c",
]
ODD += ["eee lll ooo sss ttt", "lllll sssss"]  # the first of equal pairs is joined

PREPARE = """async (name) => {
  const folder = document.querySelector(".translator").dataset.weights;
  const parts = await allyouneed.load(name, folder);
  window.subwords = new allyouneed.Subwords(parts.pieces);
  window.model = new allyouneed.Transformer(parts);
}"""
TRANSLATE = """([ids, change, beams, extra = 50]) => {
  const dropped = new Set(change.dropped ?? []);
  change = {...allyouneed.AS_TRAINED, ...change, dropped};
  const {finished, beam, wordByWord, EOS} = allyouneed;
  const found = finished(beams ? beam(model, ids, {change, beams, extra})
                               : wordByWord(model, ids, {change, extra}));
  window.found = found;
  return found.words.filter((word) => word !== EOS);
}"""
SEEN = """() => {
  const weights = (heads) => heads.map((head) => [...head.weights]);
  const rows = (seen) => Object.fromEntries(Object.entries(seen).map(
    ([name, queries]) => [name, queries.map(weights)]));
  return {logits: found.steps.map((step) => [...step.logits]),
          encoder: rows(found.memory.seen),
          steps: found.steps.map((step) => rows(step.seen))};
}"""


class Pair(NamedTuple):
    """A model in Python with the page's numbers, ready in the page too."""

    name: str
    model: Transformer
    subwords: Subwords
    sentences: list[str]
    page: Page

    def ids(self, sentence: str) -> list[int]:
        return [*self.subwords.encode(sentence), EOS]

    def words(
        self, ids: list[int], beams: int = 0, extra: int = 50, **change: Any
    ) -> list[int]:
        return self.page.evaluate(TRANSLATE, [ids, change, beams, extra])


@pytest.fixture(scope="module")
def page(site: Path, open_page: Callable[..., Page]) -> Iterator[Page]:
    page = open_page()
    page.goto((site / "translator.html").as_uri())
    yield page
    page.close()


@pytest.fixture(scope="module", params=export_live.NOTICES)
def pair(request: pytest.FixtureRequest, page: Page) -> Pair:
    page.evaluate(PREPARE, request.param)
    if request.param.startswith("help"):
        sentences = [en for en, _ in load("help", target="zh").test[:12]]
    else:
        sentences = [drawn.en for drawn in examples("test", count=12, seed=2)]
    model, subwords, _ = export_live.rounded(pretrained.load(request.param))
    return Pair(request.param, model.eval(), subwords, sentences, page)


def test_the_weights_are_those_of_the_package() -> None:
    for path, text in export_live.files().items():
        assert path.read_text(encoding="utf-8") == text, f"run {export_live.__file__}"


def test_it_cuts_sentences_as_sentencepiece_does(pair: Pair) -> None:
    texts = [*pair.sentences, *ODD]
    found = pair.page.evaluate("texts => texts.map((t) => subwords.encode(t))", texts)
    assert found == [pair.subwords.encode(text) for text in texts]
    back = pair.page.evaluate("rows => rows.map((ids) => subwords.decode(ids))", found)
    assert back == [pair.subwords.decode(ids) for ids in found]
    neat = pair.page.evaluate("texts => texts.map(allyouneed.tidy)", texts)
    assert neat == [tidy(text) for text in texts]


def compare(pair: Pair, model: Transformer, ids: list[int], **change: bool) -> None:
    """Every logit and every weight of every head, for the words that the page chose."""
    words = pair.words(ids, extra=4, **change)
    found = pair.page.evaluate(SEEN)
    target = torch.tensor([[BOS, *words]])[:, : len(found["logits"])]
    with torch.no_grad(), attention.watch(model) as seen:
        logits = model.decode(target, model.encode(torch.tensor([ids])))[0]
    torch.testing.assert_close(
        torch.tensor(found["logits"]), logits, atol=CLOSE, rtol=0
    )
    assert len(seen) == 3 * model.config.layers
    for name, (weights, *_) in seen.items():
        for q in range(weights.shape[2]):
            own = found["encoder"].get(name)
            row = torch.tensor(own[q] if own else found["steps"][q][name][0]).float()
            wanted = weights[0, :, q, : row.shape[1]]
            torch.testing.assert_close(row, wanted, atol=CLOSE, rtol=0)


def test_it_gives_the_same_scores_and_weights(pair: Pair) -> None:
    for sentence in pair.sentences[:2]:
        compare(pair, pair.model, pair.ids(sentence))


def test_without_the_root_it_does_the_same(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bare(q: Tensor, k: Tensor) -> Tensor:
        return q @ k.mT

    ids = pair.ids(pair.sentences[0])
    monkeypatch.setattr(attention, "scaled", bare)
    compare(pair, pair.model, ids[:8], scaled=False)


def test_without_positions_it_does_the_same(pair: Pair) -> None:
    model = copy.deepcopy(pair.model)
    model.place = Unplaced()
    compare(pair, model, pair.ids(pair.sentences[0])[:8], placed=False)


def test_it_finds_the_same_words(pair: Pair) -> None:
    for sentence in pair.sentences[:10]:
        ids = pair.ids(sentence)
        assert pair.words(ids) == greedy(pair.model, torch.tensor([ids]))[0]
    for sentence in pair.sentences[:5]:
        ids = pair.ids(sentence)
        wanted = beam(pair.model, torch.tensor([ids]), beams=4)[0].words
        assert pair.words(ids, beams=4) == wanted


def test_without_a_head_it_is_the_pruned_model(pair: Pair) -> None:
    layer, changed = "decoder.1.cross_attention", 0
    smaller = prune(pair.model, {layer: [0, 3]})
    gone = [f"{layer}.1", f"{layer}.2"]
    for sentence in pair.sentences[:8]:
        ids = pair.ids(sentence)
        found = pair.words(ids, dropped=gone)
        assert found == greedy(smaller, torch.tensor([ids]))[0]
        changed += found != pair.words(ids)
    assert changed


def test_it_knows_every_word_that_it_has_read(pair: Pair) -> None:
    learned = pretrained.load(pair.name).about["settings"]
    corpus = load(learned["corpus"], target=learned["target"])
    strange = "text => allyouneed.unread(allyouneed.tidy(text), read)"
    pair.page.evaluate(
        """async (name) => {
          const folder = document.querySelector(".translator").dataset.weights;
          window.read = (await allyouneed.load(name, folder)).read;
        }""",
        pair.name,
    )
    texts = [english for english, _ in corpus.train[::40]]
    assert pair.page.evaluate(f"texts => texts.flatMap({strange})", texts) == []
    text = "The zzyzx\u2019s king, Zzyzx and the zzyzx\u2019s."
    told = pair.page.evaluate(strange, text)
    assert [w for w in told if "z" in w.lower()] == ["zzyzx\u2019s", "Zzyzx"]


def test_what_an_example_shows_is_so(page: Page) -> None:
    """Each pronoun and noun of a lesson, with the adjective that it names."""
    model, subwords, _ = export_live.rounded(pretrained.load("grammar-en-de"))
    genders = {noun.de[0]: noun.gender for noun in lexicon().nouns.values()}
    agree = {"f": ("die", "sie"), "n": ("das", "es"), "m": ("der", "er")}
    examples = page.evaluate("allyouneed.MODELS['grammar-en-de'].examples")
    page.add_script_tag(path=ROOT / "zh/live.js")
    for words in ("allyouneed.words", "allyouneedWords.live"):
        lessons = page.evaluate(f"{words}.models['grammar-en-de'].lessons")
        assert len(lessons) == 2
        for sentence, lesson in zip(examples[:2], lessons, strict=True):
            german = re.findall('<i lang="de">(.*?)</i>', lesson)
            named = re.findall(r"“(too \w+)”", lesson)
            own, other = sorted(named, key=lambda words: words not in sentence)
            texts = (sentence, sentence.replace(own, other))
            for text, said, noun in zip(texts, german[::2], german[1::2], strict=True):
                ids = torch.tensor([[*subwords.encode(text), EOS]])
                found = subwords.decode(greedy(model.eval(), ids)[0])
                assert agree[genders[noun.split()[1]]] == (noun.split()[0], said)
                assert noun.split()[1] in found
                assert f"weil {said} zu" in found
