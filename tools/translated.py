"""The Chinese prose: which words belong to which English cell, and what is wrong.

`zh/chapters/NAME.md` holds the prose of `chapters/NAME.ipynb`, one part for each cell:
a line `<!-- cell-id hash -->`, then the Chinese. The hash is that of the English when
it was translated; `later DATE` behind it says that the English has changed since and
that a translation is owed. A page of Markdown has one such line, for `page`.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

PART = re.compile(
    r"^<!-- ([\w-]+)(?: ([0-9a-f]{8}))?(?: later (\d{4}-\d\d-\d\d))? -->\n", re.M
)
# What must be the same in both languages: formulas, roles, code, targets, directives.
KEPT = re.compile(
    r"\$\$.*?\$\$|\$[^$\n]+\$|\{[a-z:-]+\}`[^`]*`|`[^`\n]+`|\]\([^)]*\)"
    r"|^:{3,}\{\w+\}|^\([\w-]+\)=$|<(?:details|/details|br)>",
    re.M | re.S,
)
# Within them the words of a formula and the text of a reference are translated.
WORDS = re.compile(r"(?<=\\text\{)[^{}]*(?=\})|(?<=\}`)[^`<]+(?=<[^`>]*>`)")
DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
HEADING = re.compile(r"^(#+) (.*)$", re.M)
FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.M | re.S)
PYTHON = re.compile(r"^```python\n.*?^```", re.M | re.S)
HAN = r"[\u3400-\u9fff]"
NARROW = re.compile(rf"{HAN}[,;?!]|{HAN}[.:](?=\s|{HAN}|$)|[,;?!]{HAN}")
# CommonMark does not see ** as bold between Chinese punctuation and a character: such
# stars are left over in the text of what was parsed.
MARKDOWN = MarkdownIt().enable("table").use(dollarmath_plugin)
PAGES = ("index", "using", "meet", "translator", "glossary", "ledger", "references")


@dataclass(frozen=True)
class Part:
    """The Chinese of one cell, and the hash of the English that it was made from."""

    chinese: str
    made_from: str = ""
    later: str = ""  # the day since when a translation is owed


def mark(source: str) -> str:
    """Eight digits that change with the English, but not with its line breaks.

    >>> mark("one two") == mark("one   two")
    True
    """
    return hashlib.sha256(" ".join(source.split()).encode()).hexdigest()[:8]


def parts(text: str) -> dict[str, Part]:
    """The translated cells of a page, by the cell's id."""
    pieces = PART.split(text)[1:]
    rows = zip(*[iter(pieces)] * 4, strict=True)
    return {i: Part(body.strip(), made or "", day or "") for i, made, day, body in rows}


def english(root: Path, page: str) -> dict[str, str]:
    """The prose of an English page, by cell: of Markdown, one cell named `page`."""
    notebook = root / f"{page}.ipynb"
    if not notebook.exists():
        return {"page": (root / f"{page}.md").read_text(encoding="utf-8")}
    cells = nbformat.read(notebook, as_version=4).cells
    return {c.id: c.source for c in cells if c.cell_type == "markdown"}


def promised(root: Path) -> list[str]:
    """The pages that the edition promises to have; the list only grows."""
    lines = (root / "zh/promised.txt").read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


def headings(source: str) -> list[tuple[int, str]]:
    """The headings of a text: how deep, and their words."""
    found = HEADING.findall(FENCE.sub("", source))
    return [(len(signs), title.strip()) for signs, title in found]


def faults(cells: Mapping[str, str], said: Mapping[str, Part]) -> Iterator[str]:
    """What keeps a page from being complete and right, one line each."""
    for cell, source in cells.items():
        if cell not in said:
            yield f"{cell} is not translated"
        elif said[cell].later:
            continue
        else:
            if said[cell].made_from != mark(source):
                yield f"{cell} changed since it was translated"
            yield from (f"{cell}: {why}" for why in differing(source, said[cell]))
    yield from (f"{cell} is no cell of the page" for cell in said.keys() - cells.keys())
    for cell, part in said.items():
        yield from (f"{cell}: {why}" for why in loose_stars(part.chinese))
        yield from (f"{cell}: {why}" for why in narrow_signs(part.chinese))


def differing(source: str, part: Part) -> Iterator[str]:
    """What of formulas, code, links and headings one language has and the other not."""
    theirs, ours = (
        Counter(" ".join(WORDS.sub("", k).split()) for k in KEPT.findall(text))
        for text in (source, part.chinese)
    )
    for what, more in (("lacks", theirs - ours), ("adds", ours - theirs)):
        if more:
            yield f"{what} {', '.join(more.elements())}"
    said = [set(DIGITS.findall(KEPT.sub(" ", t))) for t in (source, part.chinese)]
    if new := said[1] - set(DIGITS.findall(source)):
        yield f"has numbers that the English has not: {', '.join(sorted(new))}"
    if lost := said[0] - set(DIGITS.findall(part.chinese)):
        yield f"lacks numbers of the English: {', '.join(sorted(lost))}"
    if len({tuple(PYTHON.findall(text)) for text in (source, part.chinese)}) > 1:
        yield "has a block of Python that the English has not: copy it, comments too"
    levels = [[n for n, _ in headings(text)] for text in (source, part.chinese)]
    if levels[0] != levels[1]:
        yield f"has headings of levels {levels[1]}, the English of {levels[0]}"


def loose_stars(chinese: str) -> Iterator[str]:
    """Stretches of text in which stars would show."""
    for token in MARKDOWN.parse(re.sub(r"^:::.*$", "", chinese, flags=re.M)):
        for child in token.children or []:
            if child.type == "text" and "*" in child.content:
                yield f"stars will show in {child.content[:20]!r}: put a space outside"


def narrow_signs(chinese: str) -> Iterator[str]:
    """ASCII punctuation beside a Chinese character."""
    plain = KEPT.sub("x", FENCE.sub("", chinese))
    for match in NARROW.finditer(plain):
        around = plain[max(0, match.start() - 8) : match.end() + 8]
        yield f"narrow punctuation in {around!r}: use ，。：；？"
