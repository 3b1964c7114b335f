"""The API reference: below a room's name what it is, below a module's what is in it."""

import re
from pathlib import Path

from autoapi._objects import PythonData, PythonObject
from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

ROOM = re.compile(r"^# .*`(allyouneed\.\w+)`$", re.MULTILINE)
MODULE = re.compile(r"^## `(allyouneed(?:\.\w+){2})`$", re.MULTILINE)
BLOCK = "{}\n\n```{{eval-rst}}\n.. autoapimodule:: {}\n{}```"


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Follow the room's and its modules' headings by what their docstrings say."""
    if not docname.startswith("library/"):
        return
    for module in Path(app.srcdir, "src").rglob("*.py"):
        app.env.note_dependency(str(module))
    text = ROOM.sub(lambda m: BLOCK.format(m[0], m[1], ""), source[0])
    members = "   :members:\n"
    source[0] = MODULE.sub(lambda m: BLOCK.format(m[0], m[1], members), text)


def keep_tables(
    _app: Sphinx, what: str, _name: str, _object: object, _options: object, lines: list
) -> None:
    """Show the indented tables of a module's docstring as they are written."""
    inside = False
    for number, line in enumerate(lines if what.endswith("module") else []):
        indented = line.startswith(" ")
        if indented and not inside:
            lines[number - 1] = "\n.. code-block:: text\n"
        inside = indented or (inside and not line)
    lines[:] = "\n".join(lines).split("\n")


def known(env: BuildEnvironment) -> dict[str, PythonObject]:
    """All that sphinx-autoapi has read, by its full name."""
    return vars(env)["autoapi_all_objects"]


def leave_out(
    app: Sphinx, _what: str, _name: str, member: object, skip: bool, _options: object
) -> bool:
    """Leave out imports, constants without a word on them, and what `__init__` sets."""
    if not isinstance(member, PythonObject):
        return skip
    owner = known(app.env).get(member.id.rpartition(".")[0])
    if skip or member.imported or owner is None:
        return True
    names = {child.name for child in owner.children}
    told = "__init__" in names or "Attributes:" in owner.docstring
    constant = isinstance(member, PythonData) and not member.docstring
    return constant and (told or owner.type == "module")


def name_only(
    _app: Sphinx, env: BuildEnvironment, node: pending_xref, text: Element
) -> Element | None:
    """Name a type alias where a signature uses it; it has no entry to link to."""
    target = known(env).get(node["reftarget"])
    return text if isinstance(target, PythonData) else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("source-read", fill_in)
    app.connect("autodoc-process-docstring", keep_tables)
    app.connect("autodoc-skip-member", leave_out)
    app.connect("missing-reference", name_only)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
