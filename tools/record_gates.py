"""Train a gated layer to remember one letter past blanks, and record when it can.

    python tools/record_gates.py [--seeds 5] [--workers 1] [--record FILE]

One of eight letters, then 63 blanks: which letter was it? Every 50 updates the share
named right on fresh letters is kept, and how far the best unit's keeping gate (update
of a GRU, forget of an LSTM) is open on the blanks, as a geometric mean. A run ends when
nine in ten were right twice in a row, or after 2,000 updates.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import recording
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.ground import runtime
from allyouneed.ground.configurations import LATER
from allyouneed.nn.recurrent import GRU, LSTM, Gates, Parts, watch_gates

RECORD = recording.FOLDER / "gates.jsonl"
LETTERS, BLANKS, SIZE, BATCH = 8, 63, 16, 32
EVERY, RATE, NORM = 50, 0.02, 1.0
RATES = 0.005, 0.05  # of PyTorch's layers and starts, beside the usual one
PYTORCH = ("GRU", None), ("LSTM", None)
ENOUGH = 0.9
SHUT = "LSTM, input gate shut"  # by minus the bias that opens the forget gate
TIED = "LSTM, input gate 1 - F"
SHOWN = "LSTM, no output gate"
BOTH = "LSTM, input gate 1 - F, no output gate"
STARTS: list[tuple[str, float | None]] = [
    ("GRU", None), ("GRU", 1.0), ("GRU", 3.0), ("LSTM", None), ("LSTM", 1.0),
    ("LSTM", 4.0), (SHUT, 4.0), (TIED, None), (SHOWN, None), (BOTH, None),
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A layer, what its keeping gate's bias starts from (None: PyTorch), the seed."""

    layer: str
    bias: float | None
    seed: int
    updates: int = 2000
    rate: float = field(default=RATE, metadata=LATER)


class Nearer(LSTM):
    """An LSTM with one or both of what sets a GRU apart, computed by hand."""

    def __init__(self, d_in: int, d_model: int, *, tied: bool, shown: bool) -> None:
        super().__init__(d_in, d_model)
        self.kernel, self.tied, self.shown = None, tied, shown

    def _cell(self, inputs: Tensor, h: Tensor, c: Tensor) -> tuple[Parts, Gates]:
        i, f, g, o = (inputs + self._recur(h)).chunk(4, -1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + (1 - f if self.tied else i) * g
        return ((1 if self.shown else o) * c.tanh(), c), {"forget": f}


def draw(size: int) -> tuple[Tensor, Tensor]:
    """A letter and its blanks, one-hot, and the letter: (B, T, letters + 1), (B,)."""
    letter = torch.randint(LETTERS, (size, 1))
    words = torch.cat((letter, torch.full((size, BLANKS), LETTERS)), 1)
    return F.one_hot(words, LETTERS + 1).float(), letter[:, 0]


def made(config: Opening) -> GRU | LSTM:
    """The untrained layer."""
    if config.layer == "GRU":
        return GRU(LETTERS + 1, SIZE, update_bias=config.bias)
    if config.layer in (TIED, SHOWN, BOTH):
        tied, shown = config.layer != SHOWN, config.layer != TIED
        return Nearer(LETTERS + 1, SIZE, tied=tied, shown=shown)
    layer = LSTM(LETTERS + 1, SIZE, forget_bias=config.bias)
    if config.layer == SHUT:
        assert config.bias is not None
        nn.init.constant_(layer.weights.bias_ih_l0[:SIZE], -config.bias)
    return layer


@torch.no_grad()
def looked(layer: GRU | LSTM, answer: nn.Linear) -> tuple[float, float]:
    """The share of fresh letters named right, and the best unit's gate on blanks."""
    x, letter = draw(512)
    with watch_gates(layer) as seen:
        right = answer(layer(x)[0][:, -1]).argmax(-1) == letter
    gate = seen[""][0]["update" if isinstance(layer, GRU) else "forget"][:, 1:]
    kept = gate.clamp(min=1e-9).log().mean((0, 1)).exp().max()
    return round(right.float().mean().item(), 4), round(kept.item(), 4)


def learn(config: Opening) -> Iterator[tuple[float, float]]:
    """Yield what is seen before the first update, and after every 50."""
    layer, answer = made(config), nn.Linear(SIZE, LETTERS)
    weights = [*layer.parameters(), *answer.parameters()]
    adam = torch.optim.Adam(weights, lr=config.rate)
    yield looked(layer, answer)
    for update in range(1, config.updates + 1):
        x, letter = draw(BATCH)
        loss = F.cross_entropy(answer(layer(x)[0][:, -1]), letter)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, NORM)
        adam.step()
        if update % EVERY == 0:
            yield looked(layer, answer)


def opened(config: Opening) -> dict[str, Any]:
    """Train once: shares right and gates by check, and the update that sufficed."""
    right: list[float] = []
    gates: list[float] = []
    with runtime.seeded(torch.device("cpu"), config.seed):
        for share, gate in learn(config):
            right.append(share)
            gates.append(gate)
            if min(right[-2:]) >= ENOUGH:
                break
    enough = min(right[-2:]) >= ENOUGH
    found = EVERY * (len(right) - 2) if enough else None
    return {"every": EVERY, "found": found, "right": right, "gate": gates}


def grid(seeds: int) -> list[Opening]:
    """Every start with each seed, PyTorch's own at three rates."""
    return [
        Opening(layer=layer, bias=bias, seed=seed, rate=rate)
        for seed in range(seeds)
        for layer, bias in STARTS
        for rate in (RATE, *(RATES if (layer, bias) in PYTORCH else ()))
    ]


if __name__ == "__main__":
    recording.run(__doc__, RECORD, opened, grid)
