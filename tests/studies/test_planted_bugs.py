"""A model of right parts is the library's; bugs change it, and checks see which."""

import pytest
import torch
from torch import Tensor, nn

from allyouneed.models.sequence_models import MixerConfig, SequenceModel
from allyouneed.nn.attention import attend
from allyouneed.nn.positions import sinusoids
from allyouneed.studies import bug_checks
from allyouneed.studies.planted_bugs import (
    HARMLESS,
    PLANTED,
    RIGHT,
    Part,
    exponent_twice,
    planted,
)

CONFIG = MixerConfig(vocab=11, mixer="attention", d_model=48)
TOKENS = torch.randint(11, (3, 9), generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def scores(part: Part | None) -> Tensor:
    torch.manual_seed(0)
    model = SequenceModel(CONFIG) if part is None else planted(part, CONFIG)
    for weight in model.parameters():  # gains and biases, too
        nn.init.normal_(weight, 0.1, 0.2, generator=torch.Generator().manual_seed(1))
    return model(TOKENS)


@pytest.mark.parametrize("part", RIGHT, ids=lambda part: part.name)
def test_a_model_of_right_parts_computes_what_the_library_does(part: Part) -> None:
    torch.testing.assert_close(scores(part), scores(None), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("part", [*PLANTED, HARMLESS], ids=lambda part: part.name)
def test_each_bug_changes_the_model_and_not_its_size(part: Part) -> None:
    assert (scores(part) - scores(None)).abs().max() > 1e-3
    counts = [
        sum(p.numel() for p in model.parameters())
        for model in (planted(part, CONFIG), SequenceModel(CONFIG))
    ]
    assert counts[0] == counts[1]


def test_only_attention_has_a_place_for_the_bugs() -> None:
    with pytest.raises(ValueError, match="has no attention"):
        planted(RIGHT[0], MixerConfig(vocab=11, mixer="gru"))


LIBRARY = [
    Part(name="attend", kind="attention", function=attend),
    Part(
        name="LayerNorm",
        kind="norm",
        function=lambda x: nn.LayerNorm(x.shape[-1])(x),
    ),
    Part(
        name="sinusoids",
        kind="positions",
        function=lambda x: x + sinusoids(*x.shape[1:]).float(),
    ),
]


@pytest.mark.parametrize("check", bug_checks.CHECKS)
@pytest.mark.parametrize("part", [*LIBRARY, *RIGHT], ids=lambda part: part.name)
def test_no_check_complains_of_what_is_right(check: str, part: Part) -> None:
    alarm = check == "reference" and part.kind == "positions"  # the sample code's bug
    assert bug_checks.complains(check, part) == alarm


@pytest.mark.parametrize("part", PLANTED, ids=lambda part: part.name)
def test_every_bug_runs_and_is_found_by_reference_or_hand(part: Part) -> None:
    found = {c for c in bug_checks.CHECKS if bug_checks.complains(c, part)}
    assert "shape" not in found
    assert found & {"reference", "by hand"}


def test_the_sample_code_has_the_bug_that_it_is_named_for() -> None:
    ours = exponent_twice(torch.zeros(1, 7, 16))[0]
    assert torch.allclose(ours, bug_checks.sample_code(7, 16), atol=1e-5)


def test_a_shape_that_is_wrong_or_not_finite_is_seen() -> None:
    for wrong in (lambda x: x[:, 1:], lambda x: x / 0):
        assert bug_checks.complains("shape", Part(name="", kind="norm", function=wrong))


def test_an_unknown_check_is_named() -> None:
    with pytest.raises(ValueError, match="choose one of shape"):
        bug_checks.complains("luck", RIGHT[0])
