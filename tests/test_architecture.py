"""The house: rooms in one order, no circles, nothing too long to be read."""

import ast
import re
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import allyouneed

LONGEST_MODULE, LONGEST_FUNCTION = 250, 40
HERE = Path(allyouneed.__file__).parent
ROOT = Path(__file__).parent.parent
ROOMS = re.findall(r"^ {4}(\w+)  ", allyouneed.__doc__ or "", re.MULTILINE)


def named(path: Path) -> str:
    """The module's full name: of a package, the folder's."""
    *folders, last = path.relative_to(HERE.parent).with_suffix("").parts
    return ".".join(folders if last == "__init__" else [*folders, last])


MODULES = {named(path): path for path in sorted(HERE.rglob("*.py"))}


def imports(source: str, known: set[str]) -> set[str]:
    """The known modules that the source imports, in any form and anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: write the whole name"
            module = node.module or ""
            inner = {f"{module}.{alias.name}" for alias in node.names}
            names |= (inner & known) | ({module} if inner - known else set())
    return names & known


GRAPH = {
    name: imports(path.read_text(encoding="utf-8"), {*MODULES})
    for name, path in MODULES.items()
}


def room(name: str) -> str:
    return [*name.split("."), ""][1]


def allowed(name: str, other: str) -> bool:
    """Whether a module of room `name` may import one of room `other`."""
    if name == other:
        return True
    if "book" in (name, other):  # beside
        return False
    return ROOMS.index(other) < ROOMS.index(name)


def length(function: ast.FunctionDef) -> int:
    """Lines of the function, its docstring not counted."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    docstring = ast.get_docstring(function, clean=False)
    return lines - (docstring.count("\n") + 1 if docstring else 0)


def test_imports_are_seen_in_each_of_their_forms() -> None:
    known = {"a", "a.b", "a.b.c", "a.d", "a.e"}
    source = (
        "import torch, a.d\nfrom a import b, e\nfrom a.b.c import X\n"
        "def f():\n    from a.b import c, Y\n    from torch import nn\n"
    )
    assert imports(source, known) == {"a.b", "a.b.c", "a.d", "a.e"}
    assert imports("from a import Z", known) == {"a"}


def test_the_house_is_drawn_alike_in_both_places() -> None:
    drawn = (HERE.parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    house = re.findall(r"^ {4}\w+  +.*$", allyouneed.__doc__ or "", re.MULTILINE)
    assert "\n".join(house) in drawn


def test_every_folder_of_modules_is_a_room_and_has_a_door() -> None:
    rooms = {path.name for path in HERE.iterdir() if [*path.glob("*.py")]}
    assert rooms == {*ROOMS}
    assert {f"allyouneed.{name}" for name in rooms} <= MODULES.keys()
    corridor = {name for name in MODULES if name.count(".") == 1} - {
        f"allyouneed.{name}" for name in rooms
    }
    assert corridor == {"allyouneed.__main__", "allyouneed._doors"}


def test_a_module_imports_from_its_own_room_and_from_those_above() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in GRAPH.items()
        for other in sorted(others)
        if room(name) in ROOMS and room(other) != "_doors"
        if not allowed(room(name), room(other))
    ]
    assert not wrong


def test_nothing_imports_in_a_circle() -> None:
    TopologicalSorter(GRAPH).prepare()  # raises a CycleError that names the circle


def test_a_module_s_name_tells_which_one_it_is() -> None:
    names = [name.rpartition(".")[2] for name in MODULES if room(name) != "cli"]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_no_module_hides_what_its_room_offers() -> None:
    """Once a module `x` is loaded, a room's `x` is that module, not its function."""
    hidden = [
        f"{module}.{alias.name}"
        for module, path in MODULES.items()
        if path.stem == "__init__"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module != module
        for alias in node.names
        if f"{module}.{alias.name}" in MODULES
    ]
    assert not hidden


def test_modules_and_functions_are_short() -> None:
    long = []
    for name, path in MODULES.items():
        source = path.read_text(encoding="utf-8")
        if (lines := source.count("\n")) > LONGEST_MODULE:
            long.append(f"{name}: {lines} lines")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and length(node) > LONGEST_FUNCTION:
                long.append(f"{name}: {node.name} has {length(node)} lines")
    assert not long


def test_no_line_ends_where_only_splitlines_sees_an_end() -> None:
    """Files of lines are read by `ground.plain_text.lines_of`."""
    assert not [
        f"{path.name}:{node.lineno}"
        for folder in (HERE, ROOT / "tools", ROOT / "_ext")
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "splitlines"
    ]
