"""A study trains what it says, scores it as `experiments` does, and can be repeated."""

import dataclasses
from typing import Any

import pytest
import torch

from allyouneed.data import corpora
from allyouneed.models.transformer import TransformerConfig
from allyouneed.models.translators import build
from allyouneed.nn.attention import attention_weights, watch
from allyouneed.runs.experiments import Experiment, score
from allyouneed.runs.presets import Preset
from allyouneed.studies import ablations, equal_budget, records, translation_study
from allyouneed.studies.translation_study import Study, fresh, study, take_out
from allyouneed.training import updates
from allyouneed.training.updates import TrainingConfig

SMALL = TransformerConfig(vocab=300, d_model=16, layers=1, heads=2, d_ff=32)
STUDY = Study(
    row="small",
    part="test",
    corpus="grammar",
    model=SMALL,
    training=TrainingConfig(steps=12, warmup=4),
    tokens=512,
    every=5,
    beams=1,
)
TIMES = ("seconds", "course")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty test sentences, and a thousand to learn from."""
    whole = corpora.load("grammar", size=1000)
    corpus = dataclasses.replace(whole, valid=whole.valid[:40], test=whole.test[:40])
    monkeypatch.setattr(translation_study, "_corpus", lambda *_: corpus)
    translation_study._subwords.cache_clear()


def timeless(found: dict[str, Any]) -> dict[str, Any]:
    course = {k: v for k, v in found["course"].items() if k != "seconds"}
    return {k: v for k, v in found.items() if k not in TIMES} | course


def test_a_study_is_an_experiment_and_its_scores() -> None:
    found = study(STUDY)
    corpus = translation_study._corpus("grammar", "en", "de")
    preset = Preset(
        model=lambda vocab: dataclasses.replace(SMALL, vocab=vocab),
        training=STUDY.training,
        vocab=300,
        tokens=512,
    )
    running = Experiment(corpus=corpus, preset=preset).start(device=torch.device("cpu"))
    steps = list(running.steps)
    scores = score(running.model, running.subwords, corpus.test, language="de", beams=1)
    assert found["bleu"] == round(scores.bleu.value, 2)
    assert found["chrf"] == round(scores.chrf.value, 2)
    assert found["bleu_signature"] == scores.bleu.signature
    assert found["tokens"] == steps[-1].tokens
    course = found["course"]
    assert course["updates"] == [5, 10, 12]
    losses = [step.loss for step in steps]
    assert course["loss"][1] == pytest.approx(sum(losses[5:10]) / 5, abs=1e-4)
    assert course["loss"][2] == pytest.approx(sum(losses[10:]) / 2, abs=1e-4)
    assert course["valid_loss"][-1] == found["valid_loss"]
    assert found["averaged"] is None


def test_the_same_seed_gives_the_same_numbers_and_another_does_not() -> None:
    first, second = study(STUDY), study(STUDY)
    other = study(dataclasses.replace(STUDY, seed=1))
    assert timeless(first) == timeless(second)
    assert first["valid_loss"] != other["valid_loss"]


def test_the_mean_is_that_of_the_last_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[tuple[int, torch.Tensor]] = []
    keep = translation_study._Learning._keep

    def watched(self: translation_study._Learning) -> None:
        keep(self)
        words = self.model.embedding.words.weight.detach().clone()
        kept.append((self.updates, words))
        if self.updates == 12 and self.config.average > 1:
            assert self.mean is not None
            expected = torch.stack([w for n, w in kept if n in (6, 9, 12)]).mean(0)
            found = self.mean.module.embedding.words.weight
            torch.testing.assert_close(found, expected)

    monkeypatch.setattr(translation_study._Learning, "_keep", watched)
    found = study(dataclasses.replace(STUDY, average=3, apart=3))
    assert len(kept) == 12
    assert found["averaged"]["valid_loss"] != found["valid_loss"]


def test_time_ends_a_study_before_its_updates() -> None:
    endless = dataclasses.replace(
        STUDY,
        training=dataclasses.replace(STUDY.training, steps=translation_study.ENOUGH),
        seconds=1.0,
    )
    found = study(endless)
    assert 1.0 <= found["seconds"] < 3.0
    assert 1 < found["updates"] == found["course"]["updates"][-1]


def test_a_loss_that_is_no_number_is_told_and_not_scored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    update = updates.Learner.update

    def breaks(self: updates.Learner, group: list[Any]) -> updates.Step:
        if self.step == 6:
            raise FloatingPointError("nan")
        return update(self, group)

    monkeypatch.setattr(updates.Learner, "update", breaks)
    found = study(STUDY)
    assert found["diverged"] == 7
    assert "bleu" not in found


def test_without_scaling_the_scores_are_the_bare_products() -> None:
    model = build(SMALL).eval()
    layer = model.encoder[0].attention
    x = torch.randn(1, 5, 16)
    q, k = (
        f(x).unflatten(-1, (2, 8)).transpose(1, 2) for f in (layer.query, layer.key)
    )
    expected = (q @ k.mT).softmax(-1)
    torch.testing.assert_close(attention_weights(q * 8**0.5, k), expected)
    take_out(model, "scaling")
    with watch(layer) as seen:
        layer(x)
    torch.testing.assert_close(seen[""][0], expected)


def test_without_the_root_words_are_looked_up_as_they_are() -> None:
    with_it, without = (
        fresh(dataclasses.replace(STUDY, without=piece), 300)
        for piece in (None, "root")
    )
    ids = torch.tensor([[5, 6]])
    torch.testing.assert_close(with_it.embedding(ids), without.embedding(ids) * 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"every": 0}, "every=0: give at least 1"),
        ({"seconds": 0.0}, "seconds=0.0: give more"),
        ({"without": "softmax"}, "without='softmax': choose scaling or root"),
    ],
)
def test_impossible_studies_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(STUDY, **change)


def test_only_scaled_attention_can_lose_its_scale() -> None:
    model = build(equal_budget.MODELS["recurrent"])
    with pytest.raises(ValueError, match="has no scaled attention"):
        take_out(model, "scaling")


def test_rows_differ_from_base_in_one_thing_and_in_name() -> None:
    base, *rows = ablations.table_3()
    assert base.average == 5
    names = [row.row for row in (base, *rows)]
    assert len(set(names)) == len(names)
    own = ("row", "part", "average")
    for row in rows:
        changed = [
            field.name
            for field in dataclasses.fields(Study)
            if field.name not in own
            and getattr(row, field.name) != getattr(base, field.name)
        ]
        both = row.row == "pre-norm, no warm-up"
        assert len(changed) == 1 + both, row.row


def test_rows_have_the_papers_proportions() -> None:
    rows = {row.row: row for row in ablations.table_3()}
    model = rows["base"].model
    assert isinstance(model, TransformerConfig)
    assert model.d_ff == 4 * model.d_model
    assert model.heads == TransformerConfig.base(8).heads
    for row in rows.values():
        if row.part in ("A", "B"):
            assert isinstance(row.model, TransformerConfig)
            build(dataclasses.replace(row.model, vocab=8))
    sizes = {
        name: sum(p.numel() for p in build(rows[name].model).parameters())
        for name in ("base", "1 head", "32 heads", "d_k 4", "d_k 2")
    }
    assert sizes["1 head"] == sizes["32 heads"] == sizes["base"]  # at constant cost
    assert sizes["d_k 2"] < sizes["d_k 4"] < sizes["base"]


def test_the_ladder_has_one_size_and_one_time() -> None:
    counts = [
        sum(p.numel() for p in build(config).parameters())
        for config in equal_budget.MODELS.values()
    ]
    assert max(counts) < 1.02 * min(counts)
    rungs = equal_budget.ladder()
    texts = len(equal_budget.TEXTS)
    assert len(rungs) == texts * len(equal_budget.MODELS)
    assert len({(r.corpus, r.target, r.seconds) for r in rungs}) == texts
    assert {rung.row for rung in rungs} == {*equal_budget.MODELS}


def test_rungs_learn_by_the_recipe_that_did_best_in_the_pilot() -> None:
    ends: dict[str, dict[tuple[float, int], float]] = {}
    for line in records.recorded("ladder-rates"):
        recipe = line["config"]["training"]
        tried = ends.setdefault(line["config"]["row"], {})
        tried[recipe["peak"], recipe["warmup"]] = line["metrics"]["valid_loss"]
    assert ends.keys() == equal_budget.RECIPES.keys()
    for row, tried in ends.items():
        assert len(tried) == len(equal_budget.PILOT_RATES) * len(
            equal_budget.PILOT_WARMUPS
        )
        assert min(tried, key=tried.__getitem__) == equal_budget.RECIPES[row]


def test_captions_repeat_rows_of_the_table() -> None:
    table = {row.row: row for row in ablations.table_3()}
    again = ablations.on_captions()
    assert [row.row for row in again] == [r for r in table if r in ablations.REPEATED]
    assert len(again) == len(ablations.REPEATED)
    for row in again:
        known = table[row.row].model
        assert dataclasses.replace(row.model, vocab=known.vocab) == known
