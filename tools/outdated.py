"""Which definitions behind a recording have changed since it was made.

From the trial's function every definition is followed that it uses. Each is compared
with those of the same name in the older commit, whatever module they stood in, without
comments, docstrings, annotations, the names of modules and folders: so what only moved
does not make a record old.
"""

import ast
import io
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

FOLDERS = ("src/allyouneed/", "tools/")
Definition = tuple[str, str]  # module, name


@dataclass
class Module:
    """What a file defines, what its imports stand for, and what is known of it."""

    defined: dict[str, ast.stmt] = field(default_factory=dict)
    imported: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    meant: dict[tuple[str, frozenset[str]], str] = field(default_factory=dict)
    used: dict[str, list[Definition]] = field(default_factory=dict)


@cache
def modules(root: Path, commit: str) -> dict[str, Module]:
    """The package and the tools as they were at a commit, by name.

    Raises:
        ValueError: the repository does not have the commit.
    """
    done = subprocess.run(
        ["git", "-C", str(root), "archive", commit, "*.py"], capture_output=True
    )
    if done.returncode:
        raise ValueError(f"{commit=}: {done.stderr.decode().strip()}")
    found = {}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content and member.name.startswith(FOLDERS):
                name = member.name.removeprefix("src/").removeprefix("tools/")
                dotted = name.removesuffix(".py").removesuffix("/__init__")
                found[dotted.replace("/", ".")] = replace(
                    _parsed(content.read().decode()), used={}
                )
    return found


def reached(start: str, known: dict[str, Module]) -> set[Definition]:
    """The definitions that `start` uses, or what it uses in its turn."""
    todo = [(module, start) for module in known if start in known[module].defined]
    found: set[Definition] = set()
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            module, name = here
            used = known[module].used
            if name not in used:
                used[name] = [*_used(known[module].defined[name], module, known)]
            todo += used[name]
    return found


def changed(root: Path, trial: str, then: str, now: str = "HEAD") -> list[str]:
    """Names behind `trial` that said something else, or nothing, at commit `then`.

    Raises:
        ValueError: the trial or one of the commits is not there.
    """
    ours, old = modules(root, _commit(root, now)), modules(root, then)
    homes = _homes(root, then)
    found = reached(trial, ours)
    if not found:
        raise ValueError(f"{trial=} is no function of {now}: name the one that runs")
    return sorted(
        {
            name
            for module, name in found
            if _meaning(name, ours[module], ours)
            not in (_meaning(name, home, old) for home in homes.get(name, ()))
        }
    )


def _commit(root: Path, name: str) -> str:
    words = ("git", "-C", str(root), "rev-parse", name)
    return subprocess.run(words, capture_output=True, text=True).stdout.strip()


@cache
def _homes(root: Path, commit: str) -> dict[str, list[Module]]:
    """The modules that define a name, by name."""
    found: dict[str, list[Module]] = {}
    for module in modules(root, commit).values():
        for name in module.defined:
            found.setdefault(name, []).append(module)
    return found


@cache  # most files are the same in most commits
def _parsed(source: str) -> Module:
    module = Module()
    for node in ast.parse(source).body:
        for name in _names(node):
            module.defined[name] = node
        if isinstance(node, ast.Import):
            for alias in node.names:
                module.imported[alias.asname or alias.name] = (alias.name, None)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                target = (node.module or "", alias.name)
                module.imported[alias.asname or alias.name] = target
    return module


def _names(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    for target in targets:
        for part in ast.walk(target):
            if isinstance(part, ast.Name) and part.id != "__all__":
                yield part.id


def _used(
    node: ast.stmt, module: str, known: dict[str, Module]
) -> Iterator[Definition]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield from _resolved(part.id, None, module, known)
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            yield from _resolved(part.value.id, part.attr, module, known)


def _resolved(
    name: str, attribute: str | None, module: str, known: dict[str, Module]
) -> Iterator[Definition]:
    """The definition that `name`, or `name.attribute`, stands for in a module."""
    if name in known[module].defined:
        yield module, name
        return
    home, own = known[module].imported.get(name, ("", None))
    inner = f"{home}.{own}" if own else home
    if inner in known and attribute in known[inner].defined:
        yield inner, str(attribute)
    elif own and home in known and inner not in known:
        places = [home, *known] if own not in known[home].defined else [home]
        found = [place for place in places if own in known[place].defined]
        yield from ((place, own) for place in found[:1])  # a door hands it on


def _meaning(name: str, module: Module, known: dict[str, Module]) -> str:
    """What the definition does, in one form."""
    places = {
        alias: f"{home}.{own}" if own else home
        for alias, (home, own) in module.imported.items()
    }
    own = frozenset(alias for alias, place in places.items() if place in known)
    if (name, own) not in module.meant:
        tree = ast.parse(ast.unparse(module.defined[name]))
        module.meant[name, own] = ast.dump(_Bare(own).visit(tree))
    return module.meant[name, own]


class _Bare(ast.NodeTransformer):
    """Leaves docstrings, annotations and the names of places out."""

    def __init__(self, modules: frozenset[str]) -> None:
        self.modules = modules

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in self.modules:
            return ast.Name(node.attr, node.ctx)
        if node.attr == "parent" and ast.unparse(node) == "Path(__file__).parent":
            return ast.Name("FOLDER", node.ctx)
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        parents = isinstance(node.value, ast.Attribute) and node.value.attr == "parents"
        if parents and ast.unparse(node.value) == "Path(__file__).parents":
            return ast.Name("FOLDER", node.ctx)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._without_docstring(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def _without_docstring(self, node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)
