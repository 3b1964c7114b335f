"""The library has a page for each room, which names each of its modules once."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/allyouneed"
ROOMS = sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))


def test_every_room_has_a_page_and_every_page_a_room() -> None:
    pages = {path.stem for path in (ROOT / "library").glob("*.md")}
    assert pages == {"index", *ROOMS}
    index = (ROOT / "library/index.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\]\((\w+)\.md\)", index)) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_has_its_place_on_the_page_of_its_room(room: str) -> None:
    text = (ROOT / f"library/{room}.md").read_text(encoding="utf-8")
    assert re.match(rf"# [A-Z][a-z ]+: `allyouneed\.{room}`\n", text)
    headings = re.findall(rf"^## `allyouneed\.{room}\.(\w+)`$", text, re.MULTILINE)
    modules = [path.stem for path in (SOURCE / room).glob("[!_]*.py")]
    modules += [path.parent.name for path in (SOURCE / room).glob("[!_]*/__init__.py")]
    assert sorted(headings) == sorted(modules)
