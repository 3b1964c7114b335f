"""The tool asks every part alike, and reading back one's own answers is no help."""

from collections import Counter

import record_bugs as tool
import torch
from torch import Tensor

from allyouneed.data.tasks import SILENT, Reverse


class Oracle(torch.nn.Module):
    """Says the right symbol; after a wrong one of its own nothing else is right."""

    def __init__(self, wrong_at: int | None) -> None:
        super().__init__()
        self.wrong_at = wrong_at

    def forward(self, tokens: Tensor) -> Tensor:
        length = 4
        said = tokens.shape[1] - length - 1
        answer = tokens[:, length - 1 - said]
        if said == self.wrong_at:
            answer = (answer + 1) % 8
        scores = torch.nn.functional.one_hot(answer, 11).float()
        return scores[:, None].expand(-1, tokens.shape[1], -1)


def test_exact_alone_is_every_answer_in_turn() -> None:
    task = Reverse(length=4)
    drawn = task.draw(20, generator=torch.Generator().manual_seed(0))
    assert (drawn.targets[0] == SILENT).sum() == 4
    assert tool.alone(Oracle(None), *drawn) == 1.0
    for place in range(4):
        assert tool.alone(Oracle(place), *drawn) == 0.0


def test_each_part_has_the_seeds_and_the_control_twice_as_many() -> None:
    counts = Counter(bug.part for bug in tool.trials(3))
    assert counts.pop("right attention") == 6
    assert set(counts.values()) == {3}
    assert len(counts) == 12
