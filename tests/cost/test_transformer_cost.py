"""The formulas against PyTorch's counter, the model itself, and the paper's numbers."""

from dataclasses import astuple, replace
from functools import partial

import pytest
import torch

from allyouneed.cost import measure, transformer_cost
from allyouneed.cost.transformer_cost import FOOTNOTE_5, Flops, Run
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.nn.attention import MultiHeadAttention

ODD = TransformerConfig(
    vocab=61, d_model=24, layers=2, heads=3, d_k=5, d_v=7, d_ff=40, p_drop=0.1
)
CONFIGS = {
    "tiny": TransformerConfig.tiny(vocab=100),
    "odd sizes": ODD,
    "untied, pre-norm, biases": replace(ODD, tied=False, wiring="pre", bias=True),
    "learned places": replace(ODD, positions="learned", max_length=32),
    "rotary": replace(ODD, d_k=6, d_v=6, positions="rotary"),
    "t5": replace(ODD, positions="t5"),
    "gated": replace(ODD, gated=True),
    "grouped keys": replace(ODD, kv_heads=1),
}
BASE = TransformerConfig.base(vocab=37_000)
every_config = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)


def pair(config: TransformerConfig, *, sentences: int = 2) -> tuple[torch.Tensor, ...]:
    source = torch.randint(4, config.vocab, (sentences, 9))
    return source, torch.randint(4, config.vocab, (sentences, 7))


@every_config
def test_forward_is_what_pytorch_counts(config: TransformerConfig) -> None:
    model, given = Transformer(config), pair(config)
    counted = measure.flops(lambda: model(*given))
    assert (
        counted == 2 * transformer_cost.forward_flops(config, source=9, target=7).total
    )


@every_config
def test_a_training_step_is_three_times_forward(config: TransformerConfig) -> None:
    model, given = Transformer(config), pair(config)
    counted = measure.flops(lambda: model(*given).logsumexp(-1).sum().backward())
    assert (
        counted == 2 * transformer_cost.training_flops(config, source=9, target=7).total
    )


def test_parts_are_what_the_parts_cost() -> None:
    model, (source, target) = Transformer(ODD), pair(ODD, sentences=1)
    memory, x = model.encode(source), torch.randn(1, 9, 24)
    y = torch.randn(1, 7, 24)
    encoder = transformer_cost.encoder_flops(ODD, source=9)
    decoder = transformer_cost.decoder_flops(ODD, source=9, target=7)
    assert measure.flops(lambda: model.encode(source)) == encoder.total
    assert measure.flops(lambda: model.decode(target, memory)) == decoder.total
    think = model.encoder[0].feed_forward
    assert measure.flops(lambda: think(x)) * ODD.layers == encoder.feed_forward
    assert measure.flops(lambda: model.embedding.logits(y)) == decoder.logits
    assert (encoder.logits, encoder + decoder) == (
        0,
        transformer_cost.forward_flops(ODD, source=9, target=7),
    )


@pytest.mark.parametrize(("queries", "keys"), [(9, 9), (7, 9), (1, 12)])
def test_attention_by_its_matrices(queries: int, keys: int) -> None:
    layer, q, k, v = MultiHeadAttention(24, 3, d_k=5, d_v=7), 15, 15, 21
    x, memory = torch.randn(1, queries, 24), torch.randn(1, keys, 24)
    flops = transformer_cost.attention_flops(ODD, queries=queries, keys=keys)
    by_hand = 2 * 24 * (queries * q + keys * k + keys * v + queries * v)
    assert flops.projections == by_hand
    assert flops.mixing == 2 * queries * keys * (q + v)
    assert measure.flops(partial(layer, x, memory)) == flops.total


def test_mixing_overtakes_projections_at_2d_and_the_layer_at_6d() -> None:
    def layer(n: int) -> Flops:
        return transformer_cost.encoder_flops(replace(BASE, layers=1), source=n)

    at_2d, at_6d = layer(2 * 512), layer(6 * 512)
    assert at_2d.mixing == at_2d.projections
    assert at_6d.mixing == at_6d.projections + at_6d.feed_forward
    assert layer(6 * 512 - 1).mixing / layer(6 * 512 - 1).total < 0.5


@pytest.mark.parametrize("heads", [1, 2, 4, 8, 16, 32])
def test_the_number_of_heads_costs_nothing(heads: int) -> None:
    many = transformer_cost.attention_flops(
        replace(BASE, heads=heads), queries=50, keys=50
    )
    assert many == Flops(projections=8 * 50 * 512**2, mixing=4 * 50**2 * 512)


@every_config
def test_parameters_are_the_model_s(config: TransformerConfig) -> None:
    model, counted = Transformer(config), transformer_cost.parameters(config)
    parts: dict[str, list[torch.nn.Module]] = {
        "encoder": [model.encoder, model.encoder_norm],
        "decoder": [model.decoder, model.decoder_norm],
        "embedding": [model.embedding, model.place],
        "output": [model.output] if model.output else [],
    }
    for name, modules in parts.items():
        real = {w for module in modules for w in module.parameters()}
        assert getattr(counted, name) == sum(w.numel() for w in real), name
    assert counted.total == sum(w.numel() for w in model.parameters())


def test_parameters_are_the_paper_s() -> None:
    def millions(config: TransformerConfig) -> float:
        return transformer_cost.parameters(config).total / 1e6

    assert millions(TransformerConfig.base(41_000)) == pytest.approx(65, abs=0.5)
    assert millions(TransformerConfig.big(36_000)) == pytest.approx(213, abs=0.5)
    assert millions(BASE) == pytest.approx(65, rel=0.04)
    assert millions(TransformerConfig.big(37_000)) == pytest.approx(213, rel=0.01)


def test_6nd_is_right_for_short_sentences_and_tokens_of_one_side() -> None:
    weights = transformer_cost.parameters(BASE).total

    def off(n: int) -> float:
        counted = transformer_cost.training_flops(BASE, source=n, target=n).total
        return counted / transformer_cost.six_nd(weights, n) - 1

    assert abs(off(1)) < 0.01
    assert 0 < off(25) < 0.02
    assert off(2048) > 0.5


def test_6nd_counts_too_much_where_the_output_layer_is_not_tied() -> None:
    untied = replace(BASE, tied=False)
    counted = transformer_cost.training_flops(untied, source=25, target=25).total
    weights = transformer_cost.parameters(untied)
    assert counted < 0.8 * transformer_cost.six_nd(weights.total, 25)
    met = weights.total - weights.embedding
    assert counted == pytest.approx(transformer_cost.six_nd(met, 25), rel=0.02)


def test_table_2_comes_out() -> None:
    rate = FOOTNOTE_5["P100"]
    assert f"{Run.base().stated_flops(rate):.1e}" == "3.3e+18"
    assert f"{Run.big().stated_flops(rate):.1e}" == "2.3e+19"


@pytest.mark.parametrize(
    ("gpu", "devices", "days", "printed"),
    [  # Shazeer et al. (2017), tables 2 to 4, and Gehring et al. (2017), section 5.1
        ("K40", 64, 1, "2.0e+19"),
        ("K40", 64, 6, "1.2e+20"),
        ("K80", 96, 1, "2.3e+19"),
        ("K80", 96, 6, "1.4e+20"),
        ("M40", 8, 37, "1.5e+20"),
    ],
)
def test_the_others_of_table_2_come_out(
    gpu: str, devices: int, days: float, printed: str
) -> None:
    run = Run(seconds=days * 86_400, devices=devices)
    assert f"{run.stated_flops(FOOTNOTE_5[gpu]):.1e}" == printed


def test_a_run_s_rate_energy_and_price() -> None:
    run = Run(seconds=7200, devices=4)
    assert run.flops_per_second(run.stated_flops(5.0)) == 5.0
    assert run.utilisation(28_800.0, most_flops_per_second=4.0) == 0.25
    assert run.kilowatt_hours(1500) == 3.0
    assert run.kilowatt_hours(1500, overhead=1.5) == 4.5
    assert run.price(2.5) == 20.0


@pytest.mark.parametrize(
    ("run", "watts", "kilowatt_hours", "dollars"),
    [(Run.base(), 1415.78, 27, (41, 140)), (Run.big(), 1515.43, 201, (289, 981))],
)
def test_strubell_and_others_come_out(
    run: Run, watts: float, kilowatt_hours: int, dollars: tuple[int, int]
) -> None:
    assert round(run.kilowatt_hours(watts, overhead=1.58)) == kilowatt_hours
    assert tuple(round(run.price(p)) for p in (0.43, 1.46)) == dollars


def test_flops_add_and_multiply_part_by_part() -> None:
    one = Flops(projections=1, mixing=2, feed_forward=3, logits=4)
    assert astuple(one + one * 2) == (3, 6, 9, 12)
    assert one.total == 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            partial(transformer_cost.encoder_flops, BASE, source=0),
            "queries=0: give at least 1",
        ),
        (partial(transformer_cost.decoder_flops, BASE, source=0, target=3), "keys=0"),
        (
            partial(
                transformer_cost.encoder_flops,
                replace(BASE, positions="shaw"),
                source=3,
            ),
            "positions='shaw'.*measure.flops",
        ),
        (partial(Run, seconds=0), "seconds=0, devices=1: give more than 0"),
        (partial(Run, seconds=1, devices=0), "devices=0"),
    ],
)
def test_what_cannot_be_counted_is_refused(call: partial, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
