"""Train on short pieces of text, test on long ones, and record it for each norm.

    python tools/record_short_pieces.py [--seeds 3] [--workers 1] [--record FILE]

Small causal models of Jane Austen's letters learn from pieces of 3 to 6 and are asked
for a letter after 6 and after 24. Batch norm is trained on batches without padding, and
on batches padded to 24 whose padding it counts; layer norm, which no padding can reach,
is the control. All of it without positions, and with sinusoids.
"""

import itertools
from dataclasses import dataclass
from typing import Any, Literal

import recording
import torch
import torch.nn.functional as F
from record_norms import characters, entropy, finite
from torch import Tensor

from allyouneed.data.literature import windows
from allyouneed.models.sequence_models import MixerConfig, SequenceModel

RECORD = recording.FOLDER / "short-pieces.jsonl"
SHORT, LONG, BATCH = 6, 24, 32


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """One model and its batches; `padded` to the longest that it will ever read."""

    norm: Literal["layer", "batch"]
    positions: Literal["none", "sinusoidal"]
    padded: bool = False
    steps: int = 200
    seed: int = 0


def model(config: Pieces) -> SequenceModel:
    """One layer of attention; one symbol more than the text has stands for padding."""
    torch.manual_seed(config.seed)
    sizes = MixerConfig(
        vocab=characters()[1] + 1,
        mixer="attention",
        d_model=32,
        layers=1,
        norm=config.norm,
        positions=config.positions,
    )
    return SequenceModel(sizes)


def trained(learner: SequenceModel, config: Pieces) -> None:
    """Adam on pieces of 3 to 6 letters; what is padding has no loss."""
    parts, padding = characters()
    read = parts["train"][:200_000]
    adam = torch.optim.Adam(learner.parameters(), lr=5e-3)
    for _ in range(config.steps):
        length = int(torch.randint(3, SHORT + 1, ()))
        x, y = windows(read, BATCH, length)
        if config.padded:
            x = F.pad(x, (0, LONG - length), value=padding)
        loss = F.cross_entropy(learner(x)[:, :length].mT, y)
        adam.zero_grad()
        loss.backward()
        adam.step()


@torch.no_grad()
def asked(learner: SequenceModel, length: int) -> float | None:
    """Loss on 2,048 unseen letters, the same for all, after so many before them."""
    generator = torch.Generator().manual_seed(99)
    x, y = windows(characters()[0]["valid"], 2048, LONG, generator=generator)
    logits: Tensor = learner(x[:, -length:])[:, -1]
    return finite(F.cross_entropy(logits, y[:, -1]).item())


def read(config: Pieces) -> dict[str, Any]:
    """Loss after 6 and after 24 letters, in use and with the batch's own statistics."""
    learner = model(config)
    trained(learner, config)
    in_use = {f"after_{n}": asked(learner.eval(), n) for n in (SHORT, LONG)}
    by_batch = asked(learner.train(), LONG)
    return {**in_use, f"after_{LONG}_by_batch": by_batch, "letters": finite(entropy())}


def grid(seeds: int) -> list[Pieces]:
    """Layer norm, batch norm, batch norm that counts padding; at both positions.

    The spread is wide, so there are two seeds for each that is asked for.
    """
    kinds: list[tuple[Literal["layer", "batch"], bool]]
    kinds = [("layer", False), ("batch", False), ("batch", True)]
    places: list[Literal["none", "sinusoidal"]] = ["none", "sinusoidal"]
    return [
        Pieces(norm=norm, padded=padded, positions=place, seed=seed)
        for seed in range(2 * seeds)
        for place, (norm, padded) in itertools.product(places, kinds)
    ]


def main() -> None:
    recording.run(__doc__, RECORD, read, grid)


if __name__ == "__main__":
    main()
