"""The pages on the library name every module, once."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_module_has_its_place_in_the_reference() -> None:
    pages = (ROOT / "library").glob("*.md")
    headings = [
        name
        for page in pages
        for name in re.findall(r"^## `allyouneed\.(\w+)`$", page.read_text(), re.M)
    ]
    source = ROOT / "src/allyouneed"
    modules = [path.stem for path in source.glob("[!_]*.py")]
    modules += [path.parent.name for path in source.glob("[!_]*/__init__.py")]
    assert sorted(headings) == sorted(modules)
