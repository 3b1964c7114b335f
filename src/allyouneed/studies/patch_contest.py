"""Digits as patches, and two digits that are far apart: attention against convolution.

Which digit is it, after few images? And on a strip with a digit at either end, after
fresh strips in every update: is it the same digit? All models of a question have as
many parameters, within 2%. On strips all answer from the mean of their patches, which
cannot compare.

B  images    H, W  pixels    T  patches
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.data.digit_images import GAP, SIDE, Images, digits, strips
from allyouneed.data.tasks import APART
from allyouneed.ground import runtime
from allyouneed.models.layers import TransformerConfig
from allyouneed.models.one_stack import PatchStack, cut
from allyouneed.studies import one_cycle

Kind = Literal["patches", "unplaced", "near", "convolution", "dilated"]
BATCH, KINDS = 32, 3  # images of an update; different digits of a strip
SIZES = {"digit": (2, 2), "strip": (8, 4)}  # of a patch, in pixels
D_FF = {("digit", "patches"): 63, ("digit", "unplaced"): 67}  # 69 on strips


@dataclass(frozen=True, kw_only=True)
class Look:
    """A question, who answers it, how it is trained, and the seed of all that.

    Args:
        question: a digit's name, or whether a strip has the same digit twice.
        kind: who answers: a stack of patches, one without places, or one whose patches
            see their neighbours alone; or layers of convolution, dilated or not.
        examples: images to learn from; None for strips, which are always new.
        rate: of Adam, risen and fallen within the `updates`.
    """

    question: Literal["digit", "strip"]
    kind: Kind
    rate: float
    updates: int
    examples: int | None = None
    seed: int = 0


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
    return nn.Sequential(
        nn.Conv1d(high, wide, side, stride=side),  # a row of pixels is a channel
        *layers,
        *(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(wide, 2)),
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


def exam(look: Look) -> Images:
    """500 images that nobody learns from, the same for all who answer a question."""
    unseen = digits()["test"]
    if look.question == "digit":
        return unseen
    chance = torch.Generator().manual_seed(APART)
    return strips(unseen, 500, kinds=KINDS, generator=chance)


def trained(look: Look) -> nn.Module:
    """The model after its updates."""
    with runtime.seeded(torch.device("cpu"), look.seed):
        model = made(look)
    losses = (
        F.cross_entropy(model(images.pixels), images.shows) for images in lessons(look)
    )
    one_cycle.fit(model, losses, rate=look.rate, steps=look.updates, fused=True)
    return model.eval()


def recognised(look: Look) -> float:
    """Share of the exam answered right after training."""
    model, images = trained(look), exam(look)
    with torch.no_grad():
        named = model(images.pixels).argmax(-1)
    return (named == images.shows).float().mean().item()
