"""What ruff and nbval do not check: how chapters are built, stored and executed."""

import argparse
import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import prose_numbers
from chapter import ROOT, canonical, read
from nbformat import NotebookNode

CELLS = range(25, 66)  # with what the notes say besides
NOT_COMPARED = {  # by nbval: drawings must be SVG, sliders must be frames
    "image/png",
    "image/jpeg",
    "application/vnd.jupyter.widget-view+json",
}


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The notebook's code cells, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: NotebookNode) -> set[str]:
    """The cell's tags."""
    return set(cell.metadata.get("tags", []))


def stored(notebook: NotebookNode) -> Iterator[str]:
    """Complaints about outputs: every cell was run, in order, without errors."""
    code = code_cells(notebook)
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield f"execution counts are not 1 to {len(code)}: run `make chapter`"
    for number, cell in enumerate(code, start=1):
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in tags(cell):
                yield f"cell [{number}] stores the error {output.ename}"
            if output.get("name") == "stderr":
                yield f"cell [{number}] stores text from stderr"
            if found := NOT_COMPARED & set(output.get("data", {})):
                yield f"cell [{number}] stores {found}, which no test compares"
        if "verdict(" in cell.source and tags(cell) & {
            "nbval-ignore-output",
            "nbval-skip",
        }:
            yield f"cell [{number}] carries a verdict that no test would see"


def built(notebook: NotebookNode) -> Iterator[str]:
    """Complaints about the chapter's anatomy."""
    cells = notebook.cells
    title = cells[0].source.partition("\n")[0] if cells else ""
    if not (cells and cells[0].cell_type == "markdown" and title.startswith("# ")):
        yield "the first cell is not a title ('# ...')"
    if "$" in title:
        yield "the title holds TeX"
    for cell in cells[1:]:
        found = re.search(r"^# .*", cell.source, re.M)
        if found and cell.cell_type == "markdown":
            yield f"there is a second title: {found[0]!r}"
    if len(cells) not in CELLS:
        yield f"{len(cells)} cells; a chapter has {CELLS.start} to {CELLS.stop - 1}"


def definitions(notebook: NotebookNode) -> set[str]:
    """Names of the functions and classes that the notebook defines, methods apart."""
    names = set()
    todo: list[ast.AST] = []
    for cell in code_cells(notebook):
        todo.append(ast.parse(re.sub(r"(?m)^(\s*)[%!].*", r"\1...", cell.source)))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        else:
            todo += ast.iter_child_nodes(node)
    return names


def labels(notebook: NotebookNode) -> set[str]:
    """Labels of the notebook's figures and equations: one page has them for all."""
    prose = "\n".join(cell.source for cell in notebook.cells)
    figures = (
        cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
        for cell in notebook.cells
    )
    return {name for name in figures if name} | set(re.findall(r"\((eq-\S+)\)", prose))


def problems(paths: list[Path]) -> list[str]:
    """Every complaint about these chapters, a line each."""
    found: list[str] = []
    homes: dict[str, list[str]] = defaultdict(list)
    labelled: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        notebook = read(path)
        complaints = [*built(notebook), *stored(notebook)]
        complaints += prose_numbers.complaints(notebook, path.stem)
        if canonical(notebook) != path.read_text(encoding="utf-8"):
            complaints.append("not stored as tools/chapter.py does: run `make chapter`")
        found += [f"{path.name}: {complaint}" for complaint in complaints]
        for name in definitions(notebook):
            homes[name].append(path.name)
        for name in labels(notebook):
            labelled[name].append(path.name)
    for name, where in sorted(labelled.items()):
        if len(where) > 1:
            found.append(f"{name} is a label in {' and '.join(where)}: rename one")
    for name, where in sorted(homes.items()):
        if len(where) > 1:
            found.append(f"{name} is defined in {' and '.join(where)}: put it into src")
    return found


def executed(log: str) -> int:
    """How many cells nbval ran, from the closing line of pytest."""
    closing = next((x for x in reversed(log.split("\n")) if " in " in x), "")
    return sum(int(n) for n in re.findall(r"(\d+) (?:passed|failed|xfailed)", closing))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", action="store_true", help="print the prose only")
    parser.add_argument("--numbers", action="store_true", help="list those in prose")
    parser.add_argument("--log", type=Path, help="what pytest --nbval wrote")
    arguments = parser.parse_args()
    paths = sorted((ROOT / "chapters").glob("*.ipynb"))
    notebooks = [read(path) for path in paths]
    if arguments.text:
        print("\n\n".join(c.source for notebook in notebooks for c in notebook.cells))
        return
    if arguments.numbers:
        for path, notebook in zip(paths, notebooks, strict=True):
            for complaint in prose_numbers.complaints(notebook, path.stem):
                print(f"{path.name}: {complaint}")
        return
    cells = sum(len(code_cells(notebook)) for notebook in notebooks)
    found = problems(paths)
    if arguments.log:
        ran = executed(arguments.log.read_text(encoding="utf-8"))
        if ran != cells:
            found.append(f"nbval ran {ran} code cells, the chapters have {cells}")
    if found:
        sys.exit("\n".join(found))
    print(f"{len(paths)} chapters, {cells} code cells: run, stored and built as agreed")


if __name__ == "__main__":
    main()
