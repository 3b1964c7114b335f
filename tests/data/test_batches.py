"""Batches: every pair once, few padded positions, the same again from any step."""

import os
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
import torch
from torch import Tensor

from allyouneed.data import batches as module
from allyouneed.data import corpora
from allyouneed.data.batches import Batch, Batches
from allyouneed.data.subwords import Subwords
from allyouneed.ground.special_tokens import BOS, EOS, PAD

HERE = Path(__file__).parents[3] / "shared/data"
CAPTIONS = Path(os.environ.get("ALLYOUNEED_DATA") or HERE).resolve()
needs_captions = pytest.mark.skipif(
    not any((CAPTIONS / x / "train.de.gz").exists() for x in ("", "multi30k")),
    reason="ALLYOUNEED_DATA names no folder with Multi30k",
)
PAIRS = corpora.load("help-short").valid
TOKENS = 512


def vocabulary(pairs: list[corpora.Pair], size: int) -> Subwords:
    return Subwords.train((side for pair in pairs for side in pair), size=size)


@pytest.fixture(scope="module")
def subwords() -> Subwords:
    return vocabulary(PAIRS, 1000)


@pytest.fixture
def batches(subwords: Subwords) -> Batches:
    return Batches(PAIRS, subwords, tokens=TOKENS, seed=1)


def rows(side: Tensor) -> list[list[int]]:
    """Each row of a side, without its padding."""
    return [[i for i in row if i != PAD] for row in side.tolist()]


def pairs_of(epoch: list[Batch], subwords: Subwords) -> list[corpora.Pair]:
    return [
        (subwords.decode(source), subwords.decode(target))
        for batch in epoch
        for source, target in zip(rows(batch.source), rows(batch.target), strict=True)
    ]


def same(a: Batch, b: Batch) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("number", [0, 1, 7])
def test_an_epoch_has_every_pair_once(
    batches: Batches, subwords: Subwords, number: int
) -> None:
    epoch = list(batches.epoch(number))
    assert Counter(pairs_of(epoch, subwords)) == Counter(PAIRS)
    assert len(epoch) == len(batches) > 5


def test_rows_are_marked_padded_and_shifted(batches: Batches) -> None:
    for batch in batches.epoch(0):
        assert batch.source.dtype == batch.target.dtype == torch.int64
        assert len(batch.source) == len(batch.target)
        assert torch.equal(batch.inputs, batch.target[:, :-1])
        assert torch.equal(batch.labels, batch.target[:, 1:])
        for source, target in zip(rows(batch.source), rows(batch.target), strict=True):
            assert [source.count(i) for i in (BOS, EOS)] == [0, 1]
            assert [target.count(i) for i in (BOS, EOS)] == [1, 1]
            assert source[-1] == target[-1] == EOS
            assert target[0] == BOS
        for side in batch:
            assert side.shape[1] == max(map(len, rows(side)))
            padding = (side == PAD).int()
            assert torch.equal(padding, padding.sort().values)  # only at the end


def test_no_side_is_larger_than_asked_and_most_are_full(batches: Batches) -> None:
    sizes = [max(b.source.numel(), b.target.numel()) for b in batches.epoch(0)]
    assert max(sizes) <= TOKENS
    assert sum(size > 0.8 * TOKENS for size in sizes) > 0.8 * len(sizes)


def padding(batches: Batches) -> float:
    sides = [side for batch in batches.epoch(0) for side in batch]
    padded = sum(int((side == PAD).sum()) for side in sides)
    return padded / sum(side.numel() for side in sides)


@pytest.mark.parametrize(
    ("name", "target", "size", "tokens"),
    [
        ("help", "de", 8000, 4096),
        ("help", "zh", 8000, 4096),
        ("help-short", "zh", 4000, 4096),
        ("grammar", "de", 400, 1536),
        ("grammar", "zh", 400, 1536),
        pytest.param("multi30k", "de", 10000, 4096, marks=needs_captions),
    ],
)
def test_less_than_a_tenth_is_padding(
    name: str, target: str, size: int, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLYOUNEED_DATA", str(CAPTIONS))
    monkeypatch.setattr(corpora, "GRAMMAR_SIZES", (3000, 1, 1))
    pairs = corpora.load(name, target=target).train
    made = Batches(pairs, vocabulary(pairs, size), tokens=tokens)
    assert padding(made) < 0.1


def test_epochs_differ_in_order_and_in_company(batches: Batches) -> None:
    first, second = list(batches.epoch(0)), list(batches.epoch(1))
    assert [b.source.shape for b in first] != [b.source.shape for b in second]
    together = [
        {frozenset(map(tuple, b.source.tolist())) for b in epoch}
        for epoch in (first, second)
    ]
    assert len(together[0] & together[1]) < len(first) / 2


def test_seed_and_number_decide_everything(subwords: Subwords) -> None:
    one, two, other = (
        list(Batches(PAIRS, subwords, tokens=TOKENS, seed=seed).epoch(3))
        for seed in (1, 1, 2)
    )
    assert all(map(same, one, two))
    assert not all(map(same, one, other))


@pytest.mark.parametrize("step", [0, 1, 10, 57, 1000])
def test_from_step_goes_on_where_the_stream_was(batches: Batches, step: int) -> None:
    number, done = divmod(step, len(batches))
    expected = [b for n in range(number, number + 3) for b in batches.epoch(n)][done:]
    got = list(islice(batches.from_step(step), len(expected)))
    assert all(map(same, got, expected))


def test_nothing_is_encoded_twice(
    subwords: Subwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Batches(PAIRS, subwords, tokens=TOKENS)
    monkeypatch.delattr(Subwords, "encode")
    assert next(made.from_step(10**9)).source.numel()


def test_long_pairs_are_left_out_and_counted(subwords: Subwords) -> None:
    made = Batches(PAIRS, subwords, tokens=TOKENS, max_length=20)
    kept = [
        (a, b)
        for a, b in PAIRS
        if len(subwords.encode(a)) < 20 and len(subwords.encode(b)) < 19
    ]
    assert Counter(pairs_of(list(made.epoch(0)), subwords)) == Counter(kept)
    assert made.dropped == len(PAIRS) - len(kept) > 0
    assert Batches(PAIRS, subwords, tokens=TOKENS).dropped == 0


def test_moving_goes_through_pinned_memory_where_that_helps(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = next(batches.epoch(0))
    assert same(batch.to("cpu"), batch)
    pinned: list[Tensor] = []

    def pin_memory(side: Tensor) -> Tensor:
        pinned.append(side)
        return side

    monkeypatch.setattr(module, "pins", lambda device: device.type == "meta")
    monkeypatch.setattr(Tensor, "pin_memory", pin_memory)
    moved = batch.to("meta")
    assert [side.device.type for side in moved] == ["meta", "meta"]
    assert list(map(id, pinned)) == list(map(id, batch))


@pytest.mark.parametrize(
    ("pairs", "given", "message"),
    [
        ([], {}, "none of 0 pairs"),
        ([("a b", "b")], {"max_length": 2}, "none of 1 pairs .* max_length=2"),
        ([("a", "b"), ("", "b")], {}, r"pairs\[1\] has an empty source"),
        ([("a", "b"), ("a", " ")], {}, r"pairs\[1\] has an empty target"),
        ([("a", "b a b a b a")], {"tokens": 7}, "tokens=7 .* longest sentence, 8"),
    ],
)
def test_unusable_input_is_refused(
    pairs: list[corpora.Pair], given: dict[str, int], message: str
) -> None:
    letters = Subwords.train(["a b a", "b"], size=9)
    with pytest.raises(ValueError, match=message):
        Batches(pairs, letters, **{"tokens": 64, **given})


def test_time_does_not_run_backwards(batches: Batches) -> None:
    with pytest.raises(ValueError, match="step=-1 "):
        batches.from_step(-1)
    with pytest.raises(ValueError, match="number=-1 "):
        batches.epoch(-1)
