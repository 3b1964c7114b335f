"""Train a recurrent model of characters with three seeds, and record the runs.

    python tools/record_characters.py en [--epochs 4] [--seeds 3] [--record FILE]

The text is cut into streams that are read side by side, 64 characters an update; the
state goes from one update to the next, gradients do not. A character that stands only
once in the training part becomes one common sign, also where it is held out. What
counts is the epoch that was best on the part `valid`; `test` is scored once, with that
epoch's weights.
"""

import argparse
import copy
import math
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import allyouneed
from allyouneed import literature, records, runtime
from allyouneed.recurrent import GRU

RECORD = Path(allyouneed.__file__).parent / "records/characters.jsonl"
D_MODEL, P_DROP, RATE, STREAMS, STEP = 128, 0.1, 4e-3, 32, 64


class Reader(nn.Module):
    """Scores for the next character, from those before it and a state."""

    def __init__(self, vocab: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, D_MODEL)
        self.gru = GRU(D_MODEL, D_MODEL)
        self.output = nn.Linear(D_MODEL, vocab)
        self.dropout = nn.Dropout(P_DROP)

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Read on: (B, T), (B, d_model) -> (B, T, V), (B, d_model)."""
        h, state = self.gru(self.dropout(self.embedding(x)), state)
        return self.output(self.dropout(h)), state


def numbered(text: literature.Text) -> dict[str, Tensor]:
    """Ids of each part, after one line break; 0 for what stands once or never."""
    counts = Counter(text.train)
    kept = sorted(c for c, n in counts.items() if n > 1)
    ids = {c: i for i, c in enumerate(kept, start=1)}
    parts = {"train": text.train, "valid": text.valid, "test": text.test}
    return {
        name: torch.tensor([ids.get(c, 0) for c in "\n" + part])
        for name, part in parts.items()
    }


def streams(ids: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and targets (STREAMS, STEP), in order, but for a few at the end."""
    length = (len(ids) - 1) // STREAMS
    x = ids[: length * STREAMS].view(STREAMS, length)
    y = ids[1 : length * STREAMS + 1].view(STREAMS, length)
    return zip(x.split(STEP, 1), y.split(STEP, 1), strict=True)


def epoch(model: Reader, adam: torch.optim.Optimizer, ids: Tensor) -> None:
    """Read the whole text once, and learn from it."""
    model.train()
    state = None
    for x, y in streams(ids):
        logits, state = model(x, state)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        state = state.detach()


@torch.no_grad()
def bits(model: Reader, ids: Tensor) -> float:
    """Mean bits a character, the text read in streams as well."""
    model.eval()
    total, count, state = 0.0, 0, None
    for x, y in streams(ids):
        logits, state = model(x, state)
        total += F.cross_entropy(logits.mT, y, reduction="sum").item()
        count += y.numel()
    return total / count / math.log(2)


def run(language: str, seed: int, epochs: int) -> dict[str, Any]:
    """Train once; the run's record."""
    parts = numbered(literature.load(language))
    vocab = int(parts["train"].max()) + 1
    torch.manual_seed(seed)
    model = Reader(vocab)
    adam = torch.optim.Adam(model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, epochs, RATE / 20)
    curve, best, start = [], copy.deepcopy(model.state_dict()), time.perf_counter()
    for _ in range(epochs):
        epoch(model, adam, parts["train"])
        schedule.step()
        curve.append(round(bits(model, parts["valid"]), 4))
        if curve[-1] == min(curve):
            best = copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return {
        "language": language,
        "seed": seed,
        "model": {"name": "GRU", "d_model": D_MODEL, "p_drop": P_DROP, "vocab": vocab},
        "parameters": sum(p.numel() for p in model.parameters()),
        "settings": {"epochs": epochs, "rate": RATE, "streams": STREAMS, "step": STEP},
        "metrics": {
            "valid_bits": min(curve),
            "test_bits": round(bits(model, parts["test"]), 4),
            "valid_bits_by_epoch": curve,
        },
        "wall_seconds": round(time.perf_counter() - start, 1),
        "provenance": runtime.provenance(torch.device("cpu")),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("language", choices=literature.FILES)
    words.add_argument("--epochs", type=int, default=4)
    words.add_argument("--seeds", type=int, default=3)
    words.add_argument("--record", type=Path, default=RECORD)
    given = words.parse_args()
    for seed in range(given.seeds):
        record = run(given.language, seed, given.epochs)
        records.append(given.record, record)
        print(seed, record["metrics"], record["wall_seconds"])


if __name__ == "__main__":
    main()
