import ast
import tomllib
from pathlib import Path
from types import SimpleNamespace

import entries
import ledger
import pytest
import terms
from social import LONGEST, shortened, width
from words import say

ROOT = Path(__file__).parents[2]
KINDS = ("A solution", "The experiment", "The drawing", "The code", "The set-up")


def said() -> set[str]:
    """Everything that the extensions say by `say`."""
    found = {f"{kind} ({{}})" for kind in KINDS} | {*ledger.NOTED.values()}
    for words in (entries.VERDICTS, entries.BASES):
        found |= {one for one, _ in words.values()}
        found |= {f"{{}} {many}" for _, many in words.values()}
    for path in (ROOT / "_ext").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                literal = node.args[1]
                found |= {
                    part.value
                    for part in ast.walk(literal)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
    return (found | NAMED) - {"{} ", " ({})", "verdict"}


# Said by a name that holds it.
NAMED = {
    "More from the notes",
    "measured: ",
    "differs on the stored run: ",
    "What came out",
    "See the experiment",
}


def test_every_word_of_the_extensions_has_chinese_and_no_other_has() -> None:
    words = tomllib.loads((ROOT / "zh/words.toml").read_text(encoding="utf-8"))["site"]
    assert said() - words.keys() == set()
    assert words.keys() - said() == set()
    assert all(k.count("{}") == v.count("{") for k, v in words.items())


def test_an_edition_without_words_is_english(tmp_path: Path) -> None:
    place = SimpleNamespace(srcdir=tmp_path)
    assert say(place, "{} lines", 3) == "3 lines"
    chinese = SimpleNamespace(srcdir=tmp_path / "zh")
    chinese.srcdir.mkdir()
    (chinese.srcdir / "words.toml").write_text('[site]\n"{} lines" = "{} 行"\n')
    assert say(chinese, "{} lines", 3) == "3 行"
    with pytest.raises(KeyError):
        say(chinese, "{} pages", 3)


def test_a_chinese_term_is_found_within_a_sentence() -> None:
    assert terms.Term("词元", "t", "").pattern.search("每个词元都看")
    assert terms.Term("token", "t", "").pattern.search("two tokens")
    assert not terms.Term("token", "t", "").pattern.search("tokenise")


def test_a_chinese_description_ends_at_a_pause() -> None:
    text = "一个学习小组读了这篇论文，写下了自己的理解。" * 8
    cut = shortened(text)
    assert cut.endswith(("理解 …", "论文 …"))
    assert width(cut) <= LONGEST + 2
    assert shortened("short") == "short"
