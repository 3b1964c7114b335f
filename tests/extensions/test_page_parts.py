"""What the extensions make of stored notebooks, of words and of pages."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import entries
import folds
import joined
import landing
import pytest
from docutils import nodes
from landing import title
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes
from pairs import Pairs
from pictures import picture
from quoted import fold_quotations
from social import description, shortened
from stored import outputs
from terms import Term, link_first, running_text

from allyouneed.book import claims

ROOT = Path(__file__).parents[2]
ENGLISH: Any = SimpleNamespace(srcdir=ROOT)  # an edition without a file of words
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9]*.ipynb"))
FIGURE = (
    '<svg role="img" aria-label="x" class="ink" style="y" viewBox="0 0 90 60" '
    'width="90pt" height="60pt" xmlns="http://www.w3.org/2000/svg" '
    'xmlns:xlink="http://www.w3.org/1999/xlink">'
    '<defs><path id="i-1" d="M 0 0 L 500 500"/></defs>'
    '<path d="M 0 0 L 90 60" style="fill: none"/>{}'
    '<g transform="translate(9 9) scale(0.1 -0.1)"><path d="M 1 1"/></g></svg>'
)


def cell(
    *shown: nodes.Node, source: str = "a = 1\n\nb = 2", hide: str = ""
) -> nodes.container:
    """A code cell as myst-nb makes it."""
    made = nodes.container(nb_element="cell_code", hide_mode=hide)
    made["prompt_show"] = folds.MYST_NB_NAME
    made += nodes.container("", nodes.literal_block(source, source))
    made.children[0]["nb_element"] = "cell_code_source"
    if shown:
        made += nodes.container("", *shown, nb_element="cell_code_output")
    return made


def raw(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (cell(hide="all"), "A solution (2 lines)"),
        (
            cell(raw('<div class="verdict x">'), hide="input"),
            "The experiment (2 lines)",
        ),
        (cell(raw("<svg></svg>"), hide="input"), "The drawing (2 lines)"),
        (cell(nodes.literal_block("", "4"), hide="input"), "The code (2 lines)"),
        (cell(hide="input", source="import os"), "The set-up (1 line)"),
    ],
)
def test_a_fold_is_named_after_what_it_is(made: nodes.container, name: str) -> None:
    folds.name_code(ENGLISH, made)
    assert made["prompt_show"] == name


def test_a_name_of_the_cells_own_wins_and_open_code_starts_open() -> None:
    named, plain = cell(hide="input"), cell()
    named["prompt_show"] = "The proof"
    folds.name_code(ENGLISH, nodes.section("", named, plain))
    assert named["prompt_show"] == "The proof"
    fold = plain.children[0]
    assert (fold["label"], fold["open"]) == ("The code (2 lines)", True)


@pytest.mark.parametrize(
    ("count", "label"),
    [
        (0, "More, without cards"),
        (1, "One claim with its experiment"),
        (2, "2 claims with their experiments"),
    ],
)
def test_more_from_the_notes_counts_its_claims(count: int, label: str) -> None:
    cards = [cell(raw('<div class="verdict x">')) for _ in range(count)]
    section = nodes.section("", nodes.title("", folds.MORE), *cards)
    other = nodes.section("", nodes.title("", "The answer"), nodes.paragraph("", "x"))
    folds.fold_more(ENGLISH, nodes.section("", section, other))
    heading, fold = section.children
    assert heading.astext() == folds.MORE
    assert fold["label"] == label
    assert fold.children == cards
    assert isinstance(other.children[1], nodes.paragraph)


def test_a_picture_keeps_the_ink_and_leaves_the_words_out() -> None:
    small = picture(
        FIGURE.format('<path d="M 20 10 L 70 30"/><path d="M 30 20 L 30 900"/>')
    )
    assert 'viewBox="16 6 58 58"' in small
    assert "scale" not in small
    assert 'aria-hidden="true"' in small
    assert "role=" not in small
    assert "width=" not in small


@pytest.mark.parametrize(
    "part",
    [
        '<g transform="translate(5 5)"><rect x="1" y="1"/></g>',
        '<path d="m 1 1 l 2 2"/>',
        "",
    ],
)
def test_a_picture_whose_numbers_are_no_places_is_whole(part: str) -> None:
    assert 'viewBox="0 0 90 60"' in picture(FIGURE.format(part))


def test_every_chapter_has_a_picture_and_a_title() -> None:
    for path in CHAPTERS:
        figure = next(
            m for _, html in outputs(path) if (m := landing.FIGURE.search(html))
        )
        small = [picture(panel) for panel in landing.PANEL.findall(figure[0])]
        assert any(re.search("<(path|rect)", panel) for panel in small)
        assert not any("<text" in panel for panel in small)
        assert all(title(path))


def test_a_title_is_divided_at_its_question(tmp_path: Path) -> None:
    path = tmp_path / "01-a.ipynb"
    cells = [
        new_markdown_cell("# Masks: what may it see?\n\nText."),
        new_code_cell("1"),
    ]
    path.write_text(writes(new_notebook(cells=cells)))
    assert title(path) == ("Masks", "What may it see?")


def test_the_search_cuts_chinese_into_pairs_and_english_into_words() -> None:
    assert Pairs({}).split("the 归一化 of d_model，残差") == [
        "the", "归一", "一化", "of", "d_model", "残差",
    ]  # fmt: skip
    assert Pairs({}).stem("masks") == "mask"


def test_a_term_is_linked_once_where_it_is_a_word_of_running_text() -> None:
    said = nodes.Text("No unmasked token. Two Tokens, a token.")
    heading = nodes.title("", "A token")
    code = nodes.paragraph("", "", nodes.literal("", "token"), said)
    again = nodes.paragraph("", "This token is the second.")
    section = nodes.section("", heading, code, again)
    texts = running_text(section)
    for word in ("mask", "token", "Two"):  # the last stands behind a link
        link_first(texts, Term(word, f"term-{word}", f"{word}."), "g.html")
    links = [*section.findall(nodes.reference)]
    assert [(x.astext(), x["reftitle"]) for x in links] == [
        ("token", "token."),
        ("Two", "Two."),
    ]
    assert links[0]["refuri"] == "g.html#term-token"
    assert code.astext() == "tokenNo unmasked token. Two Tokens, a token."
    assert Term("token", "", "").pattern.search("Two Tokens")


def test_a_card_folds_the_chinese_of_its_note_and_nothing_else() -> None:
    code, chinese = (
        claims.verdict(name, holds=True, measured="**1** of 2", details="all").html()
        for name in ("fd-003-detach", "at-003-self-highest")
    )
    folded = fold_quotations(code + chinese)
    assert folded.startswith(code)
    assert " <small>Note 003</small></p>" in folded
    said = claims.quotation(claims.load()["at-003-self-highest"].zh)
    fold = f"<summary>The note’s words</summary><p>{said}</p></details>"
    assert folded.count(said) == folded.count(fold) == 1
    assert folded.index("All numbers", len(code)) < folded.index(fold)
    assert folded.count("verdict-why") == 2


def test_the_ledger_typesets_a_formula_in_what_was_measured() -> None:
    shown = entries.numbers("**3** with $W^Q$, **$d_k$ 4**")
    assert [x.astext() for x in shown.findall(nodes.math)] == ["W^Q", "d_k"]
    assert [x.astext() for x in shown.findall(nodes.strong)] == ["3", "d_k 4"]


def test_chinese_keeps_a_full_stop_on_its_formulas_line() -> None:
    formula = nodes.math("", "b")
    line = nodes.paragraph("", "", nodes.Text("那是 "), formula, nodes.Text("。谁对？"))
    apart = nodes.paragraph("", "", nodes.math("", "x"), nodes.Text(" 和"))
    joined.hold_closing(nodes.section("", line, apart))
    assert line.astext() == "那是 b。谁对？"
    assert [type(x).__name__ for x in line] == ["Text", "inline", "Text"]
    assert line[1].children == [formula, "。"]
    assert len(apart) == 2


def test_chinese_has_no_space_before_a_link_in_chinese() -> None:
    def linked(before: str, words: str) -> str:
        link = nodes.reference("", words, refuri="x")
        line = nodes.paragraph("", "", nodes.Text(before), link, nodes.Text(" 里"))
        joined.close_up(nodes.section("", line))
        return line.astext()

    assert linked("看 ", "图 4.1") == "看图 4.1 里"
    assert linked("看 ", "Table 4") == "看 Table 4 里"
    assert linked("see ", "图 4.1") == "see 图 4.1 里"
    assert linked("看 ", "下图") == "看下图里"
    card = "：<b>x</b> 全部 <strong>答对</strong> 了 <strong>3</strong> 个"
    closed = "：<b>x</b> 全部<strong>答对</strong>了 <strong>3</strong> 个"
    assert joined.close_up_card(card) == closed


def test_a_description_is_the_first_long_paragraph_cut_at_a_word() -> None:
    words = "word " * 40
    tree = nodes.document(None, None)
    tree += [nodes.paragraph("", "Short."), nodes.paragraph("", words)]
    said = description(tree, {})
    assert said == shortened(words.strip())
    assert len(said) <= 160
    assert said.endswith("word …")
    assert description(tree, {"description": "Mine."}) == "Mine."
    assert description(None, {}) == ""
