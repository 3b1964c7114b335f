"""The place of the translator: what it writes, and which page gets the scripts."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import live
import pytest
from docutils import nodes

FOLDER = Path(__file__).parents[2] / "web/_static/live"


ENGLISH = {"live_path": "live/", "live_words": []}
CHINESE = {"live_path": "../../_static/live/", "live_words": ["live-words.js"]}


class Noting:
    """A Sphinx that notes what is added to a page."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.added: list[str] = []
        self.config = SimpleNamespace(**config)

    def add_css_file(self, name: str) -> None:
        self.added.append(name)

    def add_js_file(self, name: str, **how: Any) -> None:
        assert how == {"loading_method": "defer"}
        self.added.append(name)


def added(*children: nodes.Node, config: dict[str, Any] = ENGLISH) -> list[str]:
    document = nodes.container("", *children)
    app = Noting(config)
    live.add_scripts(app, "page", "", {}, document)
    return app.added


@pytest.mark.parametrize("form", live.SCRIPTS)
def test_a_page_with_a_place_gets_the_scripts_in_order(form: str) -> None:
    names = added(nodes.paragraph(), live.Translator(form=form, drawing=""))
    assert names[0] == "live/live.css"
    assert len(names) == len(set(names)) > 10
    for name in names:
        assert (FOLDER.parent / name).is_file()


def test_another_edition_takes_them_from_the_first_with_its_own_words() -> None:
    place = live.Translator(form="full", drawing="")
    style, words, *scripts = added(place, config=CHINESE)
    assert words == "live-words.js"
    assert [style, *scripts] == [f"../../_static/{name}" for name in added(place)]


def test_no_other_page_gets_any() -> None:
    assert added(nodes.paragraph()) == []


def test_every_script_is_used_and_short() -> None:
    used = {f"{name}.js" for names in live.SCRIPTS.values() for name in names}
    assert used - {"weights/first.js"} == {path.name for path in FOLDER.glob("*.js")}
    for path in FOLDER.glob("*.js"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 200, path


@pytest.mark.parametrize("config", [ENGLISH, CHINESE])
def test_a_place_in_a_folder_finds_its_way_up(config: dict[str, Any]) -> None:
    builder = SimpleNamespace(
        current_docname="chapters/x",
        get_relative_uri=lambda _, page: f"../{page}.html",
        config=SimpleNamespace(**config),
    )
    body: list[str] = []
    place = live.Translator(form="full", drawing="<svg></svg>")
    live.open_place(SimpleNamespace(builder=builder, body=body), place)
    assert f'data-weights="../_static/{config["live_path"]}weights/"' in body[0]
    assert 'data-page="../translator.html"' in body[0]
    assert body[1] == "<template><svg></svg></template>\n"
