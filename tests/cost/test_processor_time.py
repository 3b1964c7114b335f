"""Processor seconds: a wait costs nothing, work costs what it is."""

import time

import pytest
import torch

from allyouneed.cost import processor_seconds

CPU = torch.device("cpu")


def added(numbers: int) -> None:
    sum(range(numbers))


def test_a_work_that_waits_takes_no_processor_time() -> None:
    works = {"waits": lambda: time.sleep(0.1), "works": lambda: added(4_000_000)}
    taken = processor_seconds(works, device=CPU, rounds=3, least=0.0)
    assert {name: len(seconds) for name, seconds in taken.items()} == {
        "waits": 3,
        "works": 3,
    }
    assert min(taken["waits"]) < 0.02
    assert min(taken["works"]) > min(taken["waits"])


def test_four_times_the_work_takes_four_times_the_processor() -> None:
    works = {"once": lambda: added(50_000), "four": lambda: added(200_000)}
    taken = processor_seconds(works, device=CPU, rounds=7, least=0.05)
    found = min(taken["four"]) / min(taken["once"])
    assert found == pytest.approx(4, rel=0.35)


def test_seconds_are_those_of_one_call() -> None:
    work = {"work": lambda: added(20_000)}
    short = processor_seconds(work, device=CPU, rounds=5, least=0.0)["work"]
    long = processor_seconds(work, device=CPU, rounds=5, least=0.02)["work"]
    assert min(short) == pytest.approx(min(long), rel=1)


def test_nothing_to_time_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        processor_seconds({}, device=CPU)
    with pytest.raises(ValueError, match="rounds=0"):
        processor_seconds({"work": list}, device=CPU, rounds=0)
