"""Finished drawings: panels in a row that wraps, and a sentence in their place."""

import html
from dataclasses import dataclass

from allyouneed.book.drawings.panel import Panel
from allyouneed.book.figures import Drawing

ROW = (
    "display:flex;flex-wrap:wrap;justify-content:center;align-items:flex-start;"
    "gap:4px 24px;overflow-x:auto"
)


@dataclass(frozen=True)
class Sketch(Drawing):
    """Panels, side by side where there is room, else one below the other."""

    panels: tuple[Panel, ...]

    def svg(self) -> str:
        """The panels as HTML; the same bytes in every build."""
        panels = "".join(panel.svg() for panel in self.panels)
        label = html.escape(self.alt)
        opened = f'<div role="img" aria-label="{label}" class="ink drawing"'
        return f'{opened} style="{ROW}">{panels}</div>'


def sketch(*panels: Panel, alt: str) -> Sketch:
    """End a cell with a drawing; `alt` tells the mechanism in one sentence.

    Raises:
        ValueError: `alt` is blank.
    """
    if not alt.strip():
        raise ValueError("alt must say how the mechanism works")
    return Sketch(alt, panels)
