"""The recall task says what it promises, and a head set by hand answers it."""

import pytest
import torch
from torch import Tensor

from allyouneed.data.associative_recall import Recall, RecallHead, loss, practise
from allyouneed.nn.attention import attend, attention_weights


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def own_values(q: Tensor, k: Tensor, v: Tensor, _x: Tensor) -> Tensor:
    return attend(q, k, v)


def where_only(q: Tensor, k: Tensor, _v: Tensor, _x: Tensor) -> Tensor:
    return attention_weights(q, k)


def test_questions_are_answered_by_the_value_beside_the_key() -> None:
    task = Recall(keys=9, values=5, pairs=4, absent=0.4)
    asked = task.questions(500, generator=seeded())
    for keys, values, key, place, target in zip(*asked, strict=True):
        assert len(set(keys.tolist())) == task.pairs
        found = (keys == key).nonzero()
        if len(found):
            assert place == found.item() + 1
            assert target.argmax() == values[found.item()]
            assert target.max() == 1
        else:
            assert place == 0
            assert target.unique().numel() == 1
        assert target.sum() == pytest.approx(1)
    assert (asked.place == 0).float().mean() == pytest.approx(0.4, abs=0.07)


def test_every_place_and_value_is_as_likely() -> None:
    asked = Recall(values=4, pairs=4).questions(4000, generator=seeded())
    for counts in (asked.place.bincount()[1:], asked.targets.sum(0)):
        assert counts / 4000 == pytest.approx([0.25] * 4, abs=0.03)


def test_a_head_set_by_hand_knows_every_answer() -> None:
    task = Recall(keys=6, values=3, pairs=4)
    head = RecallHead(task, own_values, d_model=9, d_k=9, generator=seeded())
    as_keys = torch.diag(torch.tensor([1.0] * 6 + [0.0] * 3))
    with torch.no_grad():
        head.key.copy_(torch.eye(9)[:6])
        head.value.copy_(torch.eye(9)[6:])
        head.blank.zero_()
        head.w_q.copy_(as_keys * 100)
        head.w_k.copy_(as_keys)
        head.w_v.copy_(torch.eye(9) - as_keys)
        head.w_read.copy_(torch.eye(9)[:, 6:])
    questions = task.questions(50, generator=seeded(1))
    assert torch.allclose(head(questions), questions.targets)
    q, k, *_ = head.project(questions)
    assert torch.equal(attention_weights(q, k)[:, 0].argmax(-1), questions.place)


def test_queries_and_keys_start_with_variance_one() -> None:
    task = Recall(keys=400)
    head = RecallHead(task, own_values, d_model=256, d_k=256, generator=seeded())
    q, k, v, x = head.project(task.questions(400, generator=seeded(1)))
    assert (q.shape, k.shape) == ((400, 1, 256), (400, 9, 256))
    assert (v.shape, x.shape) == ((400, 9, 256), (400, 9, 256))
    for vectors in (q, k[:, :1], k[:, 1:], v):
        assert vectors.var().item() == pytest.approx(1, abs=0.15)


def test_gain_is_on_the_queries_alone() -> None:
    task = Recall()
    small, full = (
        RecallHead(task, own_values, gain=gain, generator=seeded())
        for gain in (0.25, 1.0)
    )
    assert torch.equal(small.w_q * 4, full.w_q)
    assert torch.equal(small.w_k, full.w_k)


def test_practice_helps_and_repeats_itself() -> None:
    task = Recall(keys=6, values=4, pairs=3)

    def course() -> list[float]:
        generator = seeded(3)
        head = RecallHead(task, own_values, generator=generator)
        return list(practise(head, task, steps=80, rate=0.01, generator=generator))

    first = course()
    assert first == course()
    assert len(first) == 80
    assert first[0] > 1.2 > 0.1 > first[-1]


def test_the_root_is_a_smaller_start_and_shorter_steps_of_the_queries() -> None:
    """For Adam, whose steps do not feel a constant factor of the gradient."""

    def course(*, root: bool) -> list[float]:
        small, generator = 1.0 if root else 256**-0.5, seeded()
        head = RecallHead(
            task, divided if root else plain, generator=generator, d_k=256, gain=small
        )
        how = {"steps": 40, "rate": 0.001, "pace": small}
        return list(practise(head, task, generator=generator, **how))

    def divided(q: Tensor, k: Tensor, v: Tensor, _: Tensor) -> Tensor:
        return (q @ k.mT / 16).softmax(-1) @ v

    def plain(q: Tensor, k: Tensor, v: Tensor, _: Tensor) -> Tensor:
        return (q @ k.mT).softmax(-1) @ v

    task = Recall()
    assert course(root=False) == pytest.approx(course(root=True), rel=1e-3)


def test_loss_of_an_even_guess_is_the_logarithm_of_the_number_of_values() -> None:
    task = Recall(absent=0.5)
    head = RecallHead(task, where_only, generator=seeded())
    assert head.w_read.shape == (task.pairs + 1, task.values)
    with torch.no_grad():
        head.w_read.zero_()
    even = loss(head, task.questions(64, generator=seeded()))
    assert even.item() == pytest.approx(torch.tensor(16.0).log().item())


@pytest.mark.parametrize(
    "wrong",
    [{"keys": 8}, {"absent": -0.1}, {"absent": 1.1}, {"pairs": 0}, {"values": 0}],
)
def test_tasks_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Recall(**wrong)
