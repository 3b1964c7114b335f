"""Sphinx extension: a trained translator that works in the page.

`translator` leaves a place that the scripts of web/_static/live fill; what stands in
the directive is for readers without scripts. Only its pages carry the scripts, and the
weights are loaded when somebody asks for a translation.
"""

import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from stored import outputs

PAGE = "translator"  # where `Look inside` leads
CHAPTER, FIGURE = "chapters/13-the-whole-model", "fig-one"  # the drawing of figure 1
PANEL = re.compile(r"<svg .*?</svg>", re.DOTALL)
ENGINE = (
    *("arithmetic", "subwords", "attention", "transformer", "decoding"),
    *("weights", "words"),
)
SHARED = (*ENGINE, "elements", "view", "session", "fan", "form", "switches")
SCRIPTS = {
    "full": (*SHARED, "map", "sheet", "choices", "figure", "result", "page"),
    "small": (*SHARED, "weights/first", "small"),
}


class Translator(nodes.General, nodes.Element):
    """The place of a translator; knows its form and the drawing that it shows."""


class TranslatorDirective(SphinxDirective):
    """A translator: `{translator}`, with `:form: small` without its inside."""

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "form": lambda given: directives.choice(given, ("full", "small")),
    }

    def run(self) -> list[nodes.Node]:
        """Make the place, and parse what stands there without scripts."""
        form = self.options.get("form", "full")
        place = Translator(form=form)
        place["drawing"] = self.drawing() if form == "full" else ""
        self.state.nested_parse(self.content, self.content_offset, place)
        if not place.children:
            raise self.error("translator: say what readers without scripts can do")
        return [place]

    def drawing(self) -> str:
        """Figure 1 as its chapter stores it, without the panel that tells of a box."""
        path = Path(self.env.srcdir, f"{CHAPTER}.ipynb")
        self.env.note_dependency(str(path))
        html = dict(outputs(path)).get(FIGURE, "") if path.exists() else ""
        panels = PANEL.findall(html)
        if len(panels) < 2:
            raise self.error(f"{path.name} stores no figure named {FIGURE}")
        return panels[1]


def open_place(self: Any, node: Translator) -> None:
    """Write the place; the drawing waits in a template."""
    here = self.builder.current_docname
    page = self.builder.get_relative_uri(here, PAGE)
    home = "../" * here.count("/") + "_static/" + self.builder.config.live_path
    self.body.append(
        f'<div class="translator" data-form="{node["form"]}" data-page="{page}" '
        f'data-weights="{home}weights/">\n'
    )
    if node["drawing"]:
        self.body.append(f"<template>{node['drawing']}</template>\n")


def close_place(self: Any, _node: Translator) -> None:
    """End the place."""
    self.body.append("</div>\n")


def add_scripts(
    app: Sphinx, _page: str, _template: str, _context: dict[str, Any], doctree: Any
) -> None:
    """Give a page with a translator what it needs, and no other page."""
    places = list(doctree.findall(Translator)) if doctree else []
    home = app.config.live_path
    for place in places[:1]:
        app.add_css_file(f"{home}live.css")
        scripts = [f"{home}{name}.js" for name in SCRIPTS[place["form"]]]
        for script in [*app.config.live_words, *scripts]:
            app.add_js_file(script, loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("live_path", "live/", "html")  # of the scripts, in _static
    app.add_config_value("live_words", [], "html")  # scripts of another language
    app.add_node(Translator, html=(open_place, close_place))
    app.add_directive("translator", TranslatorDirective)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
