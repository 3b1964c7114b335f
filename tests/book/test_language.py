import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib.pyplot as plt
import pytest

from allyouneed.book import Drawing, board, explore, show, verdict
from allyouneed.book.claims import load
from allyouneed.book.drawings.typesetting import typeset
from allyouneed.book.exercises import check
from allyouneed.book.language import (
    Words,
    filled,
    in_markdown,
    in_output,
    table,
    template,
)
from allyouneed.book.svg_labels import in_drawings, source

CLAIM = "at-003-self-highest"
SAID = {CLAIM: {"said": "自己 $d_k$", "why": "因为"}}


def words(entries: dict[str, str], *kept: str) -> Words:
    common = table().entries
    return Words({**common, **entries}, SAID, frozenset(kept))


def plot(**labels: str) -> str:
    plt.style.use("allyouneed.book")
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, 1], label=labels.pop("legend", None))
    axes.set(**labels)
    if axes.get_legend_handles_labels()[0]:
        axes.legend()
    return show(figure, alt="A line rises by 3 %.").svg()


def texts(html: str) -> list[ET.Element]:
    return [ET.fromstring(t) for t in re.findall("<text .*?</text>", html, re.DOTALL)]


@pytest.mark.parametrize(
    ("sentence", "key", "numbers"),
    [
        ("gap 1e-07, of 2,000", "gap {}, of {}", ["1e-07", "2,000"]),
        ("5.8% to 6.1% of 3", "{} of {}", ["5.8% to 6.1%", "3"]),
        ("W_1 and x^2 stay", "W_1 and x^2 stay", []),
        ("from −0.5", "from {}", ["−0.5"]),
    ],
)
def test_numbers_become_places(sentence: str, key: str, numbers: list[str]) -> None:
    assert template(sentence) == (key, numbers)


def test_numbers_keep_their_order_or_their_place() -> None:
    assert filled("{} 与 {}", ["1", "2"]) == "1 与 2"
    assert filled("{1} 中的 {0}", ["3", "20 to 30"]) == "20 至 30 中的 3"
    assert filled("{10}、$x^{2}$", [str(n) for n in range(11)]) == "10、$x^{2}$"


def test_a_place_without_a_number_is_an_error() -> None:
    with pytest.raises(ValueError, match="no number 1"):
        filled("{0} {1}", ["5"])


def test_an_exact_entry_wins_and_quoted_words_are_places_too() -> None:
    said = words({"1 step": "一步", "{} steps": "{} 步", "“{}” asks": "“{}”问"})
    assert [said.say(s) for s in ("1 step", "2 steps", "“cat” asks")] == [
        "一步",
        "2 步",
        "“cat”问",
    ]


def test_what_has_no_entry_stays_and_is_reported_once() -> None:
    said = words({}, "cat")
    for sentence in ("gap 3", "gap 4", "cat", "12", "$d_k$", "`a-name`"):
        assert said.say(sentence) == sentence
    assert list(said.missing) == ["gap {}"]


def test_a_card_is_in_chinese_with_its_own_numbers() -> None:
    said = words({"{} of **{}** rows": "**{1}** 行中的 {0} 行", "first {}": "先 {}"})
    card = verdict(CLAIM, holds=True, measured="3 of **20** rows", details="first 7")
    html = in_output(card.html(), said)
    assert '自己 <span class="math">\\(d_k\\)</span></strong><br>' in html
    assert "<strong>20</strong> 行中的 3 行" in html
    assert '<p class="verdict-why">因为 <a href' in html
    assert all(
        w in html for w in ("裁决：", "实测：", "错", "笔记 003：", "先 7", "全部数字")
    )
    assert load()[CLAIM].zh in html
    assert not said.missing


def test_a_card_that_differs_says_so_in_chinese() -> None:
    html = in_output(verdict(CLAIM, holds=False, measured="9").html(), words({}))
    assert "这次运行的结果不同：" in html
    assert "账本说：" in html


def test_answers_sliders_and_tables_are_said() -> None:
    said = words({"step": "步骤", "a": "甲", "look": "看", "alt": "图"}, "b")
    answer = check(..., 1, hint="h")._repr_mimebundle_()["text/html"]
    assert "轮到你了" in in_output(answer, said)
    slider = explore(lambda step="look": drawn(step), step=["look", "b"])
    html = in_output(slider.html(), said)
    assert 'aria-label="步骤"' in html
    assert "&quot;看&quot;, &quot;b&quot;" in html
    assert "<output>看</output>" in html
    assert in_markdown("| a | b |\n|---|---|\n| 1 | 2 |", said).startswith("| 甲 | b |")
    assert in_output("<td>a</td>", said) == "<td>甲</td>"
    shaded = board("a", ["a", "b"], {"a": [("a\n1 to 2", 0.5)]}, alt="b").svg()
    html = in_output(shaded, said)
    assert "<caption>甲</caption>" in html
    assert ">甲<br><small>1 至 2</small></td>" in html
    assert in_output("<p>a</p>", said) == "<p>甲</p>"


def drawn(_step: str) -> Drawing:
    figure, _ = plt.subplots()
    return show(figure, alt="alt")


def test_labels_of_drawings_are_set_anew_with_their_maths() -> None:
    node = ET.Element("text", x="1")
    typeset(node, "times $W^Q$, $d_{model}$")
    assert source(node) == "times $W^Q$, $d_{model}$"
    said = words({"times $W^Q$, $d_{model}$": "乘 $W^Q$"})
    done = texts(in_drawings(ET.tostring(node, encoding="unicode"), said))
    assert source(done[0]) == "乘 $W^Q$"
    assert done[0].get("x") == "1"


def test_labels_of_figures_keep_their_place_and_no_glyph_is_lost() -> None:
    said = words({"rate": "学习率", "loss of $W^Q$": "损失 $W^Q$", "loss": "损失"})
    before = plot(xlabel="rate", ylabel="loss", title="rate", legend="loss of $W^Q$")
    after = in_drawings(before, said)
    found = {source(t): t.get("text-anchor") for t in texts(after)}
    assert found["损失"] == "middle"
    assert found["损失 $W^Q$"] == "start"
    assert [t.get("text-anchor") for t in texts(after)].count("middle") >= 2
    used = set(re.findall('href="#(.*?)"', after))
    assert used <= set(re.findall(' id="(.*?)"', after))
    assert not said.missing


def test_a_label_that_is_data_stays_a_drawing_of_glyphs() -> None:
    before = plot(xlabel="cat")
    assert in_drawings(before, words({}, "cat")) == before


def test_every_claim_has_chinese() -> None:
    assert table().claims.keys() == load().keys()


def test_a_page_has_its_own_words_over_the_common_ones(tmp_path: Path) -> None:
    (tmp_path / "words.toml").write_text('[words]\n"a" = "甲"\n"b" = "乙"\n')
    (tmp_path / "01-x.toml").write_text('[labels]\n"a" = "子"\n[kept]\nlabels=["c"]\n')
    (tmp_path / "claims.toml").write_text("")
    page = table("01-x", tmp_path)
    assert page.entries == {"a": "子", "b": "乙"}
    assert page.kept == {"c"}
    assert table(home=tmp_path).entries["a"] == "甲"


def test_language_needs_no_torch() -> None:
    import subprocess
    import sys

    code = "import sys, allyouneed.book.svg_labels; assert 'torch' not in sys.modules"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
