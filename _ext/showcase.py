"""Sphinx extension: a chapter's stored figure on another page.

`showcase` takes a page and the name of a figure in it. The figure is the one its
notebook stores: it cannot say anything else than the chapter does.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from stored import outputs


class Showcase(SphinxDirective):
    """Show a figure of a chapter: `{showcase} chapters/05-topic fig-name`."""

    required_arguments = 2
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Put the stored figure into the page, with the content as its caption."""
        page, name = self.arguments
        path = Path(self.env.srcdir, f"{page}.ipynb")
        self.env.note_dependency(str(path))
        html = dict(outputs(path)).get(name) if path.exists() else None
        if html is None:
            raise self.error(f"{path.name} stores no figure named {name}")
        box = nodes.container(classes=["showcase", "cell_output"])
        box += nodes.raw("", f'<div class="text_html">{html}</div>', format="html")
        caption = nodes.container(classes=["showcase-caption"])
        self.state.nested_parse(self.content, self.content_offset, caption)
        return [box, caption]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("showcase", Showcase)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
