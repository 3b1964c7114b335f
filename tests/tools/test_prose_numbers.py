"""A number in prose has a source, and one that has none is found."""

import prose_numbers
import pytest
from given_numbers import given
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from prose_numbers import complaints, unfounded

CARD = (
    '<p>Measured: <span class="measured">0.1432 of 1,024</span></p>'
    '<svg aria-label="Half of 640."><style>777</style><path d="M 0.777"/></svg>'
    "<script>frames = [778]</script>"
)

MARKED = {"text/markdown": '| <span style="width: 0.25">0.1532</span> |'}


def chapter(
    *prose: str, code: str = "", html: str = "", text: str = ""
) -> NotebookNode:
    """Paragraphs, and a cell with what it gave."""
    outputs = [new_output("display_data", {"text/html": html, "text/plain": text})]
    cells = [new_markdown_cell("# Why 99?"), new_code_cell(code, outputs=outputs)]
    return new_notebook(cells=[*cells, new_markdown_cell("\n\n".join(prose))])


def found(*prose: str, **cell: str) -> list[str]:
    return [one.number for one in unfounded(chapter(*prose, **cell))]


@pytest.mark.parametrize(
    "prose",
    ["0.14", "0.143", "14 %", "14.3%", "1,024", "1,000", "640", "about 0.1 to 0.14"],
)
def test_what_an_output_gives_may_be_said_as_rounded_as_one_likes(prose: str) -> None:
    assert found(f"It is {prose} then.", html=CARD) == []


@pytest.mark.parametrize(
    "prose", ["0.15", "0.142", "15 %", "1,025", "1,100", "650", "777", "0.777", "778"]
)
def test_what_no_output_gives_is_found(prose: str) -> None:
    assert found(f"It is {prose} then.", html=CARD) == [prose]
    assert found(f"From {prose} to 0.14.", html=CARD) == [prose]


def test_a_table_in_markdown_gives_its_numbers() -> None:
    cell = new_code_cell("", outputs=[new_output("display_data", MARKED)])
    notebook = new_notebook(cells=[cell, new_markdown_cell("It is 0.15 or 0.25.")])
    assert [one.number for one in unfounded(notebook)] == ["0.25"]


def test_a_stale_range_is_found_at_both_ends() -> None:
    assert found("They lie at 0.14 to 0.17.", text="[0.21, 0.26]") == ["0.14", "0.17"]


@pytest.mark.parametrize(
    ("prose", "code"),
    [
        ("20,000", "n = 20_000"),
        ("1.3 million", "size = 1_300_000"),
        ("4,096", "2**12"),
        ("0.0003", "Adam(lr=3e-4)"),
        ("37", "title = 'rows of 37'"),
        ("600", "recorded('root')"),  # a setting of those runs
    ],
)
def test_code_gives_numbers_too(prose: str, code: str) -> None:
    assert found(f"It has {prose} of them.") == [prose]
    assert found(f"It has {prose} of them.", code=code) == []


@pytest.mark.parametrize(
    "prose",
    [
        "Twelve are 12, and 2017 was a year.",
        "In chapter 13, note 003 and seeds 20 to 23 of Python 3.14.",
        "1. Item\n13. Item",
        "The paper has 27.3 {cite}`vaswani2017attention`.",
        "The paper has 27.3 in Table 2.",
        "They [had 27.3](https://aclanthology.org/P17-1).",
        "The paper says so (5.3).",
        "## The 77 ways",
        "Take $d_k = 77$ and `n = 78` of [it](13-a.ipynb#fig-77), x^77 and float32.",
        "```\n77\n```",
        "**1, on paper.** You have 77 apples and eat 70.\n\nOf the 77, a few.",
        "As in Table 2:\n\n| a | b |\n|---|---|\n| 27.3 | 28.4 |",
    ],
)
def test_what_is_no_finding_of_ours_needs_no_cell(prose: str) -> None:
    assert found(prose) == []


def test_our_own_repository_is_no_source() -> None:
    link = "[it](https://github.com/allyouneed-book/allyouneed/blob/main/x.py)"
    assert found(f"We had 27.3 with {link}.") == ["27.3"]


def test_a_source_serves_its_own_paragraph_only() -> None:
    assert found("As {cite}`a` has it.", "We had 27.3.") == ["27.3"]


def test_numbers_that_others_say_are_given() -> None:
    assert [x.number for x in unfounded(chapter("It is 27.3."), "约 27.3 分")] == []
    assert {0.25, 1e-4, 50_000.0} <= given(chapter(code="1 / 4, 1e-4, 50_000"), "")


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    exceptions: list[dict[str, str]] = []
    monkeypatch.setattr(prose_numbers, "listed", lambda: exceptions)
    return exceptions


def test_an_exception_is_for_its_words_in_its_chapter(
    listed: list[dict[str, str]],
) -> None:
    notebook = chapter("Say 41 is\nnear 42.", "And 42.")
    assert len(complaints(notebook, "01-a")) == 3
    listed.append({"chapter": "01-a", "words": "Say 41 is near 42", "why": "any two"})
    (complaint,) = complaints(notebook, "01-a")
    assert complaint == "no cell and no source gives 42 in “… And 42. …”"
    assert len(complaints(notebook, "02-b")) == 3


def test_an_exception_without_use_is_named(listed: list[dict[str, str]]) -> None:
    listed.append({"chapter": "01-a", "words": "at 41", "why": "any"})
    (complaint,) = complaints(chapter("None."), "01-a")
    assert complaint == "does not say “at 41”: take it out of prose_numbers.toml"


def test_the_list_names_chapters_that_there_are() -> None:
    stems = {path.stem for path in (prose_numbers.ROOT / "chapters").glob("*.ipynb")}
    assert {exception["chapter"] for exception in prose_numbers.listed()} <= stems


def test_an_exception_without_a_reason_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: prose_numbers.Path
) -> None:
    path = tmp_path / "x.toml"
    path.write_text('[[exception]]\nchapter = "01-a"\nwords = "7"\n')
    monkeypatch.setattr(prose_numbers, "LIST", path)
    with pytest.raises(ValueError, match="give chapter, words and why"):
        prose_numbers.listed.__wrapped__()
