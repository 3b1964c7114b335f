"""Train a recurrent model of characters with three seeds, and record the runs.

    python tools/record_characters.py en [--epochs 4] [--seeds 3] [--record FILE]

The text is cut into streams that are read side by side, 64 characters an update; the
state goes from one update to the next, gradients do not. A character that stands only
once in the training part becomes one common sign, also where it is held out. What
counts is the epoch that was best on the part `valid`; `test` is scored once, with that
epoch's weights.
"""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import recording
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.data import literature
from allyouneed.ground import runtime
from allyouneed.nn.recurrent import GRU, Recurrent

RECORD = recording.FOLDER / "characters.jsonl"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One network, what it reads and how; the rate falls along half a cosine."""

    language: str
    epochs: int = 4
    d_model: int = 128
    p_drop: float = 0.1
    rate: float = 4e-3
    streams: int = 32
    step: int = 64
    seed: int = 0


class Reader(nn.Module):
    """Scores for the next character, from those before it and a state."""

    def __init__(self, vocab: int, reading: Reading) -> None:
        super().__init__()
        self.reading = reading
        d_model = reading.d_model
        self.embedding = nn.Embedding(vocab, d_model)
        self.layer = self.made(reading)
        self.output = nn.Linear(d_model, vocab)
        self.dropout = nn.Dropout(reading.p_drop)

    def made(self, reading: Reading) -> Recurrent[Any]:
        """The layer that reads."""
        return GRU(reading.d_model, reading.d_model)

    def forward(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Read on: (B, T), the layer's state -> (B, T, V), state."""
        h, state = self.layer(self.dropout(self.embedding(x)), state)
        return self.output(self.dropout(h)), state


def streamed(ids: Tensor, reading: Reading) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and targets (streams, step), in order, but for a few at the end."""
    ids = torch.cat((ids[-1:], ids))  # a line break, as before each line
    length = (len(ids) - 1) // reading.streams
    x = ids[: length * reading.streams].view(-1, length)
    y = ids[1 : length * reading.streams + 1].view(-1, length)
    return zip(x.split(reading.step, 1), y.split(reading.step, 1), strict=True)


def epoch(model: Reader, adam: torch.optim.Optimizer, ids: Tensor) -> None:
    """Read the whole text once, and learn from it."""
    model.train()
    state = None
    for x, y in streamed(ids, model.reading):
        logits, state = model(x, state)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        state = cut(state)


def cut(state: Any) -> Any:
    """The same state, through which no gradient goes."""
    if isinstance(state, Tensor):
        return state.detach()
    return type(state)(*(part.detach() for part in state))


@torch.no_grad()
def bits(model: Reader, ids: Tensor) -> float:
    """Mean bits a character, the text read in streams as well."""
    model.eval()
    total, count, state = 0.0, 0, None
    for x, y in streamed(ids, model.reading):
        logits, state = model(x, state)
        total += F.cross_entropy(logits.mT, y, reduction="sum").item()
        count += y.numel()
    return total / count / math.log(2)


def read(reading: Reading) -> dict[str, Any]:
    """Train once; bits a character after each epoch, and of the best one on `test`."""
    parts, vocab = literature.numbered(literature.load(reading.language), least=2)
    with runtime.seeded(torch.device("cpu"), reading.seed):
        model = Reader(vocab, reading)
        curve = list(learn(model, parts["train"], parts["valid"]))
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "vocab": vocab,
        "valid_bits": min(curve),
        "test_bits": round(bits(model, parts["test"]), 4),
        "valid_bits_by_epoch": curve,
    }


def learn(model: Reader, train: Tensor, valid: Tensor) -> Iterator[float]:
    """Yield the bits on `valid` after each epoch; the best epoch's weights stay."""
    reading = model.reading
    adam = torch.optim.Adam(model.parameters(), lr=reading.rate)
    rates = torch.optim.lr_scheduler.CosineAnnealingLR(
        adam, reading.epochs, reading.rate / 20
    )
    curve: list[float] = []
    for _ in range(reading.epochs):
        epoch(model, adam, train)
        rates.step()
        curve.append(round(bits(model, valid), 4))
        if curve[-1] == min(curve):
            best = copy.deepcopy(model.state_dict())
        yield curve[-1]
    model.load_state_dict(best)


def grid(seeds: int, language: str = "en", epochs: int = 4) -> list[Reading]:
    """One network for each seed."""
    return [
        Reading(language=language, epochs=epochs, seed=seed) for seed in range(seeds)
    ]


def main() -> None:
    words = recording.command(__doc__, RECORD)
    words.add_argument("language", choices=literature.FILES)
    words.add_argument("--epochs", type=int, default=4)
    given = words.parse_args()
    asked = grid(given.seeds, given.language, given.epochs)
    recording.record(read, asked, given)


if __name__ == "__main__":
    main()
