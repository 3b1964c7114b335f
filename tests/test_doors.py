"""A room's door offers what it says, reads it late, and shadows none of its modules."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import allyouneed
from allyouneed._doors import door
from allyouneed.nn import MultiHeadAttention, attend, attention

HERE = Path(allyouneed.__file__).parent
DOORS = ["allyouneed"] + [
    f"allyouneed.{path.parent.name}"
    for path in sorted(HERE.glob("*/__init__.py"))
    if "door(__name__)" in path.read_text(encoding="utf-8")
]


def test_what_the_name_of_the_book_promises() -> None:
    assert attention.attend is attend
    assert attention.MultiHeadAttention is MultiHeadAttention
    assert len(DOORS) == 12  # all rooms but the command line, and the house


@pytest.mark.parametrize("name", DOORS)
def test_every_name_on_a_door_is_there(name: str) -> None:
    package = import_module(name)
    assert package.__all__ == sorted(package.__all__)
    for offered in package.__all__:
        found = getattr(package, offered)
        if isinstance(found, ModuleType):
            assert found.__name__.rpartition(".")[2] == offered


@pytest.mark.parametrize("name", DOORS)
def test_no_name_on_a_door_is_that_of_another_thing_in_the_room(name: str) -> None:
    """Else what `from room import name` gives would depend on what was read before."""
    file = Path(str(import_module(name).__file__))
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in (n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)):
        for alias in node.names:
            place = file.parent / alias.name
            if place.with_suffix(".py").exists() or place.is_dir():
                assert node.module == name  # the module itself


def test_a_name_that_is_not_there_is_missed_as_from_any_module() -> None:
    with pytest.raises(
        AttributeError, match=r"'allyouneed.nn' has no attribute 'atend'"
    ):
        _ = import_module("allyouneed.nn").atend
    with pytest.raises(ImportError, match="cannot import name 'atend'"):
        exec("from allyouneed.nn import atend")


def test_to_open_all_doors_reads_nothing_heavy() -> None:
    program = (
        f"import sys, importlib; [importlib.import_module(d) for d in {DOORS}];"
        "heavy = {'torch', 'numpy', 'scipy', 'matplotlib', 'sacrebleu', 'joblib'};"
        "sys.exit(str(heavy & {*sys.modules}) if heavy & {*sys.modules} else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_door_reads_a_name_or_a_module_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "someroom"
    room.mkdir()
    (room / "__init__.py").write_text(
        "from typing import TYPE_CHECKING\nfrom allyouneed._doors import door\n"
        "if TYPE_CHECKING:\n    from someroom import first\n"
        "    from someroom.second import x\n"
        "else:\n    __getattr__, __all__ = door(__name__)\n"
    )
    (room / "first.py").write_text("y = 1\n")
    (room / "second.py").write_text("x = 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    package = import_module("someroom")
    assert package.__all__ == ["first", "x"]
    assert "someroom.second" not in sys.modules
    assert (package.x, package.first.y) == (2, 1)
    assert door("someroom")[1] == ["first", "x"]
