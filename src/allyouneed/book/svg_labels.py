"""The words in drawings, set anew in another language, in the place of the old ones."""

import re
from html import escape, unescape
from xml.etree import ElementTree as ET

from allyouneed.book.drawings.typesetting import SERIF, typeset
from allyouneed.book.language import FORMULA, WORDY, Words

LABEL = re.compile(r"<text\b[^>]*>.*?</text>", re.DOTALL)
# matplotlib stores a text as glyphs after a comment that holds the text itself.
GLYPHS = re.compile(
    r"(?P<pad> *)<!-- (?P<words>.*?) -->\s*<g style=\"fill: (?P<fill>[^\";]+)[^\"]*\""
    r" transform=\"(?P<place>[^\"]*?)scale\((?P<scale>[\d.]+) -[\d.]+\)\">"
    r"(?P<glyphs>.*?)\n(?P=pad)</g>\n",
    re.DOTALL,
)
ADVANCE = re.compile(r'transform="translate\((-?[\d.]+)')
SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
TRANSLATED = re.compile(r"translate\((-?[\d.]+) (-?[\d.]+)\)")
# The boxes of the axes, as matplotlib clips what is drawn in them.
AXES = re.compile(
    r'<clipPath[^>]*>\s*<rect x="(-?[\d.]+)" y="(-?[\d.]+)" '
    r'width="([\d.]+)" height="([\d.]+)"'
)
ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}
Box = tuple[float, ...]  # left, top, width, height
LAST_GLYPH = 55  # its width, in hundredths of the size: near enough for a centre


def in_drawings(page: str, words: Words) -> str:
    """The HTML of an output with the labels of its drawings translated."""
    page = LABEL.sub(lambda match: _label(match[0], words), page)
    return SVG.sub(lambda match: _figure(match[0], words), page)


def _figure(svg: str, words: Words) -> str:
    """A figure of matplotlib's with its labels translated."""
    axes = [tuple(map(float, found)) for found in AXES.findall(svg)]
    return GLYPHS.sub(lambda match: _glyphs(match, words, axes), svg)


def _label(element: str, words: Words) -> str:
    node = ET.fromstring(element)
    english = source(node)
    said = words.say(english)
    if said == english:
        return element
    node.text = None
    node[:] = []
    typeset(node, said)
    return ET.tostring(node, encoding="unicode")


def source(node: ET.Element) -> str:
    """The words of a <text>, its maths between dollars as `typeset` reads it.

    >>> node = ET.Element("text")
    >>> typeset(node, "times $W^Q$ again")
    >>> source(node)
    'times $W^Q$ again'
    """
    said, low = node.text or "", 0.0
    for span in node:
        small = span.get("font-size") == "72%"
        low += float(span.get("dy", "0").removesuffix("em")) * (0.72 if small else 1)
        text = span.text or ""
        if span.get("font-family") == SERIF:
            sign = "" if abs(low) < 0.1 else "_" if low > 0 else "^"
            text = f"{sign}{{{text}}}" if sign and len(text) > 1 else sign + text
            text = f"${text}$"
        said += text + (span.tail or "")
    return said.replace("$$", "")


def _glyphs(match: re.Match[str], words: Words, axes: list[Box]) -> str:
    """A text of matplotlib's, set by the reader's own font where the glyphs stood."""
    english = unescape(match["words"]).strip()
    if not WORDY.search(FORMULA.sub("", english)):
        return match[0]
    said = words.say(english)
    if said == english:
        return match[0]
    size = 100 * float(match["scale"])
    reach = max(map(float, ADVANCE.findall(match["glyphs"])), default=0) + LAST_GLYPH
    wide = reach * size / 100
    anchor = _anchor(match["place"], wide, axes)
    node = ET.Element("text", transform=match["place"].strip())
    node.set("x", f"{wide * ANCHORS[anchor]:.1f}")
    node.set("text-anchor", anchor)
    node.set("style", f"fill: {match['fill']}; font-size: {size:g}px")
    typeset(node, said)
    # Other texts of the drawing use these glyphs too.
    defined = "".join(re.findall(r"<defs>.*?</defs>", match["glyphs"], re.DOTALL))
    pad, drawn = match["pad"], ET.tostring(node, encoding="unicode")
    return f"{pad}<!-- {escape(match['words'])} -->\n{pad}{defined}{drawn}\n"


def _anchor(place: str, wide: float, axes: list[Box]) -> str:
    """Which point of the old text the new one keeps.

    Labels of axes and of ticks below them are centred, ticks beside them end there;
    what else is written, such as a legend or a title, begins where it began.
    """
    found = TRANSLATED.search(place)
    if "rotate" in place or found is None:
        return "middle"
    x, y = float(found[1]), float(found[2])
    for left, top, width, height in axes:
        below = 0 < y - top - height < 40 and abs(x + wide / 2 - left - width / 2) < 5
        tick = 0 < y - top - height < 20 and left - 5 < x + wide / 2 < left + width + 5
        if below or tick:
            return "middle"
        if 0 < left - x - wide < 15 and top - 5 < y < top + height + 10:
            return "end"
    return "start"
