"""Read novels through a window that keeps the first characters, or does not.

    python tools/record_long_text.py [--seeds 3] [--workers 1] [--record FILE]

A model trained on all of 160 characters then reads 1,280, all of them, or through a
window with or without the first ones. It began each text with any character, or with
a token that is always the same.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import recording
import torch
import torch.nn.functional as F
from torch import Tensor

from allyouneed.data import literature
from allyouneed.data.tasks import APART
from allyouneed.ground import runtime
from allyouneed.models.long_models import LongConfig, long_model
from allyouneed.models.sequence_models import MixerConfig, SequenceModel
from allyouneed.nn.attention import watch
from allyouneed.nn.long_attention import Pattern
from allyouneed.studies import one_cycle, small_tasks

RECORD = recording.FOLDER / "long-text.jsonl"
VOCAB, START = 77, 76  # the novels' 76 ids, and one that begins a text
SINK = MixerConfig(vocab=VOCAB, mixer="attention", positions="t5")
WINDOWS, FIRST = (16, 32, 64), (0, 1, 4)
LONG = 1280


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One model, what it reads in training, and the seed of both."""

    kind: str
    model: LongConfig
    rate: float
    length: int
    size: int
    steps: int
    begins: bool = False  # whether each text begins with the same token
    seed: int = 0


@cache
def characters() -> dict[str, Tensor]:
    """Ids of the parts of the novels."""
    return literature.numbered(literature.load("en"))[0]


def windows(
    part: str, size: int, length: int, generator: torch.Generator, *, begins: bool
) -> tuple[Tensor, Tensor]:
    """What to read and what follows, both (size, length); perhaps a beginning first."""
    x, y = literature.windows(
        characters()[part], size, length - begins, generator=generator
    )
    if not begins:
        return x, y
    return F.pad(x, (1, 0), value=START), torch.cat((x[:, :1], y), dim=1)


def trained(reader: Reader) -> tuple[SequenceModel, float]:
    """A model after its updates, and their mean loss over the last 50."""
    with runtime.seeded(torch.device("cpu"), reader.seed):
        model = long_model(reader.model)
    g = torch.Generator().manual_seed(reader.seed)

    def losses() -> Iterator[Tensor]:
        while True:
            x, y = windows("train", reader.size, reader.length, g, begins=reader.begins)
            yield small_tasks.loss(model(x), y)

    seen = one_cycle.fit(
        model, losses(), rate=reader.rate, steps=reader.steps, beta2=0.98
    )
    return model, sum(seen[-50:]) / 50


def through(reader: Reader, model: SequenceModel, pattern: Pattern) -> SequenceModel:
    """The same trained model, its view restricted."""
    other = long_model(dataclasses.replace(reader.model, pattern=pattern))
    other.load_state_dict(model.state_dict())
    return other


@torch.no_grad()
def streamed(reader: Reader, model: SequenceModel) -> dict[str, Any]:
    """Loss of long texts beyond twice the trained length, by window and first ones."""
    g = torch.Generator().manual_seed(APART)
    x, y = windows("test", 6, LONG, g, begins=reader.begins)
    far = 2 * reader.length

    def loss(pattern: Pattern) -> float:
        logits = through(reader, model, pattern)(x)
        return round(small_tasks.loss(logits[:, far:], y[:, far:]).item(), 4)

    views = {f"{w} + {f}": Pattern(window=w, first=f) for w in WINDOWS for f in FIRST}
    views |= {f"{w + 4} newest": Pattern(window=w + 4) for w in WINDOWS}
    short, within = x[:, : reader.length], y[:, : reader.length]
    with watch(model) as seen:
        logits = model(short)
    half = reader.length // 2
    sink = [calls[0][:, :, half:, 0].mean((0, 2)).tolist() for calls in seen.values()]
    return {
        "all": loss(Pattern()),
        "within": round(small_tasks.loss(logits[:, half:], within[:, half:]).item(), 4),
        "through": {name: loss(pattern) for name, pattern in views.items()},
        "first": [[round(share, 4) for share in layer] for layer in sink],
    }


def read(reader: Reader) -> dict[str, Any]:
    """Train, then test through all windows."""
    torch.set_flush_denormal(True)  # CPUs are slow on vanished numbers
    model, loss = trained(reader)
    measured: dict[str, Any] = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "training": round(loss, 4),
    }
    model.eval()
    return measured | streamed(reader, model)


def sinking(seed: int, *, begins: bool) -> Reader:
    """A reader of 160 characters."""
    return Reader(
        kind="sink",
        model=LongConfig(model=SINK),
        rate=3e-3,
        length=160,
        size=8,
        steps=500,
        begins=begins,
        seed=seed,
    )


def readers(seeds: int) -> list[Reader]:
    """Both beginnings, one seed after the other."""
    return [
        sinking(seed, begins=begins)
        for seed in range(seeds)
        for begins in (False, True)
    ]


def main() -> None:
    recording.run(__doc__, RECORD, read, readers)


if __name__ == "__main__":
    main()
