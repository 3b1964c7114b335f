"""The records are of what the tools would try, and a tool does what has no line yet."""

import argparse
import dataclasses
import math
import sys
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import record
import record_bottleneck
import record_capacity
import record_characters
import record_digits
import record_distance
import record_gates
import record_heads
import record_hunger
import record_induction
import record_left_out
import record_lengths
import record_long_text
import record_norms
import record_parsing
import record_pretraining
import record_reach
import record_root
import record_short_pieces
import record_two_back
import recording
import torch
import trials

from allyouneed.data import corpora
from allyouneed.nn import LSTM
from allyouneed.runs.experiments import Experiment
from allyouneed.runs.presets import Preset
from allyouneed.studies import records, sample_complexity, sweeps
from allyouneed.training import checkpoints

TOOLS = [
    (record_bottleneck.trial, record_bottleneck.grid, record_bottleneck.RECORD),
    (record_characters.read, record_characters.grid, record_characters.RECORD),
    (record_gates.opened, record_gates.grid, record_gates.RECORD),
    (record_heads.pruned, record_heads.grid, record_heads.RECORD),
    (sample_complexity.fed, record_hunger.trials, record_hunger.RECORD),
    (record_induction.looked, record_induction.grid, record_induction.RECORD),
    (record_left_out.left_out, record_left_out.grid, record_left_out.RECORD),
    (record_lengths.measure, record_lengths.trials, record_lengths.RECORD),
    (record_long_text.read, record_long_text.readers, record_long_text.RECORD),
    (record_norms.learnt, record_norms.runs, record_norms.RECORD),
    (record_parsing.parsed, record_parsing.grid, record_parsing.RECORD),
    (
        record_pretraining.transferred,
        record_pretraining.trials,
        record_pretraining.RECORD,
    ),
    (record_reach.reached, record_reach.grid, record_reach.RECORD),
    (record_root.recalled, record_root.runs, record_root.RECORD),
    (record_two_back.looked, record_two_back.runs, record_two_back.RECORD),
    (record_short_pieces.read, record_short_pieces.grid, record_short_pieces.RECORD),
]
SEEDS = {"gates": 5, "two-back": 10}  # of the others, three


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool[2].stem)
def test_a_record_has_its_seeds_of_all_that_its_tool_tries(tool: tuple) -> None:
    trial, grid, path = tool
    seeds = SEEDS.get(path.stem, 3)
    if path.stem in record.waiting():
        pytest.skip("the queue is still at it")
    assert sweeps.pending(trial, grid(seeds), path) == []
    asked = {sweeps.key(trial, config) for config in grid(seeds)}
    assert asked == {line["key"] for line in records.read(path)}
    assert sweeps.pending(trial, grid(seeds + 1), path)


def test_a_shut_input_gate_begins_as_far_below_as_the_forget_gate_above() -> None:
    for name, below in (("LSTM", False), (record_gates.SHUT, True)):
        layer = record_gates.made(record_gates.Opening(layer=name, bias=4.0, seed=0))
        entering, kept = layer.weights.bias_ih_l0.chunk(4)[:2]
        other = layer.weights.bias_hh_l0.chunk(4)[1]
        assert torch.equal(entering, torch.full_like(entering, -4.0)) == below
        assert torch.equal(kept + other, torch.full_like(kept, 4.0))


@pytest.mark.parametrize("name", [record_gates.TIED, record_gates.SHOWN])
def test_a_changed_lstm_is_an_lstm_whose_gate_gives_the_same(name: str) -> None:
    changed = record_gates.made(record_gates.Opening(layer=name, bias=None, seed=0))
    plain = LSTM(record_gates.LETTERS + 1, record_gates.SIZE)
    plain.load_state_dict(changed.state_dict())
    entering, kept, _, shown = (slice(16 * n, 16 * n + 16) for n in range(4))
    with torch.no_grad():
        for rows in plain.weights.parameters():
            if name == record_gates.TIED:
                rows[entering] = -rows[kept]  # the sigmoid of -a is 1 less that of a
            else:
                rows[shown] = 40.0 if rows.ndim == 1 else 0.0  # a gate at 1
    x = record_gates.draw(3)[0]
    torch.testing.assert_close(changed(x)[0], plain(x)[0], atol=1e-6, rtol=1e-5)


def bowl(head: record_capacity.Head) -> dict[str, float]:
    """Lowest at a rate of 0.03, as the search must find out."""
    return {"loss": abs(math.log(head.rate / 0.03))}


def test_a_search_for_a_rate_leaves_the_edge_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = argparse.Namespace(record=tmp_path / "r.jsonl", workers=1, together=None)
    starts = {"linear 8": 1e-3}
    rates = recording.tuned(bowl, record_capacity.head, starts, given)
    assert rates == {"linear 8": 3e-2}
    tried = [line["config"]["rate"] for line in records.read(given.record)]
    assert tried == [3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
    capsys.readouterr()
    assert recording.tuned(bowl, record_capacity.head, starts, given) == rates
    assert not capsys.readouterr().out  # nothing was tried twice


@pytest.mark.parametrize(("best", "end"), [(1e-9, 1e-4), (1e9, 1e-1)])
def test_a_best_rate_beyond_the_ladder_is_an_error_and_no_choice(
    best: float, end: float, tmp_path: Path
) -> None:
    def slope(head: record_capacity.Head) -> dict[str, float]:
        return {"loss": abs(math.log(head.rate / best))}

    given = argparse.Namespace(record=tmp_path / "r.jsonl", workers=1, together=None)
    with pytest.raises(ValueError, match=f"linear 8: best at {end}, an end"):
        recording.tuned(slope, record_capacity.head, {"linear 8": 1e-3}, given)


def test_a_choice_waits_for_what_another_is_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another sweep holds the best trial at first, and then leaves it."""
    given = argparse.Namespace(record=tmp_path / "r.jsonl", workers=1, together=None)
    held, done, waited = [3e-2], recording.record, []

    def beside(trial: Any, configs: Any, given: argparse.Namespace) -> None:
        done(trial, [c for c in configs if c.rate not in held], given)

    def wait(seconds: float) -> None:
        waited.append(seconds)
        held.clear()

    monkeypatch.setattr(recording, "record", beside)
    monkeypatch.setattr(recording, "time", SimpleNamespace(sleep=wait))
    rates = recording.tuned(bowl, record_capacity.head, {"linear 8": 1e-2}, given)
    assert rates == {"linear 8": 3e-2}
    assert waited == [recording.PAUSE]


def test_models_of_three_widths_are_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Path] = []

    def stop(_: object, folder: Path) -> None:
        kept.append(folder)
        raise StopIteration

    monkeypatch.setattr(record_bottleneck, "experiment", stop)
    for wider in (1.0, 0.5, 2.0):
        config = record_bottleneck.Bottleneck(kind="recurrent-plain", wider=wider)
        with pytest.raises(StopIteration):
            record_bottleneck.trial(config, keep=tmp_path)
    assert len({*kept}) == 3


def none_left(_: object) -> dict[str, float]:
    """A trial that ought to have its line already."""
    raise AssertionError


SEARCHES = {
    record_capacity: "recalled",
    record_digits: "digits_named",
    record_distance: "sought",
}


@pytest.mark.parametrize("tool", SEARCHES, ids=lambda tool: tool.__name__)
def test_a_record_has_its_search_and_its_seeds_at_the_rates_found(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = SEARCHES[tool]
    monkeypatch.setattr(none_left, "__qualname__", name)
    monkeypatch.setattr(tool, name, none_left)
    copy = tmp_path / "r.jsonl"
    copy.write_bytes(tool.RECORD.read_bytes())
    monkeypatch.setattr("sys.argv", ["record", "--record", str(copy)])
    tool.main()
    assert copy.read_bytes() == tool.RECORD.read_bytes()
    monkeypatch.setattr("sys.argv", ["record", "--record", str(copy), "--seeds", "4"])
    with pytest.raises(SystemExit, match="trials failed"):
        tool.main()


def test_a_tool_tells_what_it_did_and_of_what_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "runs.jsonl"
    words = recording.command("One line.\n\nMore.", path)
    given = words.parse_args(["--seeds", "2"])
    assert (given.seeds, given.workers, given.record) == (2, 1, path)
    assert words.description == "One line."
    recording.record(trials.squared, trials.configs(tmp_path, 2), given)
    assert [line["metrics"]["square"] for line in records.read(path)] == [0, 1]
    assert "'square': 1" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2 trials failed"):
        recording.record(trials.stumbling, trials.configs(tmp_path, 3), given)
    assert "not JSON serializable" in capsys.readouterr().out


def test_trained_is_the_mean_of_the_last_saves(tmp_path: Path) -> None:
    preset = Preset.grammar()
    experiment = Experiment(
        corpus=corpora.load("grammar", target="de", size=400),
        preset=dataclasses.replace(
            preset,
            vocab=200,
            every=2,
            average=2,
            training=dataclasses.replace(preset.training, steps=6),
        ),
        checkpoint=tmp_path / "model.safetensors",
    )
    running = experiment.trained(device=torch.device("cpu"))
    assert next(running.steps, None) is None
    kept = map(checkpoints.load, experiment.last_saves())
    saves = [save.part("model") for save in kept]
    assert len(saves) == 2
    for name, value in running.model.state_dict().items():
        torch.testing.assert_close(value, (saves[0][name] + saves[1][name]) / 2)
        assert not torch.equal(saves[0][name], saves[1][name])


def test_a_pilot_goes_into_a_file_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "runs.jsonl"
    whole = partial(
        recording.run,
        "One line.",
        path,
        trials.squared,
        partial(trials.configs, tmp_path),
        pilot=lambda: trials.configs(tmp_path, 1),
    )
    for words in ([], ["--pilot"]):
        monkeypatch.setattr(sys, "argv", ["record.py", "--seeds", "3", *words])
        whole()
    counts = [len(records.read(p)) for p in (path, tmp_path / "runs-rates.jsonl")]
    assert counts == [3, 1]
