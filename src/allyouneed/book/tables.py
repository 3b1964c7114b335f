"""Small tables for a page: what a cell found, in rows that a reader can compare."""

from collections.abc import Iterable, Sequence

from IPython.display import Markdown


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
