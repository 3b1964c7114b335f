"""Small tables for a page: what a cell found, in rows that a reader can compare."""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from IPython.display import Markdown

from allyouneed.book.figures import Drawing

SHADE, MOST = "#2F86CC", 0.55  # of full ink: words stay legible on light and dark pages


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> Markdown:
    """End a cell with a table: its head, then its rows, each cell as it is written.

    Raises:
        ValueError: a row has not as many cells as the head.

    >>> print(table(["words", "sum"], [["1, 2", 3]]).data)
    | words | sum |
    | --- | --- |
    | 1, 2 | 3 |
    """
    lines: list[Sequence[object]] = [head, ["---"] * len(head)]
    for row in rows:
        if len(row) != len(head):
            raise ValueError(
                f"{row=} has {len(row)} cells: give {len(head)}, as the head has"
            )
        lines.append(row)
    return Markdown("\n".join(f"| {' | '.join(map(str, line))} |" for line in lines))


@dataclass(frozen=True)
class Board(Drawing):
    """A table in which a cell has as much ink as its number says."""

    title: str
    head: Sequence[str]
    rows: Mapping[str, Sequence[tuple[str, float]]]

    def svg(self) -> str:
        """The board as an HTML table, where other drawings are SVG."""
        head = "".join(f'<th scope="col">{_words(name)}</th>' for name in self.head)
        lines = [
            '<table class="board" style="margin:0 auto;text-align:center">',
            f"<caption>{_words(self.title)}</caption>",
            f"<thead><tr>{head}</tr></thead>",
            "<tbody>",
            *(_row(name, cells) for name, cells in self.rows.items()),
            "</tbody></table>",
        ]
        return "\n".join(lines)


def board(
    title: str,
    head: Sequence[str],
    rows: Mapping[str, Sequence[tuple[str, float]]],
    *,
    alt: str,
) -> Board:
    """End a cell with a table of shaded cells; it can be a frame of `explore`, too.

    Args:
        title: said above the table.
        head: names of the columns, that of the rows' names first.
        rows: by name, each cell's words (a second line stands small) and its ink, from
            0, the page itself, to 1.
        alt: what it shows, in one sentence, where no table can be.

    Raises:
        ValueError: a row has not as many cells as the head, or ink is not from 0 to 1.
    """
    for name, cells in rows.items():
        inks = [ink for _, ink in cells]
        if 1 + len(cells) != len(head) or not all(0 <= ink <= 1 for ink in inks):
            raise ValueError(
                f"{name!r} has {len(cells)} cells with ink {inks}: give "
                f"{len(head) - 1}, from 0 to 1"
            )
    return Board(alt, title, head, rows)


def _row(name: str, cells: Sequence[tuple[str, float]]) -> str:
    shown = "".join(
        f'<td style="background:{SHADE}{round(255 * MOST * ink):02x}">'
        f"{_words(words)}</td>"
        for words, ink in cells
    )
    return (
        f'<tr><th scope="row" style="text-align:left">{_words(name)}</th>{shown}</tr>'
    )


def _words(text: str) -> str:
    first, *second = html.escape(text).split("\n")
    return "<br>".join([first, *(f"<small>{line}</small>" for line in second)])
