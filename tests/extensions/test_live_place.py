"""The place of the translator: what it writes, and which page gets the scripts."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import live
import pytest
from docutils import nodes

FOLDER = Path(__file__).parents[2] / "web/_static/live"


class Noting:
    """A Sphinx that notes what is added to a page."""

    def __init__(self) -> None:
        self.added: list[str] = []

    def add_css_file(self, name: str) -> None:
        self.added.append(name)

    def add_js_file(self, name: str, **how: Any) -> None:
        assert how == {"loading_method": "defer"}
        self.added.append(name)


def added(*children: nodes.Node) -> list[str]:
    document = nodes.container("", *children)
    app = Noting()
    live.add_scripts(app, "page", "", {}, document)
    return app.added


@pytest.mark.parametrize("form", live.SCRIPTS)
def test_a_page_with_a_place_gets_the_scripts_in_order(form: str) -> None:
    names = added(nodes.paragraph(), live.Translator(form=form, drawing=""))
    assert names[0] == "live/live.css"
    assert len(names) == len(set(names)) > 10
    for name in names:
        assert (FOLDER.parent / name).is_file()


def test_no_other_page_gets_any() -> None:
    assert added(nodes.paragraph()) == []


def test_every_script_is_used_and_short() -> None:
    used = {f"{name}.js" for names in live.SCRIPTS.values() for name in names}
    assert used - {"weights/first.js"} == {path.name for path in FOLDER.glob("*.js")}
    for path in FOLDER.glob("*.js"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 200, path


def test_a_place_in_a_folder_finds_its_way_up() -> None:
    builder = SimpleNamespace(
        current_docname="chapters/x", get_relative_uri=lambda _, page: f"../{page}.html"
    )
    body: list[str] = []
    place = live.Translator(form="full", drawing="<svg></svg>")
    live.open_place(SimpleNamespace(builder=builder, body=body), place)
    assert 'data-weights="../_static/live/weights/"' in body[0]
    assert 'data-page="../translator.html"' in body[0]
    assert body[1] == "<template><svg></svg></template>\n"
