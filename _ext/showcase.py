"""Sphinx extension: a chapter's stored figure on another page.

`showcase` takes a page and the name of a figure in it. The figure is the one its
notebook stores: it cannot say anything else than the chapter does. With `:halves:` a
plot of two panels is cut in the middle, so that they can stand below each other.
"""

import re
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from stored import outputs

PLOT = re.compile(
    r"<svg (?P<named>role=\"img\" aria-label=\"[^\"]*\").*?</svg>", re.DOTALL
)
SIZE = re.compile(
    r'width="[\d.]+pt" (height="[\d.]+pt") viewBox="0 0 ([\d.]+) ([\d.]+)"'
)


def halved(html: str, name: str) -> str:
    """Show each plot of the HTML through two windows: its left half and its right."""
    number = count()

    def windows(plot: re.Match[str]) -> str:
        size = SIZE.search(plot[0])
        if not size:
            return plot[0]
        half, drawn = float(size[2]) / 2, f"{name}-{next(number)}"
        sides = [
            f'width="{half:g}pt" {size[1]} viewBox="{left:g} 0 {half:g} {size[3]}"'
            for left in (0, half)
        ]
        hidden = 'aria-hidden="true"'
        first = plot[0].replace(plot["named"], hidden).replace(size[0], sides[0])
        first = first.replace("<g>", f'<g id="{drawn}">', 1).replace(' class="ink"', "")
        second = (
            f'<svg {hidden} style="max-width:100%;height:auto" {sides[1]}>'
            f'<use href="#{drawn}"/></svg>'
        )
        return f'<div class="halves" {plot["named"]}>{first}{second}</div>'

    return PLOT.sub(windows, html)


class Showcase(SphinxDirective):
    """Show a figure of a chapter: `{showcase} chapters/05-topic fig-name`."""

    required_arguments = 2
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"halves": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Put the stored figure into the page, with the content as its caption."""
        page, name = self.arguments
        path = Path(self.env.srcdir, f"{page}.ipynb")
        self.env.note_dependency(str(path))
        html = dict(outputs(path)).get(name) if path.exists() else None
        if html is None:
            raise self.error(f"{path.name} stores no figure named {name}")
        if "halves" in self.options:
            whole, html = html, halved(html, name)
            if html == whole:
                raise self.error(f"{name} in {path.name} is no plot to halve")
        box = nodes.container(classes=["showcase", "cell_output"])
        box += nodes.raw("", f'<div class="text_html">{html}</div>', format="html")
        caption = nodes.container(classes=["showcase-caption"])
        self.state.nested_parse(self.content, self.content_offset, caption)
        return [box, caption]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("showcase", Showcase)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
