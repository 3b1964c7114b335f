"""Brackets counted by hand, by searching the line itself, and after random damage."""

import random
import re
from collections import Counter

import pytest

from allyouneed.data.grammar import Tree, leaves
from allyouneed.data.parsing import (
    WORD,
    Parse,
    agreement,
    bare,
    brackets,
    depth,
    linearised,
    packed,
    restored,
    treebank,
    unpacked,
)
from allyouneed.data.subwords import Subwords

WE_SAW: Tree = (
    "S",
    ("NP", "We"),
    ("VP", "saw", ("NP", "the", "dog", ("PP", "in", ("NP", "the", "house")))),
    ".",
)
LINE = "(S (NP XX )NP (VP XX (NP XX XX (PP XX (NP XX XX )NP )PP )NP )VP XX )S"


@pytest.fixture(scope="module")
def bank() -> list[Parse]:
    return treebank("train", count=400)


def words_open(line: str) -> list[int]:
    """How many brackets are open at each word of a line."""
    return [
        line[: word.start()].count("(") - line[: word.start()].count(")")
        for word in re.finditer(WORD, line)
    ]


def by_search(line: str, sentence: str) -> "Counter[tuple[str, int, int]]":
    """Labelled spans by cutting innermost brackets out of the line, one by one.

    Words are numbered first, so that what is left of a constituent still tells where
    it stood.
    """
    kept = [word not in (",", ".") for word in sentence.split()]
    place = iter(range(len(kept)))
    line = re.sub(WORD, lambda _: f"w{next(place)}", line)
    found: Counter[tuple[str, int, int]] = Counter()
    while cut := re.search(r"\((\w+)((?: w\d+)+) \)\1", line):
        own = [int(word) for word in re.findall(r"w(\d+)", cut[2]) if kept[int(word)]]
        if own:
            start = sum(kept[: own[0]])
            found[cut[1], start, start + len(own)] += 1
        line = line[: cut.start()] + cut[2].strip() + line[cut.end() :]
    assert re.fullmatch(r"(w\d+ ?)+", line)
    return found


def test_a_tree_in_a_line_by_hand() -> None:
    assert linearised(WE_SAW) == LINE
    assert restored(LINE, leaves(WE_SAW)) == WE_SAW
    assert depth(WE_SAW) == 5 == max(words_open(LINE))
    assert brackets(WE_SAW) == Counter(
        [
            ("S", 0, 7),
            ("NP", 0, 1),
            ("VP", 1, 7),
            ("NP", 2, 7),
            ("PP", 4, 7),
            ("NP", 5, 7),
        ]
    )


def test_every_tree_comes_back_from_its_line(bank: list[Parse]) -> None:
    for sentence, tree in bank:
        line = linearised(tree)
        assert " ".join(leaves(tree)) == sentence
        assert line.count(WORD) == len(sentence.split())
        spoken = linearised(tree, words=True)
        assert re.sub(r" ?[()]\w+", "", spoken).strip() == sentence
        for written in (line, spoken):
            assert restored(written, sentence.split()) == tree
            assert unpacked(packed(written)) == written
        assert depth(tree) == max(words_open(line))
        assert brackets(tree) == by_search(line, sentence)


def test_a_bracket_is_one_sub_word(bank: list[Parse]) -> None:
    lines = [packed(linearised(parse.tree)) for parse in bank]
    subwords = Subwords.train(lines, size=60)
    assert all(len(subwords.encode(line)) == len(line.split()) for line in lines)
    assert subwords.decode(subwords.encode(lines[0])) == lines[0]
    assert unpacked("oS McDONALD cS") == "(S McDONALD )S"  # no bracket in a word


def test_tags_go_and_nothing_else() -> None:
    tagged: Tree = (
        "S",
        ("NP", ("NP", ("DT", "The"), ("NN", "cat")), ("SBAR", ("WHNP", ("WP", "who")))),
        (".", "."),
    )
    assert bare(tagged) == (
        "S",
        ("NP", ("NP", "The", "cat"), ("SBAR", ("WHNP", "who"))),
        ".",
    )


def test_f1_of_two_attachments_by_hand() -> None:
    """The house with the dog in it, or seeing in the house: one bracket differs."""
    high = "(S (NP XX )NP (VP XX (NP XX XX )NP (PP XX (NP XX XX )NP )PP )VP XX )S"
    counts = agreement([high, LINE], [WE_SAW, WE_SAW])
    assert (counts.matched, counts.found, counts.gold) == (5 + 6, 6 + 6, 6 + 6)
    assert (counts.exact, counts.well_formed, counts.sentences) == (1, 2, 2)
    assert counts.precision == counts.recall == counts.f1 == 11 / 12


def test_precision_and_recall_differ_where_brackets_are_missing() -> None:
    """S and VP alone: both right, and 2 of 6; a wrong label is no match."""
    flat = "(S XX (VP XX XX XX XX XX XX )VP XX )S"
    counts = agreement([flat], [WE_SAW])
    assert (counts.precision, counts.recall, counts.f1) == (1, 2 / 6, 4 / 8)
    wrong = agreement([flat.replace("VP", "PP")], [WE_SAW])
    assert (wrong.precision, wrong.recall, wrong.f1) == (1 / 2, 1 / 6, 2 / 8)
    assert agreement([""], [WE_SAW]).matched == 1  # words alone are an S


def test_a_constituent_twice_counts_twice_and_matches_once_each() -> None:
    twice: Tree = ("S", ("VP", ("VP", "sing")))
    once = "(S (VP XX )VP )S"
    counts = agreement([once], [twice])
    assert (counts.matched, counts.found, counts.gold) == (2, 2, 3)
    assert agreement([linearised(twice)], [twice]).matched == 3


def test_points_do_not_count() -> None:
    inside = "(S (NP XX )NP (VP XX (NP XX XX (PP XX (NP XX XX XX )NP )PP )NP )VP )S"
    counts = agreement([inside], [WE_SAW])
    assert (counts.f1, counts.exact, counts.well_formed) == (1, 0, 1)
    assert not brackets(("NP", ",", "."))


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("(S (NP XX )NP (VP XX", "(S (NP XX )NP (VP XX )VP XX )S"),  # cut short
        ("(S (NP XX (VP XX XX )NP )S", "(S (NP XX (VP XX XX )VP )NP )S"),
        ("(S (NP XX )VP XX XX )NP )S", "(S (NP XX XX XX )NP )S"),  # no VP was open
        ("(S (NP )NP (VP XX XX XX XX )VP )S", "(S (VP XX XX XX )VP )S"),
        ("(NP XX )NP (VP XX XX )VP", "(NP XX (VP XX XX )VP )NP"),  # two roots
        ("XX (NP XX )NP ))", "(S XX (NP XX )NP XX )S"),
        ("(S (NP the dog )NP sings loudly )S", "(S (NP XX XX )NP XX )S"),
        ("(S )S (NP XX XX )NP", "(S (NP XX XX )NP XX )S"),
        ("", "(S XX XX XX )S"),
    ],
)
def test_what_is_ill_formed_is_mended_by_the_rule(line: str, mended: str) -> None:
    words = ["a", "b", "c"]
    tree = restored(line, words)
    assert linearised(tree) == mended
    assert leaves(tree) == words
    assert agreement([line], [tree]).well_formed == 0
    assert agreement([mended], [tree]).well_formed == 1


def test_damage_never_costs_a_word(bank: list[Parse]) -> None:
    chance = random.Random(0)
    for sentence, tree in bank:
        symbols = linearised(tree).split()
        for _ in range(3):
            place = chance.randrange(len(symbols))
            symbols[place] = chance.choice([WORD, "(NP", ")VP", "(SBAR", ")"])
        line = " ".join(symbols)
        mended = restored(line, sentence.split())
        assert leaves(mended) == sentence.split()
        again = linearised(mended)
        assert restored(again, sentence.split()) == mended
        assert agreement([line], [tree]).well_formed == (again == line)


def test_lines_and_trees_go_together() -> None:
    with pytest.raises(ValueError, match="2 lines for 1 trees"):
        agreement([LINE, LINE], [WE_SAW])
    with pytest.raises(ValueError, match="0 lines for 0 trees"):
        agreement([], [])
