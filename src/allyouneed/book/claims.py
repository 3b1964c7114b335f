"""The ledger: what the notes claim, and cards that say how a claim came out here.

Holds means that the ledger is borne out: a claim it calls wrong came out wrong.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from html import escape
from importlib.resources import files
from types import MappingProxyType
from typing import Protocol

WORDS = MappingProxyType(
    {
        "true": "holds",
        "qualified": "holds with a condition",
        "false": "wrong",
        "opinion": "opinion",
        "slip": "a slip of the pen",
    }
)
TESTED = ("experiment", "recorded")
# As _ext/ledger.py reads them; `2**3` is no bold, `\\$` no beginning of a formula.
FORMULA = re.compile(r"(?<!\\)\$([^\s$](?:[^$\n]*[^\s$])?)\$")
BOLD = re.compile(r"(?<!\w)\*\*(\S(?:.*?\S)??)\*\*")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim of the notes: its words, our verdict, our reason, how it is decided.

    Attributes:
        doubt: what has not been checked.
        contradicts: what was measured against our first verdict.
        limits: what would change an empirical verdict: rate, size, updates, seeds.
    """

    id: str
    note: str
    chapter: str
    verdict: str
    how: str
    en: str
    zh: str
    why: str
    doubt: str = ""
    contradicts: str = ""
    limits: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """A claim beside what was measured; a notebook shows it as a small box."""

    claim: Claim
    holds: bool
    measured: str
    details: str = ""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Show a box where HTML is understood, one line without numbers elsewhere."""
        return {"text/html": self.html(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        ending = "" if self.holds else " (differs on this run)"
        return f"{self.claim.id}: {WORDS[self.claim.verdict]}{ending}"

    def html(self) -> str:
        """Draw the card; only tags, so that it reads well where no style sheet is."""
        claim = self.claim
        lines = [
            f'<div class="verdict verdict-{claim.verdict}" id="card-{claim.id}">',
            f'<p class="verdict-claim"><strong>{typeset(claim.en)}</strong><br>'
            f"<small>{self._source()}</small></p>",
            f"<p>{self._outcome()}</p>",
            *self._fold(),
            f'<p class="verdict-why">{typeset(claim.why)}{self._link()}</p>',
            "</div>",
        ]
        return "\n".join(lines)

    def _source(self) -> str:
        return f"Note {self.claim.note}: {quotation(self.claim.zh)}"

    def _link(self) -> str:
        return f' <a href="../ledger.html#{self.claim.id}">In the ledger</a>'

    def _outcome(self) -> str:
        word = f'<strong class="verdict-word">{WORDS[self.claim.verdict]}</strong>'
        number = numbers(self.measured)
        if self.holds:
            return f"Verdict: {word} · Measured: {number}"
        return (
            '<strong class="verdict-differs">On this run it came out differently:'
            f"</strong> {number} · The ledger says: {word}"
        )

    def _fold(self) -> list[str]:
        if not self.details.strip():
            return []
        summary = "<summary>All numbers</summary>"
        body = f"{summary}<p>{numbers(self.details)}</p>"
        return [f'<details class="verdict-details">{body}</details>']


def numbers(text: str) -> str:
    """What was measured, as HTML: the part that notebook comparison leaves out.

    >>> numbers("**3** of 4")
    '<span class="measured"><strong>3</strong> of 4</span>'
    """
    # A tag of their own: the first </span> ends what notebook comparison leaves out.
    formulas = FORMULA.sub(r'<i class="math">\\(\1\\)</i>', escape(text))
    lines = BOLD.sub(r"<strong>\1</strong>", formulas).strip().split("\n")
    return f'<span class="measured">{"<br>".join(lines)}</span>'


def typeset(text: str) -> str:
    r"""The text as HTML, TeX between dollars as formulas: a page has them typeset.

    >>> typeset("$d_k$ > 1")
    '<span class="math">\\(d_k\\)</span> &gt; 1'
    """
    return FORMULA.sub(r'<span class="math">\\(\1\\)</span>', escape(text))


def quotation(phrase: str) -> str:
    """Quote the notes as HTML: Chinese is marked as such, code and formulas as code.

    >>> quotation("标签使用了")
    '<q lang="zh">标签使用了</q>'
    >>> quotation("nn.Relu()")
    '<code>nn.Relu()</code>'
    """
    if is_chinese(phrase):
        return f'<q lang="zh">{typeset(phrase)}</q>'
    if FORMULA.search(phrase):
        return f"<q>{typeset(phrase)}</q>"
    return f"<code>{escape(phrase)}</code>"


def is_chinese(phrase: str) -> bool:
    """Say whether any character is a Chinese one.

    >>> is_chinese("Char 空间"), is_chinese("x_t = p(x_t|h_t)")
    (True, False)
    """
    return any("\u4e00" <= character <= "\u9fff" for character in phrase)


@cache
def load() -> Mapping[str, Claim]:
    """Read every claim of the ledger, by id, in the order of the file.

    >>> load()["at-003-formula"].verdict
    'true'
    """
    text = files("allyouneed").joinpath("claims.toml").read_text(encoding="utf-8")
    claims = (Claim(**entry) for entry in tomllib.loads(text)["claim"])
    return MappingProxyType({claim.id: claim for claim in claims})


class Ledger(Protocol):
    """Claims by id, and the form of their cards (see `own_ledger`)."""

    @property
    def claims(self) -> Mapping[str, Claim]:
        """By id."""

    @property
    def card(self) -> type[Card]:
        """What a verdict on one of them makes."""


def verdict(
    id: str,
    *,
    holds: bool,
    measured: str,
    details: str = "",
    ledger: Ledger | None = None,
) -> Card:
    """Put a claim of the ledger beside what was measured in this notebook.

    Args:
        id: The claim, as in claims.toml.
        holds: Whether what the ledger says of the claim, its verdict and its reason,
            is borne out here; so True is what is expected of a wrong claim as well.
        measured: What was measured, the two or three numbers that decide in `**bold**`,
            formulas between dollars; left out of notebook comparison.
        details: The other numbers, a line each, in a fold of the card; left out too.
        ledger: Your own, if the claim is not one of this book's.

    Raises:
        ValueError: the id is unknown, the claim is not one that a notebook decides,
            or nothing is given as measured.
        AssertionError: the outcome differs and ALLYOUNEED_STRICT is 1.

    >>> verdict("at-003-formula", holds=True, measured="largest difference 1e-7")
    at-003-formula: holds
    """
    claim = _find(id, load() if ledger is None else ledger.claims)
    if not measured.strip():
        raise ValueError(
            f"{measured=} for {id!r}: say what was measured, with its number and unit"
        )
    if not holds and os.environ.get("ALLYOUNEED_STRICT") == "1":
        raise AssertionError(f"{id} came out differently from the ledger: {measured}")
    card = Card if ledger is None else ledger.card
    return card(claim=claim, holds=bool(holds), measured=measured, details=details)


def _find(id: str, claims: Mapping[str, Claim]) -> Claim:
    claim = claims.get(id)
    if claim is None:
        close = get_close_matches(id, claims, n=3)
        remedy = f"did you mean {' or '.join(close)}?" if close else "see claims.toml"
        raise ValueError(f"{id=} is no claim of the ledger; {remedy}")
    if claim.how not in TESTED:
        raise ValueError(
            f"{id=} is decided by {claim.how!r}, so it takes no card; "
            "to test it, give it how = 'experiment' or 'recorded' in claims.toml"
        )
    return claim
