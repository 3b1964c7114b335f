"""A panel to draw a mechanism on: the one visual language of the book, as inline SVG.

A drawing is one panel or several. A panel is at most 360 units wide and a unit is one
pixel of a phone, so no label shrinks there; panels stand side by side where there is
room. Ink is the page's text colour, words are <text>, and nothing has an id: two
drawings of a page cannot disturb each other.

    rounded box   data, in the colour of its role      sharp box   an operation
    violet        numbers that training changes       circle      number by number
    thick line    a stream: what is carried along      dot         a branch: a copy
    hatched       masked, must not be seen             dashed      not there yet
    pale          there, but not spoken of here

Colour says what a thing is, the amount of ink says how much.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree as ET

from allyouneed.book.drawings.typesetting import (
    Point,
    arrowhead,
    before,
    path,
    short,
    typeset,
)

INK = "currentColor"
# Okabe and Ito's colours and a violet; each at least 3:1 on white and on #14181e.
QUERY, KEY, VALUE = "#D55E00", "#0072B2", "#009E73"
MEMORY, MASK, LEARNED = "#CC79A7", "#7D7D7D", "#7C50E8"
NAME, LABEL, SMALL = 15, 13, 12  # sizes of type, in units; none is smaller
STREAM, WIRE = 5, 1.5  # widths of lines
PALE = 0.22  # ink of what stands back
MONO = "ui-monospace,Consolas,Menlo,'DejaVu Sans Mono',monospace"


class Panel:
    """A picture of `width` by `height` units to draw on; y grows downwards."""

    def __init__(self, width: float, height: float, *, title: str = "") -> None:
        least, most = width - 30, f"{width * 1.15:g}"
        wide = f"flex:1 1 {width - 20}px;min-width:{least}px;max-width:{most}px"
        self.root = ET.Element("svg", viewBox=f"0 0 {width} {height}", style=wide)
        look = {
            "font-size": LABEL,
            "text-anchor": "middle",
            "fill": INK,
            "stroke-width": WIRE,
        }
        self.root.attrib.update({name: str(value) for name, value in look.items()})
        if title:
            self.text(4, 18, title, size=NAME, align="start", bold=True)

    def svg(self) -> str:
        """The panel as one <svg> element."""
        return ET.tostring(self.root, encoding="unicode")

    def shape(self, tag: str, **attributes: Any) -> ET.Element:
        """Any SVG element: `stroke_width=2` is its attribute stroke-width."""
        said = {
            name.replace("_", "-"): short(value) for name, value in attributes.items()
        }
        return ET.SubElement(self.root, tag, said)

    @contextmanager
    def pale(self) -> Iterator[None]:
        """What is drawn meanwhile stands back as one: look elsewhere."""
        whole, self.root = self.root, self.shape("g", opacity=PALE)
        try:
            yield
        finally:
            self.root = whole

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = LABEL,
        align: str = "middle",
        bold: bool = False,
        faint: bool = False,
        mono: bool = False,
    ) -> None:
        """Words with their baseline at y; what stands between dollars is maths."""
        node = self.shape("text", x=x, y=y)
        chosen = {
            "font-size": size if size != LABEL else None,
            "text-anchor": align if align != "middle" else None,
            "font-weight": 650 if bold else None,
            "opacity": 0.75 if faint else None,
            "font-family": MONO if mono else None,
        }
        node.attrib.update({k: str(v) for k, v in chosen.items() if v is not None})
        typeset(node, words)

    def data(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        words: str = "",
        *,
        role: str = INK,
    ) -> None:
        """A rounded box in the colour of its role, (x, y) its centre: what flows."""
        self.box(
            x, y, w, h, role=role, rx=min(7, h / 3), tint=0 if role == INK else 0.16
        )
        self._centred(x, y, words)

    def op(self, x: float, y: float, w: float, h: float, words: str = "") -> None:
        """A sharp box without a tint: an operation that learns nothing."""
        self.box(x, y, w, h, role=INK, rx=1.5, tint=0)
        self._centred(x, y, words)

    def learned(self, x: float, y: float, w: float, h: float, words: str = "") -> None:
        """A sharp violet box: an operation with numbers that training changes."""
        self.box(x, y, w, h, role=LEARNED, rx=1.5, tint=0.24)
        self._centred(x, y, words)

    def ghost(self, x: float, y: float, w: float, h: float, *, role: str = INK) -> None:
        """The dashed place of what is not there yet."""
        look = {"stroke": role, "stroke_dasharray": "3 5", "opacity": 0.6}
        self._rounded(x, y, w, h, rx=6, fill="none", **look)

    def point(self, x: float, y: float, sign: str, *, r: float = 10.5) -> None:
        """An operation on each number alone, such as × or +, in a circle."""
        self.shape("circle", cx=x, cy=y, r=r, fill="none", stroke=INK)
        d = f"M{x - 5} {y}h10M{x} {y - 5}v10" if sign == "+" else None
        d = f"M{x - 4} {y - 4}l8 8M{x + 4} {y - 4}l-8 8" if sign == "×" else d
        if d:  # drawn, since a font puts the signs a little too high or too low
            self.shape("path", d=d, stroke=INK, fill="none", stroke_linecap="round")
        else:
            self.text(x, y + 4.5, sign)

    def wire(
        self,
        *through: Point,
        role: str = INK,
        width: float = WIRE,
        head: bool = True,
        hops: Collection[Point] = (),
        faint: float = 1,
    ) -> None:
        """A line through points, in the colour of what flows along it.

        It ends in a head unless `head` is False, and jumps over other lines at `hops`.
        """
        tip, end = (
            through[-1],
            before(through, 1.7 * width + 3) if head else through[-1],
        )
        look = {} if faint == 1 else {"opacity": faint}
        d = path([*through[:-1], end], hops)
        self.shape(
            "path",
            d=d,
            fill="none",
            stroke=role,
            stroke_width=width,
            stroke_linejoin="round",
            **look,
        )
        if head:
            self.shape("path", d=arrowhead(through[-2], tip, width), fill=role, **look)

    def dot(self, x: float, y: float, *, role: str = INK) -> None:
        """A branch: the same numbers go both ways."""
        self.shape("circle", cx=x, cy=y, r=3.5, fill=role)

    def card(self, x: float, y: float, w: float, h: float, words: str = "") -> None:
        """A quiet ground, (x, y) its top left: what belongs together."""
        self.shape(
            "rect", x=x, y=y, width=w, height=h, rx=10, fill=INK, fill_opacity=0.06
        )
        if words:
            self.text(x + w - 8, y + 16, words, size=SMALL, align="end", faint=True)

    def lit(self, x: float, y: float, w: float, h: float) -> None:
        """A heavy frame around the box at the centre (x, y): look here."""
        look = {"stroke": INK, "stroke_width": 3}
        self._rounded(x, y, w + 8, h + 8, rx=5, fill="none", **look)

    def box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        *,
        role: str,
        rx: float,
        tint: float,
    ) -> None:
        """Any box, (x, y) its centre, with so much of its colour inside."""
        fill = {"fill": role, "fill_opacity": tint} if tint else {"fill": "none"}
        self._rounded(x, y, w, h, rx=rx, stroke=role, **fill)

    def _rounded(self, x: float, y: float, w: float, h: float, **look: Any) -> None:
        """A rectangle around its centre."""
        self.shape("rect", x=x - w / 2, y=y - h / 2, width=w, height=h, **look)

    def _centred(self, x: float, y: float, words: str) -> None:
        lines = words.split("\n") if words else []
        for i, line in enumerate(lines):
            self.text(x, y + 4.5 + 15 * (i - (len(lines) - 1) / 2), line)
