"""Few images or many: name a digit by attention and by convolution, and record it.

    python tools/record_digits.py [--seeds 3] [--workers 1] [--record FILE]

Patches, patches without places, and convolution learn from 100, 300 or 1,000 images in
as many updates. Each is tried at three rates, and at one more while the best is the
first or the last. The best names most of the images held out; the test has others.
"""

import argparse
import itertools
from typing import Any

import recording
import torch
import torch.nn.functional as F

from allyouneed.data.digit_images import digits
from allyouneed.studies.patch_contest import Kind, Look, exam, trained

RECORD = recording.FOLDER / "digits.jsonl"
KINDS: tuple[Kind, ...] = ("patches", "unplaced", "convolution")
EXAMPLES, UPDATES = (100, 300, 1000), 400
FIRST, LAST = 1e-3, 1e-2  # of the rates that all try


def look(kind: Kind, examples: int, rate: float, seed: int) -> Look:
    """One training on single digits."""
    return Look(
        question="digit",
        kind=kind,
        examples=examples,
        rate=rate,
        updates=UPDATES,
        seed=seed,
    )


def digits_named(given: Look) -> dict[str, Any]:
    """Train; share right and loss in nats, on images held out and on the test's."""
    model = trained(given)
    measured: dict[str, Any] = {
        "parameters": sum(p.numel() for p in model.parameters())
    }
    for part, images in (("valid", digits()["valid"]), ("test", exam(given))):
        with torch.no_grad():
            scores = model(images.pixels)
        right = (scores.argmax(-1) == images.shows).float().mean()
        measured[part] = round(right.item(), 4)
        loss = F.cross_entropy(scores, images.shows)
        measured[f"{part}_loss"] = round(loss.item(), 4)
    return measured


def held_out(
    kind: Kind, examples: int, rate: float, given: argparse.Namespace
) -> tuple[float, float]:
    """Record every seed; mean share right of the images held out, and minus loss."""
    looks = [look(kind, examples, rate, seed) for seed in range(given.seeds)]
    lines = recording.finished(digits_named, looks, given)
    share, loss = (
        sum(line["metrics"][name] for line in lines) / len(lines)
        for name in ("valid", "valid_loss")
    )
    return share, -loss


def search(kind: Kind, examples: int, given: argparse.Namespace) -> None:
    """Try rates until the best is neither the first nor the last."""
    low, high = map(recording.LADDER.index, (FIRST, LAST))
    while True:
        rates = recording.LADDER[low : high + 1]
        seen = [held_out(kind, examples, rate, given) for rate in rates]
        best = low + seen.index(max(seen))
        if low < best < high:
            return
        low, high = recording.wider((low, high), best, f"{kind}, {examples}")


def main() -> None:
    given = recording.command(__doc__, RECORD).parse_args()
    for examples, kind in itertools.product(EXAMPLES, KINDS):
        search(kind, examples, given)


if __name__ == "__main__":
    main()
