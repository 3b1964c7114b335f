"""Cached decoding against uncached, beam search against trying everything."""

import itertools
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from allyouneed.data.subwords import Subwords
from allyouneed.decoding.beam_search import Hypothesis, beam, length_penalty
from allyouneed.decoding.greedy_search import greedy, translate
from allyouneed.decoding.next_words import MANY, largest, likeliest
from allyouneed.decoding.sampling import sample
from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models.ensembles import Ensemble
from allyouneed.models.seq2seq import spread
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.nn.positions import Scheme

CONFIG = TransformerConfig(vocab=12, d_model=16, layers=2, heads=2, d_ff=32, p_drop=0.0)
SOURCES = [[5, 6, 7, EOS], [8, EOS], [9, 10, 11, 5, 6, EOS], [7, 7, EOS]]


def make(
    seed: int, *, vocab: int = 12, positions: Scheme = "sinusoidal"
) -> Transformer:
    """An untrained model whose logits are far enough apart to end some sentences."""
    torch.manual_seed(seed)
    config = replace(CONFIG, vocab=vocab, positions=positions)
    model = Transformer(config).double().eval()
    with torch.no_grad():
        model.embedding.words.weight.mul_(4)
    return model


def batch(sources: list[list[int]]) -> Tensor:
    width = max(map(len, sources))
    return torch.tensor([ids + [PAD] * (width - len(ids)) for ids in sources])


class Uncached:
    """The same model, reading the whole prefix again at every step."""

    def __init__(self, model: Transformer) -> None:
        self.model, self.rows_decoded = model, 0

    def encode(self, source: Tensor) -> "Uncached":
        self.memory = self.model.encode(source)
        self.prefix = torch.empty(len(source), 0).long()
        return self

    def streaming(self, beams: int = 1) -> "Uncached":
        self.beams, self.prefix = beams, self.prefix.repeat_interleave(beams, 0)
        return self

    def select(self, rows: Tensor) -> None:
        self.memory.select(rows)
        self.follow(spread(rows, self.beams))

    def follow(self, rows: Tensor) -> None:
        self.prefix = self.prefix[rows]

    def decode(self, target: Tensor, memory: "Uncached") -> Tensor:
        self.rows_decoded += len(target)
        self.prefix = torch.cat((self.prefix, target), dim=1)
        return self.model.decode(self.prefix, memory.memory)[:, -1:]


@pytest.mark.parametrize("positions", ["sinusoidal", "none", "rotary", "alibi", "shaw"])
@pytest.mark.parametrize("seed", range(4))
def test_cached_equals_uncached(seed: int, positions: Scheme) -> None:
    model, source = make(seed, positions=positions), batch(SOURCES)
    assert greedy(model, source, extra=9) == greedy(Uncached(model), source, extra=9)
    cached = beam(model, source, beams=3, extra=9)
    assert_same(cached, beam(Uncached(model), source, beams=3, extra=9))


def assert_same(ours: list[Hypothesis], theirs: list[Hypothesis]) -> None:
    assert [h.words for h in ours] == [h.words for h in theirs]
    scores = [torch.tensor([h.score for h in found]) for found in (ours, theirs)]
    torch.testing.assert_close(*scores)


@pytest.mark.parametrize("seed", range(4))
def test_batched_equals_one_by_one(seed: int) -> None:
    model = make(seed)
    alone = [batch([source]) for source in SOURCES]
    assert greedy(model, batch(SOURCES), extra=7) == [
        greedy(model, source, extra=7)[0] for source in alone
    ]
    assert_same(
        beam(model, batch(SOURCES), extra=7),
        [beam(model, source, extra=7)[0] for source in alone],
    )


@pytest.mark.parametrize("seed", range(4))
def test_one_beam_is_greedy(seed: int) -> None:
    model, source = make(seed), batch(SOURCES)
    found = [h.words for h in beam(model, source, beams=1, extra=9)]
    assert found == greedy(model, source, extra=9)


def by_brute_force(model: Transformer, source: Tensor, limit: int) -> Hypothesis:
    """Score every sentence that ends within `limit` words, or is cut off there."""
    vocab = model.config.vocab
    best = Hypothesis([], -torch.inf)
    for length in range(1, limit + 1):
        for words in itertools.product(range(vocab), repeat=length):
            ends = words[-1] == EOS
            if EOS in words[:-1] or (length < limit and not ends):
                continue
            logits = model(source, torch.tensor([[BOS, *words[:-1]]]))
            logp = logits.log_softmax(-1)[0, range(length), words].sum().item()
            score = logp / ((5 + length) / 6) ** 0.6
            if score > best.score:
                best = Hypothesis(list(words[: -1 if ends else None]), score)
    return best


@pytest.mark.parametrize("seed", range(5))
@torch.no_grad()
def test_a_wide_beam_finds_what_brute_force_finds(seed: int) -> None:
    model = make(seed, vocab=5)
    for source in ([4, EOS], [3, EOS]):
        exact = by_brute_force(model, batch([source]), limit=4)
        found = beam(model, batch([source]), beams=5**4, extra=2)
        assert_same(found, [exact])


def test_a_sentence_that_has_ended_costs_nothing() -> None:
    model = Uncached(make(2))
    found = greedy(model, batch(SOURCES), extra=30)
    limits = [len(source) + 30 for source in SOURCES]
    steps = [min(len(w) + 1, limit) for w, limit in zip(found, limits, strict=True)]
    assert model.rows_decoded == sum(steps)
    assert len(set(steps)) > 1


def test_limits_are_kept() -> None:
    model, source = make(0), batch(SOURCES)
    for found in (
        greedy(model, source, extra=1),
        [h.words for h in beam(model, source, extra=1)],
    ):
        for words, ids in zip(found, SOURCES, strict=True):
            assert len(words) <= len(ids) + 1


@pytest.mark.parametrize("vocab", [8, 64, 130, 700, 1000])
@pytest.mark.parametrize("count", [1, 4, 8])
def test_the_largest_are_found(vocab: int, count: int) -> None:
    torch.manual_seed(vocab)
    scores = torch.randn(50, vocab)
    top, places = largest(scores, count)
    torch.testing.assert_close(top, scores.topk(count).values)
    torch.testing.assert_close(scores.gather(-1, places), top)


@pytest.mark.parametrize("vocab", [8, 130, 700, 8000])
@pytest.mark.parametrize("values", [3, 2**20])
def test_the_likeliest_is_the_first_of_the_largest(vocab: int, values: int) -> None:
    """With three values for so many words there are ties in every row."""
    torch.manual_seed(vocab)
    scores = torch.randint(values, (MANY // vocab + 1, vocab)).float()
    assert torch.equal(likeliest(scores), scores.argmax(-1))


def test_the_penalty_is_the_one_of_gnmt() -> None:
    assert length_penalty(7, alpha=0.6) == (12 / 6) ** 0.6
    assert length_penalty(99, alpha=0) == 1


def test_translations_come_in_the_order_of_the_sentences() -> None:
    words = ["a b c d", "b", "c a", "d d d d d d"]
    subwords = Subwords.train(words * 3, size=12)
    model = make(1, vocab=len(subwords))
    for beams in (1, 2):
        together = translate(model, subwords, words, beams=beams, tokens=16)
        alone = [translate(model, subwords, [w], beams=beams)[0] for w in words]
        assert together == alone
    assert len(set(together)) > 1


@pytest.mark.parametrize("beams", [1, 2])
def test_a_translation_may_be_longer_by_what_is_allowed(
    beams: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    subwords = Subwords.train(["a b c d"] * 3, size=12)
    model = make(1, vocab=len(subwords))  # it does not know how to end
    length = len(subwords.encode("a b c d")) + 1
    monkeypatch.setattr(subwords, "decode", lambda ids: str(len(ids)))
    for extra in (1, 9, 40):
        (found,) = translate(model, subwords, ["a b c d"], beams=beams, extra=extra)
        assert length + extra - (beams > 1) <= int(found) <= length + extra


def test_bad_requests_are_refused() -> None:
    model, source = make(0), batch(SOURCES)
    with pytest.raises(ValueError, match="beams=0"):
        beam(model, source, beams=0)
    for alpha in (-1, torch.nan):
        with pytest.raises(ValueError, match=f"alpha={alpha}"):
            beam(model, source, alpha=alpha)
    with pytest.raises(ValueError, match="extra=0"):
        greedy(model, source, extra=0)
    subwords = Subwords.train(["a b c d"] * 3, size=12)
    with pytest.raises(ValueError, match=r"sentences\[1\]='  ' is blank"):
        translate(model, subwords, ["a", "  "])
    with pytest.raises(ValueError, match=r"sentences\[0\]='\\u200b\\xa0' is blank"):
        translate(model, subwords, ["\u200b\u00a0"])
    with pytest.raises(ValueError, match="beams=0: give at least 1"):
        translate(model, subwords, ["a"], beams=0)
    with pytest.raises(ValueError, match="sentences='Hi' is a string"):
        translate(model, subwords, "Hi")


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
@pytest.mark.parametrize(
    "name", ["embedding.words.weight", "encoder.0.around.1.norm.gain"]
)
def test_a_broken_model_is_told_from_one_that_says_nothing(
    name: str, value: float
) -> None:
    subwords = Subwords.train(["a b c d"] * 3, size=12)
    model, source = make(1, vocab=len(subwords)), batch(SOURCES)
    with torch.no_grad():
        model.get_parameter(name)[0] = value
    chance = torch.Generator()
    for search in (
        lambda: greedy(model, source),
        lambda: beam(model, source),
        lambda: sample(model, source, generator=chance),
        lambda: translate(model, subwords, ["a b"]),
        lambda: translate(model, subwords, ["a b"], beams=4),
    ):
        with pytest.raises(FloatingPointError, match="scores are NaN or infinite"):
            search()


@pytest.mark.parametrize("beams", [1, 3])
def test_what_is_too_long_for_learned_positions_takes_no_other_with_it(
    beams: int,
) -> None:
    subwords = Subwords.train(["a b c d"] * 3, size=12)
    torch.manual_seed(1)
    config = replace(CONFIG, vocab=len(subwords), positions="learned", max_length=9)
    model = Transformer(config).eval()  # it does not know how to end
    assert model.longest == Ensemble([model, make(0)]).longest == 9
    long = " ".join("abcd" * 3)
    with pytest.warns(UserWarning, match=r"sentences\[1\] has 1\d sub-words") as told:
        found = translate(model, subwords, ["a b", long, "c d"], beams=beams)
    assert len(told) == 1
    alone = [translate(model, subwords, [x], beams=beams)[0] for x in ("a b", "c d")]
    assert found == [alone[0], "", alone[1]]
    assert all(alone)
    with pytest.raises(ValueError, match=r"sentences\[0\] has .*: make it shorter"):
        translate(model, subwords, [long], beams=beams)


def test_what_does_not_show_changes_no_translation() -> None:
    subwords = Subwords.train(["a b c d"] * 3, size=12)
    model = make(1, vocab=len(subwords))
    expected = translate(model, subwords, ["a b c"])
    for text in ("\ufeffa b c", "a\u00a0b\u2028c\r", "\u200ba \tb\u00ad c "):
        assert translate(model, subwords, [text]) == expected
