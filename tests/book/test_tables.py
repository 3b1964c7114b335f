"""A table is what Markdown understands, and a row that does not fit is refused."""

import pytest
from markdown_it import MarkdownIt

from allyouneed.book import board, explore, table


def test_markdown_reads_it_as_a_table() -> None:
    source = table(["words", "sum"], [["dog bites", 3], ["bites dog", 3.5]]).data
    html = MarkdownIt().enable("table").render(source)
    assert html.count("<th>") == 2
    assert html.count("<tr>") == 3
    assert "<td>3.5</td>" in html


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="3 cells: give 2"):
        table(["words", "sum"], [[1, 2, 3]])


def test_a_board_has_its_numbers_as_text_and_ink_by_their_size() -> None:
    rows = {"Copy": [("0%", 0.0), ("98%\n71% to 98%", 1.0)]}
    made = board("after 20 updates", ["exact", "GRU", "a < b"], rows, alt="x")
    html = made.svg()
    assert "<caption>after 20 updates</caption>" in html
    assert '<th scope="row" style="text-align:left">Copy</th>' in html
    assert "a &lt; b" in html
    assert 'style="background:#2F86CC00">0%</td>' in html
    assert 'style="background:#2F86CC8c">98%<br><small>71% to 98%</small>' in html
    frames = explore(lambda n: board(f"{n}", ["exact"], {"a": []}, alt="x"), n=[1, 2])
    assert frames.html().count("<caption>") == 2


@pytest.mark.parametrize("cells", [[("1", 0.5)], [("1", 0.5), ("2", 1.5)]])
def test_a_board_refuses_rows_that_do_not_fit(cells: list[tuple[str, float]]) -> None:
    with pytest.raises(ValueError, match=r"'Copy' has \d cells with ink"):
        board("", ["exact", "GRU", "LSTM"], {"Copy": cells}, alt="x")
