"""Practice teaches, repeats itself, and scores as strictly as a greedy decoder."""

import time

import pytest
import torch
from torch import Tensor, nn

from allyouneed.data.tasks import SILENT, Copy, Examples, Needle, Reverse, Task
from allyouneed.models.sequence_models import MixerConfig
from allyouneed.studies import small_tasks

TASK = Reverse(symbols=4, length=3)


class Reader(nn.Module):
    """A causal model of few parts, none of them the library's."""

    def __init__(self, vocab: int, width: int = 32) -> None:
        super().__init__()
        self.words = nn.Embedding(vocab, width)
        self.body = nn.GRU(width, width, batch_first=True)
        self.out = nn.Linear(width, vocab)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.out(self.body(self.words(tokens))[0])


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def trained(steps: int, task: Task = TASK) -> tuple[Reader, list[small_tasks.Practice]]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Reader(task.vocab)
    updates = small_tasks.practise(
        model, task, steps=steps, rate=0.01, generator=seeded(), size=32
    )
    return model, list(updates)


def test_practice_teaches_and_repeats_itself() -> None:
    model, updates = trained(150)
    losses = [update.loss for update in updates]
    assert [update.step for update in updates] == list(range(1, 151))
    assert losses[0] > 1.2 > 0.3 > losses[-1]
    assert losses == [update.loss for update in trained(150)[1]]
    learnt = small_tasks.examine(model, TASK, size=200, generator=seeded(1))
    fresh = small_tasks.examine(Reader(TASK.vocab), TASK, size=200, generator=seeded(1))
    assert learnt > 0.5 > 0.2 > fresh


def test_exact_is_what_a_greedy_decoder_gets_right() -> None:
    model, _ = trained(45)
    tokens, targets = TASK.draw(400, generator=seeded(2))
    right = small_tasks.exact(model(tokens), targets)
    read = tokens[:, : TASK.length + 1]
    for _ in range(TASK.length):
        read = torch.cat((read, model(read)[:, -1:].argmax(-1)), dim=1)
    answers = targets[:, TASK.length :]
    assert torch.equal(right, (read[:, TASK.length + 1 :] == answers).all(-1))
    assert 0.1 < right.float().mean() < 0.9


def test_one_wrong_answer_is_one_too_many() -> None:
    _, targets = Copy(symbols=3, length=4).draw(5, generator=seeded())
    logits = nn.functional.one_hot(targets.clamp(min=0), 6).float()
    logits[0, 0] = torch.arange(6)  # no answer is due there
    logits[1, -1] = -logits[1, -1]
    logits[2, -4] = -logits[2, -4]
    found = small_tasks.exact(logits, targets)
    assert found.tolist() == [True, False, False, True, True]


def test_only_answers_are_learnt_from() -> None:
    _, targets = Needle(length=6).draw(3, generator=seeded())
    logits = torch.randn(3, 7, 11, generator=seeded(1), requires_grad=True)
    by_hand = -logits.log_softmax(-1)[range(3), -1, targets[:, -1]].mean()
    loss = small_tasks.loss(logits, targets)
    assert loss.item() == pytest.approx(by_hand.item())
    loss.backward()
    assert logits.grad[:, :-1].abs().max() == 0 < logits.grad[:, -1].abs().min()


def test_what_the_caller_does_between_updates_is_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a clock of our own, which only the model and the caller move."""
    spent: list[float] = []
    monkeypatch.setattr(time, "process_time", lambda: sum(spent))

    class Slow(Reader):
        def forward(self, tokens: Tensor) -> Tensor:
            spent.append(0.5)
            return super().forward(tokens)

    updates = small_tasks.practise(
        Slow(TASK.vocab), TASK, steps=3, rate=0.01, generator=seeded()
    )
    seconds = []
    for update in updates:
        seconds.append(update.cpu_seconds)
        spent.append(8.0)
    assert seconds == [0.5, 1.0, 1.5]


def test_a_row_without_an_answer_is_refused() -> None:
    targets = torch.tensor([[1, 2], [SILENT, SILENT]])
    with pytest.raises(ValueError, match="SILENT throughout"):
        small_tasks.exact(torch.zeros(2, 2, 4), targets)


def test_needles_are_found_as_far_as_a_convolution_hears_of_the_mark() -> None:
    task = Needle(symbols=4, length=6)
    model = MixerConfig(vocab=task.vocab, mixer="convolution", width=5, layers=1)
    lesson = small_tasks.Lesson(task=task, model=model, steps=150, rate=0.01)
    metrics = small_tasks.seek(lesson)
    assert metrics["distance"] == list(range(2, 13))
    assert sum(metrics["asked"]) == 10_000
    assert min(metrics["asked"]) > 800
    near, far = metrics["found"][:4], metrics["found"][4:]
    assert min(near) > 0.9  # a mark 4 tokens back is seen, 5 back: what no other is
    assert max(abs(share - 1 / 4) for share in far) < 0.1
    assert metrics == small_tasks.seek(lesson)


def test_only_needles_are_sought() -> None:
    model = MixerConfig(vocab=TASK.vocab, mixer="gru", d_model=16)
    lesson = small_tasks.Lesson(task=TASK, model=model, steps=1, rate=0.01)
    with pytest.raises(ValueError, match=r"Reverse.* take Needle"):
        small_tasks.seek(lesson)


def test_examinations_ask_what_was_not_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    task, drawn = Copy(symbols=8, length=16), []
    draw = Task.draw

    def noted(self: Task, size: int, *, generator: torch.Generator) -> Examples:
        drawn.append(draw(self, size, generator=generator))
        return drawn[-1]

    monkeypatch.setattr(Task, "draw", noted)
    model = MixerConfig(vocab=task.vocab, mixer="gru", d_model=16)
    for seed in range(2):
        drawn.clear()
        small_tasks.learn(
            small_tasks.Lesson(
                task=task, model=model, steps=4, every=4, rate=0.01, seed=seed
            )
        )
        *taught, exam, _, _ = ([tuple(row) for row in d.tokens.tolist()] for d in drawn)
        assert len(taught) == 4
        assert not {*exam} & {row for batch in taught for row in batch}
