"""A study trains what it says, scores it as `experiments` does, and can be repeated."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch

from allyouneed.data import corpora
from allyouneed.models.transformer import TransformerConfig
from allyouneed.models.translators import build
from allyouneed.nn.attention import attention_weights, watch
from allyouneed.runs.experiments import Experiment, score
from allyouneed.runs.presets import Preset
from allyouneed.studies import (
    ablations,
    courses,
    equal_budget,
    records,
    searches,
    translation_study,
    trials,
)
from allyouneed.studies.courses import study
from allyouneed.studies.translation_study import Study, fresh, take_out
from allyouneed.training import checkpoints, updates
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
    monkeypatch.setattr(courses, "_corpus", lambda *_: corpus)
    courses._subwords.cache_clear()


def timeless(found: dict[str, Any]) -> dict[str, Any]:
    course = {k: v for k, v in found["course"].items() if k != "seconds"}
    return {k: v for k, v in found.items() if k not in TIMES} | course


def test_a_study_is_an_experiment_and_its_scores() -> None:
    found = study(STUDY)
    corpus = courses._corpus("grammar", "en", "de")
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
    keep = courses._Learning._keep

    def watched(self: courses._Learning) -> None:
        keep(self)
        words = self.model.embedding.words.weight.detach().clone()
        kept.append((self.updates, words))
        if self.updates == 12 and self.config.average > 1:
            expected = torch.stack([w for n, w in kept if n in (6, 9, 12)]).mean(0)
            found = self.mean(3).embedding.words.weight
            torch.testing.assert_close(found, expected)

    monkeypatch.setattr(courses._Learning, "_keep", watched)
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


def test_looks_translate_on_the_way_and_change_nothing() -> None:
    looked = dataclasses.replace(STUDY, looks=(1, 2, 1000))
    found = study(looked)
    first, second = found.pop("looks")  # the third does not come
    assert (first["updates"], second["updates"]) == (1, 2)
    assert first["bleu_signature"] == found["bleu_signature"]
    assert timeless(found) == timeless(study(STUDY))


def test_search_and_mean_are_chosen_on_valid_and_scored_once_on_test(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searches, "SEARCHES", (searches.GREEDY, (2, 0.6)))
    found = study(dataclasses.replace(STUDY, average=2, searched=True))["searched"]
    tried = [(row["mean"], row["beams"]) for row in found["valid"]]
    assert tried == [(1, 1), (1, 2), (2, 1), (2, 2)]
    best = max(found["valid"], key=lambda row: row["bleu"])
    choice = ("mean", "beams", "alpha")
    assert [found["test"][c] for c in choice] == [best[c] for c in choice]


def test_a_field_that_came_later_leaves_old_keys_alone() -> None:
    assert "looks" not in trials.described(STUDY)
    looked = dataclasses.replace(STUDY, looks=(60,))
    assert trials.described(looked)["looks"] == [60]


@pytest.mark.parametrize("between", [False, True])
def test_a_killed_study_goes_on_to_the_same_bits(
    between: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courses, "SAVED", 4)
    config = dataclasses.replace(STUDY, average=3, apart=3, looks=(1,))
    whole = study(config, tmp_path / "whole")
    save = courses._Saves.save

    def dies(self: courses._Saves, learner: courses._Learning) -> None:
        if learner.updates == 8 and between:  # the checkpoint is there, its state not
            raise KeyboardInterrupt
        save(self, learner)
        if learner.updates == 8:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(courses._Saves, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            study(config, tmp_path / "killed")
    found = study(config, tmp_path / "killed")
    assert (whole.pop("resumed"), found.pop("resumed")) == (0, 1)
    for about in (whole, found):
        (look,) = about["looks"]
        del look["seconds"]
    assert timeless(found) == timeless(whole)
    ends = [
        checkpoints.load(tmp_path / name / "checkpoint.safetensors")
        for name in ("whole", "killed")
    ]
    assert ends[0].about["step"] == 12
    for name, tensor in ends[0].tensors.items():
        assert torch.equal(tensor, ends[1].tensors[name])


def test_what_was_kept_comes_back_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courses, "SAVED", 11)
    config = dataclasses.replace(STUDY, average=11, apart=1)
    kept: list[dict[str, torch.Tensor]] = []
    save = courses._Saves.save

    def dies(self: courses._Saves, learner: courses._Learning) -> None:
        save(self, learner)
        kept.extend(learner.last)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(courses._Saves, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            study(config, tmp_path)
    corpus = courses._corpus("grammar", "en", "de")
    subwords = courses._subwords("grammar", "en", "de", 300)
    cpu = torch.device("cpu")
    again = courses._Learning(config, corpus, subwords, cpu, tmp_path)
    assert len(again.last) == len(kept) == 11
    for found, before in zip(again.last, kept, strict=True):
        assert all(torch.equal(found[name], before[name]) for name in before)


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
        ({"looks": (0, 3)}, r"looks=\(0, 3\): updates are counted from 1"),
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
