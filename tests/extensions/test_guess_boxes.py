"""Guess boxes: what is read from their Markdown, and what is complained of."""

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from guess import Question, split
from myst_parser.docutils_ import Parser

BOX = """\
:::{{admonition}} Guess
:class: guess

A coin is tossed.

How often is it heads, with $p = 1$?

{options}
{answer}
:::
"""
OPTIONS = "- (a) half the time\n- (b) always\n"
FOLD = "<details><summary>Answer</summary>\n\n{}\n\nBecause of $p$.\n\n</details>\n"
GOOD = FOLD.format("Answer: **b** · note 003: **a** · note 004: **b**")


def box(markdown: str) -> nodes.admonition:
    """The first admonition of a text."""
    settings = {"myst_enable_extensions": ["colon_fence", "dollarmath"]}
    tree = publish_doctree(markdown, parser=Parser(), settings_overrides=settings)
    return next(tree.findall(nodes.admonition))


def read(options: str = OPTIONS, answer: str = GOOD) -> list[nodes.Node]:
    """The children of a box with one question."""
    return split(box(BOX.format(options=options, answer=answer)))


def test_a_question_knows_its_letters(caplog: pytest.LogCaptureFixture) -> None:
    title, question = read()
    assert title.astext() == "Guess"
    assert isinstance(question, Question)
    assert question["right"] == "b"
    assert question["notes"] == {"003": "a", "004": "b"}
    *stem, options, fold = question.children
    assert [node.astext()[:8] for node in stem] == ["A coin i", "How ofte"]
    assert isinstance(options, nodes.bullet_list)
    assert fold["label"] == "Answer"
    assert fold.astext().endswith("Because of p.")
    assert not caplog.records


def test_no_note_need_have_said_anything(caplog: pytest.LogCaptureFixture) -> None:
    _, question = read(answer=FOLD.format("答案：**a**"))
    assert (question["right"], question["notes"]) == ("a", {})
    assert not caplog.records


def test_one_box_holds_several_questions() -> None:
    second = f"And tails?\n\n{OPTIONS}\n{FOLD.format('Answer: **a**')}\nA last word."
    _, first, other, last = read(answer=f"{GOOD}\n{second}")
    assert (first["right"], other["right"]) == ("b", "a")
    assert first["key"] != other["key"]
    assert last.astext() == "A last word."


def test_another_question_has_another_key() -> None:
    assert read()[1]["key"] == read()[1]["key"]
    changed = read(options=OPTIONS.replace("always", "often"))
    assert changed[1]["key"] != read()[1]["key"]


@pytest.mark.parametrize(
    ("options", "answer", "complaint"),
    [
        (OPTIONS, "", "no answer follows the options"),
        (OPTIONS, GOOD.replace("</details>", ""), "no answer follows the options"),
        ("- (a) x\n- (c) y\n", GOOD, "the options are (ac): letter them (a), (b)"),
        ("- (a) x\n- y\n", GOOD, "the options are (a?): letter them"),
        ("- (a) x\n", GOOD.replace("b", "a"), "the options are (a): letter them"),
        (OPTIONS, FOLD.format("Answer: b"), "the answer is '', none of (ab)"),
        (OPTIONS, FOLD.format("Note 003: **a**"), "the answer is '', none of (ab)"),
        (OPTIONS, FOLD.format("**b** 003: **c**"), "note 003 is 'c', none of (ab)"),
        (OPTIONS, FOLD.format("**bold**"), "the answer is 'bold', none of (ab)"),
        ("1. x\n2. y\n", GOOD, "this <details> follows no list"),
    ],
)
def test_what_does_not_fit_is_complained_of(
    options: str, answer: str, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    read(options, answer)
    assert any(complaint in record.getMessage() for record in caplog.records)


def test_options_need_a_question(caplog: pytest.LogCaptureFixture) -> None:
    split(box(f":::{{admonition}} Guess\n:class: guess\n\n{OPTIONS}\n{GOOD}\n:::\n"))
    (record,) = caplog.records
    assert "no question stands before these options" in record.getMessage()


def test_a_box_without_options_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    made = split(box(":::{admonition} Guess\nHow often? (a) once · (b) twice\n:::\n"))
    assert [type(node) for node in made] == [nodes.title, nodes.paragraph]
    assert not caplog.records
