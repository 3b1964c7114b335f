"""Small pictures of stored figures: their shapes without their words."""

import re
from xml.etree import ElementTree

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
RELATIVE = re.compile("[Aa-y]")  # arcs hold flags, small letters mean steps
MARGIN = 4  # points around the ink


def picture(svg: str) -> str:
    """A figure as a small picture: its words, too small to be read, are left out."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if is_word(child):
                parent.remove(child)
    root.set("viewBox", ink_box(root))
    for name in ("role", "aria-label", "width", "height", "style"):
        root.attrib.pop(name, None)
    root.set("aria-hidden", "true")
    root.set("class", "ink")
    small = ElementTree.tostring(root, encoding="unicode")
    return re.sub(r">\s+<", "><", re.sub(r"(?<=\d) ?\n", " ", small))


def is_word(element: ElementTree.Element) -> bool:
    """Whether an element is text, or glyphs that matplotlib scales to their size."""
    name = element.tag.rpartition("}")[2]
    scaled = "scale(" in element.get("transform", "")
    return name == "text" or (name == "g" and scaled)


def ink_box(root: ElementTree.Element) -> str:
    """The part of a figure that holds ink, as a viewBox.

    The whole figure where its numbers are no places: parts moved about, paths that go
    on from where they are.
    """
    defined = {id(part) for defs in root.iter(f"{{{SVG}}}defs") for part in defs.iter()}
    seen = [part for part in root.iter() if id(part) not in defined]
    if any(
        part.get("transform") or RELATIVE.search(part.get("d", "")) for part in seen
    ):
        return root.get("viewBox", "")
    spots = [spot for part in seen for spot in points(part)]
    if not spots:
        return root.get("viewBox", "")
    whole = [float(number) for number in root.get("viewBox", "").split()]
    (left, width), (top, height) = (
        stretch(along, *whole[place::2])
        for place, along in enumerate(zip(*spots, strict=True))
    )
    return f"{left:.0f} {top:.0f} {width:.0f} {height:.0f}"


def stretch(
    spots: tuple[float, ...], start: float, length: float
) -> tuple[float, float]:
    """Beginning and length of the ink along an axis; what is cut off does not count."""
    first = max(min(spots), start) - MARGIN
    last = min(max(spots), start + length) + MARGIN
    return first, last - first


def points(element: ElementTree.Element) -> list[tuple[float, float]]:
    """The points of a path, a rectangle or a mark; of what is not drawn, none."""
    if element.get("style", "").strip() == "fill: none":
        return []
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", element.get("d", ""))]
    found = list(zip(numbers[::2], numbers[1::2], strict=False))
    name = element.tag.rpartition("}")[2]
    if name in ("use", "rect", "image"):
        x, y = (float(element.get(axis, 0)) for axis in "xy")
        wide, high = (size(element, side) for side in ("width", "height"))
        found += [(x, y), (x + wide, y + high)]
    return found


def size(element: ElementTree.Element, side: str) -> float:
    """A length of an element; of a mark, none."""
    number = re.match(r"[\d.]+", element.get(side, ""))
    return float(number[0]) if number else 0.0
