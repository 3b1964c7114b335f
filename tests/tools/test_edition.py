"""Weaving, and each way in which a translation goes wrong, planted and seen."""

import datetime
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import edition
import nbformat
import pytest
import weaving
import yaml
from address import GUARD, configured
from checking import all_faults
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from translated import FENCE, mark, parts

from allyouneed.book.claims import verdict

ROOT = Path(__file__).parents[2]
CARD = verdict("at-003-formula", holds=True, measured="gap 3 of 20").html()
FIRST = "# Scaled: why?\n\nThe *query* and $d_k$, see [it](02-b.ipynb#x) and `d[1]`."
BLOCK = "\n\n```python\nx = 1  # one\n```"
SECOND = "## One more\n\n{cite}`a` says **so**,\nand {numref}`fig-a`." + BLOCK
ZH = """<!-- aaaaaaaa -->
# 缩放：为什么？

*查询*和 $d_k$，见[它](02-b.ipynb#x)和 `d[1]`。

<!-- bbbbbbbb -->
## 再来一个

{cite}`a` 是**这么**说的，
又见 {numref}`fig-a`。

```python
x = 1  # one
```
"""
TABLE = """\
[c]
"Cap 1, 3 to 6." = "图注 1，3 至 6。"
"The code" = "代码"
"gap {} of {}" = "{1} 中差 {0}"
"""
PAGE = "<!-- page {} -->\n# 页\n"


def notebook(*markdown: str) -> nbformat.NotebookNode:
    cells = [new_markdown_cell(text) for text in markdown]
    out = new_output("display_data", {"text/html": CARD, "text/plain": "x"})
    code = new_code_cell("x = 1", outputs=[out], id="cccccccc")
    figure = {"caption": "Cap 1, 3 to 6.", "name": "fig-a"}
    code.metadata = {"mystnb": {"figure": figure, "code_prompt_show": "The code"}}
    for cell, name in zip(cells, ("aaaaaaaa", "bbbbbbbb"), strict=False):
        cell.id = name
    return new_notebook(cells=[*cells, code])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A book of two chapters, of which one has Chinese; nothing is wrong with it."""
    for folder in ("chapters", "zh/chapters", "src/allyouneed/zh"):
        (tmp_path / folder).mkdir(parents=True)
    for folder in ("_ext", "_static", "_templates", "src/allyouneed/records"):
        (tmp_path / folder).mkdir(parents=True)
    nbformat.write(notebook(FIRST, SECOND), tmp_path / "chapters/01-a.ipynb")
    nbformat.write(notebook("# B"), tmp_path / "chapters/02-b.ipynb")
    home = tmp_path / "src/allyouneed"
    write(home / "claims.toml", claim_file("Equation (1)."))
    write(home / "zh/words.toml", (ROOT / "src/allyouneed/zh/words.toml").read_text())
    write(home / "zh/01-a.toml", TABLE)
    write(home / "records/attack.jsonl", "")
    write(tmp_path / "references.bib", "")
    write(tmp_path / "zh/promised.txt", "# list\nindex\nchapters/01-a\n")
    write(tmp_path / "zh/words.toml", '[site]\n[chapters]\na = "缩放"\n')
    for script in ("words.js", "live.js"):
        write(tmp_path / "zh" / script, "")
    write(tmp_path / "zh/GLOSSARY.md", (ROOT / "zh/GLOSSARY.md").read_text())
    write(tmp_path / "zh/toc.yml", "Part: 部分\n")
    (tmp_path / "zh/locale").mkdir()
    write(
        tmp_path / "zh/config.yml", "title: 书\nsphinx: {config: {language: zh_CN}}\n"
    )
    for name in ("_config.yml",):
        write(tmp_path / name, (ROOT / name).read_text(encoding="utf-8"))
    chapters = [{"file": "chapters/01-a"}, {"file": "chapters/02-b"}]
    toc = {"root": "index", "parts": [{"caption": "Part", "chapters": chapters}]}
    write(tmp_path / "_toc.yml", yaml.safe_dump(toc))
    for page in weaving.PAGES:
        write(tmp_path / f"{page}.md", "# Page\n")
        write(tmp_path / f"zh/{page}.md", PAGE.format(mark("# Page\n")))
    write(tmp_path / "zh/promised.txt", "\n".join([*weaving.PAGES, "chapters/01-a"]))
    write(tmp_path / "zh/chapters/01-a.md", ZH)
    edition.stamp(tmp_path, "chapters/01-a", ["aaaaaaaa", "bbbbbbbb"])
    claim = '[at-003-formula]\nsaid = "式子"\nwhy = "式 (1)。"\n'
    write(home / "zh/claims.toml", claim)
    edition.stamp_claims(tmp_path, ["at-003-formula"])
    return tmp_path


def claim_file(why: str) -> str:
    return (
        '[[chapter]]\nslug = "a"\ntitle = "A"\n[[claim]]\nid = "at-003-formula"\n'
        f'en = "Attention."\nwhy = "{why}"\nzh = "x"\nnote = "003"\n'
    )


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def committed(root: Path) -> None:
    for command in ("init -q", "add -A", "-c user.name=a commit -qm a"):
        git = ["git", "-c", "user.email=a@b.c", *command.split()]
        subprocess.run(git, cwd=root, check=True)


def change(path: str, before: str, after: str) -> Callable[[Path], None]:
    def changed(root: Path) -> None:
        text = (root / path).read_text(encoding="utf-8")
        assert before in text
        write(root / path, text.replace(before, after))

    return changed


CHINESE, ENGLISH = "zh/chapters/01-a.md", "chapters/01-a.ipynb"
OUTPUTS = "src/allyouneed/zh/01-a.toml"
PLANTED = {
    "an English word changed": (
        change(ENGLISH, "see [it]", "look at [it]"),
        "aaaaaaaa changed since it was translated",
    ),
    "a cell came": (
        lambda root: nbformat.write(notebook("# Scaled"), root / ENGLISH),
        "bbbbbbbb is no cell of the page",
    ),
    "a cell is not translated": (
        change(CHINESE, "bbbbbbbb", "bbbbbbbc"),
        "bbbbbbbb is not translated",
    ),
    "a citation is gone": (change(CHINESE, "{cite}`a` ", ""), "lacks {cite}`a`"),
    "a formula is another": (change(CHINESE, "$d_k$", "$d_v$"), "lacks $d_k$"),
    "code is another": (change(CHINESE, "`d[1]`", "`d[2]`"), "adds `d[2]`"),
    "a comment of a block is another": (
        change(CHINESE, "1  # one", "1  # 一"),
        "a block of Python",
    ),
    "a link leads elsewhere": (change(CHINESE, "#x)", "#y)"), "lacks ](02-b.ipynb#x)"),
    "a link leaves the edition": (
        change(CHINESE, "见[它]", '见<a href="../../using.html">这</a>[它]'),
        "links to the English using",
    ),
    "a number is another": (change(CHINESE, "见[它]", "见 5 次[它]"), "has numbers"),
    "a number is gone": (change(ENGLISH, "says **so**", "says 7 **so**"), "numbers of"),
    "a caption's number is another": (
        change(OUTPUTS, "图注 1，", "图注 2，"),
        "its caption's numbers",
    ),
    "a heading is deeper": (
        change(CHINESE, "## 再", "### 再"),
        "headings of levels [3]",
    ),
    "stars beside punctuation": (
        change(CHINESE, "是**这么**说的，", "是**这么，**说的"),
        "stars will show",
    ),
    "narrow punctuation": (change(CHINESE, "说的，", "说的,"), "narrow punctuation"),
    "a term is another": (change(CHINESE, "查询", "询问"), "query is 查询"),
    "a forbidden word": (change(CHINESE, "说的", "说令牌的"), "says '令牌': token is"),
    "another title than the ledger's": (
        change(CHINESE, "# 缩放：", "# 放缩："),
        "its title begins with '放缩'",
    ),
    "a sentence of an output has none": (
        change(OUTPUTS, "gap {} of {}", "gap {} off {}"),
        "no Chinese for 'gap {} of {}'",
    ),
    "an entry that nothing says": (
        change(OUTPUTS, "[c]\n", '[c]\n"old {}" = "旧 {}"\n'),
        "'old {}' is said nowhere",
    ),
    "a caption has none": (
        change(ENGLISH, "Cap 1,", "Cap 2,"),
        "no Chinese for 'Cap {}, {}.'",
    ),
    "a number is lost": (
        change(OUTPUTS, "{1} 中差 {0}", "差 {0}"),
        "an output's numbers",
    ),
    "a number stands twice": (
        change(OUTPUTS, "{1} 中差 {0}", "{0} 中差 {0}"),
        "an output's numbers",
    ),
    "stars that a card would show": (
        change(OUTPUTS, "{1} 中差 {0}", "{1} 中差**{0}**"),
        "an output shows **",
    ),
    "a reason changed": (
        lambda root: write(root / "src/allyouneed/claims.toml", claim_file("Other.")),
        "at-003-formula: changed since it was translated",
    ),
    "a claim has none": (
        change("src/allyouneed/zh/claims.toml", "[at-003-formula]", "[at-003-other]"),
        "at-003-formula: no Chinese",
    ),
    "a promise is broken": (
        lambda root: (root / CHINESE).unlink(),
        "chapters/01-a: promised, but",
    ),
    "a page is not promised": (
        change("zh/promised.txt", "chapters/01-a", ""),
        "in Chinese, but not in zh/promised.txt",
    ),
    "a part has no caption": (change("zh/toc.yml", "Part:", "Past:"), "lacks 'Part'"),
}


def test_nothing_is_wrong_with_the_sample(root: Path) -> None:
    assert not list(all_faults(root))


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_planted_is_found(root: Path, what: str) -> None:
    plant, complaint = PLANTED[what]
    plant(root)
    found = list(all_faults(root))
    assert any(complaint in fault for fault in found), found


def test_line_breaks_alone_change_nothing(root: Path) -> None:
    change(ENGLISH, "**so**,\\n", "**so**,  \\n ")(root)
    assert not list(all_faults(root))


def test_what_is_quoted_may_say_what_we_do_not(root: Path) -> None:
    change(CHINESE, "说的", "说“令牌”的")(root)
    assert not list(all_faults(root))


def test_the_list_of_promises_only_grows(root: Path) -> None:
    committed(root)
    change("zh/promised.txt", "chapters/01-a", "")(root)
    assert any("the list only grows" in fault for fault in all_faults(root))


def test_only_the_named_cells_are_stamped(root: Path) -> None:
    change(ENGLISH, "see [it]", "look at [it]")(root)
    change(ENGLISH, "One more", "One less")(root)
    edition.stamp(root, "chapters/01-a", ["bbbbbbbb"])
    found = [fault for fault in all_faults(root) if "changed since" in fault]
    assert found == ["chapters/01-a: aaaaaaaa changed since it was translated"]
    with pytest.raises(ValueError, match="dddddddd"):
        edition.stamp(root, "chapters/01-a", ["dddddddd"])
    with pytest.raises(ValueError, match="no claims of the ledger: xx"):
        edition.stamp_claims(root, ["xx"])


def test_a_translation_may_be_owed_for_a_while(root: Path) -> None:
    change(ENGLISH, "{cite}`a` says", "{cite}`b` shows")(root)
    long_ago = datetime.date(2020, 1, 1)
    assert edition.owe(root, "chapters/01-a", long_ago) == ["bbbbbbbb"]
    assert not list(all_faults(root))
    assert any("owed since 2020-01-01" in fault for fault in all_faults(root, days=30))
    said, _ = weaving.woven(root, "chapters/01-a", [])
    shown = said.cells[1].source
    assert shown.startswith('## 再来一个\n\n<p class="owed">')
    assert 'href="../../chapters/01-a.html#one-more" hreflang="en"' in shown
    edition.stamp(root, "chapters/01-a", ["bbbbbbbb"])
    assert not parts((root / CHINESE).read_text(encoding="utf-8"))["bbbbbbbb"].later


def test_what_changed_is_shown_from_git(root: Path) -> None:
    committed(root)
    change(ENGLISH, "{cite}`a` says", "{cite}`a` shows")(root)
    shown = "\n".join(edition.show_changes(root, "chapters/01-a"))
    assert "[-says-] {+shows+}" in shown
    assert "这么" in shown


def test_a_new_chapter_begins_with_its_cells_and_sentences(root: Path) -> None:
    path = edition.skeleton(root, "chapters/02-b")
    assert "> EN # B" in path.read_text(encoding="utf-8")
    words = (root / "src/allyouneed/zh/02-b.toml").read_text(encoding="utf-8")
    assert '"gap {} of {}" = ""' in words
    with pytest.raises(ValueError, match="is there"):
        edition.skeleton(root, "chapters/02-b")


def test_the_tree_holds_what_the_site_is_built_from(root: Path) -> None:
    weaving.weave(root, root / "out")
    toc = yaml.safe_load((root / "out/_toc.yml").read_text(encoding="utf-8"))
    assert toc["parts"] == [
        {"caption": "部分", "chapters": [{"file": "chapters/01-a"}]}
    ]
    config = yaml.safe_load((root / "out/_config.yml").read_text(encoding="utf-8"))
    assert config["html"]["baseurl"].endswith("/zh")
    assert "autoapi.extension" not in config["sphinx"]["config"]["extensions"]
    headings = json.loads((root / "out/headings.json").read_text())
    assert headings["chapters/01-a"] == ["Scaled: why?", "One more"]
    assert "<!--" not in (root / "out/index.md").read_text(encoding="utf-8")
    ledger = (root / "out/src/allyouneed/claims.toml").read_text(encoding="utf-8")
    assert 'en = "式子"' in ledger
    assert 'title = "缩放"' in ledger


def test_a_section_of_an_english_page_stands_on_its_own(root: Path) -> None:
    above = {"file": "chapters/02-b", "sections": [{"file": "chapters/01-a"}]}
    toc = {"root": "index", "parts": [{"caption": "Part", "chapters": [above]}]}
    write(root / "_toc.yml", yaml.safe_dump(toc))
    here = weaving.translated_pages(root)
    assert here == ["index", "chapters/01-a"]
    assert weaving.contents(toc, {"Part": "部分"}, here)["parts"] == [
        {"caption": "部分", "chapters": [{"file": "chapters/01-a"}]}
    ]


def test_the_woven_notebook_is_the_english_one_with_other_words(root: Path) -> None:
    weaving.weave(root, root / "out")
    before = nbformat.read(root / ENGLISH, as_version=4)
    after = nbformat.read(root / "out" / ENGLISH, as_version=4)
    nbformat.validate(after)
    assert [c.id for c in before.cells] == [c.id for c in after.cells]
    assert after.cells[2].source == before.cells[2].source
    assert after.cells[2].metadata.mystnb.figure == {
        "caption": "图注 1，3 至 6。",
        "name": "fig-a",
    }
    assert after.cells[2].metadata.mystnb.code_prompt_show == "代码"
    html = after.cells[2].outputs[0].data["text/html"]
    assert "20 中差 3" in html
    assert "式子" in html
    assert "说的，又见" in after.cells[1].source  # no gap between two lines
    # What has no Chinese yet is linked where it is.
    link = '<a href="../../chapters/02-b.html#x" hreflang="en">它</a>'
    assert link in after.cells[0].source


def test_only_a_paragraph_s_lines_are_joined() -> None:
    text = "## 题\n一句，\n两句\n三句\n\n:::{dropdown} 答案\n四句\n五句\n:::"
    assert weaving.GAP.sub(r"\1", text) == (
        "## 题\n一句，两句三句\n\n:::{dropdown} 答案\n四句五句\n:::"
    )


def test_colab_gets_the_translated_chapters_with_their_guard(root: Path) -> None:
    edition.notebooks(root, root / "out")
    assert [p.name for p in (root / "out/chapters").iterdir()] == ["01-a.ipynb"]
    real, _ = weaving.woven(ROOT, "chapters/06-scaled-attention", [])
    guard = GUARD.format(address=configured(ROOT))
    assert next(c.source for c in real.cells if c.cell_type == "code") == guard


def test_a_chapter_that_runs_in_colab_speaks_chinese_from_its_first_cell(
    root: Path,
) -> None:
    edition.notebooks(root, root / "out")
    before = nbformat.read(root / "chapters/01-a.ipynb", as_version=4)
    after = nbformat.read(root / "out/chapters/01-a.ipynb", as_version=4)
    first, *others = (c.source for c in after.cells if c.cell_type == "code")
    code = [c.source for c in before.cells if c.cell_type == "code"]
    assert [first.removesuffix(edition.SPEAK.format(name="01-a")), *others] == code
    assert first != code[0]


def test_a_link_to_a_translated_page_stays_in_the_edition() -> None:
    assert weaving.linked("[a](01-a.ipynb#b)", "chapters/02-b", ["chapters/01-a"]) == (
        "[a](01-a.ipynb#b)"
    )
    assert weaving.linked("[u](using.md)", "index", []) == "[u](using.md)"
    other = weaving.linked("[*u* [x]](library/index.md)", "index", [])
    assert other == '<a href="../library/index.html" hreflang="en">*u* [x]</a>'


def test_both_front_pages_of_the_repository_name_the_same_commands() -> None:
    english, chinese = (
        FENCE.sub("", (ROOT / name).read_text(encoding="utf-8"))
        for name in ("README.md", "README.zh.md")
    )
    commands = [
        re.findall(r"`(make [^`]*|python -m [^`]*)`", t) for t in (english, chinese)
    ]
    assert sorted(commands[0]) == sorted(commands[1])
    numbers = [re.findall(r"\| (\d\d\.\d)", text) for text in (english, chinese)]
    assert numbers[0] == numbers[1]
