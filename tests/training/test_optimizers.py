"""Today's optimizers against their definitions, in numbers by hand."""

import copy
import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from reversal import CONFIG, CPU, make, stream
from torch import Tensor, nn

from allyouneed.training.loop import train
from allyouneed.training.optimizers import Kind, hidden_matrices, optimizer
from allyouneed.training.updates import Schedule, TrainingConfig

DECAY = 0.3


def moved(kind: Kind, *, gradient: float = 1.0) -> tuple[nn.Module, dict[str, Tensor]]:
    """How each parameter moves in one update against a random gradient, by its name."""
    model = make()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    torch.manual_seed(1)
    for p in model.parameters():
        p.grad = gradient * torch.randn_like(p)
    mover = optimizer(model, kind, weight_decay=DECAY)
    for group in mover.param_groups:
        group["lr"] = 1e-2
    mover.step()
    return model, {n: p.detach() - before[n] for n, p in model.named_parameters()}


def test_the_hidden_matrices_are_all_but_embedding_gains_and_biases() -> None:
    model = make()
    named = {id(p): name for name, p in model.named_parameters()}
    hidden = {named[id(p)] for p in hidden_matrices(model)}
    others = set(named.values()) - hidden
    assert all(name.endswith(".weight") for name in hidden)
    assert others == {
        name for name in named.values() if "embedding" in name or "norm" in name
    } | {name for name in named.values() if name.endswith("bias")}


def test_adamw_takes_a_share_of_matrices_alone() -> None:
    start = dict(make().named_parameters())
    _, plain = moved("adam")
    model, decayed = moved("adamw")
    hidden = {id(p) for p in hidden_matrices(model)}
    for name, p in model.named_parameters():
        lost = 1e-2 * DECAY * start[name] if id(p) in hidden else 0.0
        torch.testing.assert_close(decayed[name], plain[name] - lost)


def test_muon_turns_the_gradient_into_the_nearest_orthogonal_matrix() -> None:
    """U V^T of its decomposition U S V^T, nearly; 0.2 is the size of AdamW's steps."""
    start = dict(make().named_parameters())
    model, steps = moved("muon")
    _, larger = moved("muon", gradient=100.0)
    _, plain = moved("adam")
    hidden = {id(p) for p in hidden_matrices(model)}
    for name, p in model.named_parameters():
        if id(p) not in hidden:
            torch.testing.assert_close(steps[name], plain[name])
            continue
        assert p.grad is not None
        u, _, v = torch.linalg.svd(p.grad, full_matrices=False)
        turned = -(steps[name] + 1e-2 * DECAY * start[name]) / 1e-2
        size = 0.2 * max(turned.shape) ** 0.5
        assert torch.cosine_similarity(turned.flatten(), (u @ v).flatten(), 0) > 0.95
        assert 0.7 * size < torch.linalg.svdvals(turned).median() < 1.2 * size
        gap = (larger[name] - steps[name]).norm() / steps[name].norm()
        assert gap < 0.05


@pytest.mark.parametrize("kind", ["adam", "adamw", "muon"])
@pytest.mark.parametrize("schedule", ["inverse_sqrt", "cosine", "stable_decay"])
def test_a_killed_run_goes_on_to_the_same_bits(
    tmp_path: Path, kind: Kind, schedule: Schedule
) -> None:
    config = dataclasses.replace(CONFIG, steps=6, optimizer=kind, schedule=schedule)
    straight, broken = make(), make()
    losses = [s.loss for s in train(straight, stream(), config, device=CPU)]
    file = tmp_path / "run"
    run = train(broken, stream(), config, device=CPU, checkpoint=file, every=2)
    for _ in range(4):
        next(run)
    del run
    again = make()
    rest = train(again, stream(), config, device=CPU, checkpoint=file, every=2)
    assert [s.loss for s in rest] == losses[4:]
    for p, q in zip(straight.parameters(), again.parameters(), strict=True):
        assert torch.equal(p, q)


def test_a_schedule_that_ends_cannot_be_made_longer(tmp_path: Path) -> None:
    config = dataclasses.replace(CONFIG, schedule="cosine")
    file = tmp_path / "run"
    list(train(make(), stream(), config, device=CPU, checkpoint=file))
    longer = dataclasses.replace(config, steps=config.steps + 1)
    with pytest.raises(ValueError, match="steps="):
        list(train(make(), stream(), longer, device=CPU, checkpoint=file))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"optimizer": "sgd"}, "optimizer='sgd': choose adam, adamw, muon"),
        ({"schedule": "linear"}, "schedule='linear': choose inverse_sqrt, cosine"),
        ({"schedule": "cosine", "warmup": 9}, "steps=9, warmup=9"),
        ({"weight_decay": 1.0}, "weight_decay=1.0"),
        ({"epsilon_ls": 1.5}, "epsilon_ls=1.5: give a share"),
        ({"betas": (2, 0.9)}, r"betas=\(2, 0.9\), eps=1e-09: give shares"),
        ({"eps": -1.0}, r"eps=-1.0: give"),
    ],
)
def test_a_recipe_that_cannot_be_says_so(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        TrainingConfig(**{"steps": 9, **change})
    with pytest.raises(ValueError, match="kind='sgd'"):
        optimizer(make(), "sgd")


def test_muon_needs_no_new_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.optim, "Muon", raising=False)
    optimizer(make(), "muon").step()


@pytest.mark.parametrize("kind", ["adam", "adamw", "muon"])
def test_a_copy_moves_as_the_original(kind: Kind) -> None:
    model = make()
    mover = optimizer(model, kind)
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    mover.step()
    twin, other = copy.deepcopy((model, mover))  # which leaves out the gradients
    for p in (*model.parameters(), *twin.parameters()):
        p.grad = torch.ones_like(p)
    mover.step(), other.step()
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(p, q)
