"""The recorded parsers were tested on the trees that the grammar draws today."""

from record_parsing import BINS, TESTED, counts, drawn

from allyouneed.data.parsing import depth, linearised
from allyouneed.studies import recorded


def test_the_record_was_tested_on_the_trees_that_the_chapter_counts() -> None:
    banks = [
        [p for p in drawn("test") if least <= depth(p.tree) <= most][:TESTED]
        for least, most in BINS
    ]
    gold = [[linearised(p.tree) for p in bank] for bank in banks]
    trees = [
        {p.sentence: line for p, line in zip(*pair, strict=True)}
        for pair in zip(banks, gold, strict=True)
    ]
    perfect = [counts(*pair) for pair in zip(gold, banks, strict=True)]
    runs = recorded("parsing")
    assert runs
    for run in runs:
        for part, lines, best in zip(
            run["metrics"]["depths"], trees, perfect, strict=True
        ):
            assert best is not None
            for what in ("sentences", "gold"):
                assert part["all"][what] == best[what]
            for sentence, line, _ in part["wrong"]:
                assert lines[sentence] == line
