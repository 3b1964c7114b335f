"""Sequence models with cheaper attention: who sees how far, and what is refused."""

from dataclasses import replace

import pytest
import torch

from allyouneed.models.long_models import LongConfig, long_model
from allyouneed.models.sequence_models import MixerConfig, SequenceModel
from allyouneed.nn.long_attention import LinearAttention, Pattern

SMALL = MixerConfig(vocab=9, mixer="attention", d_model=16, positions="alibi")
UNPLACED = replace(SMALL, positions="none")


def sees(config: LongConfig, length: int) -> list[int]:
    """The places whose symbol changes what is said at the last one."""
    torch.manual_seed(0)
    model, words = long_model(config).eval(), torch.ones(1, length, dtype=torch.long)
    said = model(words)[0, -1]
    changed = []
    for place in range(length):
        other = words.clone()
        other[0, place] = 2
        if not torch.allclose(model(other)[0, -1], said, atol=1e-7):
            changed.append(place)
    return changed


@pytest.mark.parametrize(
    ("config", "reach"),
    [
        (LongConfig(model=SMALL), 40),
        (LongConfig(model=UNPLACED, linear=True), 40),
        (LongConfig(model=SMALL, pattern=Pattern(window=4)), 7),
        (LongConfig(model=SMALL, pattern=Pattern(window=4), widening=4), 16),
    ],
)
def test_a_stack_sees_as_far_as_its_layers_add_up(
    config: LongConfig, reach: int
) -> None:
    assert sees(config, 40) == [*range(40 - reach, 40)]


def test_the_first_words_stay_in_sight() -> None:
    config = LongConfig(model=SMALL, pattern=Pattern(window=4, first=2))
    assert sees(config, 40) == [0, 1, *range(33, 40)]


def test_all_in_sight_it_is_the_model_that_was_there() -> None:
    ours, plain = long_model(LongConfig(model=SMALL)), SequenceModel(SMALL)
    plain.load_state_dict(ours.state_dict())
    words = torch.randint(9, (2, 12))
    torch.testing.assert_close(ours(words), plain(words))


def test_shared_keys_leave_out_parameters_and_a_recurrent_mixer_stays() -> None:
    few = long_model(LongConfig(model=SMALL, kv_heads=1))
    full = long_model(LongConfig(model=SMALL))
    counts = [sum(p.numel() for p in model.parameters()) for model in (few, full)]
    assert counts[1] - counts[0] == 2 * 2 * 16 * (16 - 4)
    gru = MixerConfig(vocab=9, mixer="gru", d_model=16)
    kinds = {type(layer.mixer) for layer in long_model(LongConfig(model=gru)).layers}
    assert len(kinds) == 1
    assert LinearAttention not in kinds


def test_bad_choices_are_named() -> None:
    with pytest.raises(ValueError, match="linear=True sees all through one state"):
        LongConfig(model=UNPLACED, linear=True, kv_heads=1)
    with pytest.raises(ValueError, match="widening=0: give 1 or more"):
        LongConfig(model=SMALL, widening=0)


@pytest.mark.parametrize("scheme", ["shaw", "t5", "alibi", "rotary"])
def test_relative_positions_know_another_width_and_are_not_lost(scheme: str) -> None:
    placed = replace(SMALL, positions=scheme)
    model, words = long_model(LongConfig(model=placed, d_k=8)), torch.ones(1, 5).long()
    assert model(words).isfinite().all()
    one, other = (layer.mixer.relation for layer in model.layers)
    assert (one is other) == (scheme == "t5")
    with pytest.raises(ValueError, match=f"positions='{scheme}' act on scores"):
        LongConfig(model=placed, linear=True)
