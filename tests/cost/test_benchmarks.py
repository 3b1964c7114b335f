"""The peers compute what we compute, and a benchmark is a record."""

import json
import math
import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from twins import stacks
from typer.testing import CliRunner

from allyouneed import decoding
from allyouneed.cli.app import app
from allyouneed.cost import benchmarks, measure, peer_timings, peers
from allyouneed.cost.ctranslate import ConvertedTranslator
from allyouneed.ground.special_tokens import EOS, PAD
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.studies import records

CPU = torch.device("cpu")
TINY = TransformerConfig(vocab=90, d_model=16, layers=1, heads=2, d_ff=32)
TERMS = peers.Terms(device=CPU, rounds=2)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    sizes = {"SIZES": TINY, "SENTENCES": 6, "LENGTH": 9, "WORDS": 12, "FEW": 2}
    for name, value in sizes.items():
        monkeypatch.setattr(peer_timings, name, value)


@pytest.mark.parametrize("padded", [False, True])
def test_pytorch_s_translator_has_our_loss(padded: bool) -> None:
    config = replace(TINY, bias=True, p_drop=0.0)
    ours, theirs = Transformer(config).double(), peers.TorchTranslator(config).double()
    assert isinstance(theirs.layers.encoder.norm, torch.nn.LayerNorm)  # one too many
    theirs.layers.encoder, theirs.layers.decoder = stacks(ours)
    theirs.words.weight.data.copy_(ours.embedding.words.weight)
    words = peer_timings.batch(CPU, padded=padded)
    mine = ours.loss(words.source, words.inputs, words.labels, epsilon=0.1)
    torch.testing.assert_close(
        theirs.loss(words.source, words.inputs, words.labels), mine
    )


def test_all_translators_have_one_size() -> None:
    config = peer_timings.TransformerConfig(
        vocab=8000, d_model=256, layers=3, heads=8, d_ff=1024
    )
    models = [Transformer(config), peers.TorchTranslator(config)]
    models.append(peers.MarianTranslator(config, longest=1).model)
    counts = [sum(p.numel() for p in m.parameters()) for m in models]
    assert max(counts) / min(counts) < 1.005


@pytest.mark.parametrize("padded", [False, True])
def test_every_training_work_learns_the_batch(padded: bool) -> None:
    case = peer_timings.training(TERMS, padded=padded)
    assert next(iter(case.works)) == "ours"
    works: dict[str, Any] = dict(case.works)
    for work in works.values():
        first = work()
        for _ in range(100):
            last = work()
        first, last = (getattr(x, "loss", x) for x in (first, last))
        assert first > 0.9 * math.log(TINY.vocab)
        assert last < first - 0.2


def test_a_batch_is_padded_or_not() -> None:
    full, padded = (peer_timings.batch(CPU, padded=p) for p in (False, True))
    assert not (full.source == PAD).any()
    lengths = (padded.source != PAD).sum(-1)
    assert lengths.min() >= 3
    assert lengths.unique().numel() > 1
    assert not ((full.target == EOS) | (padded.target == EOS)).any()


@pytest.mark.parametrize("beams", [1, 4])
def test_all_libraries_write_as_many_words(beams: int) -> None:
    """And CTranslate2, which has our weights, the very same."""
    works: dict[str, Any] = dict(peer_timings.generation(TERMS, beams=beams).works)
    written = [getattr(h, "words", h) for h in works["ours"]()]
    assert [len(words) for words in written] == [12] * 6
    assert works["Marian (Hugging Face)"]().shape == (6, 13)
    assert works["CTranslate2"]() == written
    assert [len(words) for words in works["CTranslate2, 8 bits"]()] == [12] * 6


@pytest.mark.parametrize(
    "choice",
    [{}, {"wiring": "pre"}, {"bias": True}, {"tied": False}, {"p_drop": 0.5}],
)
def test_converted_weights_translate_alike(choice: dict[str, Any]) -> None:
    """Sentences of all lengths, some of which meet their end word, others the limit."""
    model = Transformer(replace(TINY, layers=2, **choice)).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # so that gains and biases tell
            parameter.add_(torch.randn_like(parameter), alpha=0.1)
        model.embedding.words.weight.mul_(4)
    source = peer_timings.batch(CPU, padded=True).source
    expected = decoding.greedy(model, source, extra=20)
    assert ConvertedTranslator(model).greedy(source, extra=20) == expected
    assert len({tuple(words) for words in expected}) > 1


@pytest.mark.parametrize(
    "choice",
    [{"positions": "rotary"}, {"wiring": "none"}, {"norm": "rms"}, {"d_k": 4}],
)
def test_what_is_computed_otherwise_is_not_converted(choice: dict[str, Any]) -> None:
    (name,) = choice
    with pytest.raises(ValueError, match=f"^{name}=.*convert one with"):
        ConvertedTranslator(Transformer(replace(TINY, **choice)))


def test_without_ctranslate2_one_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install .*\[bench\]"):
        ConvertedTranslator(Transformer(TINY))


def test_a_trained_translator_says_the_same_in_ctranslate2() -> None:
    record = benchmarks.agreement(TERMS, sentences=12)
    assert json.loads(json.dumps(record)) == record
    assert record["sentences"] == 12
    assert record["equal"]["CTranslate2"] == record["equal"]["ours"] == 1
    assert record["bleu"]["CTranslate2"] == record["bleu"]["ours"] > 10


def test_the_cache_changes_no_word() -> None:
    works: dict[str, Any] = dict(peer_timings.caching(TERMS).works)
    kept, anew = (work() for work in works.values())
    assert kept == anew[:, 1:].tolist()


def test_attention_s_works_are_attention() -> None:
    """The bare one with our weights has our output."""
    works: dict[str, Any] = dict(
        peer_timings.attention(TERMS, length=9, causal=True).works
    )
    ours = works["ours"].args[0].func
    bare = works["kernel and projections"].args[0].func
    for mine, theirs in zip(
        (ours.query, ours.key, ours.value, ours.output), bare.maps, strict=True
    ):
        theirs.weight.data.copy_(mine.weight)
    x = torch.randn(2, 9, 16)
    torch.testing.assert_close(bare(x), ours(x, causal=True))


def test_operations_are_those_counted() -> None:
    case = peer_timings.training(TERMS, padded=False)
    counted = measure.flops(case.works["torch.nn.Transformer"])
    assert case.flops == counted


def test_the_lstm_is_as_large_as_attention() -> None:
    works: dict[str, Any] = dict(
        peer_timings.recurrence(TERMS, length=16, tokens=32).works
    )
    counts = {
        name: sum(p.numel() for p in work.args[0].func.parameters())
        for name, work in works.items()
    }
    assert 0.9 < counts["LSTM"] / counts["attention"] <= 1


def test_a_record_is_json_with_its_provenance() -> None:
    record, *_ = benchmarks.benchmark("training", TERMS)
    assert json.loads(json.dumps(record)) == record
    assert record["provenance"]["threads"] == torch.get_num_threads()
    for kind in ("seconds", "processor_seconds"):
        assert {len(seconds) for seconds in record[kind].values()} == {2}
        assert record[kind].keys() == record["profile"].keys()
    ceiling = record["ceiling"]
    assert len(ceiling["seconds"]) == len(ceiling["processor_seconds"]) == 2
    assert ceiling["flops"] / min(ceiling["seconds"]) > 1e8


def test_a_profile_tells_the_share_of_each_operation() -> None:
    a = torch.randn(300, 300)

    def drowsy() -> None:
        time.sleep(0.2)  # more than the products take on a busy machine
        _ = a @ a @ a

    shares = benchmarks.profile(drowsy)
    assert max(shares, key=shares.__getitem__) == "aten::mm"
    assert sum(shares.values()) < 0.9  # the rest is sleep
    awake = benchmarks.profile(lambda: [a @ a for _ in range(100)])
    assert 0.5 < awake["aten::mm"] < sum(awake.values()) <= 1


def test_memory_is_less_without_the_weights() -> None:
    used = {
        way: benchmarks.memory(TERMS, length=2048, by_hand=way)["bytes"]
        for way in (True, False)
    }
    assert used[True] - used[False] > 8 * 2048**2 * 4


def test_the_command_writes_lines(tmp_path: Path) -> None:
    out = tmp_path / "bench.jsonl"
    command = ["bench", "training", "attention", "--rounds", "1", "--out", str(out)]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == 0
    cases = [record["case"] for record in records.read(out)]
    assert len(cases) == 2 + 5
    assert re.search(
        r"times as fast as torch.nn.Transformer \([\d.]+ by processor\)", result.output
    )


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ValueError, match="part='speed': choose training"):
        list(benchmarks.benchmark("speed", TERMS))
