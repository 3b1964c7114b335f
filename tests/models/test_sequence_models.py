"""The same frame around each mixer: causal, counted by hand, able to learn."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F

from allyouneed.models import sequence_models
from allyouneed.models.sequence_models import (
    MIXERS,
    MixerConfig,
    SequenceModel,
    parameters,
    sized,
)


def make(mixer: str, **changes: object) -> SequenceModel:
    torch.manual_seed(0)
    config = MixerConfig(vocab=12, mixer=mixer, d_model=16, heads=2)
    return SequenceModel(dataclasses.replace(config, **changes)).double()


def tokens(length: int = 9) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(12, (3, length), generator=generator)


@pytest.mark.parametrize("mixer", MIXERS)
def test_no_position_sees_a_later_one(mixer: str) -> None:
    model, before = make(mixer), tokens()
    after = before.clone()
    after[:, 5] = (after[:, 5] + 1) % 12
    scores, changed = model(before), model(after)
    assert torch.equal(scores[:, :5], changed[:, :5])
    assert (scores[:, 5:] != changed[:, 5:]).any(-1).all()


@pytest.mark.parametrize("mixer", MIXERS)
def test_parameters_are_those_of_the_parts(mixer: str) -> None:
    d, width = 16, 3
    own = {
        "rnn": 2 * d * d + 2 * d,
        "lstm": 4 * (2 * d * d + 2 * d),
        "gru": 3 * (2 * d * d + 2 * d),
        "convolution": 2 * d * d * width + 2 * d,
        "attention": 4 * d * d,
    }[mixer]
    feed_forward = 2 * d * 2 * d + 3 * d
    layer = own + feed_forward + 2 * 2 * d
    config = make(mixer).config
    assert parameters(config) == 12 * d + 2 * layer + 2 * d
    assert parameters(config) == sum(p.numel() for p in make(mixer).parameters())


@pytest.mark.parametrize("mixer", MIXERS)
def test_sized_is_the_widest_that_fits(mixer: str) -> None:
    config = MixerConfig(vocab=12, mixer=mixer, heads=2)
    for count in (2_000, 20_000, parameters(dataclasses.replace(config, d_model=28))):
        found = sized(config, count)
        wider = dataclasses.replace(found, d_model=found.d_model + 4)
        assert found.d_model % 4 == 0
        assert parameters(found) <= count < parameters(wider)


def test_sized_tries_few_widths(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def counted(config: MixerConfig) -> int:
        tried.append(config.d_model)
        return parameters(config)

    monkeypatch.setattr(sequence_models, "parameters", counted)
    assert sized(MixerConfig(vocab=12, mixer="rnn", heads=1), 10**6).d_model > 200
    assert len(tried) < 12


@pytest.mark.parametrize("mixer", MIXERS)
def test_each_learns_to_say_what_came_before(mixer: str) -> None:
    model = make(mixer).float()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    generator = torch.Generator().manual_seed(0)
    losses = []
    for _ in range(150):
        batch = torch.randint(12, (32, 8), generator=generator)
        scores = model(batch)[:, 1:]
        loss = F.cross_entropy(scores.flatten(0, 1), batch[:, :-1].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > 2 > 0.5 > losses[-1]


def test_norm_and_wiring_are_the_residuals() -> None:
    layer = make("gru", wiring="none", norm="rms").layers[0]
    assert {around.wiring for around in layer.around} == {"none"}
    assert {type(around.norm).__name__ for around in layer.around} == {"RMSNorm"}
    assert parameters(make("gru", wiring="post").config) == (
        parameters(make("gru").config) - 2 * 16
    )


def test_attention_without_positions_knows_no_order_but_the_mask() -> None:
    model = make("attention", positions="none", layers=1)
    before = tokens()
    after = before[:, [1, 0, *range(2, 9)]]
    torch.testing.assert_close(model(before)[:, 2:], model(after)[:, 2:])
    placed = make("attention", layers=1)
    assert not torch.allclose(placed(before)[:, 2:], placed(after)[:, 2:])


@pytest.mark.parametrize("scheme", ["shaw", "t5", "alibi", "rotary"])
def test_attention_takes_relative_positions(scheme: str) -> None:
    model = make("attention", positions=scheme, layers=1)
    if scheme == "t5":  # starts at zero
        torch.nn.init.normal_(model.layers[0].mixer.relation.table)
    before = tokens()
    after = before[:, [1, 0, *range(2, 9)]]
    assert not torch.allclose(model(before)[:, 2:], model(after)[:, 2:])
    with pytest.raises(ValueError, match="act in attention, and mixer='gru' has none"):
        make("gru", positions=scheme)


def test_a_convolution_sees_as_far_as_its_layers_reach() -> None:
    model = make("convolution", layers=3)
    before = tokens(20)
    for distance in range(20):  # of width 3, dilations 1, 2, 4: two of each before
        after = before.clone()
        after[:, 19 - distance] = (after[:, 19 - distance] + 1) % 12
        seen = not torch.equal(model(before)[:, -1], model(after)[:, -1])
        assert seen == (distance <= 14)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"mixer": "gnu"}, "mixer='gnu': choose rnn"),
        ({"layers": 0}, "layers=0: give"),
        ({"norm": "batch"}, "norm='batch': choose layer, rms or none"),
    ],
)
def test_a_wrong_choice_is_named(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MixerConfig(**{"vocab": 12, "mixer": "gru"} | wrong)


def test_symbols_and_sizes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match="vocab=12: use this model's own"):
        make("gru")(torch.tensor([[12]]))
    with pytest.raises(ValueError, match="count=10 is too few for gru"):
        sized(MixerConfig(vocab=12, mixer="gru"), 10)
