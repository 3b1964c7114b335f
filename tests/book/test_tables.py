"""A table is what Markdown understands, and a row that does not fit is refused."""

import pytest
from markdown_it import MarkdownIt

from allyouneed.book import table


def test_markdown_reads_it_as_a_table() -> None:
    source = table(["words", "sum"], [["dog bites", 3], ["bites dog", 3.5]]).data
    html = MarkdownIt().enable("table").render(source)
    assert html.count("<th>") == 2
    assert html.count("<tr>") == 3
    assert "<td>3.5</td>" in html


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="3 cells: give 2"):
        table(["words", "sum"], [[1, 2, 3]])
