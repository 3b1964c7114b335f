"""The other translators learn as the Transformer does, and have its size."""

import dataclasses
import itertools

import pytest
import torch
from reversal import CPU, SUBWORDS, pairs, stream

from allyouneed.decoding.greedy_search import translate
from allyouneed.evaluation.metrics import exact_match
from allyouneed.models.convolutional_translator import ConvolutionalConfig
from allyouneed.models.recurrent_translator import RecurrentConfig
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.models.translators import Config, build, config_of
from allyouneed.runs.presets import Kind, Preset
from allyouneed.training.loop import TrainingConfig, train

SIZES = {"vocab": len(SUBWORDS), "d_model": 64, "p_drop": 0.0}
CONFIGS: list[Config] = [
    RecurrentConfig(**SIZES, layers=1),
    RecurrentConfig(**SIZES, layers=1, cell="lstm", attention="multiplicative"),
    ConvolutionalConfig(**SIZES, layers=2, width=5),
]
RECIPE = TrainingConfig(steps=120, warmup=20, peak=1e-2, epsilon_ls=0.0, clip=1.0)


@pytest.mark.parametrize("config", CONFIGS)
def test_each_learns_to_reverse_a_sentence(config: Config) -> None:
    torch.manual_seed(0)
    model = build(config)
    for _ in train(model, stream(tokens=512), RECIPE, device=CPU):
        pass
    sources, expected = zip(*pairs(40), strict=True)
    for beams, least in ((1, 0.75), (3, 0.4)):  # three seeds: from 0.85, from 0.52
        found = translate(model.eval(), SUBWORDS, sources, beams=beams)
        assert exact_match(found, expected) > least


@pytest.mark.parametrize("kind", ["recurrent", "recurrent-plain", "convolutional"])
def test_the_grammar_s_translators_are_of_one_size(kind: Kind) -> None:
    def count(kind: Kind) -> int:
        with torch.device("meta"):
            model = build(Preset.grammar(kind).model(1000))
        return sum(p.numel() for p in model.parameters())

    assert abs(count(kind) / count("transformer") - 1) < 0.01
    ours = dataclasses.replace(Preset.grammar(kind), model=Preset.grammar().model)
    assert ours == dataclasses.replace(Preset.grammar(), model=ours.model)


def test_a_name_and_values_give_the_config_back() -> None:
    configs = [*CONFIGS, TransformerConfig.tiny(vocab=9)]
    for config in configs:
        name = type(build(config)).__name__
        assert config_of(name, dataclasses.asdict(config)) == config
    classes = {type(build(config)) for config in configs}
    assert len(classes) == 3
    assert Transformer in classes


@pytest.mark.parametrize(
    ("name", "values"),
    [("Transformer", {"vocab": 9, "cell": "gru"}), ("Oracle", {}), (None, {})],
)
def test_what_this_version_cannot_build_is_refused(name: str, values: dict) -> None:
    with pytest.raises(ValueError, match="read it with the version that wrote it"):
        config_of(name, values)


def test_equal_seeds_give_equal_parameters() -> None:
    for config in CONFIGS:
        torch.manual_seed(3)
        one = build(config)
        torch.manual_seed(3)
        both = zip(one.parameters(), build(config).parameters(), strict=True)
        assert all(itertools.starmap(torch.equal, both))
