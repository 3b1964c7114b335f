"""A group's own ledger: what it decides, shows and refuses."""

from pathlib import Path

import pytest

from allyouneed.book.claims import verdict
from allyouneed.book.own_ledger import OwnLedger, read_ledger

OPEN = '[[claim]]\nid = "b"\nnote = "N"\nsaid = "So."\nhow = "open"\n'
TRUE = (
    '[[claim]]\nid = "a"\nnote = "Note <1>"\nsaid = "1 | 2"\nhow = "experiment"\n'
    'verdict = "true"\nwhy = "Because."\nlimits = "Once."\n'
)


def written(folder: Path, text: str) -> OwnLedger:
    (folder / "claims.toml").write_text(text, encoding="utf-8")
    return read_ledger(folder / "claims.toml")


def test_a_card_is_the_book_s_without_its_links(tmp_path: Path) -> None:
    ours = written(tmp_path, TRUE + OPEN)
    page = verdict("a", holds=True, measured="**3**", ledger=ours).html()
    assert "Verdict: " in page
    assert "<small>Note &lt;1&gt;</small>" in page
    assert "Because." in page
    assert "<a href" not in page


def test_a_chinese_card_says_its_own_words_in_chinese(tmp_path: Path) -> None:
    ours = written(tmp_path, 'language = "zh"\n' + TRUE)
    held, differs = (
        verdict("a", holds=holds, measured="三 **3**", details="四", ledger=ours).html()
        for holds in (True, False)
    )
    assert "裁决：" in held
    assert "成立" in held
    assert "三 <strong>3</strong>" in held
    assert "全部数字" in held
    assert "这次运行的结果不同：" in differs
    for english in ("Verdict", "Measured", "holds", "All numbers", "differently"):
        assert english not in held + differs


def test_the_table_tells_verdict_basis_and_this_run(tmp_path: Path) -> None:
    ours = written(tmp_path, TRUE + OPEN)
    differs = verdict("a", holds=False, measured="4", ledger=ours)
    for cards, told in (((), "no card"), ((differs,), "differs")):
        _, _, first, second, last = ours.table(*cards).data.split("\n")
        assert first == f"| a | 1 \\| 2 | holds | experiment | {told} |"
        assert second == "| b | So. | open |  |  |"
        assert last == "| in all | 2: 1 holds · 1 open |  |  |  |"
    with pytest.raises(ValueError, match=r"strange=.*at-003-formula"):
        ours.table(verdict("at-003-formula", holds=True, measured="1"))


def test_a_differing_card_stops_a_strict_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = written(tmp_path, TRUE)
    monkeypatch.setenv("ALLYOUNEED_STRICT", "1")
    with pytest.raises(AssertionError, match="a came out differently"):
        verdict("a", holds=False, measured="4", ledger=ours)


def test_an_open_or_unknown_claim_takes_no_card(tmp_path: Path) -> None:
    ours = written(tmp_path, TRUE + OPEN)
    for id, told in (("b", "decided by 'open'"), ("at-003-formula", "no claim")):
        with pytest.raises(ValueError, match=told):
            verdict(id, holds=True, measured="1", ledger=ours)


FAULTS = {
    "no TOML": "[[claim]",
    "has no claims": 'language = "en"',
    "choose en or zh": 'language = "de"\n' + TRUE,
    r"claim 1 \(b\) lacks said": OPEN.replace('said = "So."\n', ""),
    r"claim 1 \(a\) lacks limits": TRUE.replace('limits = "Once."\n', ""),
    r"claim 1 \(a\) lacks why": TRUE.replace('why = "Because."\n', ""),
    "'sad' is no field: write said": OPEN.replace("said", "sad"),
    "how='guess': choose one": OPEN.replace("open", "guess"),
    "verdict='maybe': choose one": TRUE.replace('"true"', '"maybe"'),
    "though how='open'": OPEN + 'verdict = "true"\n',
    "note='': write it out": OPEN.replace('"N"', '""'),
    "note=1: write it out": OPEN.replace('"N"', "1"),
    "two claims": OPEN + OPEN,
    "speech.*: write language": 'speech = "zh"\n' + OPEN,
    "in double brackets": OPEN.replace("[[claim]]", "[claim]"),
    r"begin each claim with \[\[claim": 'claim = "x"',
    "letters, digits, - and _ alone": OPEN.replace('"b"', "'x\" onclick=\"y'"),
}


@pytest.mark.parametrize("told", FAULTS)
def test_a_fault_is_named_with_its_place_and_remedy(told: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=told) as raised:
        written(tmp_path, FAULTS[told])
    assert "claims.toml" in str(raised.value)


def test_a_folder_is_named_and_a_mark_of_windows_is_read(tmp_path: Path) -> None:
    written(tmp_path, "\ufeff" + OPEN)
    with pytest.raises(ValueError, match="is a folder: name the file"):
        read_ledger(tmp_path)


def test_a_sentence_of_two_lines_is_one_row(tmp_path: Path) -> None:
    ours = written(tmp_path, OPEN.replace('"So."', '"""So\nit is."""'))
    _, _, only, _ = ours.table().data.split("\n")
    assert only == "| b | So it is. | open |  |  |"


def test_a_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="notes new"):
        read_ledger(tmp_path / "none.toml")
