"""A group's own ledger: its sentences in a TOML file, decided by `verdict` as here.

The command `python -m allyouneed notes new FOLDER` writes a file to begin with:

    language = "en"            # of cards and table: en or zh

    [[claim]]
    id = "rows-sum-to-one"
    note = "Meeting 1"         # where the sentence stands
    said = "..."               # the sentence, word by word
    how = "experiment"         # or recorded, derivation, source; open: not decided yet
    verdict = "true"           # or qualified, false, opinion, slip; none while open
    why = "..."                # the reason, in a sentence or two; none while open
    limits = "..."             # how far it was tried; of an experiment or a record
"""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

from IPython.display import Markdown

from allyouneed.book.claims import TESTED, WORDS, Card, Claim
from allyouneed.book.language import in_output
from allyouneed.book.language import table as words_of
from allyouneed.book.tables import table

HOW = (*TESTED, "derivation", "source", "open")
LANGUAGES = ("en", "zh")
ALWAYS, DECIDED = ("id", "note", "said", "how"), ("verdict", "why")
FIELDS = (*ALWAYS, *DECIDED, "limits")
HEAD = ("claim", "said", "verdict", "decided by", "this run")
CHINESE = MappingProxyType(
    {
        "claim": "编号", "said": "原话", "verdict": "裁决", "decided by": "依据",
        "this run": "这次运行", "experiment": "实验", "recorded": "记录",
        "derivation": "推导", "source": "出处", "open": "未定", "as said": "相符",
        "differs": "不符", "no card": "没有卡片", "in all": "合计",
    }
)  # fmt: skip


class OwnCard(Card):
    """A card of a claim that is not this book's: nothing to link to."""

    def _source(self) -> str:
        return escape(self.claim.note)

    def _link(self) -> str:
        return ""


class ChineseCard(OwnCard):
    """The same, with the words of the Chinese edition."""

    def html(self) -> str:
        """Draw the card; what it says of its own is Chinese."""
        return in_output(super().html(), words_of())


@dataclass(frozen=True)
class OwnLedger:
    """Claims by id, the file they are from, and the language of cards and table."""

    path: Path
    language: str
    claims: Mapping[str, Claim]

    @property
    def card(self) -> type[Card]:
        """What a verdict on one of the claims makes."""
        return ChineseCard if self.language == "zh" else OwnCard

    def table(self, *cards: Card) -> Markdown:
        """The ledger in rows: each claim, how it is decided, and what its card says.

        Raises:
            ValueError: a card is of another ledger.
        """
        shown = {card.claim.id: card for card in cards}
        if strange := sorted(shown.keys() - self.claims.keys()):
            raise ValueError(f"{strange=}: these cards are of no claim of {self.path}")
        rows = [
            [claim.id, in_a_row(claim.en), *map(self._word, told)]
            for claim in self.claims.values()
            for told in [_told(claim, shown.get(claim.id))]
        ]
        counts = Counter(claim.verdict or "open" for claim in self.claims.values())
        summary = " · ".join(f"{n} {self._word(word)}" for word, n in counts.items())
        rows.append(
            [self._word("in all"), f"{len(self.claims)}: {summary}", "", "", ""]
        )
        return table([self._word(name) for name in HEAD], rows)

    def _word(self, word: str) -> str:
        said = WORDS.get(word, word)
        if self.language != "zh":
            return said
        return CHINESE.get(word) or words_of().entries.get(said, said)


def in_a_row(text: str) -> str:
    """As a cell of a Markdown table holds it: on one line, without bars of its own."""
    return " ".join(text.split()).replace("|", "\\|")


def _told(claim: Claim, card: Card | None) -> list[str]:
    """Verdict, how it is decided, and how it came out in this run."""
    if claim.how == "open":
        return ["open", "", ""]
    if claim.how not in TESTED:
        return [claim.verdict, claim.how, ""]
    if card is None:
        return [claim.verdict, claim.how, "no card"]
    return [claim.verdict, claim.how, "as said" if card.holds else "differs"]


def read_ledger(path: str | Path = "claims.toml") -> OwnLedger:
    """Read a group's claims, for `verdict(..., ledger=...)` and for its `table`.

    Raises:
        ValueError: there is no such file, it is no TOML, or a claim is not as above; it
            names the file, the claim, and what to change.
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{path} is a folder: name the file in it, claims.toml")
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ValueError(
            f"{path} is not there: name the file, or write one by "
            "`python -m allyouneed notes new FOLDER`"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML in UTF-8: {error}") from None
    if strange := sorted(read.keys() - {"language", "claim"}):
        raise ValueError(f"{path}: {strange=}: write language, or [[claim]]")
    entries = read.get("claim", [])
    if not (isinstance(entries, list) and all(isinstance(e, dict) for e in entries)):
        raise ValueError(f"{path}: begin each claim with [[claim]], in double brackets")
    language = read.get("language", "en")
    if language not in LANGUAGES:
        raise ValueError(f"{path}: {language=}: choose {' or '.join(LANGUAGES)}")
    claims: dict[str, Claim] = {}
    for number, entry in enumerate(entries, 1):
        claim = _claim(entry, f"{path}, claim {number}")
        if claim.id in claims:
            raise ValueError(f"{path}: two claims have the {claim.id=}: rename one")
        claims[claim.id] = claim
    if not claims:
        raise ValueError(f"{path} has no claims: write one under [[claim]]")
    return OwnLedger(path, language, MappingProxyType(claims))


def _claim(entry: Mapping[str, Any], where: str) -> Claim:
    """One entry, checked."""
    where = f"{where} ({entry['id']})" if "id" in entry else where
    for name, value in entry.items():
        if name not in FIELDS:
            close = get_close_matches(name, FIELDS, n=1) or [", ".join(FIELDS)]
            raise ValueError(f"{where}: {name!r} is no field: write {close[0]}")
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{where}: {name}={value!r}: write it out, in quotes")
    if not re.fullmatch(r"[\w-]+", entry.get("id", "none")):
        raise ValueError(f"{where}: id: write letters, digits, - and _ alone")
    how = entry.get("how", "open")
    if how not in HOW:
        raise ValueError(f"{where}: {how=}: choose one of {', '.join(HOW)}")
    needed = ALWAYS if how == "open" else (*ALWAYS, *DECIDED)
    needed = (*needed, "limits") if how in TESTED else needed
    if missing := [name for name in needed if name not in entry]:
        raise ValueError(f"{where} lacks {' and '.join(missing)}: add a line for each")
    verdict = entry.get("verdict", "")
    if how == "open" and verdict:
        raise ValueError(f"{where}: {verdict=} though {how=}: say how it was decided")
    if how != "open" and verdict not in WORDS:
        raise ValueError(f"{where}: {verdict=}: choose one of {', '.join(WORDS)}")
    return Claim(
        id=entry["id"],
        note=entry["note"],
        chapter="",
        verdict=verdict,
        how=how,
        en=entry["said"],
        zh="",
        why=entry.get("why", ""),
        limits=entry.get("limits", ""),
    )
