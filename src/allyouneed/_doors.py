"""Doors: a room offers names of its modules, and reads a module when asked for one."""

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def door(room: str) -> tuple[Callable[[str], Any], list[str]]:
    """`__getattr__` and `__all__` of a package that imports its modules late (PEP 562).

    The names stand once, in the `if TYPE_CHECKING:` of its `__init__`, for editors, for
    type checkers and for this: names of a module, or modules of a package.
    """
    package = sys.modules[room]
    text = Path(str(package.__file__)).read_text(encoding="utf-8")
    homes = {
        alias.name: str(node.module)
        for block in ast.parse(text).body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    def __getattr__(name: str) -> Any:  # noqa: N807
        if name not in homes:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        home = import_module(homes[name])
        if hasattr(home, "__path__"):
            found: Any = import_module(f"{homes[name]}.{name}")
        else:
            found = getattr(home, name)
        setattr(package, name, found)
        return found

    return __getattr__, sorted(homes)
