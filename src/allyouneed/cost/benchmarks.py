"""How fast this library is, as records: its peers beside it, taking turns."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from typing import Any

import torch

from allyouneed.cost import measure, peer_timings
from allyouneed.cost.peer_timings import Case
from allyouneed.cost.peers import Terms
from allyouneed.ground import runtime
from allyouneed.nn.attention import attend, attention_weights

PARTS = ("training", "generation", "attention", "base", "recurrence", "memory")


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
    """Time the works of the case in turns: a record, all of it JSON."""
    before = measure.ceilings(terms.device, terms.precision)
    seconds = measure.side_by_side(
        case.works, device=terms.device, rounds=terms.rounds, least=0.0
    )
    after = measure.ceilings(terms.device, terms.precision)
    return {
        "case": case.name,
        "seconds": seconds,
        "tokens": case.tokens,
        "flops": case.flops,
        "matmul_flops": max(before.matmul_flops, after.matmul_flops),
        "copy_bytes": max(before.copy_bytes, after.copy_bytes),
        "precision": terms.precision,
        "compiled": terms.compiled,
        "provenance": runtime.provenance(terms.device),
        "transformers": metadata.version("transformers"),
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
        "precision": terms.precision,
        "provenance": runtime.provenance(terms.device),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _look(
    length: int, by_hand: bool, device: torch.device, precision: runtime.Precision
) -> None:
    """One sentence's attention of eight heads of 64, forwards."""
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    q, k, v = torch.randn(3, 1, 8, length, 64, device=device, dtype=dtype[precision])
    with torch.no_grad():
        _ = attention_weights(q, k) @ v if by_hand else attend(q, k, v)
