"""Measurements against what is known beforehand: sleeps, formulas, sizes, powers."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.cost import measure
from allyouneed.ground import runtime
from allyouneed.nn.recurrent import GRU, LSTM, RNN

CPU = torch.device("cpu")
MEGABYTE = 10**6
SLACK = 8 * MEGABYTE  # what a fresh process takes for itself meanwhile


def naps(seconds: float) -> Callable[[], None]:
    return partial(time.sleep, seconds)


def held(count: int) -> Tensor:
    """Ones of four bytes each, and for a moment as many again."""
    return torch.ones(count).add(1.0)


def threads() -> None:
    """Take a megabyte for each thread."""
    torch.ones(250_000 * torch.get_num_threads())


def test_a_sleep_takes_its_time() -> None:
    slept: list[float] = []

    def nap() -> None:
        begin = time.perf_counter()
        time.sleep(0.02)
        slept.append(time.perf_counter() - begin)

    found = measure.timed(nap, device=CPU, rounds=5, least=0.01)
    assert found.repeats == 5
    assert 0.02 <= found.low <= found.median <= found.high
    assert min(slept) <= found.low < 1.5 * max(slept)  # late on a busy machine


def test_a_round_lasts_as_long_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a clock of our own, which a busy machine cannot disturb."""
    calls: list[float] = []
    took = iter([2.0**-4] * 2 + [2.0**-7] * 99)  # a slow start is no measure of it

    def work() -> None:
        calls.append(next(took))

    monkeypatch.setattr(runtime, "seconds", lambda device: sum(calls))  # noqa: ARG005
    found = measure.turns({"work": work}, device=CPU, rounds=3, least=2.0**-4)
    assert {turn.seconds for turn in found["work"]} == {2.0**-7}
    assert len(calls) == 2 + 3 * (1 + 2**3)


def test_works_take_turns_and_each_is_first_once() -> None:
    order: list[str] = []
    works = {name: partial(order.append, name) for name in "abc"}
    taken = measure.side_by_side(works, device=CPU, rounds=3, least=0.0)
    assert {name: len(rounds) for name, rounds in taken.items()} == dict.fromkeys(
        "abc", 3
    )
    turns = [name for i, name in enumerate(order) if i == 0 or order[i - 1] != name]
    assert "".join(turns) == "abc" + "abc" + "bca" + "cab"  # the first to see how long


def test_sleep_keeps_no_processor_busy() -> None:
    works = {"asleep": naps(0.1), "awake": lambda: sum(range(10**7))}
    taken = measure.turns(works, device=CPU, rounds=3)
    assert all(turn.processor < 0.02 < turn.seconds for turn in taken["asleep"])
    for turn in taken["awake"]:
        assert 0.001 < turn.processor < 1.1 * turn.seconds
    assert measure.side_by_side(works, device=CPU, rounds=3).keys() == taken.keys()


@pytest.mark.parametrize(("long", "calls"), [(0.0, 2 + 3), (9.0, 2 + 2 * 3)])
def test_long_calls_all_count(
    long: float, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the first, and one to see how long it takes."""
    monkeypatch.setattr(measure, "LONG", long)
    made: list[None] = []
    works = {"work": lambda: made.append(None)}
    measure.turns(works, device=CPU, rounds=3, least=0.0)
    assert len(made) == calls


def test_the_threads_are_those_of_the_caller() -> None:
    seen: set[int] = set()
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        measure.timed(lambda: seen.add(torch.get_num_threads()), device=CPU, rounds=1)
    finally:
        torch.set_num_threads(before)
    assert seen == {2}


def test_a_ratio_is_of_pairs_not_of_medians() -> None:
    # A machine that becomes ten times slower in every round: the ratio stays.
    a, b = [3.0, 30.0, 300.0], [1.0, 10.0, 100.0]
    assert measure.ratio(a, b) == measure.Timing(3.0, 3.0, 3.0, 3)
    assert measure.ratio([4.0, 1.0, 1.0], [1.0, 1.0, 4.0]).median == 1.0
    with pytest.raises(ValueError, match="same rounds"):
        measure.ratio(a, b[:2])
    with pytest.raises(ValueError, match="same rounds"):
        measure.ratio([], [])


def test_a_work_twice_as_long_has_ratio_two_on_a_machine_that_slows_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a clock of our own: every call takes one in a hundred more than the last."""
    calls: list[float] = []
    works = {
        name: lambda pace=pace: calls.append(pace * 1.01 ** len(calls))
        for name, pace in (("long", 2.0), ("short", 1.0))
    }
    monkeypatch.setattr(runtime, "seconds", lambda device: sum(calls))  # noqa: ARG005
    taken = measure.side_by_side(works, device=CPU, rounds=6, least=0.5)
    assert taken["long"][-1] > 1.1 * taken["long"][0]
    found = measure.ratio(taken["long"], taken["short"])
    assert found.median == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0, 2.5])
def test_the_exponent_of_a_power_is_found_and_covered(power: float) -> None:
    sizes, covered, rng = np.array([64, 128, 256, 512]), 0, np.random.default_rng(0)
    for _ in range(400):
        noise = rng.normal(0, 0.1, (4, 7)) + rng.normal(0, 0.5, 7)  # slow rounds
        seconds = 1e-6 * sizes[:, None] ** power * np.exp(noise)
        found = measure.exponent(sizes.tolist(), seconds.tolist())
        covered += found.low <= power <= found.high
        assert found.slope == pytest.approx(power, abs=0.2)
    assert 0.92 < covered / 400 < 0.98


@pytest.mark.parametrize(
    ("sizes", "seconds"),
    [
        ([1, 1], [[1.0, 1.0], [1.0, 1.0]]),
        ([1, 2], [[1.0], [2.0]]),
        ([1, 2], [[1.0, 1.0]]),
        ([1, 2], [[1.0, 1.0], [1.0, 1.0, 1.0]]),
        ([], []),
    ],
)
def test_no_line_without_sizes_and_rounds(
    sizes: list[float], seconds: list[list[float]]
) -> None:
    with pytest.raises(ValueError, match="two different sizes"):
        measure.exponent(sizes, seconds)


def test_nothing_to_time_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        measure.side_by_side({}, device=CPU)
    with pytest.raises(ValueError, match="rounds=0"):
        measure.timed(naps(0), device=CPU, rounds=0)


def test_operations_of_a_product_forward_and_backward() -> None:
    a, b = torch.ones(5, 7, requires_grad=True), torch.ones(7, 11, requires_grad=True)
    assert measure.flops(lambda: a @ b) == 2 * 5 * 7 * 11
    assert measure.flops(lambda: (a @ b).sum().backward()) == 3 * 2 * 5 * 7 * 11


@pytest.mark.parametrize("causal", [False, True])
def test_operations_of_fused_attention_are_those_of_two_products(causal: bool) -> None:
    q = torch.ones(2, 3, 32, 8, requires_grad=True)
    work = partial(F.scaled_dot_product_attention, q, q, q, is_causal=causal)
    product = 2 * (2 * 3) * 32 * 32 * 8
    assert measure.flops(work) == 2 * product
    assert measure.flops(lambda: work().sum().backward()) == 3 * 2 * product


@pytest.mark.parametrize(("kind", "gates"), [(RNN, 1), (LSTM, 4), (GRU, 3)])
def test_operations_of_recurrent_layers(kind: type[nn.Module], gates: int) -> None:
    layer, x = kind(6, 8), torch.ones(2, 5, 6)
    assert measure.flops(lambda: layer(x)) == 2 * 2 * 5 * gates * (6 * 8 + 8 * 8)


@pytest.mark.parametrize(("groups", "dilation"), [(1, 1), (1, 3), (6, 1), (2, 2)])
def test_operations_of_convolutions_in_groups(groups: int, dilation: int) -> None:
    layer = nn.Conv1d(6, 12, 3, groups=groups, dilation=dilation)
    x = torch.ones(2, 6, 20, requires_grad=True)
    out = 20 - 2 * dilation
    forward = 2 * 2 * out * 3 * 12 * 6 // groups
    assert measure.flops(lambda: layer(x)) == forward
    assert measure.flops(lambda: layer(x).sum().backward()) == 3 * forward
    inputs = x.detach()  # the first layer of a model needs no gradient of these
    assert measure.flops(lambda: layer(inputs).sum().backward()) == 2 * forward


def test_memory_of_tensors_of_known_size() -> None:
    found = measure.peak_bytes(partial(held, 25 * MEGABYTE), device=CPU)
    assert 0 <= found - 200 * MEGABYTE < SLACK  # 100 held, 100 for a moment


def test_memory_is_of_the_work_not_of_who_asks() -> None:
    ballast = torch.ones(100 * MEGABYTE)  # 400 MB here must not hide 20 there
    found = measure.peak_bytes(partial(held, MEGABYTE * 5 // 2), device=CPU)
    assert 0 <= found - 20 * MEGABYTE < SLACK
    assert ballast.nbytes == 400 * MEGABYTE


def test_the_other_process_has_as_many_threads() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(40)
    try:
        found = measure.peak_bytes(threads, device=CPU)
    finally:
        torch.set_num_threads(before)
    assert 0 <= found - 40 * MEGABYTE < SLACK


def test_work_that_cannot_travel_is_refused() -> None:
    with pytest.raises(ValueError, match=r"functools\.partial"):
        measure.peak_bytes(lambda: None, device=CPU)


def test_no_product_beats_the_ceiling_by_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the processor's clock: what else a busy machine does is not on it."""
    monkeypatch.setattr(runtime, "seconds", lambda device: time.process_time())  # noqa: ARG005
    found = measure.ceilings(CPU, "fp32")
    a = torch.ones(384, 384)
    taken = measure.timed(lambda: a @ a, device=CPU, rounds=3)
    assert 0.2 < 2 * 384**3 / taken.median / found.matmul_flops < 2
    assert 1e8 < found.copy_bytes < 1e13


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_the_allocator_tells() -> None:
    device = runtime.device("cuda")
    found = measure.peak_bytes(
        lambda: torch.ones(25 * MEGABYTE, device=device), device=device
    )
    assert 0 <= found - 100 * MEGABYTE < SLACK
