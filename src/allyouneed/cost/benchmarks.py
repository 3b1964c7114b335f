"""How fast this library is, as records: its peers beside it, taking turns."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence
from torch.profiler import ProfilerActivity

from allyouneed.cost import measure, peer_timings
from allyouneed.cost.ctranslate import ConvertedTranslator
from allyouneed.cost.peer_timings import Case
from allyouneed.cost.peers import Terms
from allyouneed.data import corpora
from allyouneed.decoding import greedy_search
from allyouneed.evaluation import metrics
from allyouneed.ground import runtime
from allyouneed.ground.special_tokens import EOS, PAD
from allyouneed.models.transformer import Transformer
from allyouneed.nn.attention import attend, attention_weights
from allyouneed.runs import pretrained

PARTS = ("training", "generation", "attention", "base", "recurrence", "memory")
PEERS = ("transformers", "ctranslate2")
TRAINED = "help-en-zh"
CEILING = "a large product"


def benchmark(part: str, terms: Terms) -> Iterator[dict[str, Any]]:
    """The records of one of `PARTS`; a GPU's sizes are larger than a CPU's.

    Raises:
        ValueError: an unknown `part`.
        ModuleNotFoundError: a peer is not installed.
    """
    if part not in PARTS:
        raise ValueError(f"{part=}: choose {', '.join(PARTS)}")
    large = terms.device.type != "cpu"
    if part == "memory":
        for length in (2**i for i in range(10, 17 if large else 13)):
            for by_hand in (False, True):
                if not by_hand or length <= 2**14:
                    yield memory(terms, length=length, by_hand=by_hand)
        return
    for case in _cases(part, terms, large=large):
        yield measured(case, terms)
    if part == "generation" and not large:
        yield agreement(terms)


def _cases(part: str, terms: Terms, *, large: bool) -> Iterator[Case]:
    match part:
        case "training":
            for padded in (False, True):
                yield peer_timings.training(terms, padded=padded)
        case "generation":
            for beams in (1, 4):
                yield peer_timings.generation(terms, beams=beams)
            yield peer_timings.caching(terms)
        case "attention":
            for length in (peer_timings.LENGTH, 128, 512, 2048):
                yield peer_timings.attention(terms, length=length)
            yield peer_timings.attention(terms, length=512, causal=True)
        case "base":
            yield peer_timings.base(terms, tokens=8192 if large else 512)
        case _:
            for length in (2**i for i in range(7, 13 if large else 11)):
                tokens = 2**16 if large else 4096
                yield peer_timings.recurrence(terms, length=length, tokens=tokens)


def measured(case: Case, terms: Terms) -> dict[str, Any]:
    """Time the works of the case in turns: a record, all of it JSON.

    Seconds are the wall clock's; those of the processor, all threads added, tell more
    on a machine that others use too. Where operations are counted, a large product
    takes turns with the works, as the ceiling, and on a CPU a profile is taken.
    """
    works: dict[str, measure.Work] = dict(case.works)
    product, flops = measure.large_product(terms.device, terms.precision)
    if case.flops:
        works[CEILING] = product
    turns = measure.turns(works, device=terms.device, rounds=terms.rounds)
    seconds = {who: [turn.seconds for turn in own] for who, own in turns.items()}
    processor = {who: [turn.processor for turn in own] for who, own in turns.items()}
    record: dict[str, Any] = {"case": case.name, "tokens": case.tokens}
    if case.flops:
        record["flops"] = case.flops
        record["ceiling"] = {
            "flops": flops,
            "seconds": seconds.pop(CEILING),
            "processor_seconds": processor.pop(CEILING),
        }
    if case.flops and terms.device.type == "cpu":
        record["profile"] = {who: profile(work) for who, work in case.works.items()}
    return record | {
        "seconds": seconds,
        "processor_seconds": processor,
        "compiled": terms.compiled,
        **_made(terms),
    }


def profile(work: measure.Work, *, calls: int = 3) -> dict[str, float]:
    """Share of the time on a CPU that each of PyTorch's operations takes by itself.

    What lies between them is Python. Shares below one in a thousand are left out.
    """
    with torch.profiler.profile(activities=[ProfilerActivity.CPU]) as seen:
        start = time.perf_counter()
        for _ in range(calls):
            work()
        total = time.perf_counter() - start
    events = seen.key_averages()
    shares = {event.key: event.self_cpu_time_total / 1e6 / total for event in events}
    return {name: share for name, share in shares.items() if share >= 0.001}


def agreement(terms: Terms, *, sentences: int | None = None) -> dict[str, Any]:
    """A trained translator's test in CTranslate2, greedy and sentence by sentence.

    Of each arithmetic the record holds the share of translations that are ours to the
    letter, and BLEU.
    """
    model, subwords, about = pretrained.load(TRAINED)
    assert isinstance(model, Transformer)
    made = about["settings"]
    corpus = corpora.load(made["corpus"], source=made["source"], target=made["target"])
    texts, references = zip(*corpus.test[:sentences], strict=True)
    found = {"ours": greedy_search.translate(model, subwords, texts)}
    ids = [torch.tensor([*subwords.encode(text), EOS]) for text in texts]
    source = pad_sequence(ids, batch_first=True, padding_value=PAD)
    for who, arithmetic in peer_timings.CONVERTED.items():
        converted = ConvertedTranslator(model, arithmetic=arithmetic)
        found[who] = [subwords.decode(words) for words in converted.greedy(source)]
    scores = {
        who: metrics.bleu(told, references, language=made["target"])
        for who, told in found.items()
    }
    return {
        "case": f"translations by {TRAINED}",
        "sentences": len(texts),
        "equal": {
            who: metrics.exact_match(told, found["ours"]) for who, told in found.items()
        },
        "bleu": {who: score.value for who, score in scores.items()},
        "signature": scores["ours"].signature,
        **_made(terms),
    }


def _made(terms: Terms) -> dict[str, Any]:
    """On what, with which peers, and when."""
    return {
        "precision": terms.precision,
        "provenance": runtime.provenance(terms.device),
        "peers": {peer: runtime.version(peer) for peer in PEERS},
        "wait_policy": os.environ.get("OMP_WAIT_POLICY"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def memory(terms: Terms, *, length: int, by_hand: bool) -> dict[str, Any]:
    """Bytes that one sentence's attention takes, weights stored or not: a record."""
    work = partial(_look, length, by_hand, terms.device, terms.precision)
    return {
        "case": "memory of attention",
        "way": "by hand" if by_hand else "fused",
        "length": length,
        "bytes": measure.peak_bytes(work, device=terms.device),
        **_made(terms),
    }


def _look(
    length: int, by_hand: bool, device: torch.device, precision: runtime.Precision
) -> None:
    """One sentence's attention of eight heads of 64, forwards."""
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    q, k, v = torch.randn(3, 1, 8, length, 64, device=device, dtype=dtype[precision])
    with torch.no_grad():
        _ = attention_weights(q, k) @ v if by_hand else attend(q, k, v)
