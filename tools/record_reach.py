"""Train a reader of novels with each kind of layer, and record how far back it reaches.

    python tools/record_reach.py [--seeds 3] [--workers 1] [--record FILE]

Trained as in `record_characters`, at two rates or three: 64 characters an update; the
state goes on, the gradient does not (truncated backpropagation through time).
Before the first update and with the best epoch's weights it is measured on `valid`:

    feels   the gradient of the last state by each character, over that at distance 0
    keeps   half-lives of the units by their keeping gate (update of a GRU, forget of an
            LSTM), in characters, from the shortest to the longest at five quantiles
    bits    of the next character, if only so many characters before it are read
"""

import math
from dataclasses import dataclass
from typing import Any

import recording
import torch
import torch.nn.functional as F
from record_characters import Reader, Reading, learn
from torch import Tensor

from allyouneed.data import literature
from allyouneed.ground import runtime
from allyouneed.nn.recurrent import GRU, LSTM, RNN, Recurrent, watch_gates

RECORD = recording.FOLDER / "reach.jsonl"
STARTS: list[tuple[str, float | None]] = [
    ("RNN", None), ("GRU", None), ("LSTM", None), ("GRU", 4.0), ("LSTM", 4.0),
]  # fmt: skip
RATES = 4e-3, 1e-2
MORE = {"LSTM": (2.5e-2,)}  # its best rate was the higher one
DISTANCES = [0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100, 150, 200]
CONTEXTS = [1, 2, 4, 8, 16, 32, 64, 128, 256]
QUANTILES = [0.0, 0.1, 0.5, 0.9, 1.0]
PLACES = 2048  # in the text, where bits are measured


@dataclass(frozen=True, kw_only=True)
class Layered(Reading):
    """A layer, and what its keeping gate's bias starts from (None: PyTorch)."""

    layer: str
    bias: float | None = None


class LayeredReader(Reader):
    """A reader of characters with another layer."""

    def made(self, reading: Reading) -> Recurrent[Any]:
        """The layer that reads."""
        assert isinstance(reading, Layered)
        size, bias = reading.d_model, reading.bias
        if reading.layer == "RNN":
            return RNN(size, size)
        if reading.layer == "GRU":
            return GRU(size, size, update_bias=bias)
        return LSTM(size, size, forget_bias=bias)


def windows(ids: Tensor, count: int, length: int) -> Tensor:
    """The same places of the text every time, evenly spread: (count, length)."""
    ends = torch.linspace(length, len(ids), count).long()
    return torch.stack([ids[end - length : end] for end in ends])


def feels(model: LayeredReader, ids: Tensor) -> list[float]:
    """Of the last state, by the characters at `DISTANCES`, over that at distance 0."""
    layer = model.layer.double()
    with torch.no_grad():
        x = model.embedding(windows(ids, 64, DISTANCES[-1] + 1)).double()
    x.requires_grad_()
    last = layer(x)[0][:, -1]
    by = torch.randn(last.shape, generator=torch.Generator().manual_seed(0))
    (last * by).sum().backward()
    assert x.grad is not None
    sizes = x.grad.norm(dim=-1).mean(0).flip(0)
    layer.float()
    return [float(f"{size:.3g}") for size in (sizes / sizes[0])[DISTANCES]]


@torch.no_grad()
def keeps(model: LayeredReader, ids: Tensor) -> list[float]:
    """Half-lives of the units at `QUANTILES`; of an RNN, which has no gate, none."""
    if isinstance(model.layer, RNN):
        return []
    with watch_gates(model) as seen:
        model.layer(model.embedding(windows(ids, 16, CONTEXTS[-1])))
    name = "update" if isinstance(model.layer, GRU) else "forget"
    gate = seen["layer"][0][name].double().clamp(1e-9, 1 - 1e-9)
    lives = math.log(0.5) / gate.log().mean((0, 1))
    found = lives.quantile(torch.tensor(QUANTILES).double())
    return [float(f"{life:.3g}") for life in found]


@torch.no_grad()
def bits_by_context(model: LayeredReader, ids: Tensor) -> list[float]:
    """Of the next character at `PLACES`, if only so many before it are read."""
    model.eval()
    x = windows(ids, PLACES, CONTEXTS[-1] + 1)
    x, y = x[:, :-1], x[:, -1]
    losses = [F.cross_entropy(model(x[:, -n:])[0][:, -1], y) for n in CONTEXTS]
    return [round(loss.item() / math.log(2), 4) for loss in losses]


def looked(model: LayeredReader, ids: Tensor) -> dict[str, Any]:
    """All three measurements."""
    return {
        "feels": feels(model, ids),
        "keeps": keeps(model, ids),
        "bits": bits_by_context(model, ids),
    }


def reached(reading: Layered) -> dict[str, Any]:
    """Train once; what is seen before and after, and the bits on `valid`."""
    parts, vocab = literature.numbered(literature.load(reading.language), least=2)
    with runtime.seeded(torch.device("cpu"), reading.seed):
        model = LayeredReader(vocab, reading)
        before = looked(model, parts["valid"])
        curve = list(learn(model, parts["train"], parts["valid"]))
        after = looked(model, parts["valid"])
    return {"valid_bits": curve, "before": before, "after": after}


def grid(seeds: int) -> list[Layered]:
    """Every start at its rates, with each seed."""
    return [
        Layered(language="en", layer=layer, bias=bias, rate=rate, seed=seed)
        for seed in range(seeds)
        for layer, bias in STARTS
        for rate in (*RATES, *MORE.get(layer, ()))
    ]


if __name__ == "__main__":
    recording.run(__doc__, RECORD, reached, grid)
