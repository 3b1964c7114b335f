"""Equal sizes, and reach: who can see both ends of a strip, by gradients."""

from typing import get_args

import pytest
import torch

from allyouneed.studies.patch_contest import Kind, Look, exam, made, near, recognised


def look(question: str, kind: str, **changes: int) -> Look:
    chosen = {"updates": 2, "examples": 20 if question == "digit" else None} | changes
    return Look(question=question, kind=kind, rate=1e-3, **chosen)


STRIP, DIGIT = ("patches", "near", "dilated"), ("patches", "unplaced", "convolution")


@pytest.mark.parametrize(("question", "kinds"), [("strip", STRIP), ("digit", DIGIT)])
def test_all_who_answer_a_question_are_as_large(
    question: str, kinds: tuple[str, ...]
) -> None:
    sizes = [
        sum(p.numel() for p in made(look(question, kind)).parameters())
        for kind in kinds
    ]
    assert max(sizes) / min(sizes) < 1.02


def meet(kind: str) -> bool:
    """Whether the score's slope at the left digit depends on the right one."""
    torch.manual_seed(0)
    model, strip = made(look("strip", kind)).double(), torch.rand(1, 8, 40).double()
    slopes = []
    for ink in (0.0, 1.0):
        x = strip.clone()
        x[..., 32:] = ink
        x.requires_grad_()
        states = model.get_submodule("model.stack") if kind in STRIP[:2] else model[:-3]
        entered = model.model.enter if kind in STRIP[:2] else None
        y = x if entered is None else _patches(model, x)
        seen = states(y) if entered is None else states(y, model.mask)
        (slope,) = torch.autograd.grad(seen.square().sum(), x)
        slopes.append(slope[..., :8])
    return not torch.equal(*slopes)


def _patches(model: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    parts = [x[:, :, i : i + 4].flatten(1) for i in range(0, 40, 4)]
    return model.model.enter(torch.stack(parts, 1))


def test_who_can_see_both_ends() -> None:
    found = {kind: meet(kind) for kind in (*STRIP, "convolution")}
    assert found == {
        "patches": True, "near": False, "dilated": True, "convolution": False,
    }  # fmt: skip


def test_neighbours_of_a_grid() -> None:
    expected = [
        [abs(i // 3 - j // 3) <= 1 and abs(i % 3 - j % 3) <= 1 for j in range(6)]
        for i in range(6)
    ]
    assert near(2, 3).tolist() == expected


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_share_comes_out_and_comes_out_again(kind: str) -> None:
    question = "strip" if kind in STRIP else "digit"
    share = recognised(look(question, kind))
    assert 0 <= share <= 1
    assert recognised(look(question, kind)) == share


def test_the_exam_is_the_same_for_all() -> None:
    first, second = (exam(look("strip", "near", seed=s)) for s in (0, 1))
    assert torch.equal(first.pixels, second.pixels)
    assert len(first.shows) == 500
