"""Training against PyTorch by hand, and against itself in other portions."""

import dataclasses
import itertools
import math
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from reversal import CONFIG, CPU, Fixed, make, stream

from allyouneed.data.batches import Batch
from allyouneed.ground import storage
from allyouneed.models.transformer import Transformer
from allyouneed.training import checkpoints, schedules
from allyouneed.training.loop import TrainingConfig, held_out_loss, train


def assert_same(a: Transformer, b: Transformer, **tolerance: float) -> None:
    tolerance = tolerance or {"rtol": 0, "atol": 0}
    for (name, p), q in zip(a.named_parameters(), b.parameters(), strict=True):
        assert torch.allclose(p, q, **tolerance), name


def by_hand(model: Transformer, config: TrainingConfig) -> list[tuple[float, float]]:
    """PyTorch's own loss, clipping and plain Adam; loss and norm of each update."""
    adam = torch.optim.Adam(
        model.parameters(), betas=config.betas, eps=config.eps, fused=False
    )
    seen = []
    taken = itertools.islice(stream().from_step(0), config.steps)
    for step, (source, target) in enumerate(taken, 1):
        if config.peak is None:
            adam.param_groups[0]["lr"] = schedules.noam(step, d_model=16, warmup=3)
        else:
            adam.param_groups[0]["lr"] = schedules.inverse_sqrt(
                step, peak=config.peak, warmup=3
            )
        loss = F.cross_entropy(
            model(source, target[:, :-1]).flatten(0, 1),
            target[:, 1:].flatten(),
            label_smoothing=config.epsilon_ls,
            ignore_index=0,
        )
        adam.zero_grad()
        loss.backward()
        norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.clip or 1e9)
        adam.step()
        seen.append((loss.item(), norm.item()))
    return seen


@pytest.mark.parametrize(
    "change", [{}, {"peak": None}, {"clip": 0.1}, {"epsilon_ls": 0.0}, {"eps": 1e-3}]
)
def test_updates_are_those_of_pytorch_by_hand(change: dict[str, float | None]) -> None:
    config = dataclasses.replace(CONFIG, **change)
    one, other = make(), make()
    records = list(train(one, stream(), config, device=CPU))
    expected = by_hand(other, config)
    assert [r.loss for r in records] == pytest.approx([loss for loss, _ in expected])
    assert [r.gradient_norm for r in records] == pytest.approx([n for _, n in expected])
    assert_same(one, other, rtol=1e-9, atol=1e-12)


def test_accumulated_batches_equal_one_large_batch() -> None:
    """Parts of unlike size and padding, so that a mean of means would be wrong."""
    whole = next(stream(tokens=700).from_step(0))
    cuts = [0, 3, 4, 11, len(whole.source)]
    parts = [
        Batch(whole.source[a:b], whole.target[a:b]) for a, b in itertools.pairwise(cuts)
    ]
    one, other = make(), make()
    whole_run = list(train(one, Fixed([whole]), CONFIG, device=CPU))
    config = dataclasses.replace(CONFIG, accumulate=4)
    in_parts = list(train(other, Fixed(parts), config, device=CPU))
    assert_same(one, other, rtol=1e-8, atol=1e-10)
    for a, b in zip(whole_run, in_parts, strict=True):
        assert a.loss == pytest.approx(b.loss, rel=1e-9)
        assert a.tokens == b.tokens


def test_records_count_updates_tokens_and_time() -> None:
    records = list(train(make(), stream(), CONFIG, device=CPU))
    taken = itertools.islice(stream().from_step(0), CONFIG.steps)
    tokens = itertools.accumulate(int((b.target[:, 1:] != 0).sum()) for b in taken)
    assert [r.step for r in records] == [1, 2, 3, 4, 5, 6]
    assert [r.tokens for r in records] == list(tokens)
    assert [r.learning_rate for r in records[:3]] == pytest.approx(
        [1e-2 / 3, 2e-2 / 3, 1e-2]
    )
    seconds = [r.seconds for r in records]
    assert seconds[0] > 0
    assert seconds == sorted(seconds)


def test_a_budget_of_seconds_ends_the_run_and_keeps_it(tmp_path: Path) -> None:
    config, path = dataclasses.replace(CONFIG, steps=10_000), tmp_path / "c"
    *_, last = train(
        make(), stream(), config, device=CPU, checkpoint=path, every=3, seconds=0.2
    )
    assert last.seconds >= 0.2
    assert checkpoints.load(path).about["step"] == last.step < 10_000
    again = train(make(), stream(), config, device=CPU, checkpoint=path, seconds=0.2)
    assert not list(again)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_run_in_pieces_ends_at_the_same_bits(tmp_path: Path, accumulate: int) -> None:
    config = dataclasses.replace(CONFIG, steps=12, accumulate=accumulate)
    straight = make(p_drop=0.3, dtype=torch.float32)
    expected = list(train(straight, stream(), config, device=CPU))
    path = tmp_path / "c"
    for steps in (5, 7, 12):
        model = make(p_drop=0.3, dtype=torch.float32)
        part = dataclasses.replace(config, steps=steps)
        records = list(train(model, stream(), part, device=CPU, checkpoint=path))
    assert_same(model, straight)
    for a, b in zip(records, expected[7:], strict=True):
        assert dataclasses.replace(a, seconds=0) == dataclasses.replace(b, seconds=0)


def test_what_the_caller_does_between_updates_changes_nothing() -> None:
    quiet, busy = make(p_drop=0.3), make(p_drop=0.3)
    list(train(quiet, stream(), CONFIG, device=CPU))
    torch.manual_seed(5)
    expected = torch.rand(7)
    torch.manual_seed(5)
    drawn = [torch.rand(1)]
    for _ in train(busy, stream(), CONFIG, device=CPU):
        drawn.append(torch.rand(1))
        busy.eval()
    assert_same(quiet, busy)
    assert torch.equal(torch.cat(drawn), expected)


def test_dropout_differs_between_updates_and_seeds() -> None:
    batch = Fixed([next(stream().from_step(0))])
    still = dataclasses.replace(CONFIG, peak=1e-30, steps=3)
    losses = [
        record.loss
        for seed in (0, 1)
        for record in train(
            make(p_drop=0.3), batch, dataclasses.replace(still, seed=seed), device=CPU
        )
    ]
    assert len(set(losses)) == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"peak": 2e-2}, "peak=0.01 there, 0.02 here"),
        ({"seed": 3, "clip": 1.0}, "clip=None there, 1.0 here; seed=0 there, 3 here"),
    ],
)
def test_a_run_with_other_settings_is_refused_at_once(
    tmp_path: Path, change: dict[str, float], message: str
) -> None:
    path = tmp_path / "c"
    list(train(make(), stream(), CONFIG, device=CPU, checkpoint=path))
    before, other = path.read_bytes(), dataclasses.replace(CONFIG, **change)
    with pytest.raises(ValueError, match=message):
        train(make(), stream(), other, device=CPU, checkpoint=path)
    with pytest.raises(ValueError, match="corpus=None there, 'help' here"):
        train(make(), stream(), CONFIG, checkpoint=path, settings={"corpus": "help"})
    assert path.read_bytes() == before


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_checkpoint(
    tmp_path: Path,
) -> None:
    path, model = tmp_path / "c", make()
    run = train(model, stream(), CONFIG, device=CPU, checkpoint=path, every=1)
    next(run)
    before = path.read_bytes()
    with torch.no_grad():
        model.embedding.words.weight[5] = math.nan
    with pytest.raises(FloatingPointError, match=r"loss=nan at step 2: lower peak"):
        list(run)
    assert path.read_bytes() == before


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_lower_precision_learns_the_same_and_resumes(
    tmp_path: Path, precision: str
) -> None:
    full = make(dtype=torch.float32)
    config = dataclasses.replace(CONFIG, steps=30, peak=3e-3)
    expected = list(train(full, stream(), config, device=CPU))
    config = dataclasses.replace(config, precision=precision)
    for steps in (20, 30):
        model = make(dtype=torch.float32)
        part = dataclasses.replace(config, steps=steps)
        path = tmp_path / "c"
        *_, last = train(model, stream(), part, device=CPU, checkpoint=path)
    assert last.loss == pytest.approx(expected[-1].loss, rel=0.02)
    assert last.gradient_norm == pytest.approx(expected[-1].gradient_norm, rel=0.2)
    scaler = checkpoints.load(path).about["state"]["scaler"]
    assert bool(scaler) == (precision == "fp16")
    assert all(p.dtype == torch.float32 for p in model.parameters())


def test_held_out_loss_is_the_mean_over_all_tokens() -> None:
    model = make(p_drop=0.5)
    batches = list(itertools.islice(stream().from_step(0), 3))
    model.eval()
    total = sum(
        F.cross_entropy(
            model(b.source, b.inputs).mT, b.labels, ignore_index=0, reduction="sum"
        )
        for b in batches
    )
    expected = total / sum((b.labels != 0).sum() for b in batches)
    model.train()
    assert held_out_loss(model, batches) == pytest.approx(expected.item())
    assert model.training


@pytest.mark.parametrize(
    "change",
    [{"steps": 0}, {"warmup": 0}, {"accumulate": 0}, {"peak": -1.0}, {"clip": 0.0}],
)
def test_impossible_recipes_are_refused(change: dict[str, float]) -> None:
    name, value = next(iter(change.items()))
    with pytest.raises(ValueError, match=f"{name}={value}: give"):
        dataclasses.replace(CONFIG, **change)


@pytest.mark.parametrize("wrong", [{"every": 0}, {"seconds": 0.0}])
def test_impossible_runs_are_refused_at_once(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="give at least 1, and more than 0"):
        train(make(), stream(), CONFIG, **wrong)


def test_the_last_saves_stay_and_average(tmp_path: Path) -> None:
    path, weights = tmp_path / "run.safetensors", {}
    model = make(0)
    config = TrainingConfig(steps=7, warmup=2, peak=1e-2)
    steps = train(model, stream(), config, device=CPU, checkpoint=path, every=2, keep=3)
    for step in steps:
        weights[step.step] = model.embedding.words.weight.detach().clone()
    kept = storage.copies(path)
    assert [checkpoints.load(copy).about["step"] for copy in kept] == [4, 6, 7]
    mean = (weights[4] + weights[6] + weights[7]) / 3
    found = checkpoints.average(kept).part("model")["embedding.words.weight"]
    torch.testing.assert_close(found, mean)
    kept[-1].unlink()  # as if killed between the save and its copy
    list(train(model, stream(), config, device=CPU, checkpoint=path, keep=3))
    assert storage.copies(path) == kept


@pytest.mark.parametrize("clip", [None, 1.0])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_gradient_that_is_no_number_changes_nothing(
    tmp_path: Path, value: float, clip: float | None
) -> None:
    path, model = tmp_path / "c", make()
    config = dataclasses.replace(CONFIG, clip=clip)
    run = train(model, stream(), config, device=CPU, checkpoint=path, every=1)
    next(run)
    saved, before = path.read_bytes(), make()
    before.load_state_dict(model.state_dict())
    model.decoder[0].attention.query.weight.register_hook(lambda g: g * value)
    with pytest.raises(FloatingPointError, match=r"gradient_norm=.* at step 2: lower"):
        next(run)
    assert_same(model, before)
    assert path.read_bytes() == saved
    assert all(p.grad is None for p in model.parameters())


def test_in_half_precision_an_infinite_gradient_is_passed_over(tmp_path: Path) -> None:
    path, model = tmp_path / "c", make(dtype=torch.float32)
    config = dataclasses.replace(CONFIG, precision="fp16", steps=3)
    weight = model.decoder[0].attention.query.weight
    hook = weight.register_hook(lambda g: g * math.inf)
    run = train(model, stream(), config, device=CPU, checkpoint=path, every=1)
    before = make(dtype=torch.float32)
    assert not math.isfinite(next(run).gradient_norm)
    assert_same(model, before)
    assert checkpoints.load(path).about["state"]["scaler"]["scale"] == 2.0**15
    hook.remove()
    assert math.isfinite(next(run).gradient_norm)
    assert not torch.equal(weight, before.decoder[0].attention.query.weight)


def test_in_half_precision_a_scale_sunk_to_nothing_ends_the_run() -> None:
    model, before = make(dtype=torch.float32), make(dtype=torch.float32)
    model.decoder[0].attention.query.weight.register_hook(lambda g: g * math.nan)
    config = dataclasses.replace(CONFIG, precision="fp16", steps=100)
    with pytest.raises(FloatingPointError, match="gradient_norm=nan at step 31: lower"):
        list(train(model, stream(), config, device=CPU))
    assert_same(model, before)


def test_a_folder_that_takes_no_checkpoint_is_told_before_training() -> None:
    with pytest.raises(OSError, match="/dev/null"):
        train(make(), stream(), CONFIG, device=CPU, checkpoint=Path("/dev/null/x/c"))


@pytest.mark.parametrize("batches", [[], [Batch(torch.ones(1, 2), torch.ones(1, 1))]])
def test_a_held_out_loss_over_nothing_is_refused(batches: list[Batch]) -> None:
    with pytest.raises(ValueError, match="batches hold no target token"):
        held_out_loss(make(), batches)


@pytest.mark.parametrize("fails", [False, True])
def test_held_out_sentences_leave_every_part_as_it_was(fails: bool) -> None:
    model, batches = make(), list(itertools.islice(stream().from_step(0), 1))
    model.encoder.eval()
    if fails:
        batches = [Batch(torch.full((1, 2), 99), torch.ones(1, 3).long())]
    before = [part.training for part in model.modules()]
    with pytest.raises(ValueError, match="ids") if fails else nullcontext():
        held_out_loss(model, batches)
    assert [part.training for part in model.modules()] == before


def test_updates_without_a_word_to_learn_from_are_refused(tmp_path: Path) -> None:
    real = next(stream().from_step(0))
    empty = Batch(real.source, real.target * 0)
    model, path = make(), tmp_path / "c"
    run = train(model, Fixed([real, empty]), CONFIG, device=CPU, checkpoint=path)
    next(run)
    with pytest.raises(ValueError, match="step 2 finds no target token"):
        next(run)

    class Ending:
        def from_step(self, step: int) -> Iterator[Batch]:
            return iter([real][step:])

    run = train(make(), Ending(), CONFIG, device=CPU)
    assert next(run).step == 1
    with pytest.raises(ValueError, match="step 2 finds no target token"):
        next(run)
