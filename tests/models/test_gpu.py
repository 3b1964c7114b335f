"""On a GPU every translator says what it says on a CPU, and a sweep can share the card.

Where there is none, the comparison is of the CPU with itself.
"""

import copy
import dataclasses
from pathlib import Path

import pytest
import torch
from test_every_translator import SOURCE, TARGET, every_base
from torch import nn

from allyouneed.data import corpora
from allyouneed.decoding.greedy_search import beam, greedy
from allyouneed.ground import runtime
from allyouneed.models.translators import Config, build
from allyouneed.studies import ablations, courses
from allyouneed.studies.courses import study

DEVICE = runtime.device()
CLOSE = {"rtol": 1e-3, "atol": 1e-4}  # another order of summing, no other arithmetic


def pair(config: Config) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    here = build(config)
    return here, copy.deepcopy(here).to(DEVICE)


@every_base
def test_loss_and_gradients_are_those_of_the_cpu(config: Config) -> None:
    here, there = pair(config)
    losses = [
        model.loss(x, t[:, :-1], t[:, 1:], epsilon=0.1)
        for model, x, t in (
            (here, SOURCE, TARGET),
            (there, SOURCE.to(DEVICE), TARGET.to(DEVICE)),
        )
    ]
    torch.testing.assert_close(losses[1].cpu(), losses[0], **CLOSE)
    for loss in losses:
        loss.backward()
    for ours, theirs in zip(here.parameters(), there.parameters(), strict=True):
        assert (ours.grad is None) == (theirs.grad is None)
        if ours.grad is not None:
            torch.testing.assert_close(theirs.grad.cpu(), ours.grad, **CLOSE)


@every_base
def test_translations_are_those_of_the_cpu(config: Config) -> None:
    here, there = (model.eval() for model in pair(config))
    for search in (greedy, beam):
        assert search(there, SOURCE.to(DEVICE)) == search(here, SOURCE)


def test_a_study_is_trained_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = corpora.load("grammar", size=400)
    corpus = dataclasses.replace(whole, valid=whole.valid[:40], test=whole.test[:40])
    monkeypatch.setattr(courses, "_corpus", lambda *_: corpus)
    monkeypatch.setattr(courses, "SAVED", 4)
    base, *_ = ablations.table_3()
    short = dataclasses.replace(
        base,
        training=dataclasses.replace(base.training, steps=6),
        device=DEVICE.type,
        average=2,
        apart=2,
        beams=1,
    )
    first = study(short, tmp_path)
    again = study(short, tmp_path)  # from its last save on
    assert (first["resumed"], again["resumed"]) == (0, 1)
    assert again["updates"] == 6
    assert again["valid_loss"] == pytest.approx(first["valid_loss"], abs=1e-2)
