"""What stored outputs say, in another language; their numbers stay as they are.

A sentence is looked up with `{}` for each of its numbers, so that one entry serves
every frame of a slider and every machine. What has no entry stays English and is
reported. `svg_labels` does the same for the words in drawings.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import count

from allyouneed.book.claims import numbers, typeset

ONE = r"[-−+]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?%?"
NUMBER = re.compile(rf"(?<![\w.^_{{]){ONE}(?: to {ONE})?")
QUOTED = re.compile(rf"{NUMBER.pattern}|(?<=“)[^“”]*(?=”)")
PLACE = re.compile(r"(?<![_^])\{(\d{0,2})\}")  # `^{2}` is a formula's
FORMULA = re.compile(r"\$[^$]*\$")
WORDLESS = re.compile(r"\$[^$]*\$|<[^>]*>|`[^`]*`")
WORDY = re.compile(r"[A-Za-z]{2}")
CARD = re.compile(r'<div class="verdict [^>]*id="card-([\w-]+)">.*?\n</div>', re.DOTALL)
# Where a reader meets words in what cards, answers, figures and tables store.
PLACES = {
    "name": r'(class="explore" role="group" aria-label=")([^"]*)(")',
    "alt": r'(role="img" aria-label=")([^"]*)(")',
    "slider": r'(<label class="explore-slider">)([^<]*?)( <input)',
    "choice": r'(aria-valuetext=")([^"]*)(")',
    "shown": r"(<output>)([^<]*)(</output>)",
    "verdict": r'(<strong class="verdict-word">)(.*?)(</strong>)',
    "differs": r'(<strong class="verdict-differs">)(.*?)(</strong>)',
    "fixed": r"()((?:Verdict|Measured|The ledger says): )()",
    "note": r"(<small>)(Note \d{3}: )()",
    "link": r'(<a href="[^"]*">)(In the ledger)(</a>)',
    "fold": r"(<summary>)(All numbers)(</summary>)",
    "answer": r'(<p class="answer answer-\w+"><strong>\S )([^<]*)(</strong>)',
    "cell": r"(<t[hd][^>]*>)([^<]*)(</t[hd]>|<br>)",
    "second": r"(<br><small>)([^<]*)(</small>)",
    "title": r"(<caption>)([^<]*)(</caption>)",
    "line": r"(<p>)([^<]*)(</p>)",
}
PATTERNS = {kind: re.compile(place) for kind, place in PLACES.items()}
MEASURED = re.compile(r'<span class="measured">(.*?)</span>', re.DOTALL)
CHOICES = re.compile(r'(data-labels=")([^"]*)(")')


@dataclass(frozen=True)
class Words:
    """What one page says in the other language.

    Attributes:
        entries: sentence to sentence, `{}` for numbers.
        claims: of a claim, by id, what is said and why.
        kept: what stays as it is: data, names, code.
        missing: what was asked for and not found, filled while translating.
    """

    entries: Mapping[str, str]
    claims: Mapping[str, Mapping[str, str]]
    kept: frozenset[str] = frozenset()
    missing: dict[str, None] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def say(self, sentence: str) -> str:
        """The sentence in the other language, or as it is if there is no entry."""
        for key, found in self._readings(sentence):
            if key in self.entries:
                self.used.add(key)
                return filled(self.entries[key], found)
            if key in self.kept:
                self.used.add(key)
                return sentence
        key, numbers = template(sentence)
        if not WORDY.search(WORDLESS.sub("", key)):
            return filled(key, numbers) if numbers else sentence
        self.missing[key] = None
        return sentence

    def _readings(self, sentence: str) -> Iterator[tuple[str, list[str]]]:
        yield sentence, []
        yield template(sentence)
        yield template(sentence, QUOTED)


def template(sentence: str, what: re.Pattern[str] = NUMBER) -> tuple[str, list[str]]:
    """The sentence with `{}` for its numbers, and the numbers.

    >>> template("weights differ by 0; each gets 0.20")
    ('weights differ by {}; each gets {}', ['0', '0.20'])
    """
    return what.sub("{}", sentence), [match[0] for match in what.finditer(sentence)]


def filled(words: str, found: Sequence[str]) -> str:
    """The words with the numbers put in, in their order or by their place.

    >>> filled("{1} 个答案中有 {0} 个", ["3 to 4", "20"])
    '20 个答案中有 3 至 4 个'

    Raises:
        ValueError: a place has no number.
    """
    turn = count()

    def put(match: re.Match[str]) -> str:
        index = int(match[1]) if match[1] else next(turn)
        if index >= len(found):
            raise ValueError(f"{words=} has no number {index} among {list(found)}")
        return found[index].replace(" to ", " 至 ")

    return PLACE.sub(put, words)


def table(page: str = "", home: Traversable | None = None) -> Words:
    """The words of one page: what every page says, and what its own file adds.

    Args:
        page: The file's name without its ending, such as 06-scaled-attention.
        home: The folder of the files; the package's own by default.
    """
    home = home or files("allyouneed").joinpath("zh")
    entries: dict[str, str] = {}
    kept: list[str] = []
    for name in ("words", page):
        file = home.joinpath(f"{name}.toml")
        if name and file.is_file():
            sections = tomllib.loads(file.read_text(encoding="utf-8"))
            kept += sections.pop("kept", {}).get("labels", [])
            for section in sections.values():
                entries |= section
    claims = tomllib.loads(home.joinpath("claims.toml").read_text(encoding="utf-8"))
    return Words(entries, claims, frozenset(kept))


def in_output(page: str, words: Words) -> str:
    """The HTML of an output with its sentences translated, its numbers unchanged."""
    page = CARD.sub(lambda card: _card(card, words), page)
    for kind, pattern in PATTERNS.items():
        page = pattern.sub(_saying(kind, words), page)
    page = MEASURED.sub(lambda m: numbers(_lines(m[1], words)), page)
    return CHOICES.sub(lambda m: m[1] + _choices(m[2], words) + m[3], page)


def _saying(kind: str, words: Words) -> Callable[[re.Match[str]], str]:
    def said(match: re.Match[str]) -> str:
        english = unescape(match[2])
        parts = english.split(" and ") if kind == "name" else [english]
        found = "、".join(words.say(part) for part in parts)
        return match[1] + (match[2] if found == english else escape(found)) + match[3]

    return said


def _card(card: re.Match[str], words: Words) -> str:
    """A card with the claim and the reason that its id stands for."""
    claim = words.claims.get(card[1])
    if claim is None:
        words.missing[card[1]] = None
        return card[0]
    said, why = typeset(claim["said"]), typeset(claim["why"])
    html = re.sub(
        r'(<p class="verdict-claim"><strong>).*?(</strong><br>)',
        lambda m: m[1] + said + m[2],
        card[0],
        flags=re.DOTALL,
    )
    return re.sub(
        r'(<p class="verdict-why">).*?( <a href=)',
        lambda m: m[1] + why + m[2],
        html,
        flags=re.DOTALL,
    )


def _lines(measured: str, words: Words) -> str:
    """What was measured, line by line, as `verdict` was given it."""
    plain = re.sub(r'<i class="math">\\\((.*?)\\\)</i>', r"$\1$", measured)
    plain = unescape(re.sub("</?strong>", "**", plain))
    return "\n".join(words.say(line) for line in plain.split("<br>"))


def _choices(labels: str, words: Words) -> str:
    said = [words.say(label) for label in json.loads(unescape(labels))]
    return escape(json.dumps(said, ensure_ascii=False))


def in_markdown(text: str, words: Words) -> str:
    """A Markdown output with the cells of its tables translated."""
    rows = []
    for row in text.split("\n"):
        cells = re.split(r"(?<!\\)\|", row)
        said = [_within(cell, words) for cell in cells]
        rows.append("|".join(said) if len(cells) > 2 else _within(row, words))
    return "\n".join(rows)


def _within(cell: str, words: Words) -> str:
    inner = cell.strip()
    return cell.replace(inner, words.say(inner)) if inner else cell
