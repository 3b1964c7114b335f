"""Time the layers of table 1 as sentences and models grow, and read their memory.

    python tools/record_table1.py [--seeds 3] [--device cpu] [--longest 2048]

A seed is a round: with each, all sizes have their turn, and at a size all layers take
theirs. A training step of one layer is a pass forwards and backwards. Then one step of
generation, by what came before it; and memory, of attention by hand, fused, restricted.
A CPU has one thread. What has a line already is not done again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import recording
import torch
from torch import Tensor, nn

from allyouneed.cost import measure
from allyouneed.ground import runtime
from allyouneed.nn.attention import (
    KVCache,
    MultiHeadAttention,
    attend,
    attention_weights,
)
from allyouneed.nn.convolution import Convolution
from allyouneed.nn.local_attention import LocalAttention, attend_locally
from allyouneed.nn.recurrent import GRU, RNN

RECORD = recording.FOLDER / "table-1.jsonl"
HEADS, WIDTH, WINDOW, BATCH = 8, 128, 64, 2
SHORTEST, LONGEST = 64, 2048
LENGTH, WIDTHS = 256, (64, 128, 256, 512)
CONTEXT = 4  # times as long for generation and memory, which are quickly measured
REMEMBERED = 3  # seeds with which memory is read: it hardly changes


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is measured, at which sizes, where, and in which round.

    `what` is "layers", seconds of a training step; "step", seconds of one more token
    after `n`; or "memory", bytes of attention forwards and backwards.
    """

    what: str
    n: int
    d: int
    device: str
    seed: int


def layers(d: int) -> dict[str, nn.Module]:
    """The layers of table 1, all from and to (B, n, d); PyTorch's GRU beside ours."""
    return {
        "attention": MultiHeadAttention(d, HEADS),
        "restricted": LocalAttention(d, HEADS, window=WINDOW),
        "recurrent": RNN(d, d),
        "gru": GRU(d, d),
        "torch.nn.GRU": nn.GRU(d, d, batch_first=True),
        "convolution": Convolution(d, d),
        "dilated": Convolution(d, d, dilation=4),
        "separable": Convolution(d, d, separable=True),
    }


def learn(work: Callable[[], Any], device: torch.device) -> None:
    """A training step: forwards and backwards."""
    with runtime.autocast(device, runtime.precision(device)):
        out = work()
    out = out if isinstance(out, Tensor) else out[0]
    out.sum().backward()


def steps_of_training(trial: Trial, device: torch.device) -> dict[str, float]:
    """Seconds of each layer on `BATCH` sentences, and of attention's core alone."""
    x = torch.randn(BATCH, trial.n, trial.d, device=device, requires_grad=True)
    q = x.detach().unflatten(-1, (HEADS, -1)).transpose(1, 2).requires_grad_()
    works: dict[str, measure.Work] = {
        name: partial(learn, partial(layer.to(device), x), device)
        for name, layer in layers(trial.d).items()
    }
    works["core"] = partial(learn, partial(attend, q, q, q), device)
    return taken(works, device)


@torch.no_grad()
def steps_of_generation(trial: Trial, device: torch.device) -> dict[str, float]:
    """Seconds for one more token: keys kept, all computed again, or a state."""
    attention = MultiHeadAttention(trial.d, HEADS).to(device)
    gru = GRU(trial.d, trial.d).to(device)
    x = torch.randn(1, trial.n, trial.d, device=device)
    k, h = x.unflatten(-1, (HEADS, -1)).transpose(1, 2), x[:, 0]

    def cached() -> Tensor:
        kept = KVCache()
        kept.append(k, k)
        return attention(x[:, -1:], cache=kept)

    works: dict[str, measure.Work] = {
        "cached": cached,
        "recomputed": partial(attention, x, causal=True),
        "recurrent": partial(gru.step, h, h),
    }
    return taken(works, device)


def taken(works: Mapping[str, measure.Work], device: torch.device) -> dict[str, float]:
    """Seconds of a call, each work once."""
    found = measure.side_by_side(works, device=device, rounds=1)
    return {name: seconds for name, (seconds,) in found.items()}


def by_hand(q: Tensor) -> Tensor:
    """Attention with all of its weights stored."""
    return attention_weights(q, q) @ q


def fused(q: Tensor) -> Tensor:
    """Attention in one kernel."""
    return attend(q, q, q)


def restricted(q: Tensor) -> Tensor:
    """Attention within a window."""
    return attend_locally(q, q, q, window=WINDOW)


def attended(way: Callable[[Tensor], Tensor], n: int, d: int, device: str) -> None:
    """One head, one sentence, forwards and backwards."""
    q = torch.randn(1, 1, n, d // HEADS, device=device, requires_grad=True)
    way(q).sum().backward()


def memory(trial: Trial, device: torch.device) -> dict[str, int]:
    """Bytes of one head on one sentence, its input included."""
    return {
        way.__name__: measure.peak_bytes(
            partial(attended, way, trial.n, trial.d, trial.device), device=device
        )
        for way in (by_hand, fused, restricted)
    }


def measured(trial: Trial) -> dict[str, Any]:
    """What `trial.what` names, by layer or way, and the precision of the products."""
    device = runtime.device(trial.device)
    found: dict[str, Any] = {"precision": runtime.precision(device)}
    with runtime.seeded(device, trial.seed):
        if trial.what == "layers":
            return found | {"seconds": steps_of_training(trial, device)}
        if trial.what == "step":
            return found | {"seconds": steps_of_generation(trial, device)}
        return found | {"bytes": memory(trial, device)}


def trials(seeds: int, device: str = "cpu", longest: int = LONGEST) -> Iterator[Trial]:
    """All sizes, one seed after the other."""
    lengths = [SHORTEST * 2**i for i in range((longest // SHORTEST).bit_length())]
    for seed in range(seeds):
        trial = partial(Trial, device=device, seed=seed)
        for n in lengths:
            yield trial(what="layers", n=n, d=WIDTH)
            yield trial(what="step", n=CONTEXT * n, d=WIDTH)
            if seed < REMEMBERED and n >= LENGTH:
                yield trial(what="memory", n=CONTEXT * n, d=512)
        for d in WIDTHS:
            if d != WIDTH or LENGTH not in lengths:
                yield trial(what="layers", n=LENGTH, d=d)


def main() -> None:
    words = recording.command(__doc__, RECORD)
    words.add_argument("--device", default="cpu")
    words.add_argument("--longest", type=int, default=LONGEST)
    given = words.parse_args()
    asked = trials(given.seeds, given.device, given.longest)
    recording.record(measured, asked, given)


if __name__ == "__main__":
    main()
