"""The steps that can be watched are those that beam search took."""

import itertools

import pytest
import torch

from allyouneed.decoding.beam_search import (
    Hypothesis,
    Step,
    beam,
    beam_steps,
    length_penalty,
)
from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models import transformer
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.nn.kv_cache import KVCache

SOURCE = torch.tensor([[5, 6, 7, EOS], [8, EOS, PAD, PAD]])
BEAMS, EXTRA = 3, 6


def make(seed: int) -> Transformer:
    """An untrained model whose logits are far enough apart to end some sentences."""
    torch.manual_seed(seed)
    config = TransformerConfig(
        vocab=12, d_model=16, layers=1, heads=2, d_ff=32, p_drop=0.0
    )
    model = Transformer(config).double().eval()
    with torch.no_grad():
        model.embedding.words.weight.mul_(4)
    return model


def watched(model: Transformer) -> tuple[list[Step], list[Hypothesis]]:
    best = [Hypothesis([], -torch.inf) for _ in SOURCE]
    return [*beam_steps(model, SOURCE, best, beams=BEAMS, extra=EXTRA)], best


def texts(step: Step, i: int) -> torch.Tensor:
    """The candidates of the i-th open sentence, each with its new word."""
    before = step.words[i, step.parent[i]]
    return torch.cat((before, step.word[i][:, None]), dim=1)


@pytest.mark.parametrize("seed", range(3))
def test_watching_changes_nothing(seed: int) -> None:
    model = make(seed)
    _, best = watched(model)
    assert best == beam(model, SOURCE, beams=BEAMS, extra=EXTRA)


class Prompt(KVCache):
    """A cache whose rows move as soon as they are selected."""

    def select(self, rows: torch.Tensor) -> None:
        self._parts = [part.index_select(0, rows) for part in self._parts]


@pytest.mark.parametrize("seed", range(6))
def test_caches_that_move_late_change_no_bit_of_a_score(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sentences leave at different times, each of which moves rows once more."""
    model = make(seed).float()
    source = torch.randint(EOS + 1, 12, (7, 7)).tril()  # of 1 word, of 2, ... of 7
    late = beam(model, source, beams=BEAMS, extra=20)
    monkeypatch.setattr(transformer, "KVCache", Prompt)
    assert late == beam(model, source, beams=BEAMS, extra=20)


@pytest.mark.parametrize("seed", range(3))
@torch.no_grad()
def test_candidates_are_as_likely_as_the_model_says_of_the_whole_text(
    seed: int,
) -> None:
    model = make(seed)
    for step in watched(model)[0]:
        for i, row in enumerate(step.rows.tolist()):
            words = texts(step, i)
            source = SOURCE[row : row + 1].expand(len(words), -1)
            logp = model(source, words[:, :-1]).log_softmax(-1)
            whole = logp.gather(-1, words[:, 1:, None]).sum((1, 2))
            real = step.logp[i].isfinite()
            expected = whole[real].to(step.logp.dtype)
            torch.testing.assert_close(step.logp[i][real], expected)
            assert (step.logp[i].diff() <= 0)[real[1:]].all()


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_stands_open_at_the_next_step(seed: int) -> None:
    steps, _ = watched(make(seed))
    assert len(steps) > 1
    for step, following in itertools.pairwise(steps):
        for i, row in enumerate(step.rows.tolist()):
            if row not in following.rows.tolist():
                continue
            kept = texts(step, i)[step.kept[i]]
            there = following.words[following.rows.tolist().index(row)]
            assert torch.equal(kept, there)
            assert (kept[:, 0] == BOS).all()
            assert EOS not in kept[step.logp[i][step.kept[i]].isfinite()][:, 1:]


def test_the_best_is_the_best_of_the_ends_that_were_seen() -> None:
    """Of sentences that ended at an end word, not at the limit of their length."""
    compared = 0
    for seed in range(6):
        steps, best = watched(make(seed))
        for row, found in enumerate(best):
            ends: list[tuple[float, list[int]]] = []
            for step in steps:
                for i in (step.rows == row).nonzero().flatten().tolist():
                    length = step.words.shape[-1]
                    ends += [
                        (
                            step.logp[i, j].item() / float(length_penalty(length)),
                            texts(step, i)[j, 1:-1].tolist(),
                        )
                        for j in step.ends[i].nonzero().flatten().tolist()
                    ]
            if len(found.words) < (SOURCE[row] != PAD).sum() + EXTRA:
                score, words = max(ends)
                assert (words, pytest.approx(score)) == (found.words, found.score)
                compared += 1
    assert compared
