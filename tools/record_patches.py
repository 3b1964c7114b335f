"""Digits as patches, and two digits that are far apart: attention against convolution.

    python tools/record_patches.py [--seeds 3] [--record FILE]

Which digit is it, after 100 or 1,000 images? And on a strip with a digit at either
end, after fresh strips in every update: is it the same digit? All models of a question
have equally many parameters, within 2 %, and equally many updates. Each is trained at
every rate; which rate counts is decided by images held out for that. On strips all
answer from the mean of their patches, which cannot compare; one more convolution takes
the maximum instead.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import recording
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.data.digit_images import GAP, SIDE, Images, digits, strips
from allyouneed.data.tasks import APART
from allyouneed.ground import runtime
from allyouneed.models import PatchStack, TransformerConfig, cut

RECORD = recording.FOLDER / "patches.jsonl"
Kind = Literal["patches", "unplaced", "near", "convolution", "dilated", "pooled"]
RATES, SLOW = (3e-3, 1e-2, 3e-2), (1e-3, 3e-3, 1e-2)  # slow: patches of a digit
EXAMPLES, STEPS, BATCH = (100, 1000), 200, 32
KINDS, STRIPS = 3, 300  # different digits of a strip, updates
SIZES = {"digit": (2, 2), "strip": (8, 4)}  # of a patch, in pixels
D_FF = {("digit", "patches"): 64, ("digit", "unplaced"): 68}  # 69 on strips


@dataclass(frozen=True, kw_only=True)
class Look:
    """A question, who answers it, how many images it learns from, and the seed.

    Strips are made anew for every update: `examples` is None.
    """

    question: Literal["digit", "strip"]
    kind: Kind
    examples: int | None
    seed: int


class Looker(nn.Module):
    """A stack of patches that sees all of the image, or each patch's neighbours."""

    def __init__(self, kind: Kind, question: str) -> None:
        super().__init__()
        self.high, self.wide = SIZES[question]
        pixels = 8 if question == "digit" else 2 * SIDE + GAP
        rows, columns = 8 // self.high, pixels // self.wide
        config = TransformerConfig(
            vocab=10 if question == "digit" else 2,
            d_model=32,
            layers=2,
            heads=4,
            d_ff=D_FF.get((question, kind), 69),  # so that all have as many parameters
            p_drop=0.0,
            positions="none" if kind == "unplaced" else "learned",
            max_length=rows * columns,
            wiring="pre",
        )
        self.model = PatchStack(config, numbers=self.high * self.wide)
        self.mask = near(rows, columns) if kind == "near" else None

    def forward(self, images: Tensor) -> Tensor:
        """Score each answer: (B, H, W) -> (B, answers)."""
        return self.model(cut(images, self.high, self.wide), self.mask)


def near(rows: int, columns: int) -> Tensor:
    """Let each patch see itself and the eight around it: (T, T)."""
    place = torch.cartesian_prod(torch.arange(rows), torch.arange(columns))
    return (place[:, None] - place).abs().amax(-1) <= 1


def recogniser() -> nn.Sequential:
    """Chapter 3's two layers of convolution, wider, for a digit: (B, 8, 8)."""
    wide = 43
    return nn.Sequential(
        nn.Unflatten(1, (1, 8)),
        *(nn.Conv2d(1, wide, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(wide, wide, 3, padding=1), nn.ReLU()),
        *(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(wide, 10)),
    )


def comparer(kind: Kind) -> nn.Sequential:
    """Three layers of convolution over the patches of a strip, then their mean.

    The two digits are seven patches apart. Undilated, the layers reach three to either
    side, so nothing sees both; dilated, they reach seven.
    """
    wide, layers, (high, side) = 44, list[nn.Module](), SIZES["strip"]
    for gap in (1, 2, 4) if kind == "dilated" else (1, 1, 1):
        layers += [nn.Conv1d(wide, wide, 3, padding=gap, dilation=gap), nn.ReLU()]
    pool = nn.AdaptiveMaxPool1d(1) if kind == "pooled" else nn.AdaptiveAvgPool1d(1)
    return nn.Sequential(
        nn.Conv1d(high, wide, side, stride=side),  # a row of pixels is a channel
        *layers,
        *(pool, nn.Flatten(), nn.Linear(wide, 2)),
    )


def made(look: Look) -> nn.Module:
    """The untrained model."""
    if look.kind in ("patches", "unplaced", "near"):
        return Looker(look.kind, look.question)
    return recogniser() if look.question == "digit" else comparer(look.kind)


def lessons(look: Look) -> Iterator[Images]:
    """Batches without end."""
    chance = torch.Generator().manual_seed(look.seed)
    train = digits()["train"]
    while look.examples is None:
        yield strips(train, BATCH, kinds=KINDS, generator=chance)
    order = torch.randperm(len(train.shows), generator=chance)[: look.examples]
    while True:
        rows = order[torch.randint(len(order), (BATCH,), generator=chance)]
        yield Images(train.pixels[rows], train.shows[rows])


def exams(look: Look) -> list[Images]:
    """What rates are chosen by, and the test."""
    parts = [digits()[part] for part in ("valid", "test")]
    if look.examples is not None:
        return parts
    chance = torch.Generator().manual_seed(APART)
    return [strips(part, 500, kinds=KINDS, generator=chance) for part in parts]


def trained(look: Look, rate: float) -> nn.Module:
    """The model after its updates."""
    with runtime.seeded(torch.device("cpu"), look.seed):
        model = made(look)
    steps = STRIPS if look.examples is None else STEPS
    adam = torch.optim.Adam(model.parameters(), lr=rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        adam, rate, total_steps=steps, pct_start=0.1
    )
    for images in itertools.islice(lessons(look), steps):
        loss = F.cross_entropy(model(images.pixels), images.shows)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        schedule.step()
    return model.eval()


@torch.no_grad()
def right(model: Callable[[Tensor], Tensor], images: Images) -> float:
    """Share of images answered right."""
    named = model(images.pixels).argmax(-1)
    return round((named == images.shows).float().mean().item(), 4)


def rates(look: Look) -> tuple[float, ...]:
    """Three to choose from; one where no place sees both digits, whatever the rate."""
    if look.kind in ("near", "convolution") and look.question == "strip":
        return RATES[1:2]
    slow = (look.question, look.kind) == ("digit", "patches")
    return SLOW if slow else RATES


def recognised(look: Look) -> dict[str, Any]:
    """At each rate the share right of what is held out, and of the test."""
    found = []
    for rate in rates(look):
        model = trained(look, rate)
        found.append([rate, *(right(model, images) for images in exams(look))])
    return {"parameters": sum(p.numel() for p in model.parameters()), "right": found}


def trials(seeds: int) -> list[Look]:
    """Every question and model with each seed, what decides first."""
    strip: tuple[Kind, ...] = ("patches", "dilated", "near", "convolution")
    few, many = EXAMPLES
    asked: list[tuple[Literal["digit", "strip"], Kind, int | None]] = [
        *(("strip", kind, None) for kind in strip),
        *(("digit", kind, few) for kind in ("patches", "convolution")),
        *(("digit", kind, many) for kind in ("patches", "convolution")),
        ("digit", "unplaced", many),
        ("strip", "pooled", None),
    ]
    return [
        Look(question=question, kind=kind, examples=examples, seed=seed)
        for question, kind, examples in asked
        for seed in range(seeds)
    ]


def main() -> None:
    recording.run(__doc__, RECORD, recognised, trials)


if __name__ == "__main__":
    main()
