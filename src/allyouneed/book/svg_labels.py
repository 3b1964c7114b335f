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
LAST_GLYPH = 55  # its width, in hundredths of the size: near enough for a centre


def in_drawings(page: str, words: Words) -> str:
    """The HTML of an output with the labels of its drawings translated."""
    page = LABEL.sub(lambda match: _label(match[0], words), page)
    return GLYPHS.sub(lambda match: _glyphs(match, words), page)


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


def _glyphs(match: re.Match[str], words: Words) -> str:
    """A text of matplotlib's, set by the reader's own font where the glyphs stood."""
    english = unescape(match["words"]).strip()
    if not WORDY.search(FORMULA.sub("", english)):
        return match[0]
    said = words.say(english)
    if said == english:
        return match[0]
    size = 100 * float(match["scale"])
    reach = max(map(float, ADVANCE.findall(match["glyphs"])), default=0) + LAST_GLYPH
    node = ET.Element("text", transform=match["place"].strip())
    node.set("x", f"{reach * size / 200:.1f}")
    node.set("text-anchor", "middle")
    node.set("style", f"fill: {match['fill']}; font-size: {size:g}px")
    typeset(node, said)
    # Other texts of the drawing use these glyphs too.
    defined = "".join(re.findall(r"<defs>.*?</defs>", match["glyphs"], re.DOTALL))
    pad, drawn = match["pad"], ET.tostring(node, encoding="unicode")
    return f"{pad}<!-- {escape(match['words'])} -->\n{pad}{defined}{drawn}\n"
