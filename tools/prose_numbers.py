"""Numbers in prose: each stands in an output, in code, in a claim, or beside a source.

A number that a hand has typed goes stale when the cell above it changes. So each one in
a chapter's prose must be found, after the same rounding, in what the chapter computes,
sets or quotes, or stand in a paragraph that cites. Those up to `SMALL` count what is in
view. `prose_numbers.toml` has the exceptions, and the chapters not yet read.
"""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from chapter import ROOT
from given_numbers import given
from nbformat import NotebookNode

LIST = Path(__file__).with_suffix(".toml")
SMALL = 12
YEARS = range(1900, 2100)
SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
NUMBER = re.compile(
    r"(?<![\w.,/^−-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w^]|\.\d|,\d)"
    r"(?:\s?%|\s(?:thousand|million|billion|trillion)\b)?"
)
# A citation, a place in the paper, or a link out of the book.
SOURCE = re.compile(
    r"\{cite|\]\(https?://(?!github\.com/allyouneed)"
    r"|\b(?:table|section|footnote|equation|figure)s? \(?\d",
    re.I,
)
EXERCISE = re.compile(r"\s*\*\*\d")  # what is asked may set its own numbers
NO_PROSE = re.compile(
    r"""```.*?``` | \$\$.*?\$\$ | \$[^$]*\$ | `[^`\n]*`  # code and formulas
    | ^\#.*$ | ^\s*(?:\d+[.)]|[-*])\s  # headings, marks of lists
    | ^:::.*$ | ^:\w+:.*$ | \]\([^)]*\) | <[^>]*>  # directives, addresses
    | \(\d(?:\.\d)+\)  # a section, after its words
    | \b(?:(?:chapter|note|exercise|answer|seed|cell|page|layer|row)s?
      |Python|version|Runs\sin\s+about)
      \s+(?:\d[\d.]*(?:(?:,|\sto|\sand|\sor)\s+)?)+  # what is pointed at
    """,
    re.X | re.S | re.M | re.I,
)


@dataclass(frozen=True)
class Found:
    """A number in a chapter's prose, and the paragraph that it stands in."""

    number: str
    paragraph: str
    around: str

    def __str__(self) -> str:
        return f"no cell and no source gives {self.number} in “… {self.around} …”"


def paragraphs(notebook: NotebookNode) -> Iterator[str]:
    """Those of the prose; a table goes with what introduces it."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield from re.split(r"\n\s*\n(?!\|)", cell.source)


def numbers(paragraph: str) -> Iterator[Found]:
    """The paragraph's numbers that need a source."""
    if SOURCE.search(paragraph):
        return
    text = NO_PROSE.sub(lambda m: " ¤ " if "\n" not in m[0] else "\n¤\n", paragraph)
    for match in NUMBER.finditer(text):
        number = match[0]
        if number.isdecimal() and (int(number) <= SMALL or int(number) in YEARS):
            continue
        around = text[max(0, match.start() - 30) : match.end() + 30]
        yield Found(number, " ".join(paragraph.split()), " ".join(around.split()))


def intervals(number: str) -> list[tuple[float, float]]:
    """Between which values those lie that may be written as this number.

    It is rounded to its last digit; of a whole number's last noughts, all but those
    among its first two digits may be rounding.
    """
    digits, unit = re.fullmatch(r"([\d,.]+)\s?(.*)", number, re.S).groups()  # type: ignore[union-attr]
    value = Decimal(digits.replace(",", ""))
    last = int(value.as_tuple().exponent)
    if last == 0:
        whole = str(value)
        last = min(len(whole) - len(whole.rstrip("0")), max(0, len(whole) - 2))
    half = 0.5001 * 10.0**last
    units = [1.0]
    if unit:
        units.append(0.01 if unit == "%" else 10.0 ** SCALES[unit])
    return [((float(value) - half) * u, (float(value) + half) * u) for u in units]


def unfounded(notebook: NotebookNode, quoted: str = "") -> list[Found]:
    """The numbers in prose that neither the chapter gives nor a source."""
    asked = [text for text in paragraphs(notebook) if EXERCISE.match(text)]
    known = sorted(given(notebook, "\n".join([quoted, *asked])))

    def is_known(number: str) -> bool:
        return any(
            bisect_left(known, low) < bisect_right(known, high)
            for low, high in intervals(number)
        )

    every = (found for text in paragraphs(notebook) for found in numbers(text))
    return [found for found in every if not is_known(found.number)]


@cache
def quoted(stem: str) -> str:
    """What the ledger says about the claims of the chapter in this file."""
    text = (ROOT / "src/allyouneed/claims.toml").read_text(encoding="utf-8")
    slug = re.sub(r"^\d+-", "", stem)
    claims = (c for c in tomllib.loads(text)["claim"] if c["chapter"] == slug)
    return "\n".join(str(said) for claim in claims for said in claim.values())


@cache
def listed() -> list[dict[str, str]]:
    """The exceptions: chapter, words with the number, why.

    Raises:
        ValueError: an exception lacks one of the three.
    """
    found: list[dict[str, str]] = tomllib.loads(LIST.read_text("utf-8"))["exception"]
    for exception in found:
        if set(exception) != {"chapter", "words", "why"}:
            raise ValueError(f"{LIST.name}: {exception}: give chapter, words and why")
    return found


def complaints(notebook: NotebookNode, stem: str) -> list[str]:
    """About the chapter in this file: unfounded numbers, exceptions without use."""
    words = [e["words"] for e in listed() if e["chapter"] == stem]
    wrong = [
        str(found)
        for found in unfounded(notebook, quoted(stem))
        if not any(found.number in w and w in found.paragraph for w in words)
    ]
    prose = [" ".join(text.split()) for text in paragraphs(notebook)]
    gone = [w for w in words if not any(w in text for text in prose)]
    return wrong + [f"does not say “{w}”: take it out of {LIST.name}" for w in gone]
