"""Names of numbers, read back by the rules of a reader, and some known by heart."""

import re

import pytest

from allyouneed.data.numberwords import german, pairs

NAMES = """eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"""
VALUES = {name: value for value, name in enumerate(NAMES.split(), 1)} | {"ein": 1}
SHORT = {"sech": 6, "sieb": 7}  # before -zehn and -zig
TENS = {"zwanzig": 20, "dreißig": 30}


def read(word: str) -> int:
    """The value of a number's name: the other way round, from the sounds."""
    if match := re.fullmatch("(.+?)hundert(.*)", word):
        return 100 * read(match[1]) + (read(match[2]) if match[2] else 0)
    if match := re.fullmatch("(.+?)und(.+)", word):
        assert match[1] != "eins"
        return read(match[1]) + read(match[2])
    if word in VALUES | TENS:
        return (VALUES | TENS)[word]
    match = re.fullmatch("(.+?)(zehn|zig)", word)
    assert match
    stem, ending = match.groups()
    value = (VALUES | SHORT)[stem]
    return value + 10 if ending == "zehn" else 10 * value


def test_each_name_reads_as_its_number() -> None:
    assert [read(word) for _, word in pairs()] == list(range(1, 1000))


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1, "eins"),
        (16, "sechzehn"),
        (30, "dreißig"),
        (71, "einundsiebzig"),
        (100, "einhundert"),
        (999, "neunhundertneunundneunzig"),
    ],
)
def test_names_known_by_heart(number: int, name: str) -> None:
    assert german(number) == name


def test_no_two_numbers_share_a_name_and_none_has_a_blank() -> None:
    names = [name for _, name in pairs()]
    assert len(set(names)) == 999
    assert not any(" " in name for name in names)


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_other_numbers_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"number={number}: give one from 1 to 999"):
        german(number)
