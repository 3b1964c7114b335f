"""Write at each chapter's end where the code lies that its cells import."""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from address import configured
from chapter import ROOT, canonical, read
from nbformat import NotebookNode

SOURCE = ROOT / "src"
HEAD = "Source of what was imported:"
LIST = re.compile(rf"\n*^(?:{HEAD}|Sources:).*", re.MULTILINE | re.DOTALL)
Found = tuple[Path, str]  # a file of the library, and a name as the chapter says it


@cache
def tree_of(path: Path) -> ast.Module:
    """The file as a tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def file_of(module: str) -> Path | None:
    """The file of a module of the library, or of a package's door."""
    place = SOURCE / module.replace(".", "/")
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in files if path.is_file()), None)


def origin(module: str, name: str) -> tuple[str, str]:
    """Where a name comes from, through doors and other imports: module and name."""
    path = file_of(module)
    if path is None or file_of(f"{module}.{name}"):
        return module, name
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.ImportFrom) or node.module in (None, module):
            continue
        if name in {alias.name for alias in node.names}:
            return origin(str(node.module), name)
    return module, name


def home(module: str, name: str) -> Path | None:
    """The file that defines the function or class; None if it is something else."""
    module, name = origin(module, name)
    path = file_of(module)
    things = (ast.FunctionDef, ast.ClassDef)
    body = tree_of(path).body if path else []
    return path if name in {n.name for n in body if isinstance(n, things)} else None


def imported(notebook: NotebookNode) -> Iterator[Found]:
    """Functions and classes that the chapter imports, or takes from a module."""
    code = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
    tree = ast.parse(re.sub(r"(?m)^(\s*)[%!].*", r"\1...", code))
    lines = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    for node in lines:
        module = node.module or ""
        for alias in node.names if module.startswith("allyouneed") else ():
            inner, known_as = ".".join(origin(module, alias.name)), alias.asname
            known_as = known_as or alias.name
            if file_of(inner):
                said = re.findall(rf"\b{known_as}\.(\w+)", code)
                found = [(home(inner, name), f"{known_as}.{name}") for name in said]
            else:
                found = [(home(module, alias.name), alias.name)]
            yield from ((path, name) for path, name in found if path)


def rooms() -> list[str]:
    """The library's rooms, from the ground up, as the package lists them."""
    about = ast.get_docstring(tree_of(SOURCE / "allyouneed/__init__.py")) or ""
    return re.findall(r"^ {4}(\w+)  ", about, re.MULTILINE)


def listed(notebook: NotebookNode, address: str) -> str:
    """The list: a link for each file, with the names that come from it."""
    files: dict[Path, dict[str, None]] = {}
    for path, name in imported(notebook):
        files.setdefault(path.relative_to(ROOT), {})[name] = None
    order = rooms()
    lines = [
        f"[{', '.join(f'`{name}`' for name in names)}]"
        f"({address}/blob/main/{path.as_posix()})"
        for path, names in sorted(
            files.items(), key=lambda item: (order.index(item[0].parts[2]), item[0])
        )
    ]
    return "\n".join([HEAD, " ·\n".join(lines)])


def renewed(notebook: NotebookNode, address: str) -> str:
    """The last cell's text with the list at its end, in place of an older one."""
    text: str = notebook.cells[-1].source
    return f"{LIST.sub('', text).rstrip()}\n\n{listed(notebook, address)}"


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    address = configured(ROOT)
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        notebook = read(path)
        if notebook.cells[-1].cell_type != "markdown":
            sys.exit(f"{path.name}: its last cell is code, end it with text")
        notebook.cells[-1].source = renewed(notebook, address)
        path.write_text(canonical(notebook), encoding="utf-8")


if __name__ == "__main__":
    main()
